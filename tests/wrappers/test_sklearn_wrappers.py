"""The wrappers beside Keras's, in the tools of scikit-learn that they are for, and refusing what makes no sense."""

import inspect
import pickle
import subprocess
import sys

import keras as real
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import kerasish as keras

WRAPPERS = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
generator = np.random.default_rng(0)
X = generator.normal(size=(24, 3))
Y = X @ [1.0, -2.0, 0.5]
LABELS = np.array(["low", "mid", "up"])[np.digitize(Y, [-1, 1])]
QUIET = {"verbose": 0, "epochs": 3, "shuffle": False, "batch_size": 8}


def made(library, outputs, activation=None, loss="mse", rate=0.05):
    model = library.Sequential(
        [library.Input((3,)), library.layers.Dense(4, "tanh"), library.layers.Dense(outputs, activation)]
    )
    model.compile(library.optimizers.SGD(rate), loss)
    return model


def function_of(library, **arguments):
    """A function that makes models, all with the same weights in both libraries."""

    def make(X, y, rate=0.05):
        model = made(library, y.shape[1], rate=rate, **arguments)
        weights = np.random.default_rng(3)
        model.set_weights([weights.normal(size=w.shape) for w in model.get_weights()])
        return model

    return make


SOFTMAX = {"activation": "softmax", "loss": "categorical_crossentropy"}


@pytest.mark.parametrize("name", WRAPPERS)
def test_signatures_are_those_of_keras(name):
    ours, theirs = (inspect.signature(getattr(library.wrappers, name)).parameters for library in (keras, real))
    assert [(p.name, p.default) for p in ours.values()] == [(p.name, p.default) for p in theirs.values()]


@pytest.mark.parametrize(
    "name, y, arguments",
    [
        ("SKLearnClassifier", LABELS, SOFTMAX),
        ("SKLearnClassifier", Y > 0, SOFTMAX),
        ("SKLearnClassifier", (Y > 0) * 7 - 3, SOFTMAX),
        ("SKLearnClassifier", np.array(list(LABELS), object), SOFTMAX),
        ("SKLearnRegressor", Y, {}),
        ("SKLearnRegressor", Y.astype("int32"), {"loss": "mae"}),
        ("SKLearnTransformer", Y, {}),
    ],
)
def test_gives_what_keras_gives(name, y, arguments):
    ours, theirs = (  # Keras writes into the dict of `fit_kwargs`: each gets one of its own
        getattr(library.wrappers, name)(
            function_of(library, **arguments), model_kwargs={"rate": 0.1}, fit_kwargs=dict(QUIET)
        ).fit(X, y, epochs=4)
        for library in (keras, real)
    )
    assert ours.history_.epoch == [0, 1, 2, 3]
    np.testing.assert_allclose(ours.history_.history["loss"], theirs.history_.history["loss"], rtol=1e-5)
    assert ours.n_features_in_ == 3
    if name == "SKLearnTransformer":
        np.testing.assert_allclose(ours.transform(X), theirs.transform(X), rtol=1e-5, atol=1e-6)
        return
    found, expected = ours.predict(X), theirs.predict(X)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_allclose(ours.score(X, y), theirs.score(X, y), rtol=1e-4)
    if name == "SKLearnRegressor":
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        return
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    probabilities = theirs.decision_function(X)
    np.testing.assert_allclose(ours.predict_proba(X), probabilities, rtol=1e-5, atol=1e-6)
    if probabilities.shape[1] == 2:  # scikit-learn wants one column there; Keras gives two, and fails its checks
        probabilities = probabilities[:, 1] - probabilities[:, 0]
    np.testing.assert_allclose(ours.decision_function(X), probabilities, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "outputs, activation, loss",
    [
        (2, "softmax", "sparse_categorical_crossentropy"),
        (2, None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        (2, None, keras.losses.CategoricalCrossentropy(from_logits=True)),
        (1, "sigmoid", "binary_crossentropy"),
        (1, None, keras.losses.BinaryCrossentropy(from_logits=True)),
        (2, "sigmoid", "binary_crossentropy"),
    ],
)
def test_two_classes_by_every_kind_of_output(outputs, activation, loss):
    keras.utils.set_random_seed(0)
    y = np.where(Y > 0, "yes", "no")
    classifier = keras.wrappers.SKLearnClassifier(
        made(keras, outputs, activation, loss, 0.5), fit_kwargs={"verbose": 0, "epochs": 80, "batch_size": 4}
    )
    assert classifier.fit(X, y).score(X, y) > 0.9
    probabilities, decision = classifier.predict_proba(X), classifier.decision_function(X)
    assert probabilities.shape == (24, 2) and probabilities.dtype == "float64" and decision.shape == (24,)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(classifier.predict(X), classifier.classes_[probabilities.argmax(axis=1)])
    np.testing.assert_array_equal(classifier.predict(X) == "yes", decision > 0)


def test_a_model_is_cloned_or_goes_on():
    model = made(keras, 1)
    before = [w.copy() for w in model.get_weights()]
    cold = keras.wrappers.SKLearnRegressor(model, fit_kwargs=QUIET).fit(X, Y)
    assert cold.model_ is not model and all(map(np.array_equal, before, model.get_weights()))
    warm = keras.wrappers.SKLearnRegressor(model, warm_start=True, fit_kwargs=QUIET).fit(X, Y)
    assert warm.model_ is model and not all(map(np.array_equal, before, model.get_weights()))
    first = warm.history_.history["loss"]
    assert warm.fit(X, Y).history_.history["loss"][0] < first[0]
    by_function = keras.wrappers.SKLearnRegressor(function_of(keras), warm_start=True, fit_kwargs=QUIET).fit(X, Y)
    kept, losses = by_function.model_, by_function.history_.history["loss"]
    assert by_function.fit(X, Y).model_ is kept and by_function.history_.history["loss"][0] < losses[0]


def test_pictures_several_targets_and_no_targets():
    pictures = generator.normal(size=(6, 4, 4, 1))
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    regressor = keras.wrappers.SKLearnRegressor(model, fit_kwargs=QUIET).fit(pictures, np.ones((6, 2)))
    assert regressor.predict(pictures).shape == (6, 2) and np.isfinite(regressor.score(pictures, np.ones((6, 2))))

    class Shrinking(keras.layers.Layer):
        def call(self, x):
            self.add_loss(keras.ops.mean(x**2))
            return x

    alone = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), Shrinking()])
    alone.compile("sgd", keras.losses.MeanSquaredError())
    transformer = keras.wrappers.SKLearnTransformer(alone, fit_kwargs=QUIET)
    assert transformer.fit(X, np.zeros((24, 2))).transform(X).shape == (24, 2)
    assert transformer.get_feature_names_out().tolist() == ["sklearntransformer0", "sklearntransformer1"]


def test_in_pipelines_searches_and_cross_validation():
    classifier = keras.wrappers.SKLearnClassifier(function_of(keras, **SOFTMAX), fit_kwargs=QUIET)
    pipeline = make_pipeline(StandardScaler(), clone(classifier))
    assert cross_val_score(pipeline, X, LABELS, cv=2).shape == (2,)
    assert cross_val_predict(pipeline, X, LABELS, cv=2, method="predict_proba").shape == (24, 3)
    grid = {"sklearnclassifier__model_kwargs": [{"rate": 0.0}, {"rate": 0.5}]}
    search = GridSearchCV(pipeline, grid, cv=2, scoring="neg_log_loss").fit(X, LABELS)
    assert search.best_params_ == {"sklearnclassifier__model_kwargs": {"rate": 0.5}}
    features = keras.wrappers.SKLearnTransformer(made(keras, 1), fit_kwargs=QUIET)
    chain = make_pipeline(features, keras.wrappers.SKLearnRegressor(function_of_one, fit_kwargs=QUIET))
    assert chain.fit(X, Y).predict(X).shape == (24,)
    frame = features.fit(X, Y).set_output(transform="pandas").transform(X)
    assert list(frame.columns) == ["sklearntransformer0"]


def function_of_one(X, y):
    model = keras.Sequential([keras.Input(X.shape[1:]), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_a_fitted_one_is_cloned_and_pickled():
    fitted = keras.wrappers.SKLearnRegressor(made(keras, 1), fit_kwargs=QUIET).fit(X, Y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert not hasattr(clone(fitted), "model_")


def test_sample_weights():
    fit = keras.wrappers.SKLearnRegressor(function_of(keras), fit_kwargs=QUIET).fit
    weighted = fit(X, Y, sample_weight=np.zeros(24)).history_.history["loss"]
    assert weighted == [0.0, 0.0, 0.0]


BAD = {
    "no model": (lambda: keras.wrappers.SKLearnRegressor(3).fit(X, Y), TypeError, "`model` must be a compiled model"),
    "no compiled model": (
        lambda: keras.wrappers.SKLearnRegressor(keras.Sequential([keras.layers.Dense(1)])).fit(X, Y),
        RuntimeError,
        "compiled, with a loss",
    ),
    "a function of nothing": (
        lambda: keras.wrappers.SKLearnRegressor(lambda X, y: 3).fit(X, Y),
        TypeError,
        "must return a compiled model, it gave int",
    ),
    "not fitted": (
        lambda: keras.wrappers.SKLearnClassifier(made(keras, 2)).predict(X),
        NotFittedError,
        "is not fitted yet",
    ),
    "numbers as labels": (
        lambda: keras.wrappers.SKLearnClassifier(made(keras, 2)).fit(X, Y),
        ValueError,
        "Unknown label type|Only binary",
    ),
    "two columns of labels": (
        lambda: keras.wrappers.SKLearnClassifier(made(keras, 2)).fit(X, np.c_[LABELS, LABELS]),
        ValueError,
        "1d array",
    ),
    "weights that leave one class": (
        lambda: keras.wrappers.SKLearnClassifier(made(keras, 2)).fit(X, Y > 0, sample_weight=Y > 0),
        ValueError,
        "one class only",
    ),
    "other columns": (
        lambda: keras.wrappers.SKLearnRegressor(made(keras, 1), fit_kwargs=QUIET).fit(X, Y).predict(X[:, :2]),
        ValueError,
        "expecting 3 features",
    ),
    "no probabilities": (
        lambda: keras.wrappers.SKLearnClassifier(made(keras, 2), fit_kwargs=QUIET).fit(X, Y > 0).predict_proba(X * 9),
        ValueError,
        "no probabilities",
    ),
}


@pytest.mark.parametrize("call, error, words", BAD.values(), ids=BAD)
def test_what_makes_no_sense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_without_scikit_learn():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import kerasish\n"
        "print(sorted(set(dir(kerasish.wrappers)) & {'SKLearnClassifier'}))\n"
        "try: kerasish.wrappers.SKLearnClassifier\n"
        "except ImportError as error: print(error)\n"
        "try: from kerasish.wrappers.scikit_learn import KerasClassifier\n"
        "except ImportError as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.count('needs scikit-learn, 1.6 or later: pip install "kerasish[sklearn]"') == 2
