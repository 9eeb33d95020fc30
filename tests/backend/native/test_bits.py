"""The same numbers, wherever the allocator puts the arrays."""

import copy
import hashlib
import re

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.backend.numpy import kernels, native
from kerasish.backend.numpy.aligned import ALIGNMENT
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.language import compile as language

compiled = pytest.mark.skipif(not native.enabled(), reason="llvmlite is not installed, or KERASISH_NATIVE=0")
CLASSES, ROWS = 11, 25


def _dense():
    return [keras.Input((37,)), layers.Dense(29, activation="relu"), layers.Dense(CLASSES, activation="softmax")]


def _convolutional():
    return [
        keras.Input((12, 12, 3)), layers.Conv2D(7, 3, activation="relu"), layers.BatchNormalization(),
        layers.MaxPooling2D(), layers.Conv2D(8, 3, padding="same", activation="gelu"), layers.AveragePooling2D(2),
        layers.Flatten(), layers.Dropout(0.3), layers.Dense(CLASSES, activation="softmax"),
    ]  # fmt: skip


def _separable():
    return [
        keras.Input((16, 16, 8)), layers.Conv2D(16, 3, padding="same"), layers.GroupNormalization(4), layers.ReLU(),
        layers.DepthwiseConv2D(3), layers.Conv2DTranspose(8, 3, strides=2), layers.GlobalAveragePooling2D(),
        layers.Dense(CLASSES, activation="softmax"),
    ]  # fmt: skip


def _recurrent():
    return [
        keras.Input((7,), dtype="int32"), layers.Embedding(50, 13), layers.LSTM(17, return_sequences=True),
        layers.GRU(13), layers.LayerNormalization(), layers.Dense(CLASSES, activation="softmax"),
    ]  # fmt: skip


class _Attention(layers.Layer):
    def __init__(self):
        super().__init__()
        self.attention, self.norm = layers.MultiHeadAttention(3, 5), layers.LayerNormalization()

    def build(self, shape):
        self.norm.build(shape)
        self.attention.build(shape, shape)

    def call(self, x):
        seen = self.norm(x)
        return x + self.attention(seen, seen)


def _attentive():
    return [
        keras.Input((9, 12)), _Attention(), layers.Dense(12, activation="gelu"), layers.GlobalAveragePooling1D(),
        layers.Dense(CLASSES, activation="softmax"),
    ]  # fmt: skip


MODELS = {
    "dense": (_dense, "adam", 400),
    "convolutional": (_convolutional, "rmsprop", 150),
    "separable": (_separable, lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), 100),
    "recurrent": (_recurrent, "adam", 150),
    "attentive": (_attentive, "adamw", 100),
    "adagrad": (_dense, "adagrad", 20),
    "adadelta": (_dense, "adadelta", 20),
    "nadam": (_dense, "nadam", 20),
    "ftrl": (_dense, "ftrl", 20),
    "adafactor": (_dense, "adafactor", 20),
}  # layers, optimizer, and how often the model is trained: a thousand times in all


class Trained:
    """Trains a model of one kind from the same weights on the same numbers, as often as asked; each in new memory."""

    def __init__(self, name):
        self.layers, self.optimizer, self.times = MODELS[name]
        rng = np.random.default_rng(0)
        shape = self.layers()[0].shape[1:]
        ids = shape == (7,)
        self.x = rng.integers(0, 50, (ROWS, 7)) if ids else rng.standard_normal((ROWS, *shape), "float32")
        self.y = rng.integers(0, CLASSES, ROWS)
        self.weights = None

    def bits(self):
        """A checksum of the losses, the weights behind three updates, and what is predicted."""
        keras.utils.set_random_seed(0)
        model = keras.Sequential(self.layers())
        self.weights = self.weights or model.get_weights()
        model.set_weights(self.weights)
        optimizer = self.optimizer if isinstance(self.optimizer, str) else self.optimizer()
        model.compile(optimizer, "sparse_categorical_crossentropy")
        losses = model.fit(self.x, self.y, batch_size=10, verbose=0, shuffle=False).history["loss"]
        found = hashlib.sha256(np.array(losses).tobytes())
        for array in [*model.get_weights(), model.predict(self.x, verbose=0)]:
            found.update(array.tobytes())
        return found.hexdigest()


class Clutter:
    """Arrays of random sizes, some of which go and others come: what is allocated next lies somewhere else."""

    def __init__(self):
        self.rng, self.kept = np.random.default_rng(1), []

    def stir(self):
        for _ in range(self.rng.integers(0, 40)):
            if self.kept and self.rng.random() < 0.5:
                self.kept.pop(self.rng.integers(len(self.kept)))
            most = 1_200 if self.rng.random() < 0.9 else 300_000
            self.kept.append(np.empty(self.rng.integers(1, most), "uint8"))


def _assert_same_bits(name, times=None):
    trained, clutter, seen = Trained(name), Clutter(), set()
    for _ in range(times or trained.times):
        clutter.stir()
        seen.add(trained.bits())
    assert len(seen) == 1


def test_a_few_allocations_leave_no_trace():
    _assert_same_bits("recurrent", 10)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_thousand_allocations_leave_no_trace(name):
    _assert_same_bits(name)


# -- kernels
# ----------------------------------------------------------------------------------------------------------------------


KERNEL = """
def kernel(args, lo, hi, worker):
    x, y, sums = pointer(args[0], float32), pointer(args[1], float32), pointer(args[2], float32)
    total = float32(0)
    for j in points(uint64(lo), uint64(hi)):
        total = vectorized(total, x[j] * x[j])
        y[j] = x[j] * float32(0.7) + float32(0.1)
    sums[uint64(0)] = total
"""


@compiled
def test_arrays_may_lie_at_any_distance():
    """Side by side, apart, or the output over the operand: always the loop that goes many numbers at a time."""
    size, most = 173, 400
    numbers, seen = np.random.default_rng(0).standard_normal(size).astype("float32"), set()
    address = native.address(native.Source(KERNEL))
    for place in [0, *range(size, size + most)]:
        memory, total = np.zeros(2 * size + most, "float32"), np.zeros(1, "float32")
        x, y = memory[:size], memory[place : place + size]
        x[:] = numbers
        native.NativeStep(address, [x.ctypes.data, y.ctypes.data, total.ctypes.data], [memory, total], size)()
        seen.add((y.tobytes(), total.tobytes()))
    assert len(seen) == 1


@pytest.fixture
def made(monkeypatch, tmp_path):
    """The optimized LLVM code of each kernel that is asked for from now on, by its source."""
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(source, "_addresses", {})
    found, optimized = {}, language.optimized

    def noting(source, *rest):
        module = optimized(source, *rest)
        found[source.text] = str(module)
        return module

    monkeypatch.setattr(language, "optimized", noting)
    return found


def _assert_no_look_at_addresses(made):
    assert made
    looking = [text for text, code in made.items() if re.search(r"^vector\.memcheck", code, re.MULTILINE)]
    assert not looking, "\n\n".join(["These loops compare addresses while they run:", *looking])


@compiled
def test_kernels_do_not_compare_addresses(made):
    Trained("dense").bits()
    _assert_no_look_at_addresses(made)


@compiled
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MODELS if name != "dense"])
def test_no_kernel_of_a_model_compares_addresses(name, made):
    Trained(name).bits()
    _assert_no_look_at_addresses(made)


# -- NumPy and BLAS
# ----------------------------------------------------------------------------------------------------------------------


def _moved(array, shift):
    """A copy that begins `shift` numbers behind a multiple of the alignment."""
    memory = np.empty(array.nbytes + 4 * ALIGNMENT, "uint8")
    start = -memory.ctypes.data % ALIGNMENT + shift * array.itemsize
    twin = np.ndarray(array.shape, array.dtype, memory, start)
    twin[...] = array
    return twin


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [7, 33, 257, 4_097])
def test_kernels_of_numpy_are_blind_to_alignment(dtype, size):
    """What an operation computes that is called by itself, on arrays of the caller."""
    rng = np.random.default_rng(0)
    x, y = (rng.uniform(0.1, 0.9, size).astype(dtype) for _ in range(2))
    for name, kernel in kernels.load()[0].items():
        if not isinstance(kernel, kernels.UfuncKernel):
            continue
        with np.errstate(all="ignore"):
            try:
                seen = {kernel.ufunc(*[_moved(a, s) for a in (x, y)[: kernel.ufunc.nin]]).tobytes() for s in range(8)}
            except TypeError:  # for whole numbers only
                continue
        assert len(seen) == 1, name
    assert len({np.add.reduce(_moved(x, shift)).tobytes() for shift in range(8)}) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1, 37, 29), (25, 37, 1), (10, 37, 29), (65, 63, 67), (3, 1_000, 5)])
def test_products_are_blind_to_alignment(dtype, sizes):
    rows, inner, columns = sizes
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((rows, inner)).astype(dtype), rng.standard_normal((inner, columns)).astype(dtype)
    seen = {(_moved(x, a) @ _moved(y, b)).tobytes() for a in range(0, 16, 3) for b in range(0, 16, 3)}
    assert len(seen) == 1


def test_what_lasts_is_aligned():
    variable = keras.Variable(np.ones((5, 3), "float32"))
    constant = np.ones((4, 3), "float32")
    function = keras.backend.function(lambda x: (keras.ops.exp(x) @ variable + constant, variable * 2))
    arrays = [v._buffer for v in (variable, copy.deepcopy(variable))]
    arrays += function.program(np.zeros((4, 5), "float32"))._arrays.values()
    assert all(array.ctypes.data % ALIGNMENT == 0 for array in arrays if array.shape)
