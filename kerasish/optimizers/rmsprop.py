"""RMSprop."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class RMSprop(Optimizer):
    """The gradient, divided by the root of a running mean of its square.

        mean_square = rho * mean_square + (1 - rho) * gradient**2
        variable -= learning_rate * gradient / sqrt(mean_square + epsilon)

    Args:
        rho: float, how much of the running means is kept each step.
        momentum: float; where it is positive, the steps add up: step = momentum * step + the step above.
        epsilon: float that keeps the root from 0.
        centered: bool. Divide by the running variance, mean_square - mean**2, in place of the mean square.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.RMSprop(0.1, rho=0.75).apply([keras.ops.array([4.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.8

    Reference:
        Hinton 2012, lecture 6e of "Neural networks for machine learning".
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho, self.momentum, self.centered = rho, momentum, centered
        self.epsilon = backend.epsilon() if epsilon is None else epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum > 0 else []
        self._average_gradients = self.add_optimizer_variables(variables, "average_gradient") if self.centered else []

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        velocity = self._velocities[index]
        self._run_mean(velocity, ops.square(gradient))
        spread = velocity
        if self.centered:
            mean = self._average_gradients[index]
            self._run_mean(mean, gradient)
            spread = ops.subtract(velocity, ops.square(mean))
        step = ops.divide(ops.multiply(gradient, rate), ops.sqrt(ops.add(spread, self.epsilon)))
        if self.momentum > 0:
            momentum = self._momentums[index]
            self.assign(momentum, ops.add(ops.multiply(momentum, self.momentum), step))
            step = momentum
        self.assign_sub(variable, step)

    def _run_mean(self, mean, value):
        self.assign(mean, ops.add(ops.multiply(mean, self.rho), ops.multiply(value, 1 - self.rho)))

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
