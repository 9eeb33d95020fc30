"""The base of all initializers."""

from __future__ import annotations

from typing import Any

from kerasish.typing import Config, DTypeLike, ShapeLike


class Initializer:
    """Gives the first values of a weight: `initializer(shape, dtype=None)`.

    Subclasses define `__call__`, and `get_config` where they take arguments.

    >>> import kerasish as keras
    >>> class Halves(keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return keras.ops.full(shape, 0.5, dtype=dtype)
    >>> Halves()((2,)).tolist()
    [0.5, 0.5]
    """

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> Any:
        """Values of `shape` (tuple of ints) and `dtype` (floatx() when None); for subclasses to define."""
        name = type(self).__name__
        raise TypeError(f"{name} must define `__call__(self, shape, dtype=None)`, which returns the first values.")

    def get_config(self) -> Config:
        """Constructor arguments, as plain data."""
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """An initializer from what `get_config` gave."""
        return cls(**config)

    def clone(self) -> Any:
        """A new initializer with the same arguments."""
        return type(self).from_config(self.get_config())
