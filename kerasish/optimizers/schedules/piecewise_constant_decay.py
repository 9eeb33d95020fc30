"""A rate that changes at given steps."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from kerasish.typing import AnyTensor, Config, TensorLike


class PiecewiseConstantDecay(LearningRateSchedule):
    """A rate that changes at given steps.

    The rate is values[0] up to and including step boundaries[0], then values[1] up to boundaries[1], ..., then
    values[-1].

    Args:
        boundaries: list of steps, increasing, at which the rate changes.
        values: list of rates, one more than `boundaries`.
        name: string, which the config keeps.

    Raises:
        ValueError: for lists whose lengths do not fit, or boundaries that do not increase.

    Example:
        >>> import kerasish as keras
        >>> schedule = keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
        >>> [float(schedule(step)) for step in (10, 11, 21)]
        [1.0, 0.5, 0.25]
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "`boundaries` must be one shorter than `values`, got "
                f"{len(boundaries)} boundaries {boundaries} and {len(values)} values {values}."
            )
        if any(a > b for a, b in zip(boundaries, boundaries[1:])):
            raise ValueError(f"`boundaries` must increase, got {boundaries}.")
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: TensorLike) -> AnyTensor:
        step = ops.convert_to_tensor(step)
        rate = ops.convert_to_tensor(float(self.values[-1]))
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1])):
            rate = ops.where(ops.less_equal(step, boundary), float(value), rate)
        return rate

    def get_config(self) -> Config:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
