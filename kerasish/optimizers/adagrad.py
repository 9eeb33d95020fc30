"""Adagrad."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, initializers, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Adagrad(Optimizer):
    """The gradient, divided by the root of the sum of all its squares.

        accumulator += gradient**2
        variable -= learning_rate * gradient / sqrt(accumulator + epsilon)

    Args:
        learning_rate: float, schedule or function. The steps shrink by themselves, so that it is often larger than for
            other optimizers.
        initial_accumulator_value: float, the sum's start.
        epsilon: float that keeps the root from 0.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.Adagrad(0.5, initial_accumulator_value=7.0).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.625

    Reference:
        Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = backend.epsilon() if epsilon is None else epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", start)

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        accumulator = self._accumulators[self._get_variable_index(variable)]
        self.assign_add(accumulator, ops.square(gradient))
        root = ops.sqrt(ops.add(accumulator, self.epsilon))
        self.assign_sub(variable, ops.divide(ops.multiply(gradient, rate), root))

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
