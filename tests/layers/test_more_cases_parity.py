"""More cases of layers that have few in their family's table: other arguments, masks, ranks, modes."""

import numpy as np
import pytest

from tests.layers.parity import Case, check_layer

RNG = np.random.default_rng(0)
MASK, LATE = np.array([[1, 1, 1], [1, 0, 1]], bool), np.array([[0, 1, 1], [0, 0, 1]], bool)
STEPS = RNG.standard_normal((2, 3, 4)).astype("float32")
STEPS[0, 2:] = 2.0
LINE, IMAGE, VOLUME = (2, 7, 3), (2, 5, 6, 3), (1, 4, 3, 5, 2)
PLACES = {1: LINE, 2: IMAGE, 3: VOLUME}
FIRST = {"data_format": "channels_first"}
TRAINING = {"training": True}


def pools():
    for rank, shape in PLACES.items():
        for kind in ("Max", "Average"):
            name = f"{kind}Pooling{rank}D"
            yield Case(name, {"pool_size": 3, "strides": 2}, shape)
            yield Case(name, {"pool_size": 2, "strides": 1, "padding": "same"}, shape)
            yield Case(name, {"pool_size": 2, **FIRST}, (2, 3, *shape[1:-1]))
            yield Case(f"Global{kind}Pooling{rank}D", FIRST, shape)
            yield Case(f"Global{kind}Pooling{rank}D", {**FIRST, "keepdims": True}, shape)
            adaptive = f"Adaptive{kind}Pooling{rank}D"
            yield Case(adaptive, {"output_size": 1}, shape)
            yield Case(adaptive, {"output_size": (4, 3, 1)[:rank] if rank > 1 else 4}, shape)
            yield Case(adaptive, {"output_size": 2, **FIRST}, (2, 3, *shape[1:-1]))
    yield Case("GlobalAveragePooling1D", {}, (2, 3, 4), masks=[MASK])
    yield Case("GlobalAveragePooling1D", {}, (2, 3, 4), {"mask": LATE})


def edges():
    for rank, shape in PLACES.items():
        yield Case(f"ZeroPadding{rank}D", {"padding": tuple(range(rank)) if rank > 1 else 1}, shape)
        yield Case(f"ZeroPadding{rank}D", {"padding": ((0, 1),) * rank if rank > 1 else (0, 1)}, shape)
        yield Case(f"Cropping{rank}D", {"cropping": ((0, 1),) * rank if rank > 1 else (0, 1)}, shape)
        yield Case(f"Cropping{rank}D", {"cropping": 0}, shape)
    yield from (Case("UpSampling1D", {"size": size}, LINE) for size in (1, 2, 4))
    yield Case("UpSampling3D", {"size": (1, 1, 2)}, VOLUME)
    yield Case("UpSampling3D", {"size": 2, **FIRST}, VOLUME)
    yield Case("Permute", {"dims": (2, 1)}, (2, 3, 4))
    yield Case("Permute", {"dims": (1, 2)}, (2, 3, 4))
    yield Case("Permute", {"dims": (2, 3, 1)}, (2, 3, 4, 5))
    yield from (Case("RepeatVector", {"n": n}, (3, 5)) for n in (1, 2, 5))


CASES = [
    *pools(),
    *edges(),
    Case("Conv1D", {"filters": 2, "kernel_size": 2, "strides": 3, "padding": "causal", "use_bias": False}, LINE),
    Case("Conv1D", {"filters": 4, "kernel_size": 3, **FIRST, "activation": "elu"}, (2, 3, 7)),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "use_bias": False}, VOLUME),
    Case("Conv3D", {"filters": 4, "kernel_size": 1, "groups": 2, "activation": "relu"}, VOLUME),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "use_bias": False}, VOLUME),
    Case("Conv3DTranspose", {"filters": 3, "kernel_size": (1, 2, 2), "strides": 2, "padding": "same"}, VOLUME),
    Case("DepthwiseConv1D", {"kernel_size": 2, "depth_multiplier": 3, "activation": "relu"}, LINE),
    Case("SeparableConv1D", {"filters": 4, "kernel_size": 2, "depth_multiplier": 2, "use_bias": False}, LINE),
    Case("SeparableConv1D", {"filters": 2, "kernel_size": 3, "padding": "same", "dilation_rate": 2}, LINE),
    Case("ELU"),
    Case("ELU", {"alpha": 0.0}, (2, 3, 4), masks=[MASK]),
    Case("ELU", {"alpha": 2.5}, (4, 1)),
    Case("ReLU", {"negative_slope": 0.3}, (2, 3, 4), masks=[MASK]),
    Case("LeakyReLU", {"negative_slope": 0.0}, (2, 3, 4), masks=[MASK]),
    Case("LeakyReLU", {"negative_slope": 1.0}, (3, 5)),
    Case("Activation", {"activation": "hard_sigmoid"}, (3, 5)),
    Case("Identity", {}, (3,)),
    Case("Identity", {}, (2, 3, 4), masks=[LATE]),
    Case("Masking", {"mask_value": 2.0}, STEPS),
    Case("Masking", {"mask_value": 2.0}, STEPS, masks=[LATE]),
    Case("Lambda", lambda k: {"function": lambda x: x[:, :2] * 3.0}, (3, 4), config=False),
    Case("Lambda", lambda k: {"function": k.ops.square, "output_shape": (3, 4)}, (2, 3, 4), config=False),
    Case("Subtract", {}, [(2, 3, 4), (2, 1, 4)]),
    Case("RMSNormalization", {"epsilon": 0.1}, (2, 3, 4), rtol=2e-5),
    Case("RMSNormalization", {"axis": -1}, (2, 3, 4, 5), rtol=2e-5, masks=[MASK]),
    Case("UnitNormalization", {"axis": 1}, (2, 3, 4)),
    Case("UnitNormalization", {"axis": [1, 2]}, (2, 3, 4)),
    Case("SpectralNormalization", lambda k: {"layer": k.layers.Dense(4), "power_iterations": 2}, (2, 3)),
    Case("SpectralNormalization", lambda k: {"layer": k.layers.Dense(2, use_bias=False)}, (2, 4, 3)),
    # what draws in training is quiet outside of it, and where it has nothing to do
    Case("Dropout", {"rate": 0.0}, (3, 5), TRAINING),
    Case("Dropout", {"rate": 0.7, "seed": 1}, (2, 3, 4), {"training": False}, masks=[MASK]),
    *(
        Case(f"SpatialDropout{rank}D", {"rate": rate}, (2, *[3, 4, 2][:rank], 3), {"training": rate == 0.0})
        for rank in (1, 2, 3)
        for rate in (0.0, 0.9)
    ),
    *(Case(f"SpatialDropout{rank}D", {"rate": 0.5, **FIRST}, (2, 3, *[3, 4, 2][:rank])) for rank in (2, 3)),
    Case("SpatialDropout1D", {"rate": 0.5, "seed": 2}, (2, 3, 4), masks=[LATE]),
    *(
        Case(name, {argument: value}, (2, 3, 4), call, masks=[MASK])
        for name, argument in (("GaussianNoise", "stddev"), ("GaussianDropout", "rate"), ("AlphaDropout", "rate"))
        for value, call in ((0.0, TRAINING), (0.6, {"training": False}))
    ),
    Case("GaussianNoise", {"stddev": 0.9, "seed": 2}, (4, 5)),
    Case("AlphaDropout", {"rate": 0.6, "noise_shape": (2, 1), "seed": 4}, (2, 5)),
    Case("GaussianDropout", {"rate": 0.1}, (4, 5)),
    Case("ActivityRegularization", {}, (3, 4)),
    Case("ActivityRegularization", {"l1": 0.3}, (2, 3, 4), masks=[MASK]),
    Case("ActivityRegularization", {"l2": 0.5}, (2, 5)),
]


class CellCase(Case):
    """A cell, called on one step and its states; its output is looked at."""

    def call_on(self, layer, inputs, **call):
        states = list(inputs[1:])
        return layer(inputs[0], states if len(states) > 1 else states[0], **call)[0]


def cells():
    for name, states in (("SimpleRNNCell", 1), ("GRUCell", 1), ("LSTMCell", 2)):
        shapes = [(3, 5), *[(3, 2)] * states]
        for arguments in (
            {},
            {"use_bias": False, "activation": "relu"},
            {"kernel_regularizer": "l2", "bias_initializer": "ones"},
            {"recurrent_initializer": "glorot_uniform", "recurrent_constraint": "max_norm"},
        ):
            yield CellCase(name, {"units": 2, **arguments}, shapes, symbolic=False)
    yield CellCase("GRUCell", {"units": 2, "reset_after": False}, [(3, 5), (3, 2)], symbolic=False)
    yield CellCase("LSTMCell", {"units": 2, "unit_forget_bias": False}, [(3, 5), (3, 2), (3, 2)], symbolic=False)


class StackCase(Case):
    """A stack of an LSTMCell, which has two states, and of cells with one each."""

    def call_on(self, layer, inputs, **call):
        x, h, c, *more = inputs
        return layer(x, [[h, c], *([state] for state in more)], **call)[0]


def stack(*others):
    return lambda k: {"cells": [k.layers.LSTMCell(2), *(getattr(k.layers, name)(3) for name in others)]}


STACKED = {"symbolic": False, "mixed": False, "config": False}  # real Keras goes past the policy of the cells inside
CELLS = [
    *cells(),
    StackCase("StackedRNNCells", stack(), [(4, 5), (4, 2), (4, 2)], **STACKED),
    StackCase("StackedRNNCells", stack("GRUCell"), [(4, 5), (4, 2), (4, 2), (4, 3)], **STACKED),
    StackCase("StackedRNNCells", stack("SimpleRNNCell"), [(4, 5), (4, 2), (4, 2), (4, 3)], **STACKED),
    StackCase("StackedRNNCells", stack("GRUCell", "GRUCell"), [(4, 5), (4, 2), (4, 2), (4, 3), (4, 3)], **STACKED),
]


@pytest.mark.parametrize("case", CASES + CELLS, ids=repr)
def test_layer(case):
    check_layer(case)
