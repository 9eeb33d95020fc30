"""Callbacks of wandb, mlflow and optuna around `fit`, without their servers."""

import importlib.metadata

import keras
import numpy as np
import pytest

X = np.random.default_rng(0).standard_normal((32, 4)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("float32")


def compiled():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_optuna_prunes():
    optuna = pytest.importorskip("optuna")
    integration = pytest.importorskip("optuna_integration.keras")

    def objective(trial):
        model = compiled()
        model.optimizer.learning_rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
        prune = integration.KerasPruningCallback(trial, "val_accuracy")
        history = model.fit(X, Y, validation_data=(X, Y), epochs=3, verbose=0, callbacks=[prune])
        return history.history["val_accuracy"][-1]

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.MedianPruner(n_startup_trials=1))
    study.optimize(objective, n_trials=4)
    assert len(study.trials) == 4 and study.best_value >= 0
    assert all(trial.intermediate_values for trial in study.trials)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of wandb's that talks to nobody."""
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.chdir(tmp_path)
    run = wandb.init(project="quick", dir=str(tmp_path))
    yield run
    run.finish()


def test_wandb_saves(run, tmp_path):
    from wandb.integration.keras import WandbModelCheckpoint

    model = compiled()
    each_epoch = WandbModelCheckpoint("{epoch:02d}.keras", save_freq="epoch")
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[each_epoch])
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0, callbacks=[WandbModelCheckpoint("batch.keras", save_freq=3)])
    assert {"01.keras", "02.keras", "batch.keras"} <= {path.name for path in tmp_path.iterdir()}


def test_wandb_logs(run):
    try:
        importlib.metadata.distribution("tensorflow")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("WandbMetricsLogger asks whether the learning rate is one of TensorFlow's tensors")
    from wandb.integration.keras import WandbMetricsLogger

    compiled().fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[WandbMetricsLogger(log_freq=2)])


def test_mlflow_logs(tmp_path):
    mlflow = pytest.importorskip("mlflow")
    module = pytest.importorskip("mlflow.keras")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db")
    mlflow.set_experiment("quick")
    with mlflow.start_run() as run:
        compiled().fit(X, Y, epochs=2, verbose=0, callbacks=[module.MlflowCallback(log_every_epoch=True)])
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert len(history) == 2
