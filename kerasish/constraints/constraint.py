"""The base of all constraints."""

from __future__ import annotations

from typing import Any

from kerasish.typing import Config, TensorLike


class Constraint:
    """What a weight is put through after each update: `constraint(w)` returns the corrected weight.

    Subclasses define `__call__`, and `get_config` where they take arguments.

    >>> import kerasish as keras
    >>> class Clipped(keras.constraints.Constraint):
    ...     def __call__(self, w):
    ...         return keras.ops.clip(w, -1.0, 1.0)
    >>> Clipped()(keras.ops.array([-3.0, 0.5])).tolist()
    [-1.0, 0.5]
    """

    def __call__(self, w: TensorLike) -> Any:
        """The corrected weight; here `w` itself."""
        return w

    def get_config(self) -> Config:
        """Constructor arguments, as plain data."""
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """A constraint from what `get_config` gave."""
        return cls(**config)
