"""scikeras around models of every form: several inputs and outputs, built before, pickled, routed parameters."""

import copy
import pickle

import keras
import numpy as np
import pytest
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits, load_iris
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, BaggingRegressor
from sklearn.model_selection import RandomizedSearchCV
from sklearn.preprocessing import FunctionTransformer

X, Y = load_iris(return_X_y=True)
X = X.astype("float32")
RNG = np.random.default_rng(0)


def network(outputs, activation=None, hidden=8):
    inputs = keras.Input((4,))
    features = keras.layers.Dense(hidden, "relu")(inputs)
    made = [keras.layers.Dense(units, activation)(features) for units in outputs]
    return keras.Model([inputs], made)


def classifier(meta, hidden=8):
    return network([meta["n_classes_"]], "softmax", hidden)


def regressor(meta, hidden=8):
    return network([meta["n_outputs_"]], None, hidden)


SPARSE = {"loss": "sparse_categorical_crossentropy", "verbose": 0, "random_state": 0}


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "uint8", "uint16", "<U1", "object"])
@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_labels_of_every_type(dtype, loss):
    model = KerasClassifier(classifier, **{**SPARSE, "loss": loss, "epochs": 2})
    labels = Y.astype("<U1").astype(dtype)
    predicted = model.fit(X, labels).predict(X)
    assert predicted.dtype == labels.dtype and set(predicted) <= set(labels)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8"])
@pytest.mark.parametrize("width", [1, 2])
def test_targets_of_every_type(dtype, width):
    targets = np.stack([Y] * width, axis=1).astype(dtype)
    targets = targets[:, 0] if width == 1 else targets
    predicted = KerasRegressor(regressor, loss="mse", verbose=0, epochs=2).fit(X, targets).predict(X)
    assert predicted.shape == targets.shape


@pytest.mark.parametrize(
    "loss, outputs, activation",
    [("bce", 1, "sigmoid"), ("categorical_crossentropy", 2, "softmax"), ("mse", 1, "sigmoid")],
)
def test_two_classes(loss, outputs, activation):
    labels = (Y > 0).astype(int)
    if loss == "categorical_crossentropy":
        labels = np.stack([1 - labels, labels], axis=1)
    model = KerasClassifier(lambda: network([outputs], activation), loss=loss, verbose=0, epochs=2).fit(X, labels)
    assert model.predict(X).shape == labels.shape and model.predict_proba(X).shape == (150, 2)


def test_several_inputs():
    def model(meta):
        inputs = [keras.Input((1,)), keras.Input((3,))]
        joined = keras.layers.Concatenate()([keras.layers.Dense(4)(one) for one in inputs])
        return keras.Model(inputs, [keras.layers.Dense(meta["n_classes_"], "softmax")(joined)])

    class TwoInputs(KerasClassifier):
        @property
        def feature_encoder(self):
            return FunctionTransformer(func=lambda data: [data[:, :1], data[:, 1:]])

    estimator = TwoInputs(model, **SPARSE).fit(X, Y)
    assert estimator.predict(X).shape == (150,) and 0 <= estimator.score(X, Y) <= 1


def test_several_outputs():
    model = KerasRegressor(lambda: network([1, 2]), loss=["mse", "mae"], verbose=0)
    with pytest.raises(ValueError, match="input of size|1 target|expects|outputs"):
        model.fit(X, X[:, 0])


@pytest.mark.parametrize("compiled", [True, False])
def test_a_model_that_is_built_before(compiled):
    made = network([3], "softmax")
    if compiled:
        made.compile("adam", keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    model = KerasClassifier(made, **({} if compiled else SPARSE)).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), rtol=1e-5)
    again.partial_fit(X, Y)
    assert again.current_epoch == 2 and len(again.history_["loss"]) == 2


@keras.saving.register_keras_serializable("quick")
class Subclassed(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.hidden, self.out = keras.layers.Dense(8, "relu"), keras.layers.Dense(units, "softmax")

    def call(self, inputs):
        return self.out(self.hidden(inputs))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@pytest.mark.parametrize(
    "how", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"]
)
@pytest.mark.parametrize("form", ["functional", "sequential"])
def test_copies(form, how):
    made = {
        "functional": lambda: network([3], "softmax"),
        "sequential": lambda: keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")]),
    }[form]()
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model = KerasClassifier(made).fit(X, Y, epochs=2, verbose=0)
    again = how(model)
    np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), rtol=1e-5)
    assert again.model_.optimizer.get_config() == model.model_.optimizer.get_config()
    assert int(again.model_.optimizer.iterations) == int(model.model_.optimizer.iterations) == 10


def test_a_subclassed_model_by_scikeras_own_pickles():
    made = Subclassed()
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    made.fit(X, Y, verbose=0)
    for again in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        np.testing.assert_allclose(again.predict(X, verbose=0), made.predict(X, verbose=0), rtol=1e-5)
        assert int(again.optimizer.iterations) == 5 and again.units == 3


@pytest.mark.parametrize(
    "thing",
    [
        keras.optimizers.SGD(0.1, momentum=0.9),
        keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)),
        keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        keras.losses.Huber(),
        keras.metrics.AUC(num_thresholds=10),
        keras.metrics.BinaryAccuracy(threshold=0.3),
        keras.callbacks.EarlyStopping(patience=3),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_parts_are_copied(thing):
    for again in (copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
        assert type(again) is type(thing)
        if hasattr(thing, "get_config"):
            assert again.get_config() == thing.get_config()


@pytest.mark.parametrize(
    "given",
    [
        {"optimizer": "sgd", "optimizer__learning_rate": 0.5, "optimizer__momentum": 0.5},
        {"optimizer": keras.optimizers.SGD, "optimizer__learning_rate": 0.5},
        {"optimizer": keras.optimizers.SGD, "optimizer__learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 9)},
        {"loss": keras.losses.SparseCategoricalCrossentropy, "loss__from_logits": True},
        {"metrics": ["accuracy", keras.metrics.SparseTopKCategoricalAccuracy], "metrics__1__k": 2},
        {"metrics": {"m": keras.metrics.SparseCategoricalAccuracy}, "metrics__m__name": "mine"},
        {"callbacks": [keras.callbacks.EarlyStopping], "callbacks__0__monitor": "loss", "callbacks__0__patience": 1},
        {"callbacks": {"stop": keras.callbacks.EarlyStopping}, "callbacks__stop__monitor": "loss"},
        {"model__hidden": 3, "fit__batch_size": 50, "predict__batch_size": 20},
        {"class_weight": {0: 1.0, 1: 2.0, 2: 1.0}, "shuffle": False},
    ],
)
def test_parameters_are_routed(given):
    model = KerasClassifier(classifier, **{**SPARSE, **given}).fit(X, Y)
    rate = given.get("optimizer__learning_rate")
    if isinstance(rate, float):
        assert float(model.model_.optimizer.learning_rate) == 0.5
    assert model.predict(X).shape == (150,)


def test_sample_weights_and_validation_data():
    weights = RNG.random(150)
    model = KerasClassifier(classifier, metrics=["accuracy"], **SPARSE)
    model.fit(X, Y, sample_weight=weights, validation_data=(X[:20], Y[:20]))
    assert set(model.history_) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert 0 <= model.score(X, Y, sample_weight=weights) <= 1


def test_warm_start_keeps_the_model():
    model = KerasRegressor(regressor, loss="mse", warm_start=True, verbose=0).fit(X, X[:, 0])
    kept = model.model_
    assert model.fit(X, X[:, 0]).model_ is kept
    assert model.set_params(warm_start=False).fit(X, X[:, 0]).model_ is not kept


@pytest.mark.parametrize(
    "around",
    [
        lambda model: BaggingClassifier(model, n_estimators=2),
        lambda model: AdaBoostClassifier(model, n_estimators=2),
        lambda model: CalibratedClassifierCV(model, cv=2),
        lambda model: RandomizedSearchCV(model, {"epochs": [1, 2], "optimizer": ["sgd", "rmsprop"]}, n_iter=2, cv=2),
    ],
    ids=["bagging", "boosting", "calibrated", "search"],
)
def test_ensembles(around):
    learns = {
        "optimizer": "adam",
        "optimizer__learning_rate": 0.05,
        "epochs": 5,
        "random_state": 0,
    }  # boosting asks that
    assert 0 <= around(KerasClassifier(classifier, **{**SPARSE, **learns})).fit(X, Y).score(X, Y) <= 1


def test_bagged_regressors():
    model = BaggingRegressor(KerasRegressor(regressor, loss="mse", verbose=0), n_estimators=2)
    assert model.fit(X, X[:, 0]).predict(X).shape == (150,)


def test_images():
    digits = load_digits()
    images = digits.images[:200, :, :, None].astype("float32") / 16

    def model(meta):
        layers = [keras.layers.Conv2D(3, 3), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
        return keras.Sequential([keras.Input(meta["X_shape_"][1:]), *layers])

    assert KerasClassifier(model, **SPARSE).fit(images, digits.target[:200]).predict(images).shape == (200,)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"loss": "no_such_loss"}, "no_such_loss"),
        ({"optimizer": "no_such_optimizer"}, "no_such_optimizer"),
        ({"metrics": ["no_such_metric"]}, "no_such_metric"),
    ],
)
def test_errors_name_what_is_unknown(given, message):
    with pytest.raises(ValueError, match=message):
        KerasClassifier(classifier, **{**SPARSE, **given}).fit(X, Y)
