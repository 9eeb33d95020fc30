"""In which type wrapped layers answer, by real Keras; numbers around 1e4 in half precision, by hand."""

import keras as real
import numpy as np
import pytest

import kerasish
from kerasish import ops

STEPS = np.ones((1, 4, 3), "float32")


def wrapped(k, kind, inside, outside):
    if kind == "bidirectional":
        return k.layers.Bidirectional(k.layers.GRU(2, return_sequences=True, dtype=inside), dtype=outside)
    return k.layers.TimeDistributed(k.layers.Dense(2, dtype=inside), dtype=outside)


@pytest.mark.parametrize("kind", ["bidirectional", "time distributed"])
@pytest.mark.parametrize("inside", ["float32", "mixed_float16"])
@pytest.mark.parametrize("outside", ["float32", "mixed_float16", "float16"])
def test_a_wrapper_answers_in_its_own_dtype(kind, inside, outside):
    found = []
    for k in (kerasish, real):
        layer = wrapped(k, kind, inside, outside)
        symbolic = layer(k.Input((4, 3))).dtype
        found.append((symbolic, np.dtype(layer(STEPS).dtype).name, np.dtype(layer.weights[0].dtype).name))
    assert found[0][0] == found[0][1] == found[1][0] and found[0][2] == found[1][2]


@pytest.mark.parametrize("kind", ["bidirectional", "time distributed"])
@pytest.mark.parametrize("inside", ["float16", "float64"])
def test_of_types_that_jax_does_not_take(kind, inside):
    assert wrapped(kerasish, kind, inside, "float32")(STEPS).dtype == "float32"


LARGE = (1e4 + np.array([[0.0, 104, 200, -304], [48, 64, -1000, 0]])).astype("float16")
WIDE = LARGE.astype("float64")
HALF = {
    "std": (lambda: ops.std(LARGE, axis=-1), lambda: WIDE.std(-1)),
    "moments": (lambda: ops.moments(LARGE, [-1])[0], lambda: WIDE.mean(-1)),
    "cosine similarity": (lambda: kerasish.losses.cosine_similarity(LARGE, LARGE), lambda: np.full(2, -1.0)),
    "pearson": (lambda: kerasish.metrics.pearson_correlation(LARGE, LARGE + 64), lambda: np.ones(2)),
    "concordance": (
        lambda: kerasish.metrics.concordance_correlation(LARGE, LARGE + 64),
        lambda: 2 * WIDE.var(-1) / (2 * WIDE.var(-1) + 64**2),
    ),
    "layer normalization": (
        lambda: kerasish.layers.LayerNormalization(dtype="mixed_float16")(LARGE),
        lambda: (WIDE - WIDE.mean(-1, keepdims=True)) / WIDE.std(-1, keepdims=True),
    ),
    "unit normalization": (
        lambda: kerasish.layers.UnitNormalization(dtype="mixed_float16")(LARGE),
        lambda: WIDE / np.linalg.norm(WIDE, axis=-1, keepdims=True),
    ),
    "rms normalization": (
        lambda: kerasish.layers.RMSNormalization(dtype="mixed_float16")(LARGE),
        lambda: WIDE / np.sqrt((WIDE**2).mean(-1, keepdims=True)),
    ),
    "attention": (
        lambda: ops.dot_product_attention(*[np.full((1, 2, 1, 64), 300.0, "float16")] * 3),
        lambda: np.full((1, 2, 1, 64), 300.0),
    ),
}


@pytest.mark.parametrize("case", HALF)
def test_statistics_of_large_numbers_in_half_precision(case):
    computed, wanted = HALF[case]
    np.testing.assert_allclose(np.asarray(computed(), "float64"), wanted(), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(
    "arguments, shape",
    [
        ({}, (2, 3)),
        ({"axis": None}, (2, 3)),
        ({"axis": (1,)}, (2, 3)),
        ({"axis": (1, 2)}, (2, 3, 4)),
        ({"axis": 1}, (2, 3, 4)),
        ({"mean": [1.0], "variance": [4.0]}, (2, 3)),
        ({"mean": [1.0, 2.0, 3.0, 4.0], "variance": [4.0] * 4, "axis": (1, 2)}, (2, 3, 4)),
        ({"mean": [[1.0], [2.0], [3.0]], "variance": [[4.0]] * 3, "axis": (1, 2)}, (2, 3, 4)),
    ],
)
def test_the_mean_of_normalization_is_broadcast_to_its_axes(arguments, shape):
    found = []
    for k in (kerasish, real):
        layer = k.layers.Normalization(**{"mean": 1.0, "variance": 4.0, **arguments})
        values = layer(np.arange(float(np.prod(shape))).reshape(shape))
        found.append([np.asarray(v) for v in (values, layer.mean, layer.variance)])
    for ours, theirs in zip(*found):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs)


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16"])
@pytest.mark.parametrize(
    "name, arguments",
    [
        ("Dense", {"units": 3}),
        ("ReLU", {}),
        ("Conv1D", {"filters": 2, "kernel_size": 2}),
        ("LayerNormalization", {}),
    ],
)
def test_a_symbolic_output_shows_the_dtype_that_it_will_have(name, arguments, dtype):
    shown = [getattr(k.layers, name)(dtype=dtype, **arguments)(k.Input((4, 3))).dtype for k in (kerasish, real)]
    assert shown[0] == shown[1] == dtype.removeprefix("mixed_")
