"""The base of all initializers."""

from __future__ import annotations

from kerasish.suggestions import SuggestsArguments
from kerasish.typing import AnyTensor, Config, DTypeLike, ShapeLike


class Initializer(SuggestsArguments):
    """Gives the first values of a weight: `initializer(shape, dtype=None)`.

    Subclasses define `__call__`, and `get_config` where they take arguments.

    Example:
        >>> import kerasish as keras
        >>> class Halves(keras.initializers.Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return keras.ops.full(shape, 0.5, dtype=dtype)
        >>> Halves()((2,)).tolist()
        [0.5, 0.5]
    """

    draws_nothing: bool = False  # of a subclass: whether all values are the same, whatever the shape

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        """The first values of a weight.

        Args:
            shape: tuple of ints.
            dtype: dtype of the values, by default `floatx()`.

        Returns:
            Tensor of `shape`.
        """
        name = type(self).__name__
        raise TypeError(f"{name} must define `__call__(self, shape, dtype=None)`, which returns the first values.")

    def get_config(self) -> Config:
        """The arguments that make an equal initializer, as plain data.

        Returns:
            Dict.
        """
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Initializer:
        """An initializer from what `get_config` gave.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            Initializer of this class.
        """
        return cls(**config)

    def clone(self) -> Initializer:
        """A new initializer with the same arguments.

        Returns:
            Initializer of this class.
        """
        return type(self).from_config(self.get_config())
