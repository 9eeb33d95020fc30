"""Rows of tables on the card: moved, added up and brought up to date by kernels of our own, as on the CPU."""

import importlib

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops, optimizers
from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler import sparse_rows
from kerasish.backend.cupy.fused import replay_source
from kerasish.backend.cupy.fused.bind import HEAD
from kerasish.backend.primitives.primitive import p
from tests.backend.cupy.on_standin import standing_in
from tests.backend.table_training import LOOKUPS, Trained, assert_equal
from tests.cuda_on_cpu import Module, available
from tests.cuda_on_cpu.nvrtc import compiled
from tests.cupy_standin import streams

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs g++"),
    pytest.mark.usefixtures("small_tables_too"),
]

ROWS, WIDTH, STEPS = 700, 24, 40
schedules = optimizers.schedules
OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(schedules.ExponentialDecay(0.01, 5, 0.99)),
    "adamw, strong decay": lambda: optimizers.AdamW(0.1, weight_decay=6.0),
    "momentum, clipped by norm": lambda: optimizers.SGD(0.1, momentum=0.9, clipnorm=1.0),
    "rmsprop, centered, momentum": lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5),
    "ftrl": lambda: optimizers.Ftrl(0.1),
}


def trained(optimizer, steps=STEPS, dtype="int32", look=None):
    """After some steps; indices repeat, and some are negative."""
    return Trained(optimizer, steps, ROWS, WIDTH, dtype, negative=True, look=look)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_rows_catch_up_as_on_the_cpu(optimizer):
    wanted = trained(optimizer).state
    with standing_in():
        found = trained(optimizer)
        assert_equal(found.state, wanted)
    assert "launched as one CUDA graph" in found.launch


@pytest.mark.parametrize("name", ["adam", "momentum, clipped by norm"])
def test_all_rows_have_their_turn_before_scalars_are_forgotten(monkeypatch, name):
    """Steps of which only the last few are remembered; indices of 8 bytes; and somebody looks in between."""

    def look(table, optimizer, i):
        if i == 70:
            keras.ops.convert_to_numpy(table)

    wanted = trained(OPTIMIZERS[name], 150).state
    with standing_in():
        source = importlib.import_module("kerasish.backend.cupy.fused.replay_source")
        monkeypatch.setattr(source, "STEPS", 16)
        assert_equal(trained(OPTIMIZERS[name], 150, "int64", look).state, wanted)


def test_a_step_that_was_not_done_is_forgotten(card):
    """As where memory runs out behind the lookups: rows that were touched are where they were before."""
    table = backend.Variable(np.ones((ROWS, WIDTH), "float32"))
    optimizer = optimizers.Adam(0.01)
    optimizer.build([table])

    def step(indices):
        gradient = gradients(ops.sum(ops.take(table, indices, axis=0)), [table.read()])[0]
        optimizer.apply([gradient], [table])

    function = backend.Function(step)
    indices = np.arange(LOOKUPS, dtype="int32")
    for _ in range(3):
        function(indices)
    replayer = table._behind.replayer
    touched, clock = indices[::2].copy(), 4
    before = keras.ops.convert_to_numpy(replayer._last)[touched]
    with table._behind:
        out = card.empty(touched.shape, "int32")
        for begin in replayer.bind(out, card.from_host(touched), scalars_of(replayer)):
            begin()
        assert keras.ops.convert_to_numpy(replayer._clock)[0] == clock + 1
        replayer.abandon()
    assert keras.ops.convert_to_numpy(replayer._clock)[0] == clock
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(replayer._last)[touched], before)


def scalars_of(replayer):
    device = backend.device()
    return [device.from_host(np.ones((), scalar.dtype)) for scalar in replayer._replay.scalars]


def replay_of(optimizer, monkeypatch):
    """What the compiler hands to the device."""
    found, original = [], sparse_rows.replay_of
    monkeypatch.setattr(sparse_rows, "replay_of", lambda *args: found.append(original(*args)) or found[-1])
    trained(optimizer, 1)
    return found[-1]


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_kernel_is_compiled_for_every_card(optimizer, monkeypatch):
    source = replay_source.ReplaySource(replay_of(optimizer, monkeypatch))
    for architecture in ("sm_80", "sm_90", "sm_100"):
        assert all(spilled <= 16 for spilled in compiled(HEAD + source.body, architecture).spilled.values())


def test_the_order_of_threads_and_blocks_does_not_matter(monkeypatch):
    """Equal indices, and rows whose turn it is anyway: each row does its steps once. No address lies outside."""
    replay = replay_of(OPTIMIZERS["adam"], monkeypatch)
    source, random, now = replay_source.ReplaySource(replay), np.random.default_rng(0), 30
    steps, rows, count = replay_source.STEPS, 60, len(replay.scalars)
    indices = random.integers(-rows, rows, 50)
    states = []
    for backwards in (False, True):
        random = np.random.default_rng(1)
        given = {
            "indices": indices, "out": np.zeros(50, np.int64), "refused": np.zeros(4, np.int64),
            "last": random.integers(0, 2 * now - 1, rows, dtype="int32"), "clock": np.array([now, 0], "int32"),
            "odd": np.zeros(steps, "int32"), "logs": np.zeros(steps), "powers": replay_source.powers(replay),
            **{name: random.uniform(0.01, 0.1, (steps, count)) for name in ("history", "most", "least")},
            "across": np.int32(replay_source.across(WIDTH)), "begins": np.int32(1),
            **{name: np.int64(size) for name, size in SIZES.items()}, "rows": np.int64(rows),
            **{f"scalar{i}": np.ones(1, scalar.dtype) for i, scalar in enumerate(replay.scalars)},
            **{f"y{i}": random.random((rows, WIDTH), dtype="float32") for i in range(len(replay.olds))},
        }  # fmt: skip
        printed, arguments = source.launch(given)
        run = Module(printed.code, checked=True).get_function(printed.name)
        run(printed.grid, printed.block, arguments, backwards=backwards)
        states.append(given)
    np.testing.assert_array_equal(states[0]["out"], indices)
    assert states[0]["clock"].tolist() == [now + 1, 0] and not states[0]["refused"].any()
    assert (states[0]["last"][np.unique(indices)] == 2 * now).all()
    for name in states[0]:
        np.testing.assert_array_equal(states[0][name], states[1][name])


SIZES = {"wide": 8, "named": 50, "swept": 20, "columns": WIDTH}


@pytest.mark.parametrize("count", [1, 50, 700, 5000])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool", "complex64"])
def test_rows_of_equal_index_are_added_up(card, count, dtype):
    """Few that are compared, and many that are sorted: tiles, and runs that are merged."""
    random = np.random.default_rng(count)
    indices = random.integers(-90, 90, count)
    g = random.integers(-9, 9, (count, 3)).astype(dtype)
    table = np.zeros((90, 3), dtype)
    np.add.at(table, indices, g)
    here = card.from_host(g), card.from_host(indices)
    np.testing.assert_array_equal(card.to_host(p.take_gradient(*here, axis=0, size=90)), table)
    if dtype == "float32":
        np.testing.assert_array_equal(card.to_host(p.sum_rows(*here, size=90)), table[indices])
        first = np.zeros(count, bool)
        first[np.unique(indices % 90, return_index=True)[1]] = True
        np.testing.assert_array_equal(card.to_host(p.first_rows(here[1], size=90)), first)


def test_sums_have_the_bits_of_the_cpu(card):
    random = np.random.default_rng(0)
    indices, g = random.integers(0, 40, 300), random.standard_normal((300, 40)).astype("float32")
    wanted = np.zeros((40, 40), "float32")
    np.add.at(wanted, indices, g)
    found = p.take_gradient(card.from_host(g), card.from_host(indices), axis=0, size=40)
    np.testing.assert_array_equal(card.to_host(found), wanted)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bool", "float8_e4m3fn"])
@pytest.mark.parametrize("width", [1, 3, 8])
def test_rows_are_moved(card, dtype, width):
    random = np.random.default_rng(0)
    table = random.integers(0, 2, (50, width)).astype(dtype)
    for kind in ("int32", "int64", "uint8"):
        indices = random.integers(-50 if kind[0] == "i" else 0, 50, (4, 5)).astype(kind)
        found = p.take(card.from_host(table), card.from_host(indices), axis=0)
        np.testing.assert_array_equal(card.to_host(found).view("uint8"), table[indices].view("uint8"))


def test_moves_that_stand_together_are_one_launch(card):
    moves = importlib.import_module("kerasish.backend.cupy.row_moves")
    tables = [card.from_host(np.full((9, 4), i, "float32")) for i in range(3)]
    indices = card.from_host(np.array([3, 1, 3], "int32"))
    rows = [card.empty((3, 4), "float32") for _ in tables]
    steps = [moves.taken(out, table, indices) for out, table in zip(rows, tables)]
    steps.append(moves.put(tables[0], rows[1], indices))  # which needs what was taken before
    found = moves.merged(steps)
    assert len(found) == 2 and found[0].keep == steps[:3]
    for step in found:
        step()
    assert card.to_host(tables[0])[:, 0].tolist() == [0, 1, 0, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_arrays_are_joined_by_one_launch(card, axis):
    """As they lie: whole, parts of lines, none at all."""
    random = np.random.default_rng(0)
    whole = random.standard_normal((6, 7, 8)).astype("float32")
    for cut in (np.s_[:], np.s_[:, :, 2:4], np.s_[:, 1:3], np.s_[1:3], np.s_[:, :, 1], np.s_[::2, :, 4:]):
        here, shape = card.from_host(whole), whole[cut].shape
        empty = card.empty(tuple(0 if i == axis % len(shape) else n for i, n in enumerate(shape)), "float32")
        inputs = [here[cut], card.from_host(np.ascontiguousarray(whole[cut])), empty, here[cut]]
        wanted = np.concatenate([whole[cut]] * 3, axis)
        out = card.empty(wanted.shape, "float32")
        before = streams.COUNTS["kernels"]
        step = card.bind("concatenate", out, inputs, {"axis": axis})
        step()
        assert streams.COUNTS["kernels"] - before <= 3  # what it is told goes up first, one number at a time
        np.testing.assert_array_equal(card.to_host(out), wanted)
