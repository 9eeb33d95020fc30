"""Lion."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Lion(Optimizer):
    """The sign of a mix of momentum and gradient: every element moves by the learning rate.

        variable -= learning_rate * sign(beta_1 * m + (1 - beta_1) * gradient)
        m = beta_2 * m + (1 - beta_2) * gradient

    Args:
        learning_rate: float, schedule or function; 3 to 10 times smaller than for Adam.
        beta_1: float in (0, 1], the share of the momentum in the step.
        beta_2: float, how much of the momentum is kept each step.

    Raises:
        ValueError: for a `beta_1` out of range.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0, 1.0])
        >>> keras.optimizers.Lion(0.25).apply([keras.ops.array([3.0, -0.1])], [weight])
        >>> weight.numpy().tolist()
        [0.75, 1.25]

    Reference:
        Chen et al. 2023, "Symbolic discovery of optimization algorithms", arXiv:2302.06675.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        if beta_1 <= 0 or beta_1 > 1:
            raise ValueError(f"`beta_1` must be in (0, 1], got {beta_1!r}. At 0, only the gradient's sign is left.")
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        m = self._momentums[self._get_variable_index(variable)]
        self.assign_sub(variable, ops.multiply(ops.sign(self._mix(m, gradient, self.beta_1)), rate))
        self.assign(m, self._mix(m, gradient, self.beta_2))

    def _mix(self, m, gradient, share):
        return ops.add(ops.multiply(m, share), ops.multiply(gradient, 1.0 - share))

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }
