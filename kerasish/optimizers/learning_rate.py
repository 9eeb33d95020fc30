"""The learning rate of an optimizer: a Variable, a schedule or a function."""

from __future__ import annotations

from typing import Any

from kerasish.backend import Variable, deprecation
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from kerasish.optimizers.state import OptimizerState
from kerasish.scalars import plain_numbers
from kerasish.typing import ScheduleLike


class LearningRate(OptimizerState):
    """The part of an `Optimizer` that says how far a step goes."""

    @property
    def learning_rate(self) -> Any:
        """The current rate: the Variable that holds it, or what the schedule or function gives now.

        Set it to a float, a schedule or a function; a number where a schedule or function rules is a TypeError.
        """
        return self._get_current_learning_rate()

    @learning_rate.setter
    def learning_rate(self, value: ScheduleLike) -> None:
        held = self._learning_rate
        if callable(value):
            self._learning_rate = value
            self._variables[:] = [variable for variable in self._variables if variable is not held]
        elif isinstance(held, Variable):
            held.assign(value)
        else:
            kind = "a LearningRateSchedule" if isinstance(held, LearningRateSchedule) else "a function"
            raise TypeError(
                f"The learning rate of {self.name!r} comes from {kind}, so that it can't be set to {value!r}: set a "
                "schedule or a function, or make the optimizer with a float `learning_rate`."
            )

    @property
    def lr(self) -> Any:
        """The old name of `learning_rate`."""
        deprecation.warn_renamed(type(self).__name__, "lr", "learning_rate")
        return self.learning_rate

    @lr.setter
    def lr(self, value: ScheduleLike) -> None:
        deprecation.warn_renamed(type(self).__name__, "lr", "learning_rate")
        self.learning_rate = value

    def _get_current_learning_rate(self):
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate() if callable(rate) else rate


def checked_rate(rate: ScheduleLike) -> Any:
    """The rate with NumPy's numbers as Python's. Raises ValueError for what is no rate."""
    rate = plain_numbers(rate)
    if callable(rate) or isinstance(rate, float):
        return rate
    advice = f" Write {float(rate)}." if isinstance(rate, int) else ""
    raise ValueError(
        "`learning_rate` must be a float, a LearningRateSchedule or a function without arguments that returns the "
        f"rate, got {rate!r} of type {type(rate).__name__}.{advice}"
    )
