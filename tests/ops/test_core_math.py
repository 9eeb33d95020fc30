"""Parity of casts, windows, scatters, segments, top-k, special functions and Fourier transforms."""

import numpy as np
import pytest

from tests.ops.data import BOOLS, CUBE, HALF, INTS, POSITIVE, ROW, SMALL, SPECIAL, X, Y, spread, whole
from tests.ops.parity import C, Parity

CORE = [
    C("cast", X, "int32"),
    C("cast", X, "float16"),
    C("cast", INTS, "float32"),
    C("cast", X, "bool"),
    C("cast", BOOLS, "float32"),
    C("cast", X, "float32"),
    C("convert_to_tensor", X),
    C("convert_to_tensor", [1.0, 2.0]),
    C("convert_to_tensor", 3),
    C("convert_to_tensor", X, dtype="int32"),
]
CORE += [
    C("saturate_cast", X * 200, "uint8").but(gradient=False),
    C("saturate_cast", X * 200, "int8"),
    C("saturate_cast", INTS - 5, "uint8"),
    C("saturate_cast", SPECIAL[:, 2:], "int32").but(gradient=False),
    C("saturate_cast", X * 1e5, "float16").but(gradient=False),
]
CORE += [C("stop_gradient", X), C("unstack", X), C("unstack", CUBE, axis=-1), C("unstack", CUBE, num=3, axis=1)]
for case in CORE:
    if case.op == "unstack":
        case.but(open=case.kwargs.get("axis", 0) != 0)
WINDOW = [
    C("slice", CUBE, (0, 1, 2), (2, 2, 1)).but(open=False),
    C("slice", CUBE, (1, 1, 3), (2, 2, 2)).but(open=False),
    C("slice", CUBE, np.array([0, 1, 1], "int32"), (1, 2, 3)).but(open=False),
    C("slice", CUBE, (0, 0, 0), (2, 3, 4)).but(open=False),
]
WINDOW += [
    C("slice_update", CUBE, (0, 1, 2), spread(2, 2, 1)),
    C("slice_update", CUBE, np.array([1, 1, 1], "int32"), spread(1, 2, 3)),
    C("slice_update", INTS, (0, 1), INTS[:, :2] * 3),
    C("slice_update", CUBE, (1, 2, 3), spread(2, 2, 2)),
]
for case in WINDOW[4:]:
    case.but(open=False)
PLACES, PAIRS = np.array([[0], [2], [0]], "int32"), np.array([[0, 1], [1, 2], [0, 1]], "int32")
SCATTER = [
    C("scatter", PLACES, spread(3), (4,)),
    C("scatter", PLACES, X.T.copy(), (4, 2)),
    C("scatter", PAIRS, INTS[0], (2, 3)),
    C("scatter", PAIRS[None], spread(1, 3, 2), (2, 3, 2)),
]
SCATTER += [
    C("scatter_update", spread(4), PLACES[:2], spread(2, seed=1)),
    C("scatter_update", X, PAIRS[:2], spread(2, seed=1)),
    C("scatter_update", spread(4, 2), PLACES[:2], X[:, :2]),
]
SCATTER += [
    C("scatter_update", spread(4), PLACES, spread(3, seed=1), reduction=how) for how in ("add", "max", "min", "mul")
]
for case in SCATTER:
    case.but(
        open=False, gradient=case.kwargs.get("reduction") != "mul"
    )  # JAX has no slope for a scatter that multiplies
IDS = np.array([0, 2, 0, 1, 2, 5, -1], "int32")
SEGMENTS = [
    C(name, data, IDS, num_segments=4)
    for name in ("segment_sum", "segment_max", "segment_min", "segment_prod")
    for data in (spread(7), spread(7, 2), whole(7))
]
for case in SEGMENTS:
    case.but(open=False, gradient=case.op != "segment_prod")
SPECIAL_FUNCTIONS = [C(name, X) for name in ("erf", "erfc")] + [
    C("erfinv", SMALL),
    C("rsqrt", POSITIVE),
    C("logsumexp", CUBE),
    C("logsumexp", CUBE, axis=1),
    C("logsumexp", CUBE, axis=(0, 2), keepdims=True),
    C("logsumexp", X * 100, axis=-1),
    C("logsumexp", SPECIAL[1:, :1], axis=1).but(gradient=False),
    C("logsumexp", INTS),
]
SPECIAL_FUNCTIONS += [C("erf", HALF), C("cdist", X, Y), C("cdist", CUBE, spread(2, 5, 4, seed=1))]
TOP = [
    C("top_k", X, 2),
    C("top_k", CUBE, 3),
    C("top_k", INTS, 1),
    C("top_k", CUBE, 4),
    C("in_top_k", np.array([1, 0], "int32"), X, 1),
    C("in_top_k", np.array([1, 0], "int32"), X, 2),
    C("in_top_k", np.array([1, 0], "int32"), np.array([[1, 1, 0], [0.5, np.nan, 1]], "float32"), 1),
]

S, T = spread(2, 12), spread(2, 12, seed=1)
FOURIER = [
    C("fft", (S, T)),
    C("fft", (S[:, :7], T[:, :7])),
    C("fft2", (CUBE, spread(2, 3, 4, seed=1))),
    C("ifft2", (CUBE, spread(2, 3, 4, seed=1))),
    C("rfft", S),
    C("rfft", S, 8),
    C("rfft", S, 16),
    C("rfft", S[:, :7]),
    C("irfft", (S, T)),
    C("irfft", (S, T), 9),
    C("irfft", (S, T), 30),
    C("irfft", (S[:, :5], T[:, :5]), 9),
]
FOURIER += [
    C("extract_sequences", S, 4, 3),
    C("extract_sequences", INTS, 2, 1),
    C("extract_sequences", spread(7), 7, 2).but(open=False),
]
FOURIER += [
    C("stft", spread(2, 20), 6, 3, 8, **kwargs)
    for kwargs in (
        {},
        {"window": "hamming"},
        {"window": None, "center": False},
        {"window": spread(6, low=0.1, high=1.0)},
    )
]
FOURIER[-1].but(open=(0,))
FOURIER += [
    C("istft", (spread(2, 6, 5), spread(2, 6, 5, seed=1)), 6, 3, 8, **kwargs)
    for kwargs in ({}, {"length": 12}, {"window": "hamming", "center": False, "length": 20})
]
for case in FOURIER:
    case.but(rtol=1e-4, atol=2e-6)  # single precision loses a digit in the sums of a transform

IMAGES = spread(2, 4, 6, 3)
PATTERNS = [
    ("b h w c -> b c h w", {}),
    ("b h w c -> (b h) w c", {}),
    ("b h w c -> b (c h w)", {}),
    ("b (h p) (w q) c -> b h w (p q c)", {"p": 2, "q": 3}),
]
REARRANGE = [
    C("rearrange", IMAGES, pattern, **sizes).but(spec=False, gradient=not sizes) for pattern, sizes in PATTERNS
]
# Keras infers no shape of an open axis, and splits axes only where it sees values


@pytest.mark.parametrize("case", CORE + WINDOW + SCATTER, ids=str)
class TestCore(Parity):
    pass


@pytest.mark.parametrize("case", SEGMENTS + TOP, ids=str)
class TestSegments(Parity):
    pass


@pytest.mark.parametrize("case", SPECIAL_FUNCTIONS + REARRANGE, ids=str)
class TestSpecial(Parity):
    pass


@pytest.mark.parametrize("case", FOURIER, ids=str)
class TestFourier(Parity):
    pass


def test_rearrange_adds_an_axis_of_size_one():
    from kerasish import ops

    assert ops.rearrange(ROW, "c -> c 1").shape == (3, 1)
