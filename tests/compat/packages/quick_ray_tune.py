"""Ray Tune: a trial of ours reports its epochs, a scheduler ends those that lie behind, checkpoints are models."""

import os

import numpy as np
import pytest

import kerasish as keras  # Ray's own processes import this file, and nobody has opened a door for `import keras` there

os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_AUTH_MODE="disabled")  # nothing is asked of or told to anybody

import ray  # noqa: E402
from ray import tune  # noqa: E402

X = np.random.default_rng(0).standard_normal((64, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def build(hp):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(hp.Int("units", 4, 8, step=2), "tanh")])
    model.add(keras.layers.Dense(1, use_bias=hp.Boolean("bias")))
    rate = hp.Float("rate", 1e-4, 0.3, sampling="log")
    model.compile(hp.Choice("optimizer", ["sgd", "adam"]), hp.Fixed("loss", "mse"))
    model.optimizer.learning_rate = rate
    return model


trial = keras.tuning.Fit(build, X, Y, epochs=3, validation_split=0.25, verbose=0)


@pytest.fixture(scope="module", autouse=True)
def one_machine():
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def trainable(config):
    trial(keras.tuning.HyperParameters(config), [keras.tuning.RayReport(checkpoint=True)])


def test_a_search_with_a_scheduler_and_checkpoints(tmp_path):
    space = keras.tuning.ray_space(trial)
    assert sorted(space) == ["bias", "loss", "optimizer", "rate", "units"] and space["loss"] == "mse"
    config = tune.TuneConfig(metric="val_loss", mode="min", num_samples=3, scheduler=tune.schedulers.ASHAScheduler())
    results = tune.Tuner(
        trainable, param_space=space, tune_config=config, run_config=tune.RunConfig(storage_path=str(tmp_path))
    ).fit()
    assert not results.errors and len(results) == 3
    best = results.get_best_result()
    assert best.config["units"] in (4, 6, 8) and set(best.metrics) >= {"epoch", "loss", "val_loss"}
    with best.checkpoint.as_directory() as folder:
        model = keras.saving.load_model(os.path.join(folder, "model.keras"))
    assert model.layers[0].units == best.config["units"]
    values = keras.tuning.HyperParameters(best.config)
    assert build(values).count_params() == model.count_params()
