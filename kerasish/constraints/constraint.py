"""The base of all constraints."""

from __future__ import annotations

from kerasish.suggestions import SuggestsArguments
from kerasish.typing import AnyTensor, Config, TensorLike


class Constraint(SuggestsArguments):
    """What a weight is put through after each update: `constraint(w)` returns the corrected weight.

    Subclasses define `__call__`, and `get_config` where they take arguments.

    Example:
        >>> import kerasish as keras
        >>> class Clipped(keras.constraints.Constraint):
        ...     def __call__(self, w):
        ...         return keras.ops.clip(w, -1.0, 1.0)
        >>> Clipped()(keras.ops.array([-3.0, 0.5])).tolist()
        [-1.0, 0.5]
    """

    def __call__(self, w: TensorLike) -> AnyTensor:
        """The corrected weight.

        Args:
            w: tensor, the weight after an update.

        Returns:
            Tensor of the shape of `w`.
        """
        return w

    def get_config(self) -> Config:
        """The arguments that make an equal constraint, as plain data.

        Returns:
            Dict.
        """
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Constraint:
        """A constraint from what `get_config` gave.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            Constraint of this class.
        """
        return cls(**config)
