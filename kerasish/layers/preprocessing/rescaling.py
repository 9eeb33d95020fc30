"""Rescaling."""

from __future__ import annotations

from typing import Any

from kerasish import backend, ops
from kerasish.backend.fixed_arrays import fixed
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.typing import Config, CustomObjects, ShapeLike


class Rescaling(DataLayer):
    """inputs * scale + offset, in training and outside it.

    Args:
        scale: float, or a list of one float a channel, the factor.
        offset: float, or a list of one float a channel, what is added.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        numbers of any shape and dtype.

    Output shape:
        floats of the same shape.

    >>> import kerasish as keras
    >>> keras.layers.Rescaling(1 / 127.5, offset=-1)(keras.ops.convert_to_tensor([0, 255])).tolist()
    [-1.0, 1.0]
    """

    def __init__(self, scale: Any, offset: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, value in (("scale", scale), ("offset", offset)):
            if value is None or isinstance(value, (str, bytes)):
                raise ValueError(f"`{name}` must be a number or a list of numbers, got {value!r}.")
        self.scale: Any = fixed(scale)
        self.offset: float = fixed(offset)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        dtype = self.compute_dtype
        scale, offset = (ops.convert_to_tensor(value, dtype=dtype) for value in (self.scale, self.offset))
        if scale.shape and backend.image_data_format() == "channels_first":
            scale = ops.reshape(scale, (*scale.shape, *[1] * (3 - len(scale.shape))))
        return ops.cast(inputs, dtype) * scale + offset

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        return tuple(input_shape)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "scale": serialize_keras_object(self.scale),
            "offset": serialize_keras_object(self.offset),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        arrays = {
            name: deserialize_keras_object(config[name], custom_objects)
            for name in ("scale", "offset")
            if isinstance(config.get(name), dict)
        }
        return super().from_config({**config, **arrays})
