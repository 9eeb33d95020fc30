"""The tables of cases: every layer against real Keras."""

import functools

import keras as oracle
import numpy as np
import pytest

import kerasish
from tests.layers.parity import Case, check_layer


def double_where_kept(k):
    def double(x, factor=2.0, mask=None, training=None):
        return x * factor if mask is None else k.ops.where(k.ops.expand_dims(mask, -1), x * factor, x)

    return double


IDS = np.random.default_rng(0).integers(0, 7, (3, 5)).astype("int32")
STEPS = np.random.default_rng(0).standard_normal((3, 5, 4)).astype("float32")
STEPS[0, 3:] = 0.0
STEPS[2, :1] = 0.0

MASK, LATE = (
    np.array([[1, 1, 1], [1, 0, 1]], bool),
    np.array([[0, 1, 1], [0, 0, 1]], bool),
)  # for two samples of three steps
FLOAT_IDS = IDS.astype("float32")

CORE = [
    Case("Dense", {"units": 4}, (3, 5)),
    Case("Dense", {"units": 4, "activation": "relu", "use_bias": False}, (2, 3, 5)),
    Case(
        "Dense",
        {
            "units": 3,
            "kernel_regularizer": "l2",
            "bias_regularizer": "l1",
            "activity_regularizer": "l2",
            "kernel_constraint": "max_norm",
        },
        (3, 5),
    ),
    Case("Activation", {"activation": "gelu"}),
    Case("Activation", {"activation": "softmax"}),
    Case("Embedding", {"input_dim": 7, "output_dim": 3}, IDS),
    Case("Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True, "embeddings_regularizer": "l2"}, IDS),
    Case("Dense", {"units": 2, "kernel_initializer": "he_normal", "bias_initializer": "ones"}, (2, 3, 4), masks=[MASK]),
    Case(
        "Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True}, FLOAT_IDS, differentiable=False
    ),  # Keras: a gradient of ids, zeros
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True}, IDS),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "tie_weights": False}, IDS),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3}, (2, 4, 3), call={"reverse": True}),
    Case(
        "ReversibleEmbedding",
        {"input_dim": 7, "output_dim": 3, "tie_weights": False, "logit_soft_cap": 0.5},
        (2, 4, 3),
        call={"reverse": True},
    ),
    Case(
        "ReversibleEmbedding",
        {"input_dim": 7, "output_dim": 3, "reverse_dtype": "float32", "embeddings_regularizer": "l2"},
        (2, 4, 3),
        call={"reverse": True},
    ),
    Case("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 5}, (3, 4)),
    Case(
        "EinsumDense",
        {"equation": "abc,cd->abd", "output_shape": (None, 5), "bias_axes": "d", "activation": "relu"},
        (2, 3, 4),
        symbolic=False,
    ),  # Keras: 3 forgotten
    Case(
        "EinsumDense",
        {"equation": "abc,cde->abde", "output_shape": (3, 2, 5), "bias_axes": "be", "kernel_regularizer": "l2"},
        (2, 3, 4),
    ),
    Case(
        "EinsumDense", {"equation": "...x,xy->...y", "output_shape": 5, "bias_axes": "y"}, (2, 3, 2, 4), symbolic=False
    ),  # Keras: 3 and 2 swapped
    Case("EinsumDense", {"equation": "xy...,yz->xz...", "output_shape": 5, "bias_axes": "z"}, (2, 4, 3)),
    Case(
        "EinsumDense",
        {"equation": "abcd,dce->abe", "output_shape": (3, 6), "bias_axes": "be", "bias_constraint": "non_neg"},
        (2, 3, 4, 5),
    ),
    Case("Masking", {}, STEPS),
    Case("Masking", {"mask_value": 1.0}, STEPS),
    Case("Identity"),
    Case("Identity", {}, (2, 3, 4), masks=[MASK]),
    Case("Lambda", lambda k: {"function": double_where_kept(k), "arguments": {"factor": 3.0}}, (2, 3, 4), config=False),
    Case(
        "Lambda",
        lambda k: {
            "function": double_where_kept(k),
            "mask": lambda inputs, mask: None if mask is None else mask[:, :2],
        },
        (2, 3, 4),
        masks=[MASK],
        config=False,
    ),
    # mixed=False: real Keras goes past the policy of the layer inside
    Case("TimeDistributed", lambda k: {"layer": k.layers.Dense(3, activation="tanh")}, (2, 4, 5), mixed=False),
    Case("TimeDistributed", lambda k: {"layer": k.layers.Conv2D(2, 3)}, (2, 3, 6, 6, 2), mixed=False),
    Case("TimeDistributed", lambda k: {"layer": k.layers.Dense(3)}, (2, 3, 4), masks=[MASK], mixed=False),
    Case(
        "TimeDistributed",
        lambda k: {"layer": k.layers.Softmax()},
        (2, 3, 4),
        {"mask": np.repeat(LATE[:, :, None], 4, 2)},
        mixed=False,
    ),
    Case(
        "TimeDistributed",
        lambda k: {
            "layer": k.Sequential(
                [k.Input((4,), name="i"), k.layers.Dense(3, name="d"), k.layers.ReLU(name="r")], name="s"
            )
        },
        (2, 3, 4),
        mixed=False,
    ),
]

ACTIVATIONS = [
    Case("ReLU"),
    Case("ReLU", {"max_value": 6}),
    Case("ReLU", {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2}, (4, 6)),
    Case("LeakyReLU"),
    Case("LeakyReLU", {"negative_slope": 0.05}),
    Case("PReLU", {}, (2, 3, 4)),
    Case("PReLU", {"shared_axes": (1, 2), "alpha_regularizer": "l1", "alpha_constraint": "non_neg"}, (2, 3, 3, 2)),
    Case("PReLU", {"shared_axes": [1], "alpha_initializer": "ones"}, (2, 3, 4)),
    Case("ELU", {"alpha": 0.7}),
    Case("Softmax"),
    Case("Softmax", {"axis": 1}, (2, 3, 4)),
    Case("Softmax", {"axis": [1, 2]}, (2, 3, 4)),
    Case("Softmax", {"axis": [1]}, (2, 3, 4)),
    Case("Softmax", {}, (2, 3), {"mask": MASK}),
    Case("Softmax", {}, (2, 3), {"mask": np.array([[0.0, 0.7, 1.0], [0.0, 0.0, 0.0]], "float32")}),
    Case("Softmax", {}, (2, 3), masks=[LATE]),
    Case("Activation", {"activation": "tanh"}, (2, 3, 4), masks=[MASK]),
]

RESHAPING = [
    Case("Flatten", {}, (2, 3, 4)),
    Case("Flatten", {}, (5,)),
    Case("Flatten", {"data_format": "channels_first"}, (2, 3, 4, 5)),
    Case("Reshape", {"target_shape": (6, 2)}, (2, 3, 4)),
    Case("Reshape", {"target_shape": (-1, 3)}, (2, 3, 4)),
    Case("Flatten", {}, (2, 3, 4), masks=[MASK]),
    Case("Reshape", {"target_shape": ()}, (2, 1)),
    Case("Permute", {"dims": (3, 1, 2)}, (2, 3, 4, 5)),
    Case("RepeatVector", {"n": 3}, (2, 4)),
    Case("ZeroPadding1D", {"padding": (1, 2)}, (2, 3, 4)),
    Case("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, (2, 3, 4, 2)),
    Case("ZeroPadding2D", {"padding": (1, 2), "data_format": "channels_first"}, (2, 3, 4, 2)),
    Case("ZeroPadding1D", {"padding": 2, "data_format": "channels_first"}, (2, 3, 4)),
    Case("ZeroPadding3D", {"padding": (1, 2, 0), "data_format": "channels_first"}, (1, 2, 3, 2, 2)),
    Case("ZeroPadding3D", {"padding": 1}, (1, 2, 3, 2, 2)),
    Case("Cropping1D", {"cropping": (1, 2)}, (2, 6, 4)),
    Case("Cropping2D", {"cropping": ((1, 0), (0, 2))}, (2, 5, 6, 2)),
    Case("Cropping1D", {"cropping": 1}, (2, 6, 4)),
    Case("Cropping2D", {"cropping": (1, 2), "data_format": "channels_first"}, (2, 3, 5, 6)),
    Case("Cropping3D", {"cropping": ((1, 0), (0, 1), (1, 1)), "data_format": "channels_first"}, (1, 2, 4, 3, 5)),
    Case("Cropping3D", {"cropping": 1}, (1, 4, 3, 5, 2)),
    Case("UpSampling1D", {"size": 3}, (2, 3, 4)),
    Case("UpSampling2D", {"size": (2, 3)}, (2, 3, 4, 2)),
    Case("UpSampling2D", {"size": 2, "interpolation": "bilinear"}, (2, 3, 4, 2)),
    Case("UpSampling2D", {"size": (1, 2), "interpolation": "bicubic", "data_format": "channels_first"}, (2, 2, 3, 4)),
    Case("UpSampling3D", {"size": (1, 2, 3), "data_format": "channels_first"}, (1, 2, 3, 2, 2)),
    Case("UpSampling2D", {"size": 2, "data_format": "channels_first"}, (2, 3, 4, 2)),
    Case("UpSampling3D", {"size": 2}, (1, 2, 3, 2, 2)),
]

PAIR, TRIPLE = [(2, 3, 4), (2, 3, 4)], [(2, 3, 4), (2, 1, 4), (2, 3, 4)]
MERGING = [
    *(Case(name, {}, PAIR) for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")),
    *(Case(name, {}, TRIPLE) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")),
    Case("Add", {}, [(2, 3, 4), (2, 4)]),
    Case("Multiply", {}, [(2, 3, 4), (2, 4), (2, 1)]),
    Case("Maximum", {}, [(2, 3, 4), (2, 4)]),
    *(Case(name, {}, [(2, 3)]) for name in ("Add", "Average", "Maximum", "Multiply", "Concatenate")),
    *(
        Case(name, {}, PAIR, masks=[MASK, LATE])
        for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
    ),
    *(Case(name, {}, PAIR, masks=[None, LATE]) for name in ("Add", "Multiply", "Maximum", "Minimum", "Concatenate")),
    *(Case(name, {}, [(2, 3, 4)] * 3, masks=[MASK, LATE, MASK]) for name in ("Multiply", "Maximum", "Minimum")),
    *(Case(name, {}, [(2, 3, 4)] * 3, masks=[MASK, None, LATE]) for name in ("Multiply", "Minimum")),
    Case("Concatenate", {"axis": 1}, PAIR, masks=[MASK, None]),
    Case("Concatenate", {}, [(2, 3, 4), (2, 3, 2)]),
    Case("Concatenate", {"axis": 1}, [(2, 3, 4), (2, 1, 4), (2, 2, 4)]),
    Case("Dot", {"axes": 1}, [(2, 3), (2, 3)]),
    Case("Dot", {"axes": (2, 1)}, [(2, 3, 4), (2, 4, 5)]),
    Case("Dot", {"axes": 2}, PAIR, masks=[MASK, MASK]),
    Case("Dot", {"axes": (-1, 1)}, [(2, 3, 4), (2, 4)]),
    Case("Dot", {"axes": -1, "normalize": True}, [(2, 3, 4), (2, 5, 4)]),
]

IMAGE = (2, 7, 6, 4)
CONVOLUTIONAL = [
    Case("Conv1D", {"filters": 3, "kernel_size": 3}, (2, 8, 4)),
    Case("Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, (2, 8, 4)),
    Case(
        "Conv1D",
        {"filters": 4, "kernel_size": 2, "strides": 2, "padding": "same", "groups": 2, "activation": "relu"},
        (2, 9, 4),
    ),
    Case("Conv2D", {"filters": 3, "kernel_size": 3}, IMAGE),
    Case("Conv2D", {"filters": 3, "kernel_size": 1, "use_bias": False}, IMAGE),
    Case(
        "Conv2D",
        {"filters": 4, "kernel_size": (3, 2), "strides": (2, 1), "padding": "same", "activation": "tanh"},
        IMAGE,
    ),
    Case(
        "Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "groups": 4, "kernel_regularizer": "l2"}, IMAGE
    ),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "strides": 2}, (1, 5, 4, 4, 3)),
    Case("Conv3D", {"filters": 2, "kernel_size": (1, 2, 3), "padding": "same"}, (1, 3, 4, 4, 2)),
]

POOLING = [
    Case("MaxPooling1D", {}, (2, 7, 3)),
    Case("MaxPooling2D", {"pool_size": (2, 3), "strides": (1, 2), "padding": "same"}, IMAGE),
    Case("MaxPooling2D", {}, IMAGE),
    Case("MaxPooling3D", {"pool_size": 2}, (1, 4, 4, 5, 2)),
    Case("AveragePooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, (2, 7, 3)),
    Case("AveragePooling2D", {"pool_size": 2, "padding": "same"}, IMAGE),
    Case("AveragePooling3D", {"pool_size": (1, 2, 2)}, (1, 4, 4, 5, 2)),
    *(
        Case(f"Global{kind}Pooling{rank}D", {"keepdims": keep}, (2, *[3, 4, 2][:rank], 3))
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
        for keep in (False, True)
    ),
    Case("GlobalAveragePooling2D", {"data_format": "channels_first"}, IMAGE),
]

NORMALIZATION = [
    Case("BatchNormalization", {}, (6, 4)),
    Case("BatchNormalization", {}, (6, 4), {"training": True}, rtol=2e-5),
    Case(
        "BatchNormalization",
        {"momentum": 0.8, "epsilon": 1e-2, "scale": False},
        (3, 4, 5, 2),
        {"training": True},
        rtol=2e-5,
    ),
    Case("BatchNormalization", {"axis": 1, "center": False}, (3, 4, 5, 2), {"training": True}, rtol=2e-5),
    Case("BatchNormalization", {"renorm": True}, (6, 4)),
    Case("BatchNormalization", {"renorm": True, "renorm_momentum": 0.7}, (6, 4), {"training": True}, rtol=2e-5),
    Case(
        "BatchNormalization",
        {"renorm": True, "renorm_clipping": {"rmax": 1.1, "rmin": 0.9, "dmax": 0.1}, "axis": 1, "scale": False},
        (3, 4, 5, 2),
        {"training": True},
        rtol=2e-5,
    ),
    Case(
        "BatchNormalization",
        {"renorm": True, "renorm_clipping": {"rmax": 1.5}, "center": False, "momentum": 0.6},
        (3, 5, 2),
        {"training": True},
        rtol=2e-5,
    ),
    Case(
        "BatchNormalization",
        lambda k: {"renorm": True, "moving_variance_initializer": k.initializers.Constant(4.0)},
        (2, 3, 4),
        {"training": True},
        masks=[MASK],
        rtol=2e-5,
    ),
    Case("LayerNormalization", {}, (3, 5), rtol=2e-5),
    Case("LayerNormalization", {"axis": [1, 2], "epsilon": 1e-5}, (3, 4, 5), rtol=2e-5),
    Case("LayerNormalization", {"axis": 1, "scale": False}, (3, 4, 5), rtol=2e-5),
    Case("LayerNormalization", {"axis": [2, 1]}, (3, 4, 5), rtol=2e-5),
    Case(
        "LayerNormalization", {"axis": [-1, 1]}, (3, 4, 5), rtol=2e-5
    ),  # the weights are (5, 4), and are read as (4, 5)
    Case("LayerNormalization", {"rms_scaling": True}, (3, 5), rtol=2e-5),
    Case(
        "LayerNormalization",
        {"rms_scaling": True, "axis": 1, "scale": False, "gamma_regularizer": "l2"},
        (3, 4, 5),
        rtol=2e-5,
    ),
    Case(
        "LayerNormalization",
        {"rms_scaling": True, "axis": [1, 2], "center": False, "epsilon": 0.1},
        (3, 4, 5),
        rtol=2e-5,
    ),
]

QUIET = [  # outside of training these do nothing
    Case("Dropout", {"rate": 0.5, "noise_shape": (None, 1)}, (3, 5)),
    *(Case(f"SpatialDropout{rank}D", {"rate": 0.3}, (2, *[3, 4, 2][:rank], 3)) for rank in (1, 2, 3)),
    Case("GaussianNoise", {"stddev": 0.3}),
    Case("GaussianDropout", {"rate": 0.3, "seed": 3}),
    Case("AlphaDropout", {"rate": 0.3}),
    Case("ActivityRegularization", {"l1": 0.1, "l2": 0.2}),
]


@pytest.mark.parametrize(
    "case", CORE + ACTIVATIONS + RESHAPING + MERGING + CONVOLUTIONAL + POOLING + NORMALIZATION + QUIET, ids=repr
)
def test_layer(case):
    check_layer(case)


OPEN = [  # layer, arguments, declared shape, shape of the data
    ("Flatten", {}, (None, 4), (6, 7, 4)),
    ("Flatten", {}, (None,), (6, 7)),
    ("Flatten", {}, (None, 2, None), (6, 7, 2, 3)),
    ("Flatten", {"data_format": "channels_first"}, (3, None, None), (2, 3, 4, 5)),
    ("Reshape", {"target_shape": (-1,)}, (None, 4), (6, 7, 4)),
    ("Reshape", {"target_shape": (-1, 2)}, (None, 4), (6, 7, 4)),
    ("Reshape", {"target_shape": (2, 4)}, (None, 4), (6, 2, 4)),
    ("Permute", {"dims": (2, 1)}, (None, 4), (6, 7, 4)),
    ("RepeatVector", {"n": 3}, (None,), (6, 7)),
]


@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eagerly"])
@pytest.mark.parametrize("name, arguments, declared, shape", OPEN)
def test_open_sizes(name, arguments, declared, shape, eagerly):
    x = np.random.default_rng(0).standard_normal(shape).astype("float32")
    found = []
    for k in (kerasish, oracle):
        make = functools.partial(getattr(k.layers, name), **arguments)
        shapes = [make().compute_output_shape(given) for given in ((None, *declared), (shape[0], *declared), shape)]
        inputs = k.Input(declared)
        model = k.Model(inputs, make()(inputs))
        model.compile(run_eagerly=eagerly)
        found.append(
            (
                shapes,
                make()(k.Input(declared, batch_size=shape[0])).shape,
                model.output_shape,
                model.predict(x, verbose=0),
            )
        )
    assert found[0][:3] == found[1][:3]
    assert np.array_equal(found[0][3], found[1][3])


def attention_over_steps(k):
    inputs = k.Input((None, 4))
    steps = k.layers.Dense(5)(inputs)
    weights = k.layers.Activation("softmax")(k.layers.Flatten()(k.layers.Dense(1, activation="tanh")(steps)))
    model = k.Model(inputs, k.layers.Dense(1)(k.layers.Dot(axes=1)([steps, weights])))
    model.compile(k.optimizers.SGD(0.1), "mse")
    return model


def test_attention_over_sequences_of_any_length_trains_as_in_keras():
    ours, theirs = attention_over_steps(kerasish), attention_over_steps(oracle)
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(0)
    for length in (7, 5):
        x, y = rng.standard_normal((8, length, 4)).astype("float32"), rng.standard_normal((8, 1)).astype("float32")
        for model in (ours, theirs):
            model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0)
        np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-5, atol=1e-6)
    for a, b in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
