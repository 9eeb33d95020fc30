"""Gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class SGD(Optimizer):
    """Gradient descent: variable -= learning_rate * gradient.

    With a `momentum` the steps add up:

        velocity = momentum * velocity - learning_rate * gradient
        variable += velocity
        variable += momentum * velocity - learning_rate * gradient, with `nesterov`: the step that comes next

    Args:
        momentum: float in [0, 1], the share of the last step that the next one keeps; 0 is plain gradient descent.
        nesterov: bool. Look one step ahead (Nesterov's momentum).

    Raises:
        ValueError: for a momentum out of range.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.SGD(0.5).apply([keras.ops.array([0.5])], [weight])
        >>> weight.numpy().tolist()
        [0.75]

    Reference:
        Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ValueError(f"`momentum` must be a float in [0, 1], got {momentum!r}.")
        self.momentum, self.nesterov = momentum, nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum else []

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        step = ops.multiply(gradient, rate)
        if not self.momentum:
            self.assign_sub(variable, step)
            return
        velocity = self.momentums[self._get_variable_index(variable)]
        self.assign(velocity, ops.subtract(ops.multiply(velocity, self.momentum), step))
        if self.nesterov:
            self.assign_add(variable, ops.subtract(ops.multiply(velocity, self.momentum), step))
        else:
            self.assign_add(variable, velocity)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "nesterov": self.nesterov,
        }
