"""Bad input: refused early, with the argument, what was expected and what came."""

import numpy as np
import pytest

import kerasish
from kerasish import layers

ONES = np.ones((2, 3), "float32")
CUBE = np.ones((2, 3, 4), "float32")
IMAGES = np.ones((2, 4, 4, 3), "float32")
LAMBDA = lambda x: x + 1  # noqa: E731

CONSTRUCTORS = [  # what is called, what the message says
    (lambda: layers.Dense(0), "`units` must be an int > 0, got 0"),
    (lambda: layers.Dense(-3), "`units`.*-3"),
    (lambda: layers.Dense(2.5), "`units`.*2.5"),
    (lambda: layers.Dense(3, activation="rleu"), "'rleu'.*'relu'"),
    (lambda: layers.Dense(3, kernel_initializer="glorot"), "'glorot'"),
    (lambda: layers.Dense(3, kernel_regularizer="l1_l3"), "'l1_l3'.*'l1_l2'"),
    (lambda: layers.Dense(3, kernel_constraint="max_nrom"), "'max_nrom'.*'max_norm'"),
    (lambda: layers.Dense(3, lora_rank=4), "`lora_rank`.*4"),
    (lambda: layers.Dense(3, dtype="float33"), "float33"),
    (lambda: layers.Activation("sofmax"), "'sofmax'.*'softmax'"),
    (lambda: layers.ReLU(max_value=-1.0), "`max_value`.*-1.0"),
    (lambda: layers.ReLU(negative_slope=None), "`negative_slope`.*None"),
    (lambda: layers.LeakyReLU(-0.1), "`negative_slope`.*-0.1"),
    (lambda: layers.Embedding(0, 3), "`input_dim`.*0"),
    (lambda: layers.Embedding(3, -1), "`output_dim`.*-1"),
    (lambda: layers.EinsumDense("ab,bc", 3), "'ab,bc'"),
    (lambda: layers.EinsumDense("ab->bc", 3), "'ab->bc'"),
    (lambda: layers.EinsumDense("ab,b1->a1", 3), "'ab,b1->a1'"),
    (lambda: layers.EinsumDense("...a,ab->b...", 3), r"'\.\.\.a,ab->b\.\.\.'"),
    (lambda: layers.TimeDistributed("dense"), "`layer` must be a layer.*'dense'"),
    (lambda: layers.TimeDistributed(layers.Dense), "an object, not a class"),
    (lambda: layers.Reshape((2, -1, -1)), "`target_shape`.*-1"),
    (lambda: layers.Reshape((2.5,)), "`target_shape`.*2.5"),
    (lambda: layers.Permute((0, 1)), r"`dims`.*\(0, 1\)"),
    (lambda: layers.Permute((1, 3)), r"`dims`.*\(1, 3\)"),
    (lambda: layers.RepeatVector(0), "`n`.*0"),
    (lambda: layers.RepeatVector("3"), "`n`.*'3'"),
    (lambda: layers.ZeroPadding1D((1, 2, 3)), r"`padding`.*\(1, 2, 3\)"),
    (lambda: layers.ZeroPadding2D(-1), "`padding`.*-1"),
    (lambda: layers.ZeroPadding2D(((1, 2), (3,))), "`padding`"),
    (lambda: layers.Cropping2D((1, 2, 3)), "`cropping`"),
    (lambda: layers.Cropping3D(data_format="channels_middle"), "channels_middle"),
    (lambda: layers.UpSampling2D(0), "`size`.*0"),
    (lambda: layers.UpSampling2D(interpolation="nearset"), "`interpolation`.*'nearset'.*'nearest'"),
    (lambda: layers.Dropout(1.5), "`rate`.*1.5"),
    (lambda: layers.Dropout(-0.1), "`rate`.*-0.1"),
    (lambda: layers.Dropout("half"), "`rate`.*'half'"),
    (lambda: layers.Dropout(0.5, noise_shape="x"), "`noise_shape`.*'x'"),
    (lambda: layers.Dropout(0.5, noise_shape=(0, 3)), "`noise_shape`"),
    (lambda: layers.GaussianDropout(1), "`rate`"),
    (lambda: layers.GaussianNoise(-1), "`stddev`.*-1"),
    (lambda: layers.Concatenate(axis="last"), "`axis`.*'last'"),
    (lambda: layers.Dot((1, 2, 3)), r"`axes`.*\(1, 2, 3\)"),
    (lambda: layers.merge([ONES, ONES], mode="summ"), "`mode`.*'summ'.*'sum'"),
    (lambda: layers.deserialize({"class_name": "Adam", "config": {}}), "must describe a layer"),
    (lambda: layers.deserialize({"class_name": "Dens", "config": {}}), "'Dens'"),
]

CALLS = [
    (lambda: layers.Dense(3), np.ones(3, "float32"), "min_ndim=2, found ndim=1"),
    (lambda: layers.RepeatVector(3), CUBE, "ndim=2, found ndim=3"),
    (lambda: layers.Permute((2, 1)), ONES, "ndim=3, found ndim=2"),
    (lambda: layers.ZeroPadding2D(), CUBE, "ndim=4, found ndim=3"),
    (lambda: layers.Cropping1D(), ONES, "ndim=3, found ndim=2"),
    (lambda: layers.Cropping1D(2), CUBE, "leaves nothing"),
    (lambda: layers.Cropping2D(2), IMAGES, "leaves nothing"),
    (lambda: layers.UpSampling3D(), IMAGES, "ndim=5, found ndim=4"),
    (lambda: layers.SpatialDropout1D(0.5), ONES, "ndim=3, found ndim=2"),
    (lambda: layers.SpatialDropout2D(0.5), CUBE, "ndim=4, found ndim=3"),
    (lambda: layers.Reshape((5, -1)), CUBE, "can't reshape"),
    (lambda: layers.Reshape((5, 2)), CUBE, "reshape"),
    (lambda: layers.TimeDistributed(layers.Dense(2)), ONES, "3 axes"),
    (lambda: layers.EinsumDense("abc,cd->abd", (None, 3)), ONES, "3 axes"),
    (lambda: layers.EinsumDense("abc,cd->abd", (5, 3)), CUBE, "says 5 for axis 'b'.*inputs say 3"),
    (lambda: layers.EinsumDense("abc,cd->abd", 3), CUBE, "`output_shape`"),
    (lambda: layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="x"), CUBE, "`bias_axes`.*'x'"),
    (lambda: layers.EinsumDense("abc,cd->ade", (4, 3)), CUBE, "'e'"),
    (lambda: layers.Add(), ONES, "list of inputs"),
    (lambda: layers.Add(), [ONES, CUBE[:, :2, :2]], "broadcast"),
    (lambda: layers.Multiply(), [ONES, CUBE[:1]], "batch"),
    (lambda: layers.Subtract(), [ONES, ONES, ONES], "exactly 2 inputs, got 3"),
    (lambda: layers.Concatenate(), [ONES, CUBE], "number of axes"),
    (lambda: layers.Concatenate(axis=1), [CUBE, CUBE[:, :, :2]], "except for axis 1"),
    (lambda: layers.Concatenate(axis=3), [CUBE, CUBE], "axis 3"),
    (lambda: layers.Dot(1), [ONES, ONES, ONES], "2 inputs"),
    (lambda: layers.Dot(1), [ONES, CUBE[:, :2]], "differ: 3 and 2"),
    (lambda: layers.Dot(0), [ONES, ONES], "not the batch"),
    (lambda: layers.Dot(2), [ONES, ONES], "`axes`=2"),
    (lambda: layers.Dropout(0.5, noise_shape=(2, 1, 1, 1)), (ONES, {"training": True}), "`noise_shape`.*axes"),
    (lambda: layers.Softmax(), (ONES, {"mask": np.ones((2, 2), bool)}), r"`mask`.*\(2, 2\)"),
    (lambda: layers.TimeDistributed(layers.Dense(2)), (CUBE, {"mask": np.ones((2, 4), bool)}), r"mask.*\(2, 4\)"),
]


@pytest.mark.parametrize("make, message", CONSTRUCTORS, ids=[message for _, message in CONSTRUCTORS])
def test_constructors_refuse(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


@pytest.mark.parametrize("make, inputs, message", CALLS)
def test_calls_refuse(make, inputs, message):
    inputs, kwargs = inputs if isinstance(inputs, tuple) else (inputs, {})
    layer = make()
    with pytest.raises(ValueError, match=message):
        layer(inputs, **kwargs)
    assert layer.built or not layer.weights


@pytest.mark.parametrize(
    "make, inputs, message", [case for case in CALLS if not isinstance(case[1], tuple) and case[2] != "batch"]
)
def test_symbolic_calls_refuse(make, inputs, message):
    symbolic = (
        [kerasish.Input(x.shape[1:]) for x in inputs] if isinstance(inputs, list) else kerasish.Input(inputs.shape[1:])
    )
    with pytest.raises(ValueError, match=message):
        make()(symbolic)


def test_a_built_layer_refuses_another_last_axis():
    for layer in (layers.Dense(2), layers.PReLU()):
        layer(ONES)
        with pytest.raises(ValueError, match="axis -?1 of input shape to have value 3.*2, 4"):
            layer(np.ones((2, 4), "float32"))


def test_a_layer_refuses_what_is_no_tensor():
    with pytest.raises(ValueError, match="expected a tensor"):
        layers.Dense(2)("hello")
    with pytest.raises(ValueError):
        layers.Dense(2)(None)


def test_a_lambda_of_a_file_is_not_run_unless_trusted():
    layer = layers.Lambda(LAMBDA, name="plus")
    config = kerasish.saving.serialize_keras_object(layer)
    with pytest.raises(ValueError, match="safe_mode"):
        kerasish.saving.deserialize_keras_object(config)
    with pytest.raises(ValueError, match="safe_mode"):
        layers.Lambda.from_config(layer.get_config())
    for again in (
        kerasish.saving.deserialize_keras_object(config, safe_mode=False),
        layers.Lambda.from_config(layer.get_config(), safe_mode=False),
    ):
        np.testing.assert_array_equal(again(ONES), ONES + 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: kerasish.layers.Dense(2, name="a/b"),
        lambda: kerasish.Input((2,), name="a/b"),
        lambda: kerasish.Sequential(name="a/b"),
        lambda: kerasish.optimizers.SGD(name="a/b"),
    ],
)
def test_a_name_with_a_slash_is_refused(make):
    with pytest.raises(ValueError, match="without '/'"):
        make()


def test_a_name_with_a_slash_in_an_older_files_config_is_taken():
    config = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2, "name": "conv1/fc"}}
    assert kerasish.layers.deserialize(config).name == "conv1/fc"


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.LSTM("a"),
        lambda: layers.Conv2D("a", 3),
        lambda: layers.Conv2D(2, "a"),
        lambda: layers.Dropout("a"),
        lambda: layers.GRU(2, dropout=None),
        lambda: layers.RandomGrayscale("a"),
        lambda: layers.StackedRNNCells(3),
    ],
)
def test_a_value_of_the_wrong_type_is_both_kinds_of_error(make):
    """Keras raises now a TypeError, now a ValueError for it."""
    with pytest.raises(TypeError):
        make()
    with pytest.raises(ValueError):
        make()


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.GaussianNoise(1.5), "`stddev`.*1.5"),
        (lambda: layers.RandomHue(None), "`factor`.*None"),
        (lambda: layers.RandomContrast(None), "`factor`.*None"),
        (lambda: layers.RandomZoom(-1), "`height_factor`.*-1"),
        (lambda: layers.LSTM(2)(CUBE, mask=np.ones((2, 3, 9, 9), bool)), "`mask`.*fit the sequences"),
        (lambda: layers.LSTM(2)(CUBE, mask=np.ones((2, 3, 2), bool)), "`mask`.*fit the sequences"),
    ],
)
def test_what_keras_refuses_too(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_louder_noise_of_an_earlier_keras_opens():
    old = {"class_name": "GaussianNoise", "config": {"name": "x", "sigma": 5.0, "trainable": True}}
    assert layers.deserialize(old).stddev == 5.0
