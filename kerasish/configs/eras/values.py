"""The small objects inside a layer's config.

Initializers, regularizers, constraints, activations, dtype policies, numbers.
"""

from __future__ import annotations

from typing import Any

from kerasish.configs.registration import find_custom
from kerasish.typing import Config, TensorLike

_INITIALIZER_NAMES = {"zero": "zeros", "one": "ones", "uniform": "random_uniform", "normal": "random_normal"}
_INITIALIZERS = frozenset(
    "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal "
    "RandomNormal RandomUniform "
    "TruncatedNormal VarianceScaling Zeros".split()
)
_ONLY_TENSORFLOW = ("dtype", "verify_shape", "partition_shape")
_REGULARIZERS = ("L1", "L2", "L1L2", "OrthogonalRegularizer")
_KERAS1_NORMS = ("WeightRegularizer", "ActivityRegularizer", "L1L2Regularizer", "L1L2")
_CONSTRAINTS = {
    "MaxNorm": "MaxNorm",
    "NonNeg": "NonNeg",
    "UnitNorm": "UnitNorm",
    "MinMaxNorm": "MinMaxNorm",
    "maxnorm": "MaxNorm",
    "nonneg": "NonNeg",
    "unitnorm": "UnitNorm",
    "RadialConstraint": "RadialConstraint",
}

HARD_SIGMOID = "hard_sigmoid"


def made(module: Any, class_name: str, config: Config) -> dict[str, Any]:
    """An object's data, as Keras 3 writes it."""
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def is_object(data: Any) -> bool:
    """Whether `data` describes an object: {"class_name", "config"}."""
    return isinstance(data, dict) and "class_name" in data and "config" in data


def earlier_hard_sigmoid() -> Any:
    """0.2 x + 0.5 between 0 and 1, said in layers that Keras 3 knows.

    `kerasish.activations` makes its own function of it.
    """
    parts = [
        made(
            "keras.layers",
            "Rescaling",
            {"name": "slope", "trainable": True, "dtype": "float32", "scale": 0.2, "offset": 0.5},
        ),
        made(
            "keras.layers",
            "ReLU",
            {
                "name": "bounds",
                "trainable": True,
                "dtype": "float32",
                "max_value": 1.0,
                "negative_slope": 0.0,
                "threshold": 0.0,
            },
        ),
    ]
    return made("keras.layers", "Pipeline", {"name": "hard_sigmoid", "layers": parts})


def activation(value: TensorLike) -> Any:
    """An activation: a name, or the data of a function or layer."""
    return earlier_hard_sigmoid() if value == HARD_SIGMOID and find_custom(HARD_SIGMOID) is None else value


def initializer(value: TensorLike) -> Any:
    """An initializer's name or data."""
    if isinstance(value, str):
        return _INITIALIZER_NAMES.get(value, value)
    if not is_object(value):
        return value
    if value["class_name"] not in _INITIALIZERS or find_custom(value["class_name"]) is not None:
        return value
    config = {key: item for key, item in (value["config"] or {}).items() if key not in _ONLY_TENSORFLOW}
    if config.get("distribution") == "normal":
        config["distribution"] = "truncated_normal"
    return made("keras.initializers", value["class_name"], config)


def regularizer(value: TensorLike, owner: str) -> Any:
    """A regularizer's name or data. `owner` names the layer in messages."""
    if is_object(value):
        known = value["class_name"] in _REGULARIZERS and find_custom(value["class_name"]) is None
        return made("keras.regularizers", value["class_name"], dict(value["config"])) if known else value
    if not isinstance(value, dict) or "name" not in value:
        return value
    if value["name"] not in _KERAS1_NORMS:
        raise ValueError(_gone(owner, "regularizer", value["name"]))
    return made("keras.regularizers", "L1L2", {"l1": value.get("l1", 0.0), "l2": value.get("l2", 0.0)})


def constraint(value: TensorLike, owner: str) -> Any:
    """A constraint's name or data."""
    if is_object(value):
        name = _CONSTRAINTS.get(value["class_name"])
        return (
            made("keras.constraints", name, dict(value["config"]))
            if name and find_custom(value["class_name"]) is None
            else value
        )
    if not isinstance(value, dict) or "name" not in value:
        return value
    name = _CONSTRAINTS.get(value["name"])
    if name is None:
        raise ValueError(_gone(owner, "constraint", value["name"]))
    renamed = {"m": "max_value", "low": "min_value", "high": "max_value"}
    return made(
        "keras.constraints", name, {renamed.get(key, key): item for key, item in value.items() if key != "name"}
    )


def _gone(owner, kind, name):
    return (
        f"{owner} has the {kind} {name!r} of Keras 1, which no later Keras has. "
        "Remove it from the config; predictions don't need it."
    )


def dtype(value: TensorLike) -> Any:
    """A dtype's name, or a policy's data."""
    if is_object(value) and value["class_name"] in ("Policy", "PolicyV1", "MixedPrecisionPolicy"):
        return (
            made("keras", "DTypePolicy", {"name": value["config"].get("name")})
            if value["config"].get("name") not in (None, "_infer")
            else None
        )
    return value


def number(value: TensorLike) -> Any:
    """A number that tf.keras may have written as an array without axes."""
    if is_object(value) and isinstance(value["config"], dict) and "value" in value["config"]:
        value = value["config"]["value"]
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


def any_value(key: TensorLike, value: TensorLike, owner: str) -> Any:
    """The value of the argument `key`, translated by the kind that the name of the argument tells."""
    if key in ("activation", "recurrent_activation"):
        return activation(value)
    if key.endswith("_initializer"):
        return initializer(value)
    if key.endswith("_regularizer"):
        return regularizer(value, owner)
    if key.endswith("_constraint"):
        return constraint(value, owner)
    return dtype(value) if key == "dtype" else value
