"""Parity of convolutions, pools and patches.

Both data formats, 1 to 3 axes of space, odd sizes, strides beyond the window, dilation, groups.
"""

import keras
import numpy as np
import pytest

import kerasish.backend.numpy.conv as conv_kernels
import kerasish.backend.numpy.windows as window_kernels
from kerasish import ops
from kerasish.backend.graph import KerasTensor
from tests.ops.data import spread
from tests.ops.parity import C, Parity, check_eager, check_gradient

LINE, IMAGE, VOLUME = spread(2, 9, 4), spread(2, 7, 6, 4), spread(1, 4, 5, 3, 2)
BY_RANK = {1: LINE, 2: IMAGE, 3: VOLUME}


def kernel(*shape):
    return spread(*shape, low=-1.0, high=1.1, seed=7)


def channels_first(x):
    return np.ascontiguousarray(np.moveaxis(x, -1, 1))


def both(name, x, *args, open=True, **kwargs):
    """The case in both data formats."""
    last = C(name, x, *args, **kwargs, data_format="channels_last").but(rtol=2e-5, open=open)
    return [last, C(name, channels_first(x), *args, **kwargs, data_format="channels_first").but(rtol=2e-5, open=open)]


CONVS = []
for padding in ("valid", "same"):
    for rank, window in ((1, (3,)), (1, (4,)), (2, (3, 3)), (2, (2, 4)), (2, (1, 1)), (3, (2, 3, 1))):
        weights = kernel(*window, BY_RANK[rank].shape[-1], 3)
        for moved in (dict(strides=1), dict(strides=2), dict(strides=3), dict(dilation_rate=2)):
            if padding == "valid" and window in ((2, 3, 1), (2, 4)) and "dilation_rate" in moved:
                continue  # the dilated window is larger than the inputs
            cases = both("nn.conv", BY_RANK[rank], weights, padding=padding, open=(0,), **moved)
            CONVS += cases if moved == dict(strides=2) else cases[:1]
GROUPED = (
    both("nn.conv", IMAGE, kernel(3, 2, 2, 6), padding="same")
    + both("nn.conv", LINE, kernel(3, 1, 8), strides=2)
    + both("nn.conv", VOLUME, kernel(2, 2, 2, 1, 2))
    + both("nn.conv", IMAGE, kernel(3, 3, 1, 4), padding="same", dilation_rate=(1, 2))
)
CONVS += [case.but(spec=False) for case in GROUPED]  # Keras infers no shapes for groups
CONVS += both("nn.conv", IMAGE, kernel(3, 2, 4, 2), strides=(2, 1), padding="same", open=(0,)) + both(
    "nn.conv", IMAGE, kernel(7, 6, 4, 2), open=(0,)
)
CONVS += both("nn.conv", spread(0, 7, 6, 4), kernel(3, 3, 4, 2), padding="same", open=(0,)) + [
    C("nn.conv", IMAGE.astype("float16"), kernel(3, 3, 4, 2).astype("float16")).but(
        gradient=False, rtol=4e-3, open=(0,)
    ),
    C("nn.conv", IMAGE.astype("float16"), kernel(3, 3, 4, 2)).but(gradient=False, rtol=4e-3, spec=False),
]
for padding in ("valid", "same"):
    for moved in (dict(strides=1), dict(strides=2), dict(dilation_rate=2)):
        CONVS += both("nn.depthwise_conv", IMAGE, kernel(3, 2, 4, 1), padding=padding, open=(0,), **moved) + both(
            "nn.depthwise_conv", LINE, kernel(3, 4, 2), padding=padding, open=(0,), **moved
        )
        CONVS += both(
            "nn.separable_conv", IMAGE, kernel(2, 3, 4, 2), kernel(1, 1, 8, 3), padding=padding, open=(0,), **moved
        ) + both("nn.separable_conv", LINE, kernel(3, 4, 1), kernel(1, 4, 5), padding=padding, open=(0,), **moved)

TRANSPOSED = []
for padding in ("valid", "same"):
    for size in (1, 2, 3, 4, 5):
        for moved in (
            dict(strides=1),
            dict(strides=2),
            dict(strides=3),
            dict(dilation_rate=2),
            dict(strides=2, output_padding=1),
            dict(strides=3, output_padding=0),
            dict(strides=3, output_padding=2),
        ):
            TRANSPOSED.append(
                C("nn.conv_transpose", LINE, kernel(size, 3, 4), padding=padding, **moved).but(
                    rtol=2e-5, open=(0,), gradient=size > 2, spec="output_padding" not in moved
                )
            )
    TRANSPOSED += both(
        "nn.conv_transpose", IMAGE, kernel(3, 2, 5, 4), strides=(2, 3), padding=padding, open=(0,)
    ) + both("nn.conv_transpose", VOLUME, kernel(2, 1, 3, 3, 2), strides=(1, 2, 2), padding=padding, open=(0,))

POOLS = []
for name in ("nn.max_pool", "nn.average_pool"):
    for padding in ("valid", "same"):
        for rank, window, strides in (
            (1, (2,), (2,)),
            (1, (3,), (1,)),
            (1, (2,), (3,)),
            (2, (2, 2), (2, 2)),
            (2, (3, 2), (1, 2)),
            (2, (2, 2), (3, 4)),
            (3, (2, 2, 2), (2, 2, 2)),
            (3, (2, 3, 1), (1, 2, 1)),
        ):
            POOLS += both(name, BY_RANK[rank], window, strides=strides, padding=padding)
    POOLS += both(name, IMAGE, 2, 2) + [C(name, spread(0, 7, 6, 4), (2, 2), (2, 2))]
    for rank, size in ((1, 3), (1, 4), (1, 9), (2, (3, 4)), (2, (4, 3)), (2, 1), (2, (9, 8)), (3, (2, 5, 2))):
        POOLS += [
            case.but(spec=False) for case in both(name.replace("nn.", "nn.adaptive_"), BY_RANK[rank], size)
        ]  # Keras infers two batch axes

SQUARE = spread(2, 4, 6, 4)
PATCHES = [
    C("nn.unfold", SQUARE, 2),
    C("nn.unfold", SQUARE, (2, 3), dilation=(1, 2), padding=1, stride=(2, 1)),
    C("nn.unfold", SQUARE, (3, 1), padding=(2, 0), stride=3),
    C("nn.fold", spread(2, 8, 15), (4, 6), 2),
    C("nn.fold", spread(2, 12, 9), (4, 4), (2, 2), padding=1, stride=2, dilation=1),
    C("nn.fold", spread(1, 6, 12), (4, 6), (2, 3), dilation=(1, 1), padding=0, stride=1).but(gradient=True),
]
PATCHES += both("nn.space_to_depth", SQUARE, 2) + both("nn.depth_to_space", SQUARE, 2)


@pytest.mark.parametrize("case", CONVS, ids=str)
class TestConvolutions(Parity):
    pass


@pytest.mark.parametrize("case", TRANSPOSED, ids=str)
class TestTransposedConvolutions(Parity):
    pass


@pytest.mark.parametrize("case", POOLS, ids=str)
class TestPools(Parity):
    pass


@pytest.mark.parametrize("case", PATCHES, ids=str)
class TestPatches(Parity):
    pass


TILED = [case for case in CONVS if case.kwargs.get("data_format") == "channels_last" and case.operands[0].shape[0]][::3]


@pytest.mark.parametrize("case", TILED, ids=str)
def test_tiles_and_blocks_do_not_show(case, monkeypatch):
    """So small that every image is several tiles."""
    monkeypatch.setattr(conv_kernels, "_TILE", 400)
    monkeypatch.setattr(conv_kernels, "_ROWS", 1)
    monkeypatch.setattr(window_kernels, "_IMAGES", 1)
    check_eager(case)
    check_gradient(case)


@pytest.mark.parametrize(
    "name, shape, kwargs",
    [
        ("conv", (2, 2), {}),
        ("conv", (2, 2), {"strides": 2, "padding": "same"}),
        ("conv_transpose", (2, 2), {"strides": 2}),
        ("depthwise_conv", (3, 3), {}),
        ("max_pool", None, {"strides": 2}),
        ("average_pool", None, {"padding": "same", "strides": 2}),
    ],
)
def test_open_sizes_of_space(name, shape, kwargs):
    def inferred(root, tensor):
        extra = (2,) if shape is None else (np.zeros((*shape, 4, 4), "float32"),)
        return tuple(getattr(root, name)(tensor((None, None, None, 4)), *extra, **kwargs).shape)

    assert inferred(ops, KerasTensor) == inferred(keras.ops, keras.KerasTensor)


def test_a_pool_moves_by_its_size():
    np.testing.assert_array_equal(ops.max_pool(IMAGE, (3, 2)), ops.max_pool(IMAGE, (3, 2), strides=(3, 2)))


def test_an_axis_that_has_its_size_already_stays():
    """Keras 3.15 gives NaN here."""
    found = ops.adaptive_average_pool(IMAGE, (7, 3))
    np.testing.assert_allclose(found, IMAGE.reshape(2, 7, 3, 2, 4).mean(3), rtol=1e-6)


def test_integers_are_pooled():
    x = np.arange(10).reshape(1, 5, 2).astype("int32")
    assert ops.max_pool(x, 2).tolist() == [[[2, 3], [6, 7]]]
    assert ops.average_pool(x, 2).tolist() == [[[1.0, 2.0], [5.0, 6.0]]]


def test_nan_and_infinity_go_through_a_pool():
    x = np.array([[[1.0], [np.nan], [-np.inf], [-np.inf]]], "float32")
    found = ops.max_pool(x, 2)[0, :, 0]
    assert np.isnan(found[0]) and found[1] == -np.inf


X = IMAGE
REFUSED = [
    (lambda: ops.conv(X, kernel(3, 3, 3, 2)), "multiple of the 3"), (lambda: ops.conv(X, kernel(3, 4, 2)),
    "`kernel` must have 4 axes"), (lambda: ops.conv(X[0, 0], kernel(3, 2)), "`inputs`"), (lambda: ops.conv(X, kernel(8,
    8, 4, 2)), "larger than the inputs"),
    (lambda: ops.conv(X, kernel(3, 3, 4, 2), padding="full"), "`padding`"), (lambda: ops.conv(X, kernel(3, 3, 4, 2),
    strides=0), "`strides`"), (lambda: ops.conv(X, kernel(3, 3, 4, 2), strides=(1, 2, 3)), "`strides`"),
    (lambda: ops.conv(X, kernel(3, 3, 2, 3)), "multiple of groups"),
    (lambda: ops.conv(X, kernel(3, 3, 4, 2), data_format="NHWC"), "data_format"), (lambda: ops.depthwise_conv(X,
    kernel(3, 3, 2, 1)), "channels"), (lambda: ops.separable_conv(X, kernel(3, 3, 4, 1), kernel(1, 1, 3, 2)),
    "`pointwise_kernel`"), (lambda: ops.conv_transpose(X, kernel(3, 3, 4, 2)), "channels"),
    (lambda: ops.conv_transpose(X, kernel(3, 3, 2, 4), output_padding=-1), "`output_padding`"), (lambda: ops.max_pool(X,
    9), "larger than the inputs"), (lambda: ops.max_pool(X, (2, 2, 2)), "`pool_size`"), (lambda: ops.average_pool(X, 2,
    padding=1), "`padding`"),
    (lambda: ops.adaptive_max_pool(X, 0), "`output_size`"), (lambda: ops.unfold(X[0], 2), "batch, channels"),
    (lambda: ops.unfold(X, 9), "`kernel_size`"), (lambda: ops.fold(spread(1, 7, 4), (3, 3), 2), "multiple of 4"),
    (lambda: ops.space_to_depth(X, 2), "`block_size`"), (lambda: ops.depth_to_space(X, 3), "`block_size`"),
]  # fmt: skip


@pytest.mark.parametrize("call, words", REFUSED)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
