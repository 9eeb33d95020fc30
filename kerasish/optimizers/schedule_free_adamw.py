"""Adam that needs no learning rate schedule."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class ScheduleFreeAdamW(Optimizer):
    """Adam with an average of its path in place of a learning rate schedule.

        v += (1 - beta_2) * (gradient**2 - v);  z -= rate * gradient / (sqrt(v / (1 - beta_2**t)) + epsilon)
        x += (z - x) / t, in step t, counted from 1;  variable = (1 - beta_1) * z + beta_1 * x

    Args:
        learning_rate: float, schedule or function; often 1 to 10 times that of a schedule's start.
        beta_1: float, the share of the average x in the variable, at which gradients are taken.
        beta_2: float, how much of the mean square is kept each step.
        epsilon: float that keeps the root from 0.
        warmup_steps: int. The rate grows linearly over so many first steps.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.ScheduleFreeAdamW(0.25).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.75

    Reference:
        Defazio et al. 2024, "The road less scheduled", arXiv:2405.15682.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of each variable; z starts where the variable is."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = [], []
        for variable in variables:
            overwritten = self._overwrite_variable_with_gradient(variable)
            for slots, name, start in (
                (self._momentums, "momentum", _value_of(variable)),
                (self._velocities, "velocity", "zeros"),
            ):
                slots.append(None if overwritten else self.add_variable_from_reference(variable, name, start))

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate, taken, correction, share = self.once_a_step(self._scalars, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        z, v = self._momentums[index], self._velocities[index]
        # x is kept in no slot: it follows from the variable and the old z.
        x = ops.divide(ops.subtract(variable, ops.multiply(z, 1 - self.beta_1)), self.beta_1)
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), taken))
        root = ops.add(ops.sqrt(ops.multiply(v, correction)), self.epsilon)
        self.assign_sub(z, ops.divide(ops.multiply(gradient, rate), root))
        x = ops.add(x, ops.multiply(ops.subtract(z, x), share))
        self.assign(variable, ops.add(ops.multiply(z, 1 - self.beta_1), ops.multiply(x, self.beta_1)))

    def _scalars(self, learning_rate, dtype):
        """The rate with warmup, 1 - beta_2 (rounded as Keras does), what corrects v, and the share of z."""
        step, rate = ops.cast(ops.add(self.iterations, 1), dtype), ops.cast(learning_rate, dtype)
        if self.warmup_steps > 0:
            rate = ops.multiply(rate, ops.minimum(ops.divide(step, self.warmup_steps), 1.0))
        correction = ops.divide(1.0, ops.subtract(1.0, ops.power(self.beta_2, step)))
        return rate, ops.subtract(1.0, ops.cast(self.beta_2, dtype)), correction, ops.divide(1.0, step)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }


def _value_of(variable):
    """An initializer that gives the value of `variable`."""
    return lambda shape, dtype=None: variable.value
