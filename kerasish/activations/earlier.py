"""Activations as Keras 1 and 2 defined them, for models of that time.

Today's of the same name computes something else.
"""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.typing import AnyTensor, Config, TensorLike

_SLOPE = {"scale": 0.2, "offset": 0.5}


def hard_sigmoid(x: TensorLike) -> AnyTensor:
    """min(max(0.2 x + 0.5, 0), 1): what "hard_sigmoid" meant before Keras 3, which has x / 6 + 0.5.

    A config names it by two layers of Keras 3 in a row, so that real Keras opens what is saved here.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish.activations import earlier
        >>> [round(float(y), 3) for y in earlier.hard_sigmoid(keras.ops.array([-2.0, 0.0, 1.0, 4.0]))]
        [0.1, 0.5, 0.7, 1.0]
    """
    return ops.clip(ops.add(ops.multiply(x, _SLOPE["scale"]), _SLOPE["offset"]), 0.0, 1.0)


def hard_sigmoid_config() -> Config:
    """`hard_sigmoid` as plain data that Keras 3 reads: a Pipeline of Rescaling and ReLU."""

    def layer(class_name, **config):
        return {"module": "keras.layers", "class_name": class_name, "config": config, "registered_name": None}

    parts = [
        layer("Rescaling", name="slope", trainable=True, dtype="float32", **_SLOPE),
        layer("ReLU", name="bounds", trainable=True, dtype="float32", max_value=1.0, negative_slope=0.0, threshold=0.0),
    ]
    return layer("Pipeline", name="hard_sigmoid", layers=parts)


def is_hard_sigmoid(data: Any) -> bool:
    """Whether `data` is `hard_sigmoid_config()`, as it is written here or by real Keras."""
    if not isinstance(data, dict) or data.get("class_name") != "Pipeline" or not isinstance(data.get("config"), dict):
        return False
    layers = data["config"].get("layers")
    if not isinstance(layers, list) or [isinstance(layer, dict) and layer.get("class_name") for layer in layers] != [
        "Rescaling",
        "ReLU",
    ]:
        return False
    slope, bounds = (layer.get("config") for layer in layers)
    if not isinstance(slope, dict) or not isinstance(bounds, dict):
        return False
    wanted = {"max_value": 1.0, "negative_slope": 0.0, "threshold": 0.0}
    return all(slope.get(key) == value for key, value in _SLOPE.items()) and all(
        bounds.get(key) == value for key, value in wanted.items()
    )
