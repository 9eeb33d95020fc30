"""`class_weight`: what a class is, the loss says."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

RNG = np.random.default_rng(0)
WEIGHTS = {0: 1.0, 1: 5.0, 2: 0.5}
ROWS, STEPS = RNG.normal(size=(4, 3)).astype("float32"), RNG.normal(size=(4, 5, 3)).astype("float32")
LABELS, MANY = np.array([0, 1, 2, 1]), RNG.integers(0, 3, (4, 5))
ONE_HOT = np.eye(3, dtype="float32")
SPARSE = "sparse_categorical_crossentropy"


def model_for(x, loss, units=3):
    keras.utils.set_random_seed(0)
    activation = "sigmoid" if loss == "binary_crossentropy" else "softmax"
    model = keras.Sequential([keras.Input(x.shape[1:]), layers.Dense(units, activation)])
    model.compile("sgd", loss)
    return model


CASES = {
    "labels": (ROWS, LABELS, SPARSE, LABELS),
    "a column": (ROWS, LABELS[:, None], SPARSE, LABELS),
    "one-hot": (ROWS, ONE_HOT[LABELS], "categorical_crossentropy", LABELS),
    "smoothed": (ROWS, ONE_HOT[LABELS] * 0.9 + 0.1 / 3, "categorical_crossentropy", LABELS),
    "labels of steps": (STEPS, MANY, SPARSE, MANY),
    "steps, as an object": (STEPS, MANY, keras.losses.SparseCategoricalCrossentropy(), MANY),
    "steps, as a function": (STEPS, MANY, keras.losses.sparse_categorical_crossentropy, MANY),
    "a column of steps": (STEPS, MANY[..., None], SPARSE, MANY),
    "one-hot steps": (STEPS, ONE_HOT[MANY], "categorical_crossentropy", MANY),
}


@pytest.mark.parametrize("x, y, loss, labels", CASES.values(), ids=CASES)
@pytest.mark.parametrize("how", ["arrays", "generator", "train_on_batch"])
def test_each_label_weighs_what_its_class_does(x, y, loss, labels, how):
    def trained(sample_weight=None, class_weight=None):
        model = model_for(x, loss)
        if how == "train_on_batch":
            return model.train_on_batch(x, y, sample_weight=sample_weight, class_weight=class_weight)
        data = (x, y) if sample_weight is None else (x, y, sample_weight)
        if how == "generator":
            return model.fit(iter([data]), class_weight=class_weight, verbose=0).history["loss"][0]
        further = {} if sample_weight is None else {"sample_weight": sample_weight}
        return model.fit(x, y, class_weight=class_weight, verbose=0, **further).history["loss"][0]

    by_hand = np.array([WEIGHTS[int(label)] for label in labels.flat], "float32").reshape(labels.shape)
    assert trained(class_weight=WEIGHTS) == pytest.approx(trained(sample_weight=by_hand), rel=1e-6)
    assert trained(class_weight=WEIGHTS) != pytest.approx(trained(), rel=1e-3)


@pytest.mark.parametrize(
    "x, y, loss",
    [
        (ROWS, np.array([[1, 1, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1]]), "binary_crossentropy"),
        (STEPS, MANY, lambda y_true, y_pred: keras.losses.sparse_categorical_crossentropy(y_true, y_pred)),
        (ROWS, -ROWS, "mse"),
    ],
    ids=["several classes a row", "a function that may mean anything", "no classes"],
)
def test_where_it_has_no_meaning_it_is_refused(x, y, loss):
    with pytest.raises(ValueError, match="`class_weight` needs one class a sample.* pass `sample_weight` instead"):
        model_for(x, loss).fit(x, y, class_weight=WEIGHTS, verbose=0)
