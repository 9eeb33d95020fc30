"""The exponential moving averages of the variables, which `use_ema` keeps."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.backend.variable import assign_all
from kerasish.optimizers.sharing import StepSharing


class MovingAverage(StepSharing):
    """The part of an `Optimizer` that averages the variables over the steps."""

    def _update_model_variables_moving_average(self, trainable_variables):
        """The first average is the variable itself. When its turn has come, the average overwrites the variable."""
        for variable, average in zip(trainable_variables, self._model_variables_moving_average):
            if average is not None:
                old, new = self.once_a_step(self._average_weights, None, variable.dtype)
                average.assign(ops.add(ops.multiply(average, old), ops.multiply(variable, new)))
                if self.ema_overwrite_frequency:
                    overwriting = self.once_a_step(self._is_overwriting, None, None)
                    variable.assign(ops.where(overwriting, average, variable))

    def _average_weights(self, _, dtype):
        old = ops.multiply(ops.cast(ops.not_equal(self.iterations, 0), dtype), self.ema_momentum)
        return old, ops.subtract(1.0, old)

    def _is_overwriting(self, _, __):
        return ops.equal(ops.mod(ops.add(self.iterations, 1), self.ema_overwrite_frequency), 0)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training: set the variables to their averages, where `use_ema` keeps them.

        Args:
            var_list: the list of Variables that the optimizer was built with.
        """
        if not self.use_ema:
            return
        averages = self._model_variables_moving_average
        if len(var_list) != len(averages):
            raise ValueError(
                f"`var_list` must be the variables that optimizer {self.name!r} was built with: got {len(var_list)}, "
                f"there are {len(averages)} averages."
            )
        assign_all((variable, average) for variable, average in zip(var_list, averages) if average is not None)


def check_ema(momentum: float, frequency: int | None) -> None:
    """Raise ValueError for settings out of range."""
    if not 0 <= momentum <= 1:
        raise ValueError(f"`ema_momentum` must be in [0, 1], got {momentum!r}.")
    if frequency and (not isinstance(frequency, int) or frequency < 1):
        raise ValueError(f"`ema_overwrite_frequency` must be an int >= 1 or None, got {frequency!r}.")
