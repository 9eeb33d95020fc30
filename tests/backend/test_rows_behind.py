"""Tables of which some rows are behind: what comes out is what the dense update gives, whoever looks when."""

import pickle
import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops, optimizers
from kerasish.backend import rows_behind
from kerasish.backend.autodiff import gradients
from kerasish.backend.cupy.fused import replay_source as replay_source_of_cards
from kerasish.backend.numpy.fused import replay, replay_source
from kerasish.backend.numpy.native import available
from tests.backend.reading import host
from tests.backend.table_training import LOOKUPS, Trained, assert_equal

DEVICE = type(backend.device())
pytestmark = pytest.mark.usefixtures("small_tables_too")
BEHIND = pytest.mark.skipif(DEVICE.replayer is None, reason="on this device rows are never behind")

ROWS, WIDTH, STEPS = 1500, 12, 60


def trained(optimizer, steps=STEPS, look=None):
    return Trained(optimizer, steps, ROWS, WIDTH, look=look)


@pytest.fixture
def dense(monkeypatch):
    """A function that trains as `trained` does, with dense updates, and gives the state."""

    def train(*args, **options):
        with monkeypatch.context() as patched:
            patched.setattr(DEVICE, "replayer", None)
            return trained(*args, **options).state

    return train


schedules = optimizers.schedules
OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.01),
    "adam, falling rate": lambda: optimizers.Adam(schedules.ExponentialDecay(0.01, 5, 0.99)),
    "adam, a rate that was 0": lambda: optimizers.Adam(
        schedules.PiecewiseConstantDecay([10, 20, 40], [0.01, 0.0, 0.1, 0.01])
    ),
    "adam, squares decay faster": lambda: optimizers.Adam(0.01, beta_1=0.9, beta_2=0.5),
    "adam, largest squares": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adam, clipped by norm": lambda: optimizers.Adam(0.01, clipnorm=1.0),
    "adam, clipped by value": lambda: optimizers.Adam(0.01, clipvalue=0.01),
    "adam, average": lambda: optimizers.Adam(0.01, use_ema=True),
    "adamw": lambda: optimizers.AdamW(0.01),
    "adamw, clipped by the global norm": lambda: optimizers.AdamW(0.01, global_clipnorm=1.0),
    "adamw, strong decay": lambda: optimizers.AdamW(0.1, weight_decay=6.0),
    "nadam": lambda: optimizers.Nadam(0.01),
    "adamax": lambda: optimizers.Adamax(0.01),
    "adadelta": lambda: optimizers.Adadelta(0.1),
    "ftrl": lambda: optimizers.Ftrl(0.1),
    "lion": lambda: optimizers.Lion(0.01),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "momentum of nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "weight decay": lambda: optimizers.SGD(0.1, weight_decay=0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01),
    "rmsprop, centered, momentum": lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_rows_catch_up_with_the_dense_update(optimizer, dense):
    assert_equal(trained(optimizer).state, dense(optimizer))


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "momentum", "adam, average", "lion"])
def test_over_more_steps_than_are_remembered(name, dense, monkeypatch):
    monkeypatch.setattr(replay, "_STEPS", 25)
    monkeypatch.setattr(replay, "STEPS", 150)
    monkeypatch.setattr(replay_source, "STEPS", 150)
    monkeypatch.setattr(replay_source_of_cards, "STEPS", 150)
    assert_equal(trained(OPTIMIZERS[name], 400).state, dense(OPTIMIZERS[name], 400))


@pytest.mark.skipif(not available.enabled(), reason="only kernels stop where a gradient has died away")
def test_the_end_of_a_gradient_is_found():
    """A row that missed many steps has done them all: its weights as they would be, its slots decayed."""
    found = trained(OPTIMIZERS["adam"], 1)
    table, optimizer, function = found.table, found.optimizer, found.function
    before = np.array(table)
    rest = np.arange(LOOKUPS, dtype="int32") + 500
    first = int(np.flatnonzero(np.asarray(optimizer.variables[2])[:, 0])[0])
    momentum = np.asarray(optimizer.variables[2])[first].astype("float64")
    for _ in range(700):
        function(rest, np.ones((LOOKUPS, WIDTH), "float32"))
    np.testing.assert_allclose(np.asarray(optimizer.variables[2])[first], momentum * 0.9**700, rtol=1e-4)
    assert not np.array_equal(np.asarray(table)[first], before[first])


LOOKS = {
    "the table": lambda table, optimizer: table.numpy(),
    "a slot": lambda table, optimizer: optimizer.variables[2].numpy(),
    "by an eager op": lambda table, optimizer: ops.sum(table),
    "as an array": lambda table, optimizer: np.asarray(table),
    "by pickle": lambda table, optimizer: pickle.loads(pickle.dumps(table)),
    "as a snapshot": lambda table, optimizer: table.value,
    "by assigning what it is": lambda table, optimizer: table.assign(table.value),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_who_looks_sees_all_rows_up_to_date(look, dense):
    wanted = dense(OPTIMIZERS["adam"])
    seen = []

    def now_and_then(table, optimizer, i):
        if i % 7 == 3:
            seen.append(look(table, optimizer))

    assert_equal(trained(OPTIMIZERS["adam"], look=now_and_then).state, wanted)


@BEHIND
def test_another_program_reads_rows_up_to_date(dense):
    read = []

    def by_a_program(table, optimizer, i):
        if not read:
            read.append(backend.Function(lambda: (ops.sum(table, axis=1), table + 0.0)))
        if i % 9 == 5:
            before = rows_behind.are_hidden()
            rows = read[0]()[1]
            assert before and rows_behind.are_hidden() is (len(read) > 1)  # compiling it had to show the memory
            read.append(host(rows))

    assert_equal(trained(OPTIMIZERS["adam"], look=by_a_program).state, dense(OPTIMIZERS["adam"]))
    assert len(read) == 8
    assert_equal(read[2:3], dense(OPTIMIZERS["adam"], 15)[:1])


def test_what_is_assigned_in_between_counts(dense):
    """Slots that are written from outside are not taken for 0 any more."""

    def write(table, optimizer, i):
        if i == 20:
            optimizer.variables[2].assign(np.full((ROWS, WIDTH), 0.5, "float32"))
            optimizer.variables[3].assign(np.full((ROWS, WIDTH), 0.25, "float32"))
        if i == 40:
            table.assign(np.zeros((ROWS, WIDTH), "float32"))

    assert_equal(trained(OPTIMIZERS["adam"], look=write).state, dense(OPTIMIZERS["adam"], look=write), rtol=1e-4)


@pytest.mark.skipif(backend.device().kind != "cpu", reason="a card says it when something is fetched")
def test_a_step_that_fails_has_not_been_done(dense):
    found = trained(OPTIMIZERS["adam"])
    weights = np.ones((LOOKUPS, WIDTH), "float32")
    for bad in (ROWS, -ROWS - 1):
        with pytest.raises(IndexError, match="out of range"):
            found.function(np.array([3] * (LOOKUPS - 1) + [bad], "int32"), weights)
    assert_equal(found.state, dense(OPTIMIZERS["adam"]))


def test_two_optimizers_take_turns(dense):
    """Each brings the rows up to date for the other."""

    def both(table, optimizer, i):
        if not hasattr(optimizer, "other"):
            optimizer.other = optimizers.SGD(0.05, momentum=0.8)
            optimizer.other.build([table])

            def step(indices):
                gradient = gradients(ops.sum(ops.take(table, indices, axis=0)), [table.read()])[0]
                optimizer.other.apply([gradient], [table])

            optimizer.step = backend.Function(step)
        if i % 5 == 4:
            optimizer.step(np.arange(i, i + 8, dtype="int32"))

    assert_equal(trained(OPTIMIZERS["adam"], look=both).state, dense(OPTIMIZERS["adam"], look=both), rtol=1e-4)


@BEHIND
def test_explain_leaves_the_rows_as_they_are(dense):
    found = trained(OPTIMIZERS["adam"])
    shown = found.function.explain(np.arange(LOOKUPS, dtype="int32"), np.ones((LOOKUPS, WIDTH), "float32"), repeat=3)
    assert "catch_up" in {row["operation"] for row in shown.rows}
    assert_equal(found.state, dense(OPTIMIZERS["adam"]))


def test_threads_that_read_while_one_trains():
    found = trained(OPTIMIZERS["adam"], 1)
    table, function = found.table, found.function
    over, wrong = threading.Event(), []

    def read():
        while not over.is_set():
            if not np.isfinite(table.numpy()).all():
                wrong.append(1)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    random = np.random.default_rng(1)
    for _ in range(100):
        function(random.integers(0, ROWS, LOOKUPS).astype("int32"), np.ones((LOOKUPS, WIDTH), "float32"))
    over.set()
    for reader in readers:
        reader.join()
    assert not wrong
    by_hand = np.array(table)
    assert np.isfinite(by_hand).all()


def model_of(rows):
    keras.utils.set_random_seed(3)
    body = [layers.Embedding(rows, WIDTH), layers.Flatten(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((5,), dtype="int32"), *body])
    model.compile("adam", "mse")
    return model


def test_a_model_that_is_validated_saved_and_trained_on(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    x, y = random.integers(0, ROWS, (50, 5)).astype("int32"), random.standard_normal((50, 1)).astype("float32")

    def run(path):
        model = model_of(ROWS)
        first = model.fit(x, y, batch_size=8, epochs=3, verbose=0, validation_data=(x[:9], y[:9]))
        model.save(path)
        again = keras.models.load_model(path)
        second = again.fit(x, y, batch_size=8, epochs=2, verbose=0)
        return first.history, second.history, again.get_weights()

    found = run(tmp_path / "late.keras")
    monkeypatch.setattr(DEVICE, "replayer", None)
    wanted = run(tmp_path / "dense.keras")
    for one, other in zip(found[:2], wanted[:2]):
        for name in one:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-5)
    for one, other in zip(found[2], wanted[2]):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@BEHIND
def test_batches_of_other_sizes_share_what_is_behind():
    """The last batch of an epoch is smaller: its Program goes on where the other stopped."""
    model = model_of(ROWS)
    random = np.random.default_rng(0)
    for size in (8, 5, 8, 5, 5):
        model.train_on_batch(random.integers(0, ROWS, (size, 5)).astype("int32"), np.ones((size, 1), "float32"))
    embedding = model.layers[0].trainable_variables[0]
    found = embedding._behind
    assert found is not None and "_buffer" not in vars(embedding)
    assert found.replayer._clock[0] == 5  # the steps since the second, when memory was shown to compile it
