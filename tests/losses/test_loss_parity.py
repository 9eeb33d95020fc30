"""Every loss against real Keras: values eager and compiled, gradients, reductions, configs. One table, one harness."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import losses, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.graph import Graph, KerasTensor

RNG = np.random.RandomState(3)
REAL = RNG.normal(size=(4, 3)).astype("float32"), RNG.normal(size=(4, 3)).astype("float32")
DEEP = RNG.normal(size=(2, 4, 3)).astype("float32"), RNG.normal(size=(2, 4, 3)).astype("float32")
POSITIVE = RNG.uniform(0.2, 3.0, (4, 3)).astype("float32"), RNG.uniform(0.2, 3.0, (4, 3)).astype("float32")
COUNTS = RNG.poisson(2.0, (4, 3)).astype("float32"), RNG.uniform(0.2, 3.0, (4, 3)).astype("float32")
LOGITS = (3.0 * RNG.normal(size=(4, 3))).astype("float32")
YES_NO = RNG.randint(0, 2, (4, 3)).astype("float32")
INDICES = np.array([2, 0, 1, 2], "int32")
ONE_HOT = np.eye(3, dtype="float32")[INDICES]
CERTAIN = RNG.randint(0, 2, (4, 3)).astype("float32")
SIGNS = 2 * YES_NO - 1
CHANCES = (1 / (1 + np.exp(-LOGITS))).astype("float32")
SOFTMAX = (np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)).astype("float32")
SHARES = (POSITIVE[0] / POSITIVE[0].sum(-1, keepdims=True)).astype("float32")
MASKS = RNG.randint(0, 2, (2, 4, 4, 1)).astype("float32"), RNG.uniform(0.1, 0.9, (2, 4, 4, 1)).astype("float32")
WORDS = RNG.randint(0, 3, (2, 4)).astype("int32"), RNG.normal(size=(2, 4, 3)).astype("float32")
EMBEDDINGS = RNG.normal(size=(6, 4)).astype("float32")
EMBEDDINGS /= np.linalg.norm(EMBEDDINGS, axis=1, keepdims=True)
LABELS = np.array([0, 1, 0, 2, 1, 0], "int32")


class C:
    """A case: a loss class, its arguments, targets, predictions. `but` sets the tolerance."""

    def __init__(self, name, y_true, y_pred, **kwargs):
        self.name, self.y_true, self.y_pred, self.kwargs, self.rtol = name, y_true, y_pred, kwargs, 1e-5

    def but(self, rtol):
        self.rtol = rtol
        return self

    def __str__(self):
        options = ",".join(f"{k}={v}" for k, v in self.kwargs.items())
        return f"{self.name}({options})-{'x'.join(map(str, np.shape(self.y_true)))}"

    def loss(self, library, **kwargs):
        return getattr(library.losses, self.name)(**self.kwargs, **kwargs)


def column(pair):
    """A vector of targets against a column of predictions."""
    return pair[0][:, 0], pair[1][:, :1]


CASES = [
    C("MeanSquaredError", *REAL),
    C("MeanSquaredError", *DEEP),
    C("MeanSquaredError", *column(REAL)),
    C("MeanAbsoluteError", *REAL),
    C("MeanAbsolutePercentageError", *REAL),
    C("MeanAbsolutePercentageError", YES_NO, REAL[1]),
    C("MeanSquaredLogarithmicError", *POSITIVE),
    C("MeanSquaredLogarithmicError", *REAL),
    C("CosineSimilarity", *REAL),
    C("CosineSimilarity", *DEEP, axis=1),
    C("Huber", *REAL),
    C("Huber", *REAL, delta=0.3),
    C("LogCosh", *REAL),
    C("LogCosh", 100 * REAL[0], REAL[1]),
    C("Poisson", *COUNTS),
    C("KLDivergence", SHARES, SOFTMAX),
    C("KLDivergence", ONE_HOT, SOFTMAX),
    C("Hinge", SIGNS, REAL[1]),
    C("Hinge", YES_NO, REAL[1]),
    C("SquaredHinge", SIGNS, REAL[1]),
    C("SquaredHinge", YES_NO, REAL[1]),
    C("CategoricalHinge", ONE_HOT, REAL[1]),
    C("BinaryCrossentropy", YES_NO, CHANCES),
    C("BinaryCrossentropy", YES_NO, LOGITS, from_logits=True),
    C("BinaryCrossentropy", YES_NO, LOGITS, from_logits=True, label_smoothing=0.2),
    C("BinaryCrossentropy", YES_NO, CHANCES, label_smoothing=0.2, axis=0),
    C("BinaryCrossentropy", *column((YES_NO, CHANCES))),
    C("BinaryFocalCrossentropy", YES_NO, CHANCES),
    C("BinaryFocalCrossentropy", YES_NO, LOGITS, from_logits=True, gamma=3.0, label_smoothing=0.1),
    C("BinaryFocalCrossentropy", YES_NO, CHANCES, apply_class_balancing=True, alpha=0.3),
    C("CategoricalCrossentropy", ONE_HOT, SOFTMAX),
    C("CategoricalCrossentropy", ONE_HOT, 2 * SOFTMAX),
    C("CategoricalCrossentropy", ONE_HOT, LOGITS, from_logits=True),
    C("CategoricalCrossentropy", ONE_HOT, LOGITS, from_logits=True, label_smoothing=0.1),
    C("CategoricalCrossentropy", ONE_HOT, LOGITS, from_logits=True, axis=0),
    C("CategoricalFocalCrossentropy", ONE_HOT, SOFTMAX),
    C("CategoricalFocalCrossentropy", ONE_HOT, LOGITS, from_logits=True, alpha=0.5, gamma=1.5, label_smoothing=0.1),
    C("SparseCategoricalCrossentropy", INDICES, SOFTMAX),
    C("SparseCategoricalCrossentropy", INDICES[:, None], SOFTMAX),
    C("SparseCategoricalCrossentropy", INDICES, LOGITS, from_logits=True),
    C("SparseCategoricalCrossentropy", *WORDS, from_logits=True),
    C("SparseCategoricalCrossentropy", INDICES, LOGITS, from_logits=True, ignore_class=2),
    C("SparseCategoricalCrossentropy", INDICES, SOFTMAX, ignore_class=2),
    C(
        "SparseCategoricalCrossentropy",
        np.where(WORDS[0] == 1, -1, WORDS[0]),
        WORDS[1],
        from_logits=True,
        ignore_class=-1,
    ),
    C("CategoricalGeneralizedCrossEntropy", INDICES, SOFTMAX),
    C("CategoricalGeneralizedCrossEntropy", INDICES, SOFTMAX, q=0.8),
    C("Dice", *MASKS),
    C("Dice", *MASKS, axis=(1, 2, 3)),
    C("Tversky", *MASKS, alpha=0.3, beta=0.7),
    C("Tversky", *MASKS, axis=(1, 2, 3)),
    # Certain and wrong: the logarithms are bounded by epsilon(), logits have no bound.
    C("BinaryCrossentropy", YES_NO, CERTAIN),
    C("BinaryCrossentropy", YES_NO, 200 * CERTAIN - 100, from_logits=True),
    C("BinaryFocalCrossentropy", YES_NO, CERTAIN),
    C("CategoricalCrossentropy", ONE_HOT, ONE_HOT[::-1]),
    C("CategoricalCrossentropy", ONE_HOT, 1000 * ONE_HOT[::-1], from_logits=True),
    C("SparseCategoricalCrossentropy", INDICES, ONE_HOT[::-1]),
    C("CategoricalFocalCrossentropy", ONE_HOT, ONE_HOT[::-1]),
    C("KLDivergence", ONE_HOT, ONE_HOT[::-1]),
    # The sums of exponentials of gamma * d^2 lose digits before Keras and we compare them.
    C("Circle", LABELS, EMBEDDINGS).but(rtol=5e-5),
    C("Circle", LABELS, EMBEDDINGS, gamma=4.0, margin=0.2, remove_diagonal=False).but(rtol=5e-5),
]
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]


def assert_close(ours, theirs, rtol):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    largest = float(np.abs(theirs).max()) if theirs.size else 0.0
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-6 * max(largest, 1e-3))


@pytest.mark.parametrize("case", CASES, ids=str)
class TestLoss:
    def test_values(self, case):
        for reduction in REDUCTIONS:
            ours = case.loss(kerasish, reduction=reduction)(case.y_true, case.y_pred)
            assert_close(ours, case.loss(keras, reduction=reduction)(case.y_true, case.y_pred), case.rtol)

    def test_compiled_and_gradient(self, case):
        loss = case.loss(kerasish)

        def step(y_true, y_pred):
            value = loss(y_true, y_pred)
            return value, gradients(value, y_pred)

        specs = [(np.shape(x), x.dtype.name) for x in (case.y_true, case.y_pred)]
        value, gradient = function(step, specs=specs)(case.y_true, case.y_pred)
        theirs = case.loss(keras)
        expected, expected_gradient = jax.value_and_grad(lambda y_pred: theirs(case.y_true, y_pred))(case.y_pred)
        assert_close(value, expected, case.rtol)
        assert_close(gradient, expected_gradient, 2 * case.rtol)

    def test_config(self, case):
        ours, theirs = case.loss(kerasish), case.loss(keras)
        saved = {key: value for key, value in ours.get_config().items() if key not in type(ours).saved_if_changed}
        assert saved == theirs.get_config()
        again = losses.deserialize(losses.serialize(ours))
        assert type(again) is type(ours) and again.get_config() == ours.get_config()
        assert_close(again(case.y_true, case.y_pred), ours(case.y_true, case.y_pred), 0.0)

    def test_keras_opens_it(self, case):
        theirs = keras.saving.deserialize_keras_object(losses.serialize(case.loss(kerasish)))
        assert_close(theirs(case.y_true, case.y_pred), case.loss(keras)(case.y_true, case.y_pred), 0.0)


CLASSES = sorted({case.name for case in CASES})
FUNCTIONS = [
    ("mean_squared_error", REAL),
    ("mean_absolute_error", REAL),
    ("mean_absolute_percentage_error", REAL),
    ("mean_squared_logarithmic_error", POSITIVE),
    ("cosine_similarity", DEEP),
    ("huber", REAL),
    ("log_cosh", REAL),
    ("poisson", COUNTS),
    ("kl_divergence", (SHARES, SOFTMAX)),
    ("hinge", (SIGNS, REAL[1])),
    ("squared_hinge", (YES_NO, REAL[1])),
    ("categorical_hinge", (ONE_HOT, REAL[1])),
    ("binary_crossentropy", (YES_NO, CHANCES)),
    ("binary_focal_crossentropy", (YES_NO, CHANCES)),
    ("categorical_crossentropy", (ONE_HOT, SOFTMAX)),
    ("categorical_focal_crossentropy", (ONE_HOT, SOFTMAX)),
    ("sparse_categorical_crossentropy", (INDICES, SOFTMAX)),
    ("categorical_generalized_cross_entropy", (INDICES, SOFTMAX, 0.7)),
    ("dice", MASKS),
    ("tversky", MASKS),
    ("circle", (LABELS, EMBEDDINGS)),
    ("circle", (LABELS, EMBEDDINGS, LABELS[:4], EMBEDDINGS[2:], False)),
]


@pytest.mark.parametrize("name, arguments", FUNCTIONS)
def test_function(name, arguments):
    """Plain arrays in, plain arrays out, as Keras's."""
    ours = getattr(losses, name)(*arguments)
    assert ops.is_tensor(ours)
    assert_close(ours, getattr(keras.losses, name)(*arguments), 5e-5 if name == "circle" else 1e-5)


@pytest.mark.parametrize("name", CLASSES + sorted({name for name, _ in FUNCTIONS}) + ["Loss"])
def test_signature(name):
    ours, theirs = (inspect.signature(getattr(library.losses, name)).parameters for library in (kerasish, keras))
    assert [(p.name, p.default) for p in ours.values()] == [(p.name, p.default) for p in theirs.values()]


def test_all_of_keras_is_here():
    assert not set(dir(keras.losses)) - set(dir(losses))


@pytest.mark.parametrize("name", ["MeanSquaredError", "LogCosh", "BinaryCrossentropy", "Circle", "CosineSimilarity"])
def test_float16(name):
    """The loss computes in the dtype it was given."""
    targets, predictions = (LABELS, EMBEDDINGS) if name == "Circle" else (YES_NO, CHANCES)
    ours = getattr(losses, name)(dtype="float16")(targets, predictions)
    theirs = getattr(keras.losses, name)(dtype="float16")(targets, predictions)
    assert ours.dtype == theirs.dtype == np.float16
    if np.isnan(theirs):  # Keras squares in float16, where small numbers vanish
        theirs = getattr(keras.losses, name)(dtype="float32")(targets, predictions)
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-2)


def test_circle_without_partners_has_no_gradient():
    """A sample alone in its class has loss 0, is left out of the mean, and its gradient is 0 rather than NaN."""
    labels = np.array([0, 0, 1], "int32")
    step = function(lambda y: gradients(losses.Circle()(labels, y), y), specs=[(EMBEDDINGS[:3].shape, "float32")])
    gradient = np.asarray(step(EMBEDDINGS[:3]))
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0
    values = np.asarray(losses.circle(labels, ops.convert_to_tensor(EMBEDDINGS[:3])))
    assert values[2] == 0 and values[0] > 0
    mean = float(losses.Circle()(labels, EMBEDDINGS[:3]))
    assert mean == pytest.approx(values[:2].mean(), rel=1e-5)


@pytest.mark.parametrize("name", CLASSES)
def test_open_batch(name):
    """On symbolic tensors with an open batch a loss is a symbolic scalar, and what it records computes the loss."""
    case = next(c for c in CASES if c.name == name)
    inputs = [KerasTensor((None, *np.shape(x)[1:]), x.dtype.name) for x in (case.y_true, case.y_pred)]
    output = case.loss(kerasish)(*inputs)
    assert output.shape == () and output.dtype == "float32"
    (value,) = Graph(inputs, [output]).run([case.y_true, case.y_pred])
    assert_close(value, case.loss(kerasish)(case.y_true, case.y_pred), 1e-5)


def test_gradient_tape():
    """The eager way to gradients gives the same numbers."""
    with kerasish.backend.GradientTape() as tape:
        predictions = tape.watch(LOGITS)
        loss = losses.CategoricalCrossentropy(from_logits=True)(ONE_HOT, predictions)
    theirs = jax.grad(lambda y: keras.losses.CategoricalCrossentropy(from_logits=True)(ONE_HOT, y))(LOGITS)
    assert_close(tape.gradient(loss, predictions), theirs, 1e-5)
