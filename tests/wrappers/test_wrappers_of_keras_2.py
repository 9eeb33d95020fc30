"""`keras.wrappers.scikit_learn` as Keras 2 had it."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

import kerasish as keras
from kerasish.backend import deprecation
from kerasish.wrappers.scikit_learn import KerasClassifier, KerasRegressor

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
generator = np.random.default_rng(0)
X = generator.normal(size=(24, 3))
Y = X @ [1.0, -2.0, 0.5]
LABELS = np.array(["low", "mid", "up"])[np.digitize(Y, [-1, 1])]


def build(outputs=3, activation="softmax", loss="categorical_crossentropy", metrics=("accuracy",), rate=0.1):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(outputs, activation)])
    model.compile(keras.optimizers.SGD(rate), loss, metrics=list(metrics))
    return model


def test_a_classifier():
    classifier = KerasClassifier(build, epochs=20, batch_size=4, verbose=0)
    history = classifier.fit(X, LABELS)
    assert len(history.epoch) == 20 and classifier.classes_.tolist() == ["low", "mid", "up"]
    assert classifier.n_classes_ == 3 and set(classifier.predict(X)) <= {"low", "mid", "up"}
    assert classifier.predict_proba(X).shape == (24, 3)
    assert classifier.score(X, LABELS) == pytest.approx(np.mean(classifier.predict(X) == LABELS))
    assert len(classifier.fit(X, LABELS, epochs=2).epoch) == 2


@pytest.mark.parametrize("y", [Y > 0, (Y > 0).astype(int)[:, None], np.where(Y > 0, 5, 3)])
def test_two_classes_by_one_output(y):
    classifier = KerasClassifier(build, outputs=1, activation="sigmoid", loss="binary_crossentropy", verbose=0)
    classifier.fit(X, y)
    assert classifier.predict(X).shape == (24, 1) and classifier.predict_proba(X).shape == (24, 2)
    assert 0 <= classifier.score(X, y) <= 1


def test_one_hot_labels_and_sparse_losses():
    one_hot = KerasClassifier(build, verbose=0)
    one_hot.fit(X, np.eye(3)[np.digitize(Y, [-1, 1])])
    assert one_hot.classes_.tolist() == [0, 1, 2]
    sparse = KerasClassifier(build, loss="sparse_categorical_crossentropy", verbose=0)
    sparse.fit(X, LABELS)
    assert sparse.score(X, LABELS) == pytest.approx(np.mean(sparse.predict(X) == LABELS))


def test_a_regressor():
    regressor = KerasRegressor(build, outputs=1, activation=None, loss="mse", metrics=(), epochs=30, verbose=0)
    regressor.fit(X, Y)
    assert regressor.predict(X).shape == (24,)
    assert regressor.score(X, Y) == pytest.approx(-np.mean((regressor.predict(X) - Y) ** 2), rel=1e-4)


def test_in_scikit_learns_tools():
    classifier = KerasClassifier(build, epochs=5, verbose=0)
    assert clone(classifier).get_params() == classifier.get_params()
    assert cross_val_score(classifier, X, LABELS, cv=2).shape == (2,)
    search = GridSearchCV(classifier, {"rate": [0.0, 0.5], "epochs": [20]}, cv=2).fit(X, LABELS)
    assert search.best_params_ == {"rate": 0.5, "epochs": 20}


def test_a_subclass_builds_by_calling_itself():
    class Own(KerasRegressor):
        def __call__(self, rate=0.1):
            return build(1, None, "mse", (), rate)

    own = Own(rate=0.2, verbose=0)
    assert own.get_params() == {"rate": 0.2, "verbose": 0, "build_fn": None}
    own.fit(X, Y)
    assert own.set_params(rate=0.3).sk_params["rate"] == 0.3


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="'ratte' is no legal parameter. Did you mean `rate`"):
        KerasClassifier(build, ratte=1)
    with pytest.raises(ValueError, match="`build_fn` must be a function"):
        KerasClassifier()
    with pytest.raises(ValueError, match="no accuracy"):
        classifier = KerasClassifier(build, metrics=(), verbose=0)
        classifier.fit(X, LABELS)
        classifier.score(X, LABELS)
    with pytest.raises(ValueError, match=r"`y` must have shape"):
        KerasClassifier(build).fit(X, np.ones((24, 2, 2)))


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_one_warning_names_todays():
    deprecation.reset_warnings()
    with pytest.warns(DeprecationWarning, match="SKLearnClassifier") as caught:
        KerasClassifier(build)
        KerasClassifier(build)
    assert len(caught) == 1 and caught[0].filename == __file__
