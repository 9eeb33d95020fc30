"""The base of all regularizers."""

from __future__ import annotations

import math
from typing import Any

from kerasish.suggestions import SuggestsArguments
from kerasish.typing import AnyTensor, Config, TensorLike


class Regularizer(SuggestsArguments):
    """A penalty on a tensor: `regularizer(x)` returns a scalar that is added to the loss.

    Subclasses define `__call__`, and `get_config` so that a model that uses them can be saved.

    Example:
        >>> import kerasish as keras
        >>> class Total(keras.regularizers.Regularizer):
        ...     def __call__(self, x):
        ...         return keras.ops.sum(x)
        >>> float(Total()(keras.ops.ones((2, 2))))
        4.0
    """

    def __call__(self, x: TensorLike) -> AnyTensor:
        """The penalty.

        Args:
            x: tensor.

        Returns:
            Scalar.
        """
        return 0.0

    def get_config(self) -> Config:
        """The arguments that make an equal regularizer, as plain data; for subclasses to define.

        Returns:
            Dict.

        Raises:
            TypeError: where the subclass does not define it.
        """
        name = type(self).__name__
        raise TypeError(f"{name} must define `get_config(self)`, which returns its constructor arguments, to be saved.")

    @classmethod
    def from_config(cls, config: Config) -> Regularizer:
        """A regularizer from what `get_config` gave.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            Regularizer of this class.
        """
        return cls(**config)


def check_factor(name: str, value: Any) -> float:
    """`value` as a float. Raises ValueError where it is no finite number >= 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ValueError(f"`{name}` must be a finite number, 0 or more, got {value!r}.")
    return float(value)
