"""The wrappers pass scikit-learn's own checks of estimators, with models whose weights begin from a seed."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import kerasish as keras

pytestmark = pytest.mark.slow


class SeededModel:
    """The same weights and order of samples each time: what the checks compare are two runs.

    A function's name in the tests' names would have its address, and workers would not agree on which tests there are.
    """

    def __call__(self, X, y, loss, activation=None):
        keras.utils.set_random_seed(0)
        inputs = keras.Input(X.shape[1:])
        hidden = keras.layers.Dense(8, activation="relu")(inputs)
        model = keras.Model(inputs, keras.layers.Dense(1 if y is None else y.shape[1], activation=activation)(hidden))
        model.compile(keras.optimizers.Adam(0.05), loss)
        return model

    def __repr__(self):
        return "seeded"

    def __deepcopy__(self, memo):  # as a function
        return self


seeded_model = SeededModel()
CLASSES = {"loss": "categorical_crossentropy", "activation": "softmax"}
QUIET = {"verbose": 0, "epochs": 5}


@parametrize_with_checks(
    [
        keras.wrappers.SKLearnClassifier(seeded_model, model_kwargs=CLASSES, fit_kwargs=QUIET),
        keras.wrappers.SKLearnRegressor(seeded_model, model_kwargs={"loss": "mse"}, fit_kwargs=QUIET),
        keras.wrappers.SKLearnTransformer(seeded_model, model_kwargs={"loss": "mse"}, fit_kwargs=QUIET),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
