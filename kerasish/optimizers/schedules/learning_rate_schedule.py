"""A learning rate that depends on the step."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.suggestions import SuggestsArguments
from kerasish.typing import AnyTensor, Config, TensorLike


class LearningRateSchedule(SuggestsArguments):
    """The base of all schedules: a function of the step. Pass one to an optimizer as its `learning_rate`.

    A subclass defines `__call__(step)`, where `step` is an int scalar (a Tensor in a compiled step) that counts from 0,
    and `get_config()` if it is to be saved.

    Example:
        >>> import kerasish as keras
        >>> class Halving(keras.optimizers.schedules.LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return keras.ops.power(0.5, keras.ops.cast(step, "float32"))
        >>> optimizer = keras.optimizers.SGD(Halving())
        >>> float(optimizer.learning_rate)
        1.0
    """

    def __call__(self, step: TensorLike) -> AnyTensor:
        """The learning rate of a step.

        Args:
            step: int scalar, counted from 0; a Tensor in a compiled step.

        Returns:
            A float scalar.
        """
        name = type(self).__name__
        raise NotImplementedError(f"Learning rate schedule {name!r} must define `__call__(self, step)`.")

    def get_config(self) -> Config:
        """The arguments of the constructor as plain data."""
        name = type(self).__name__
        raise NotImplementedError(f"Learning rate schedule {name!r} must define `get_config(self)` to be saved.")

    @classmethod
    def from_config(cls, config: Config) -> LearningRateSchedule:
        """A schedule from the dictionary of `get_config`.

        Args:
            config: dict of the constructor's arguments.

        Returns:
            A new schedule of this class.
        """
        return cls(**config)


def as_step(step: TensorLike) -> AnyTensor:
    """`step` as a float scalar, for arithmetic."""
    return ops.cast(step, backend.floatx())


def check_steps(argument: str, steps: float) -> None:
    """Raise ValueError unless `steps` is positive."""
    if steps <= 0:
        raise ValueError(f"`{argument}` must be > 0, got {steps!r}.")
