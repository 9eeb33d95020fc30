"""keras-tuner as its guide uses it: a function that builds, a HyperModel, the four tuners, results read back."""

import keras
import keras_tuner
import numpy as np
import pytest

X = np.random.default_rng(0).standard_normal((64, 4)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("int32")


def build(hp):
    model = keras.Sequential()
    model.add(keras.layers.Dense(hp.Int("units", 4, 16, step=4), activation=hp.Choice("activation", ["relu", "tanh"])))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(0.25))
    model.add(keras.layers.Dense(2, activation="softmax"))
    rate = hp.Float("lr", min_value=1e-3, max_value=1e-1, sampling="log")
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def tuners(folder):
    common = {"objective": "val_accuracy", "directory": str(folder), "seed": 0}
    yield keras_tuner.RandomSearch(build, max_trials=3, project_name="random", **common)
    yield keras_tuner.GridSearch(build, max_trials=3, project_name="grid", **common)
    yield keras_tuner.BayesianOptimization(build, max_trials=4, project_name="bayes", **common)
    yield keras_tuner.Hyperband(build, max_epochs=3, project_name="hyperband", **common)


@pytest.mark.parametrize("index", range(4))
def test_search(tmp_path, index):
    tuner = list(tuners(tmp_path))[index]
    stop = keras.callbacks.EarlyStopping(patience=2)
    tuner.search(X, Y, epochs=2, validation_data=(X, Y), callbacks=[stop], verbose=0)
    best = tuner.get_best_models(1)[0]
    assert best.predict(X, verbose=0).shape == (64, 2)
    assert 4 <= tuner.get_best_hyperparameters()[0].get("units") <= 16
    tuner.results_summary()
    again = list(tuners(tmp_path))[index]
    again.reload()
    assert len(again.oracle.trials) == len(tuner.oracle.trials)


def test_hypermodel_with_its_own_fit(tmp_path):
    class Mine(keras_tuner.HyperModel):
        def build(self, hp):
            return build(hp)

        def fit(self, hp, model, *args, **kwargs):
            return model.fit(*args, batch_size=hp.Choice("batch", [16, 32]), shuffle=hp.Boolean("shuffle"), **kwargs)

    objective = keras_tuner.Objective("val_loss", "min")
    tuner = keras_tuner.RandomSearch(Mine(), objective=objective, max_trials=2, directory=str(tmp_path))
    tuner.search(X, Y, epochs=1, validation_data=(X, Y), verbose=0)
    parameters = tuner.get_best_hyperparameters()[0]
    tuner.hypermodel.fit(parameters, tuner.hypermodel.build(parameters), X, Y, epochs=1, verbose=0)


@pytest.mark.parametrize("name", ["HyperXception", "HyperResNet"])
def test_hyper_applications(name):
    hypermodel = getattr(keras_tuner.applications, name)(input_shape=(64, 64, 3), classes=3)
    assert hypermodel.build(keras_tuner.HyperParameters()).output_shape == (None, 3)
