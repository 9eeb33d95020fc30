"""Optimizers, losses and metrics of an earlier Keras."""

import numpy as np
import pytest

import kerasish
from kerasish.configs.eras import modernize_training
from tests.configs.eras.earlier import L

# -- compile ----------------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    "lr": (
        {"class_name": "SGD", "config": {"lr": 0.5, "momentum": 0.9, "decay": 0.0, "nesterov": True}},
        "SGD",
        {"learning_rate": 0.5, "momentum": 0.9, "nesterov": True},
    ),
    "lower case": (
        {"class_name": "adam", "config": {"lr": 0.5, "epsilon": None}},
        "Adam",
        {"learning_rate": 0.5, "epsilon": 1e-7},
    ),
    "clipping": (
        {"class_name": "RMSprop", "config": {"lr": 0.5, "clipnorm": 0.0, "clipvalue": 1.0}},
        "RMSprop",
        {"learning_rate": 0.5, "clipvalue": 1.0},
    ),
    "nadam": ({"class_name": "Nadam", "config": {"lr": 0.5, "schedule_decay": 0.004}}, "Nadam", {"learning_rate": 0.5}),
    "adagrad": (
        {"class_name": "Adagrad", "config": {"lr": 0.5, "epsilon": 1e-8}},
        "Adagrad",
        {"learning_rate": 0.5, "epsilon": 1e-8, "initial_accumulator_value": 0.0},
    ),
    "2.11": (
        {
            "class_name": "Custom>Adam",
            "config": {"name": "Adam", "jit_compile": True, "is_legacy_optimizer": False, "learning_rate": 0.5},
        },
        "Adam",
        {"name": "Adam", "learning_rate": 0.5},
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    old, class_name, config = OPTIMIZERS[name]
    new = modernize_training({"optimizer_config": old, "loss": "mse"})["optimizer"]
    assert (new["class_name"], new["config"], new["module"]) == (class_name, config, "keras.optimizers")
    assert float(kerasish.optimizers.deserialize(new).learning_rate) == 0.5


def test_an_optimizer_without_settings_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="TFOptimizer"):
        assert (
            modernize_training({"optimizer_config": {"class_name": "TFOptimizer", "config": {}}, "loss": "mse"})[
                "optimizer"
            ]
            is None
        )


def test_losses_and_metrics():
    auto = {
        "class_name": "CategoricalCrossentropy",
        "config": {
            "reduction": "auto",
            "name": "c",
            "from_logits": True,
            "label_smoothing": 0,
            "fn": "categorical_crossentropy",
        },
    }
    accuracy = {
        "class_name": "MeanMetricWrapper",
        "config": {"name": "acc", "dtype": "float32", "fn": "categorical_accuracy"},
    }
    sgd = {"class_name": "SGD", "config": {"lr": 0.1}}
    old = {
        "optimizer_config": sgd,
        "loss": [auto],
        "metrics": [[accuracy, "mae"]],
        "loss_weights": None,
        "sample_weight_mode": None,
    }
    new = modernize_training(old)
    assert (
        new["loss"]["config"]
        == {"reduction": "sum_over_batch_size", "name": "c", "from_logits": True, "label_smoothing": 0}
        and "loss_weights" not in new
    )
    model = kerasish.Sequential([L.Input((4,)), L.Dense(3)])
    model.compile_from_config(new)
    logs = model.train_on_batch(np.ones((2, 4), "float32"), np.eye(3, dtype="float32")[:2], return_dict=True)
    assert set(logs) == {"loss", "acc", "mae"} or set(logs) == {"loss", "acc", "mean_absolute_error"}
    assert modernize_training({"loss": {"a": "cosine_proximity"}, "optimizer": "adam"})["loss"] == {
        "a": "cosine_similarity"
    }
