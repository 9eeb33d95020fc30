"""What all pooling layers share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.arguments import one_of, sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, IntOrInts


class BasePooling(Layer):
    """The maximum or mean of each window over `rank` axes of space.

    Args:
        rank: 1, 2 or 3.
        mode: "max" or "average".

    The rest is as in `MaxPooling2D`.
    """

    def __init__(
        self,
        rank: int,
        mode: str,
        pool_size: IntOrInts,
        strides: IntOrInts | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size: tuple[int, ...] = sizes(pool_size, rank, "pool_size")
        self.strides: tuple[int, ...] = self.pool_size if strides is None else sizes(strides, rank, "strides")
        self.padding: str = one_of(padding, ("valid", "same"), "padding")
        self.data_format: str = standardize_data_format(data_format)
        self.mode = mode
        self.input_spec: InputSpec = InputSpec(ndim=rank + 2)

    def call(self, inputs: Any) -> Any:
        pool = ops.max_pool if self.mode == "max" else ops.average_pool
        return pool(inputs, self.pool_size, strides=self.strides, padding=self.padding, data_format=self.data_format)

    def get_config(self) -> Config:
        names = ("pool_size", "padding", "strides", "data_format")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class BaseGlobalPooling(Layer):
    """The maximum or mean over all `rank` axes of space.

    Args:
        rank: 1, 2 or 3.
        mode: "max" or "average".
        data_format: "channels_last", "channels_first", or None for the global setting.
        keepdims: whether those axes stay, with size 1.
    """

    def __init__(
        self, rank: int, mode: str, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format: str = standardize_data_format(data_format)
        self.keepdims = keepdims
        self.mode = mode
        self.input_spec: InputSpec = InputSpec(ndim=rank + 2)

    @property
    def space(self) -> tuple[Any, ...]:
        """The axes of space."""
        rank = self.input_spec.ndim - 2
        return tuple(range(1, rank + 1)) if self.data_format == "channels_last" else tuple(range(2, rank + 2))

    def call(self, inputs: Any) -> Any:
        reduce = ops.max if self.mode == "max" else ops.mean
        return reduce(inputs, axis=self.space, keepdims=self.keepdims)

    def get_config(self) -> Config:
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}
