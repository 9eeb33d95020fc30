"""Adadelta."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Adadelta(Optimizer):
    """Steps as long as past steps were, in proportion to the gradient over its own past size.

        g2 = rho * g2 + (1 - rho) * gradient**2
        step = gradient * sqrt(d2 + epsilon) / sqrt(g2 + epsilon)
        d2 = rho * d2 + (1 - rho) * step**2
        variable -= learning_rate * step

    Args:
        learning_rate: float, schedule or function; 1.0 gives the paper's method.
        rho: float, how much of the running means is kept each step.
        epsilon: float that keeps the roots from 0 and starts the steps.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.Adadelta(1.0, rho=0.75, epsilon=1e-4).apply([keras.ops.array([4.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.98

    Reference:
        Zeiler 2012, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = rho
        self.epsilon = backend.epsilon() if epsilon is None else epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(
            variables, ["accumulated_grad", "accumulated_delta_var"]
        )

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        gradients, steps = self._accumulated_grads[index], self._accumulated_delta_vars[index]
        self._run_mean(gradients, ops.square(gradient))
        step = ops.divide(ops.multiply(self._root(steps), gradient), self._root(gradients))
        self._run_mean(steps, ops.square(step))
        self.assign_sub(variable, ops.multiply(step, rate))

    def _run_mean(self, mean, value):
        self.assign(mean, ops.add(ops.multiply(mean, self.rho), ops.multiply(value, 1 - self.rho)))

    def _root(self, mean_square):
        return ops.sqrt(ops.add(mean_square, self.epsilon))

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
