"""Wrapper."""

from __future__ import annotations

from typing import Any

from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, CustomObjects, ShapeLike


class Wrapper(Layer):
    """Base of layers that hold another layer and change how it is used.

    Args:
        layer: the layer inside.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: when `layer` is no layer.

    >>> import kerasish as keras
    >>> class Doubled(keras.layers.Wrapper):
    ...     def call(self, inputs):
    ...         return 2 * self.layer(inputs)
    >>> Doubled(keras.layers.Identity())(keras.ops.ones((2,))).tolist()
    [2.0, 2.0]
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(f"`layer` must be a layer (an object, not a class), got {layer!r}.")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: ShapeLike | None = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    def get_config(self) -> Config:
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        config = dict(config)
        layer = deserialize_keras_object(config.pop("layer"), custom_objects=custom_objects)
        return cls(layer, **config)
