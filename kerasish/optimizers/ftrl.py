"""Follow the regularized leader."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import initializers, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Ftrl(Optimizer):
    """Follow the regularized leader, which keeps sparse models sparse.

        n' = n + gradient**2;  sigma = (n'**-power - n**-power) / learning_rate
        z += gradient + 2 * l2_shrinkage * variable - sigma * variable
        variable = (clip(z, -l1, l1) - z) / (n'**-power / learning_rate + 2 * (l2 + beta / (2 * learning_rate)))

    Args:
        learning_rate_power: float, 0 or less; 0 keeps the rate fixed.
        initial_accumulator_value: float, 0 or more: the start of n.
        l1_regularization_strength: float, 0 or more: the L1 penalty, which sets weights to 0.
        l2_regularization_strength: float, 0 or more: the L2 penalty.
        l2_shrinkage_regularization_strength: float, 0 or more: an L2 penalty on the magnitude rather than on the step.
        beta: float, the paper's beta, which slows the first steps.

    Raises:
        ValueError: for values out of range.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([0.0])
        >>> keras.optimizers.Ftrl(0.5, initial_accumulator_value=7.0).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        -0.375

    Reference:
        McMahan et al. 2013, "Ad click prediction: a view from the trenches".
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        for argument, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0.0:
                raise ValueError(f"`{argument}` must be positive or zero, got {value!r}.")
        if learning_rate_power > 0.0:
            raise ValueError(f"`learning_rate_power` must be negative or zero, got {learning_rate_power!r}.")
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], [start, "zeros"]
        )

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        l2_twice = self.once_a_step(self._l2_twice, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        n, z = self._accumulators[index], self._linears[index]
        before = self._power(n)
        self.assign_add(n, ops.square(gradient))
        after = self._power(n)
        if self.l2_shrinkage_regularization_strength:
            shrinkage = ops.multiply(variable, 2 * self.l2_shrinkage_regularization_strength)
            gradient = ops.add(gradient, shrinkage)
        sigma = ops.divide(ops.subtract(after, before), rate)
        self.assign_add(z, ops.subtract(gradient, ops.multiply(sigma, variable)))
        divisor = ops.add(ops.divide(after, rate), l2_twice)
        if self.l1_regularization_strength:
            l1 = self.l1_regularization_strength
            self.assign(variable, ops.divide(ops.subtract(ops.clip(z, -l1, l1), z), divisor))
        else:
            self.assign(variable, ops.divide(ops.negative(z), divisor))

    def _power(self, n):
        return ops.sqrt(n) if self.learning_rate_power == -0.5 else ops.power(n, -self.learning_rate_power)

    def _l2_twice(self, learning_rate, dtype):
        return ops.add(ops.divide(self.beta, ops.cast(learning_rate, dtype)), 2 * self.l2_regularization_strength)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
