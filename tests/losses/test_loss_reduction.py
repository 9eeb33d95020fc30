"""Weights, masks and reductions of losses against real Keras; losses of one's own; bad input."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import kerasish
from kerasish import backend, losses, ops
from kerasish.losses import reduction as reductions

RNG = np.random.RandomState(5)
FLAT = RNG.normal(size=(4, 3)).astype("float32"), RNG.normal(size=(4, 3)).astype("float32")
DEEP = RNG.normal(size=(4, 5, 3)).astype("float32"), RNG.normal(size=(4, 5, 3)).astype("float32")
ROWS = np.array([1.0, 0.0, 2.0, 0.5], "float32")
MASK = np.array([True, False, True, True])
STEPS = RNG.randint(0, 2, (4, 5)).astype(bool)
WEIGHTS = RNG.uniform(size=(4, 5)).astype("float32")
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]

# (data, sample_weight, mask)
CASES = {
    "weights": (FLAT, ROWS, None),
    "column of weights": (FLAT, ROWS[:, None], None),
    "list of weights": (FLAT, ROWS.tolist(), None),
    "integer weights": (FLAT, np.array([1, 0, 2, 3]), None),
    "weights all zero": (FLAT, 0 * ROWS, None),
    "one weight": (FLAT, 0.5, None),
    "weights a step": (DEEP, WEIGHTS, None),
    "weights of rows of steps": (DEEP, ROWS[:, None], None),
    "mask": (FLAT, None, MASK),
    "mask of steps": (DEEP, None, STEPS),
    "nothing left by the mask": (FLAT, None, np.zeros(4, bool)),
    "weights and mask": (FLAT, ROWS, MASK),
    "column of weights and mask": (FLAT, ROWS[:, None], MASK),
    "weights and mask of steps": (DEEP, WEIGHTS, STEPS),
}


def keras_tensor_with(mask, value):
    value = keras.ops.convert_to_tensor(value)
    if mask is not None:
        value._keras_mask = keras.ops.convert_to_tensor(mask)
    return value


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_reduction(name, reduction):
    (y_true, y_pred), weight, mask = CASES[name]
    y_pred = y_pred.copy()
    backend.set_keras_mask(y_pred, mask)
    ours = losses.MeanSquaredError(reduction=reduction)(y_true, y_pred, sample_weight=weight)
    theirs = keras.losses.MeanSquaredError(reduction=reduction)(y_true, keras_tensor_with(mask, y_pred), weight)
    assert np.shape(ours) == np.shape(theirs)
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-7)


def test_mask_meets_ignored_class():
    """A sample counts where both the prediction's mask and the loss's own say so."""
    labels, logits = np.array([0, -1, 2, 1], "int32"), FLAT[1].copy()
    backend.set_keras_mask(logits, MASK)
    ours = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)(labels, logits)
    theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    np.testing.assert_allclose(ours, theirs(labels, keras_tensor_with(MASK, logits)), rtol=1e-5)


@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_empty_batch(shape):
    empty = np.zeros(shape, "float32")
    for reduction in REDUCTIONS:
        ours = reductions.reduce_weighted_values(empty, reduction=reduction)
        assert not np.isnan(np.asarray(ours)).any()


@pytest.mark.parametrize(
    "shapes", [((3,), (3, 1)), ((3, 1), (3,)), ((1,), ()), ((2, 3), (2, 3, 1)), ((2, 3), (2,)), ((2,), (2,))]
)
@pytest.mark.parametrize("expand", [True, False])
def test_ranks(shapes, expand):
    from keras.src.losses.loss import squeeze_or_expand_to_same_rank

    ours = reductions.squeeze_or_expand_to_same_rank(*[np.zeros(s, "float32") for s in shapes], expand_rank_1=expand)
    theirs = squeeze_or_expand_to_same_rank(*[np.zeros(s, "float32") for s in shapes], expand_rank_1=expand)
    assert [tuple(x.shape) for x in ours] == [tuple(x.shape) for x in theirs]


class Distance(losses.Loss):
    """A loss of a user's, with an argument."""

    def __init__(self, power=1.0, **kwargs):
        super().__init__(**kwargs)
        self.power = power

    def call(self, y_true, y_pred):
        return ops.power(ops.max(ops.abs(ops.subtract(y_true, y_pred)), axis=-1), self.power)

    def get_config(self):
        return {**super().get_config(), "power": self.power}


def test_own_loss():
    loss = Distance(power=2.0, reduction="sum")
    assert loss.name.startswith("distance")
    assert float(loss([[0.0, 1.0], [2.0, 0.0]], [[0.0, 3.0], [1.0, 0.0]])) == 5.0
    again = losses.deserialize(losses.serialize(loss), custom_objects={"Distance": Distance})
    assert again.get_config() == loss.get_config() and again.power == 2.0


def test_wrapper_of_own_function():
    def absolute(y_true, y_pred, scale=1.0):
        return scale * ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)

    loss = losses.LossFunctionWrapper(absolute, name="absolute", scale=3.0)
    assert float(loss([1.0, 2.0], [[2.0], [2.0]])) == 1.5
    config = losses.LossFunctionWrapper(losses.huber, name="h", delta=0.5).get_config()
    assert config["delta"] == 0.5 and config["fn"]["config"] == "huber"
    assert float(losses.LossFunctionWrapper.from_config(config)([[0.0]], [[0.5]])) == 0.125


def test_structures():
    """A loss of one's own may take dicts and lists of tensors, each of which is cast."""

    class Both(losses.Loss):
        def call(self, y_true, y_pred):
            assert {k: str(v.dtype) for k, v in y_true.items()} == {"a": "float32", "b": "float32"}
            return ops.add(ops.sum(y_pred["a"], axis=-1), ops.sum(y_pred["b"], axis=-1))

    ones = {"a": np.ones((2, 3), "int32"), "b": np.ones((2, 1), "float64")}
    assert float(Both()(ones, ones)) == 4.0


def test_dtype_from_policy():
    class Policy:
        compute_dtype = "float16"

    assert losses.MeanSquaredError(dtype=Policy()).dtype == "float16"
    assert losses.MeanSquaredError(dtype="mixed_float16").dtype == "float16"
    assert losses.MeanSquaredError().dtype == kerasish.backend.floatx()


SQUARE = DEEP[0][:, :4], DEEP[1][:, :4]  # as many steps as samples
IMAGES = tuple(RNG.normal(size=(4, 2, 3, 1)).astype("float32") for _ in range(2))


@pytest.mark.parametrize("data", [DEEP, SQUARE, IMAGES], ids=["steps", "as many steps as samples", "images"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_one_weight_a_sample_weighs_samples(data, reduction):
    """Keras 3.15 refuses them, or weighs steps where there are as many; tf.keras 2 and later releases weigh samples."""
    loss = losses.MeanSquaredError(reduction=reduction)
    spread = ROWS.reshape((4,) + (1,) * (data[0].ndim - 2))
    weighted = np.mean((data[0] - data[1]) ** 2, axis=-1) * spread
    found = np.asarray(loss(*data, sample_weight=ROWS))
    assert np.allclose(found, np.asarray(loss(*data, sample_weight=spread)), rtol=1e-5)
    if reduction == "sum_over_batch_size":
        assert np.allclose(found, weighted.mean(), rtol=1e-5)


def test_one_weight_a_sample_beside_a_mask_of_steps():
    values = np.mean((DEEP[0] - DEEP[1]) ** 2, axis=-1)
    masked = DEEP[1].copy()
    backend.set_keras_mask(masked, ops.convert_to_tensor(STEPS))
    found = losses.MeanSquaredError()(DEEP[0], masked, sample_weight=ROWS)
    assert np.allclose(found, (values * STEPS * ROWS[:, None]).sum() / STEPS.sum(), rtol=1e-5)


def test_a_mask_with_more_axes_than_the_loss_is_averaged_over_them():
    """One label a sequence, whose steps are masked."""
    values, share = np.mean((FLAT[0] - FLAT[1]) ** 2, axis=-1), STEPS.mean(axis=-1)
    masked = FLAT[1].copy()
    backend.set_keras_mask(masked, ops.convert_to_tensor(STEPS))
    found = losses.MeanSquaredError()(FLAT[0], masked)
    assert np.allclose(found, (values * share).sum() / share.sum(), rtol=1e-5)


BAD = [
    (lambda: losses.MeanSquaredError(reduction="summ"), ValueError, r"`reduction`.*'summ'.*Did you mean 'sum'"),
    (lambda: losses.MeanSquaredError(reduction=3), ValueError, r"`reduction`.*got 3"),
    (lambda: losses.mean_squared_error(FLAT[0], FLAT[1][:, :2]), ValueError, r"\(4, 3\) and \(4, 2\)"),
    (lambda: losses.BinaryCrossentropy()(FLAT[0], FLAT[1][:, :1]), ValueError, r"\(4, 3\) and \(4, 1\)"),
    (lambda: losses.CategoricalCrossentropy()(MASK, FLAT[1]), ValueError, r"`y_true` and `y_pred`"),
    (lambda: losses.sparse_categorical_crossentropy(MASK[:3], FLAT[1]), ValueError, r"shape \(4,\).*got \(3,\)"),
    (lambda: losses.SparseCategoricalCrossentropy()(FLAT[0], FLAT[1]), ValueError, "one-hot"),
    (lambda: losses.SparseCategoricalCrossentropy(axis=2)(MASK, FLAT[1]), ValueError, "an axis of classes, `axis`=2"),
    (lambda: losses.CategoricalCrossentropy(axis=True)(*FLAT), ValueError, "`axis` must be an int"),
    (lambda: losses.MeanSquaredError()(*DEEP, sample_weight=ROWS[:3]), ValueError, r"`sample_weight` of shape \(3,\)"),
    (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0), ValueError, "`q`"),
    (lambda: losses.Loss()(*FLAT), TypeError, r"Loss must define `call"),
    (lambda: losses.get("mean_square_error"), ValueError, "mean_squared_error"),
    (lambda: losses.get("MeanSquareError"), ValueError, "MeanSquaredError"),
    (lambda: losses.get(3), ValueError, "3"),
]


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_single_class_warns():
    with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
        losses.categorical_crossentropy([[1.0]], [[0.5]])


NAMES = ["mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "bce", "BCE", "kld", "KLD", "mean_squared_error"]
NAMES += [
    "huber",
    "MeanSquaredError",
    "KLDivergence",
    "CategoricalCrossentropy",
    "sparse_categorical_crossentropy",
    "dice",
]


@pytest.mark.parametrize("name", NAMES)
def test_names(name):
    ours, theirs = losses.get(name), keras.losses.get(name)
    assert getattr(ours, "__name__", type(ours).__name__) == getattr(theirs, "__name__", type(theirs).__name__)
    assert losses.serialize(ours) == keras.losses.serialize(theirs)


def test_get_passes_objects_through():
    loss = losses.Huber()
    assert losses.get(None) is None and losses.get(loss) is loss and losses.get(losses.huber) is losses.huber
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    assert losses.get({"class_name": "Huber", "config": {"delta": 2.0}}).delta == 2.0
    assert losses.mse is losses.get("mean_squared_error") and losses.get("kullback_leibler_divergence") is losses.kld
