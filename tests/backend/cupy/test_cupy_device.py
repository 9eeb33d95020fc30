"""The CuPy device on its stand-in: what is its own beside the tables that all devices share."""

import contextlib
import gc
import importlib
import io
import os
import subprocess
import sys
import threading
import types
import weakref

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend
from kerasish.backend.function import function
from kerasish.backend.primitives import PRIMITIVES, p
from tests import cupy_standin
from tests.backend.cupy.on_standin import standing_in
from tests.backend.primitives.harness import HIGHER_ORDER_NAMES

ON_STANDIN = pytest.mark.skipif(cupy_standin.has_card(), reason="asks for what the stand-in has")


def small_network():
    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(4, activation="tanh"),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    return model


def data():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 6, 6, 2)).astype("float32")
    return x, x.mean((1, 2, 3), keepdims=True).reshape(20, 1)


def trained():
    """Losses of 20 steps and what is predicted then."""
    model, (x, y) = small_network(), data()
    losses = model.fit(x, y, batch_size=4, epochs=4, shuffle=False, verbose=0).history["loss"]
    return losses, model.predict(x, verbose=0)


@pytest.fixture(scope="module")
def on_the_cpu():
    return trained()


def test_every_primitive_has_a_kernel(card):
    card.check(set(PRIMITIVES) - set(HIGHER_ORDER_NAMES))
    assert (card.name, card.kind) == ("cupy", "gpu")


@pytest.mark.parametrize("fusion", ["1", "0"], ids=["groups", "calls"])
def test_it_trains_as_the_cpu_does(on_the_cpu, monkeypatch, fusion):
    monkeypatch.setenv("KERASISH_GPU_FUSION", fusion)
    with standing_in():
        losses, predicted = trained()
    np.testing.assert_allclose(losses, on_the_cpu[0], rtol=1e-4)
    np.testing.assert_allclose(predicted, on_the_cpu[1], rtol=1e-3, atol=1e-4)


def test_the_same_seed_gives_the_same_numbers(card):
    def drawn():
        keras.utils.set_random_seed(7)
        kernel = keras.layers.Dense(5)
        kernel.build((None, 3))
        mask = keras.layers.Dropout(0.5)(np.ones((3, 7), "float32"), training=True)
        return [keras.ops.convert_to_numpy(x) for x in (kernel.kernel, mask, keras.random.normal((2, 3), seed=1))]

    mine = drawn()
    backend.set_backend("numpy")
    for x, y in zip(mine, drawn()):
        np.testing.assert_allclose(x, y, rtol=1e-6)


def test_values_are_arrays_of_the_card(card):
    x = keras.ops.ones((2, 3))
    assert type(x).__name__ == "ndarray" and type(x) is not np.ndarray
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.asarray(x)
    assert keras.ops.convert_to_numpy(x + 1).tolist() == [[2] * 3] * 2


def test_arrays_of_other_libraries_are_taken_as_they_lie(card, monkeypatch):
    import cupy

    there = cupy.asarray(np.arange(3, dtype="float32"))
    foreign = types.SimpleNamespace(__dlpack_device__=lambda: (2, 0))
    monkeypatch.setattr(cupy, "from_dlpack", lambda value: there)
    assert keras.ops.convert_to_tensor(foreign) is there


def step_of(work, *values):
    """A compiled function, run three times, and the sentence on how it is launched."""
    compiled = function(work)
    for _ in range(3):
        result = compiled(*values)
    return backend.device().to_host(result), compiled.explain(*values).launch


def chain(x):
    for _ in range(5):
        x = p.matmul(x, x)
        x = p.tanh(x)
    return x


def test_a_step_is_one_graph(card):
    x = np.eye(3, dtype="float32")
    found, said = step_of(chain, x)
    expected = x
    for _ in range(5):
        expected = np.tanh(expected @ expected)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert "launched as one CUDA graph" in said


def test_a_graph_reads_what_is_there_when_it_is_launched(card):
    compiled = function(chain)
    for scale in (1.0, 0.5, 0.25, 0.75):
        x = expected = np.eye(3, dtype="float32") * np.float32(scale)
        for _ in range(5):
            expected = np.tanh(expected @ expected)
        np.testing.assert_allclose(card.to_host(compiled(x)), expected, rtol=1e-5)


def test_what_is_very_large_goes_up_in_pieces(card, monkeypatch):
    """The memory that arrays go through stays, so that it must not be of their size."""
    transfers = importlib.import_module("kerasish.backend.cupy.transfers")
    monkeypatch.setattr(transfers, "_LARGEST", 1 << 17)
    monkeypatch.setattr(transfers, "_local", threading.local())
    x = np.random.default_rng(0).standard_normal(100_003)  # six pieces and some
    for dtype in ("float64", "float32", "bfloat16"):
        np.testing.assert_array_equal(card.to_host(card.from_host(x.astype(dtype))), x.astype(dtype))
    (turns,) = transfers._local.turns.values()
    assert max(turns._ways) == 1 << 17 and all(len(ways) <= 2 for ways in turns._ways.values())


def test_memory_of_a_graph_is_its_own(card):
    """What a kernel works in while it is captured must not be given to others."""
    compiled = function(chain)
    x = np.eye(4, dtype="float32") / 2
    first = [card.to_host(compiled(x)) for _ in range(3)][0]
    others = [card.from_host(np.full(n, 9.0, "float32")) for n in range(1, 400)]
    np.testing.assert_array_equal(card.to_host(compiled(x)), first)
    del others


@ON_STANDIN
def test_a_graph_outlives_the_thread_that_recorded_it(card):
    """What its products work in is not given to others."""
    from kerasish.backend.cupy import blas

    compiled, x, kept = [function(chain)], np.eye(3, dtype="float32"), []

    def record():
        for _ in range(3):
            compiled[0](x)
        kept.append(weakref.ref(blas.workspace().mem))

    thread = threading.Thread(target=record)
    thread.start()
    thread.join()
    gc.collect()
    assert kept[0]() is not None
    compiled.clear()
    gc.collect()
    assert kept[0]() is None


def test_what_cannot_be_captured_runs_and_says_why(card):
    def sorted_rows(x):
        for _ in range(3):
            x = p.tanh(p.matmul(x, x))
        return p.take(x, p.argsort(x, axis=-1)[0], axis=0)

    found, said = step_of(sorted_rows, np.eye(3, dtype="float32"))
    assert found.shape == (3, 3)
    assert "not as one CUDA graph: step" in said and "(argsort)" in said and "StreamCapture" in said


def test_large_batches_go_up_through_page_locked_memory(card):
    total = function(lambda x: p.sum(x, axis=None))
    for number in range(5):
        x = np.full((100, 1000), number, "float32")
        assert card.to_host(total(x)) == number * 100_000


def test_an_index_out_of_range_is_said_when_something_is_fetched(card):
    look_up = function(lambda x, i: p.take(x, i, axis=0))
    x = np.arange(3.0, dtype="float32")
    with pytest.raises(IndexError, match="Index 7 is out of range for axis 0 of size 3"):
        card.to_host(look_up(x, np.array([0, 7])))
    assert card.to_host(look_up(x, np.array([0, -1]))).tolist() == [0, 2]


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_eight_bits_are_rounded_as_on_the_cpu(card, dtype):
    import ml_dtypes

    rng = np.random.default_rng(0)
    x = np.concatenate(
        [rng.standard_normal(500) * 10.0 ** rng.integers(-8, 7, 500), [0.0, -0.0, np.inf, -np.inf, np.nan]]
    )
    x = np.concatenate([x.astype("float32"), np.arange(256, dtype="uint8").view(dtype).astype("float32")])
    made = card.to_host(p.cast(card.from_host(x), dtype=dtype))
    wanted = x.astype(getattr(ml_dtypes, dtype))
    finite = ~np.isnan(wanted.astype("float32"))
    np.testing.assert_array_equal(made.view("uint8")[finite], wanted.view("uint8")[finite])
    assert np.isnan(made.astype("float32")[~finite]).all()
    back = card.to_host(p.cast(card.from_host(wanted), dtype="float32"))
    np.testing.assert_array_equal(back, wanted.astype("float32"))


def test_too_little_memory_says_sizes_and_what_helps(card):
    import cupy

    model, (x, y) = small_network(), data()
    model.fit(x, y, batch_size=4, verbose=0)
    pool = cupy.get_default_memory_pool()
    gc.collect()
    pool.free_all_blocks()  # of the tests before
    pool.set_limit(pool.total_bytes() + (1 << 16))
    try:
        with pytest.raises(MemoryError, match="GPU 0 has too little memory.*bytes.*smaller batch size.*clear_session"):
            model.predict(np.zeros((20_000, 6, 6, 2), "float32"), batch_size=20_000, verbose=0)
    finally:
        pool.set_limit(0)
    assert np.isfinite(model.fit(x, y, batch_size=4, verbose=0).history["loss"]).all()


@ON_STANDIN
def test_cards_by_number(card):
    with keras.device("gpu:1"):
        x = keras.ops.ones((2,))
        assert x.device.id == 1
        assert keras.ops.convert_to_numpy(x + x).tolist() == [2, 2]
    assert keras.ops.ones((2,)).device.id == 0
    for name in ("gpu:2", "cpu:0"):
        with pytest.raises(RuntimeError, match="is not there: this process computes on 'gpu:0'"), keras.device(name):
            pass


@ON_STANDIN
def test_a_model_trains_on_another_card(on_the_cpu, card):
    with keras.device("gpu:1"):
        losses, _ = trained()
    np.testing.assert_allclose(losses, on_the_cpu[0], rtol=1e-4)


def test_a_model_is_saved_here_and_opened_there(card, tmp_path):
    model, (x, _) = small_network(), data()
    mine = model.predict(x, verbose=0)
    model.save(tmp_path / "model.keras")
    backend.set_backend("numpy")
    np.testing.assert_allclose(
        keras.models.load_model(tmp_path / "model.keras").predict(x, verbose=0), mine, rtol=1e-5, atol=1e-6
    )


def stands_for(driver=13000, runtime=13020, cards=1):
    class CUDARuntimeError(RuntimeError):
        pass

    def count():
        if not cards:
            raise CUDARuntimeError("cudaErrorNoDevice")
        return cards

    calls = types.SimpleNamespace(
        driverGetVersion=lambda: driver, runtimeGetVersion=lambda: runtime, getDeviceCount=count,
        CUDARuntimeError=CUDARuntimeError,
    )  # fmt: skip
    return types.SimpleNamespace(cuda=types.SimpleNamespace(runtime=calls))


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (None, r'needs CuPy, which is not installed: pip install "kerasish\[cuda13\]"'),
        (stands_for(driver=0), "found no NVIDIA driver"),
        (stands_for(driver=12020), r"driver for CUDA 12.2, and this CuPy is built for CUDA 13.2.*kerasish\[cuda12\]"),
        (stands_for(cards=0), "a driver and no card.*CUDA_VISIBLE_DEVICES"),
    ],
    ids=["no CuPy", "no driver", "old driver", "no card"],
)
def test_what_is_missing_is_said_in_a_sentence(monkeypatch, module, sentence):
    monkeypatch.setitem(sys.modules, "cupy", module)
    with pytest.raises(RuntimeError, match=sentence):
        importlib.import_module("kerasish.backend.cupy.missing").cupy_on_a_card()


def test_the_environment_chooses_it():
    code = "import kerasish as k; k.Variable(1.0)"
    ran = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "KERASISH_BACKEND": "cupy"}, capture_output=True, text=True
    )
    if ran.returncode:
        assert "The device 'cupy'" in ran.stderr.splitlines()[-1]


@ON_STANDIN
def test_the_command_lists_and_measures(card, monkeypatch):
    from kerasish.__main__ import main
    from kerasish.backend import found_devices

    monkeypatch.setattr(found_devices, "_SIZE", {"cpu": 64, "gpu": 64})
    monkeypatch.setattr(found_devices, "_COPIED", 1 << 12)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert main(["devices"]) == 0
    text = said.getvalue()
    assert "cupy: GPU 1: stand-in, 16.0 GiB, sm_90, driver for CUDA 13.2, CuPy 14.2.0" in text
    assert text.count("cupy: GPU") == 2 and text.count("numpy: CPU") == 1
    assert text.count("float32 matrix product of 64") == len(text.splitlines()) // 2, text
    assert backend.backend() == "cupy"


def lstm():
    layers = keras.layers
    return [keras.Input((6,)), layers.Embedding(9, 5, mask_zero=True), layers.LSTM(4), layers.Dense(1)]


def attention():
    layers = keras.layers
    ids = keras.Input((6,))
    x = layers.Embedding(9, 8)(ids)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    return keras.Model(ids, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))


def augmented():
    layers = keras.layers
    return [
        keras.Input((8, 8, 3)),
        layers.RandomFlip(),
        layers.RandomRotation(0.1),
        layers.Conv2D(4, 3, strides=2, padding="same"),
        layers.DepthwiseConv2D(3),
        layers.Conv2DTranspose(2, 3),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(1),
    ]


@pytest.mark.parametrize("make", [lstm, attention, augmented])
def test_training_steps_are_one_graph(monkeypatch, make):
    """Loops, lookups and random pictures too: nothing in them waits for the host."""
    from kerasish.backend.cupy import graphs

    monkeypatch.setenv("KERASISH_GPU_FUSION", "0")
    made = []
    with standing_in():
        monkeypatch.setattr(graphs, "Replay", lambda *steps, kind=graphs.Replay: made.append(kind(*steps)) or made[-1])
        keras.utils.set_random_seed(1)
        model = make()
        model = keras.Sequential(model) if isinstance(model, list) else model
        model.compile(keras.optimizers.AdamW(clipnorm=1.0), "mse")
        rng = np.random.default_rng(0)
        shape = (8, *model.input_shape[1:])
        x = rng.integers(0, 9, shape) if len(shape) == 2 else rng.standard_normal(shape).astype("float32")
        model.fit(x, np.ones((8, 1), "float32"), batch_size=2, verbose=0)
    step = max(made, key=lambda replay: len(replay._steps))
    assert step.is_captured, step.why


def test_steps_are_measured(card, monkeypatch, capsys):
    from benchmarks import gpu_steps

    monkeypatch.setattr(card, "fuses", False)
    gpu_steps.main(["--batch", "4", "--steps", "2", "--models", "mlp"])
    assert "cupy, batch 4" in (said := capsys.readouterr().out) and "launched as one CUDA graph" in said


def losses_in(policy):
    keras.utils.set_random_seed(2)
    keras.mixed_precision.set_global_policy(policy)
    try:
        layers = keras.layers
        inputs = keras.Input((6, 6, 3))
        x = layers.BatchNormalization()(layers.Conv2D(8, 3, activation="relu")(inputs))
        outputs = layers.Dense(1, dtype="float32")(layers.Dense(8, "gelu")(layers.Flatten()(x)))
        model = keras.Model(inputs, outputs)
        optimizer = keras.optimizers.Adam(0.001)
        if policy == "mixed_float16":  # a scale at which products of halves do not overflow
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=64.0)
        model.compile(optimizer, "mse")
        rng = np.random.default_rng(0)
        x = rng.standard_normal((16, 6, 6, 3)).astype("float32")
        y = x.mean((1, 2, 3))
        return model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0).history["loss"], model
    finally:
        keras.mixed_precision.set_global_policy("float32")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_multiplied_as_it_is_stored(policy):
    """In one graph: whether gradients are finite chooses between values, and the host is not asked."""
    wanted, _ = losses_in(policy)
    with standing_in():
        found, model = losses_in(policy)
        explanation = model.explain(kind="train", batch_size=4, repeat=1)
        program = model.train_function.program(np.zeros((4, 6, 6, 3), "float32"), np.zeros((4,), "float32"), None)
    np.testing.assert_allclose(found, wanted, rtol=0.05)
    assert "launched as one CUDA graph" in explanation.launch
    products = [n for nodes in program.nodes for n in nodes if n.operation.name.split("_")[0] in ("conv", "matmul")]
    kinds = [{x.dtype for x in node.inputs} for node in products]
    assert kinds.count({policy.removeprefix("mixed_")}) == len(kinds) - 3  # all but the last layer's


def test_a_gradient_that_is_not_finite_changes_the_scale_alone(card):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=8.0)
    model.compile(optimizer, "mse")
    x, y = np.ones((4, 3), "float32"), np.zeros((4, 1), "float32")
    for _ in range(3):
        model.train_on_batch(x, y)
    before = model.get_weights()
    model.train_on_batch(x * np.float32(np.inf), y)
    for found, wanted in zip(model.get_weights(), before):
        np.testing.assert_array_equal(found, wanted)
    assert float(keras.ops.convert_to_numpy(optimizer.dynamic_scale)) == 4.0
    model.train_on_batch(x, y)
    assert not np.array_equal(model.get_weights()[0], before[0])
