"""What `compile` was told by Keras 1 and 2: optimizers, schedules, losses, metrics."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish.configs.eras import values
from kerasish.configs.registration import find_custom
from kerasish.typing import Config

_OPTIMIZERS = {
    name.lower(): name
    for name in (
        "SGD",
        "RMSprop",
        "Adagrad",
        "Adadelta",
        "Adam",
        "AdamW",
        "Adamax",
        "Nadam",
        "Ftrl",
        "Lion",
        "Adafactor",
    )
}
_SCHEDULES = (
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
)
_LOSSES = frozenset(
    "BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalHinge "
    "CosineSimilarity Hinge Huber "
    "KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError "
    "Poisson "
    "SparseCategoricalCrossentropy SquaredHinge".split()
)
_LOSS_NAMES = {
    "CosineProximity": "CosineSimilarity",
    "cosine_proximity": "cosine_similarity",
    "Logcosh": "LogCosh",
    "logcosh": "log_cosh",
    "kullback_leibler_divergence": "kl_divergence",
    "KullbackLeiblerDivergence": "KLDivergence",
}
_GONE_OF_OPTIMIZERS = (
    "jit_compile",
    "is_legacy_optimizer",
    "gradient_aggregator",
    "gradient_transformers",
    "experimental_aggregate_gradients",
)
_ONLY_METRICS = frozenset(("MeanMetricWrapper", "SumOverBatchSizeMetricWrapper"))
_METRICS = {  # tf.keras wraps the function that "accuracy" stood for; today each has its class
    f"{kind}accuracy": "".join(part.capitalize() for part in f"{kind}accuracy".split("_"))
    for kind in ("binary_", "categorical_", "sparse_categorical_", "top_k_categorical_", "sparse_top_k_categorical_")
}
_COMPILE = ("loss_weights", "weighted_metrics", "run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss")


def any_object(data: Any) -> Any:
    """An optimizer, schedule, loss, metric, initializer, ... in today's form; None for a class that is none of them."""
    name, config = data["class_name"], data["config"]
    if not isinstance(config, dict):
        return None
    if _optimizer_name(data) or name == "LossScaleOptimizer":
        return optimizer(data)
    if name in _SCHEDULES:
        return _schedule(data)
    if _LOSS_NAMES.get(name, name) in _LOSSES and ("reduction" in config or "module" not in data):
        return loss(data)
    if name in _ONLY_METRICS:
        return metric(data)
    candidates = (
        values.initializer(data),
        values.regularizer(data, "An object"),
        values.constraint(data, "An object"),
        values.dtype(data),
    )
    return next((made for made in candidates if made is not data), None)


# -- optimizers -------------------------------------------------------------------------------------------------------


def _optimizer_name(data):
    name = str(data["class_name"]).rpartition(">")[2]
    return _OPTIMIZERS.get(name.lower()) if find_custom(data["class_name"]) is None else None


def optimizer(data: Any) -> Any:
    """An optimizer's name or data; None, with a warning, for one that only TensorFlow has."""
    if not values.is_object(data):
        return data
    if data["class_name"] == "LossScaleOptimizer":
        return _loss_scale(data["config"])
    name = _optimizer_name(data)
    if name is None:
        if data["class_name"] in ("TFOptimizer", "OptimizerV2", "TrackableWeightHandler"):
            kind = data["class_name"]
            warnings.warn(
                f"The file's optimizer is a {kind} of TensorFlow, without settings: the model is loaded without one. "
                "Call `compile`.",
                stacklevel=2,
            )
            return None
        return data
    config = {key: value for key, value in data["config"].items() if key not in _GONE_OF_OPTIMIZERS}
    _rates(name, config)
    for key in ("clipnorm", "clipvalue", "global_clipnorm"):
        if key in config and not config[key]:
            config[key] = None
    if "epsilon" in config and config["epsilon"] is None:
        config["epsilon"] = 1e-7
    if name == "Adagrad":
        config.setdefault("initial_accumulator_value", 0.0)
    config = {key: value for key, value in config.items() if value is not None}
    return values.made("keras.optimizers", name, config)


def _rates(name, config):
    """`lr` and `decay`: a rate that falls as 1 / (1 + decay * steps) is a schedule today."""
    if "lr" in config:
        config.setdefault("learning_rate", config.pop("lr"))
        config.pop("lr", None)
    if values.is_object(config.get("learning_rate")):
        config["learning_rate"] = _schedule(config["learning_rate"])
    decay, pace = config.pop("decay", None), config.pop("schedule_decay", None)
    if name == "Nadam":
        pace, decay = pace or decay, None
        if pace and abs(pace - 0.004) > 1e-6:
            warnings.warn(
                f"The file's Nadam has schedule_decay={pace}; Keras 3's has always 0.004, with which training goes on.",
                stacklevel=3,
            )
    if decay and not values.is_object(config.get("learning_rate")):
        inner = {
            "initial_learning_rate": config["learning_rate"],
            "decay_steps": 1,
            "decay_rate": decay,
            "staircase": False,
            "name": "InverseTimeDecay",
        }
        config["learning_rate"] = values.made("keras.optimizers.schedules", "InverseTimeDecay", inner)


def _schedule(data):
    return (
        values.made("keras.optimizers.schedules", data["class_name"], dict(data["config"]))
        if data["class_name"] in _SCHEDULES
        else data
    )


def _loss_scale(config):
    inner = optimizer(config.get("inner_optimizer") or config.get("optimizer"))
    made = {"inner_optimizer": inner}
    scale = config.get("loss_scale") if isinstance(config.get("loss_scale"), dict) else {}
    scale = {**scale.get("config", {}), **config}
    if scale.get("initial_scale") or scale.get("initial_loss_scale"):
        made["initial_scale"] = scale.get("initial_scale") or scale.get("initial_loss_scale")
    if scale.get("dynamic_growth_steps") or scale.get("increment_period"):
        made["dynamic_growth_steps"] = scale.get("dynamic_growth_steps") or scale.get("increment_period")
    return values.made("keras.optimizers", "LossScaleOptimizer", made)


# -- losses and metrics -----------------------------------------------------------------------------------------------


def loss(data: Any) -> Any:
    """Losses by output: names, data, lists and dicts of them."""
    if isinstance(data, str):
        return _LOSS_NAMES.get(data, data)
    if isinstance(data, list):
        return [loss(item) for item in data]
    if not isinstance(data, dict):
        return data
    if not values.is_object(data):
        return {key: loss(item) for key, item in data.items()}
    name = _LOSS_NAMES.get(data["class_name"], data["class_name"])
    if name not in _LOSSES or not isinstance(data["config"], dict) or find_custom(data["class_name"]) is not None:
        return data
    config = {key: value for key, value in data["config"].items() if key != "fn"}
    if str(config.get("reduction")).lower() in ("auto", "sum_over_nonzero_weights", "sum_by_nonzero_weights"):
        config["reduction"] = "sum_over_batch_size"
    return values.made("keras.losses", name, config)


def metric(data: Any) -> Any:
    """Metrics: names, data, lists and dicts of them."""
    if isinstance(data, list):
        return [metric(item) for item in data]
    if isinstance(data, str):
        return _LOSS_NAMES.get(data, data)
    if not isinstance(data, dict):
        return data
    if not values.is_object(data):
        return {key: metric(item) for key, item in data.items()}
    config = data["config"]
    if data["class_name"] in _ONLY_METRICS and isinstance(config, dict) and config.get("fn") in _METRICS:
        return values.made(
            "keras.metrics", _METRICS[config["fn"]], {key: value for key, value in config.items() if key != "fn"}
        )
    if data["class_name"] in _ONLY_METRICS and isinstance(config, dict) and isinstance(config.get("fn"), str):
        function = {
            "module": "builtins",
            "class_name": "function",
            "config": _LOSS_NAMES.get(config["fn"], config["fn"]),
            "registered_name": "function",
        }
        return values.made("keras.metrics", "MeanMetricWrapper", {**config, "fn": function})
    return data if "module" in data else {**data, "module": "keras.metrics"}  # a loss may have the same name


def training(config: Config) -> Any:
    """The arguments of `compile` from a `training_config` or a `compile_config`."""
    given = config.get("optimizer_config", config.get("optimizer"))
    made = {
        "optimizer": optimizer(given),
        "loss": _only(loss(config.get("loss"))),
        "metrics": _flat(metric(config.get("metrics"))),
    }
    for key in _COMPILE:
        if config.get(key) is not None:
            made[key] = _only(config[key]) if key == "loss_weights" else config[key]
    if made.get("weighted_metrics"):
        made["weighted_metrics"] = _flat(metric(made["weighted_metrics"]))
    for key in ("metrics", "weighted_metrics"):
        if not made.get(key):
            made.pop(key, None)
    return made


def _only(given):
    """A list of one is the one."""
    return given[0] if isinstance(given, list) and len(given) == 1 else given


def _flat(given):
    """tf.keras writes the metrics of a single output as a list in a list."""
    return given[0] if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list) else given
