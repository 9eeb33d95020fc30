"""Nadam."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Nadam(Optimizer):
    """Adam with Nesterov's momentum, whose strength grows with the steps.

        u_t = beta_1 * (1 - 0.5 * 0.96**t), in step t, counted from 1;  U_t = u_1 * ... * u_t
        m += (1 - beta_1) * (gradient - m);  v += (1 - beta_2) * (gradient**2 - v)
        m_hat = u_t+1 * m / (1 - U_t+1) + (1 - u_t) * gradient / (1 - U_t);  v_hat = v / (1 - beta_2**t)
        variable -= learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    Args:
        beta_1: float in [0, 1), how much of m, the running mean of the gradient, is kept each step.
        beta_2: float in [0, 1), how much of v, the running mean of its square, is kept each step.
        epsilon: float that keeps the root from 0.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.Nadam(0.25).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 3)
        0.734

    Reference:
        Dozat 2015, "Incorporating Nesterov momentum into Adam".
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = backend.epsilon() if epsilon is None else epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        dtype = self._trainable_variables[0].dtype if self._trainable_variables else None
        self._u_product = self.add_variable((), "ones", dtype, name="u_product")

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        step = ops.cast(ops.add(self.iterations, 1), self._u_product.dtype)
        self.assign(self._u_product, ops.multiply(self._u_product, self._strength(step)))
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def _strength(self, step):
        """u_t."""
        return ops.multiply(ops.subtract(1.0, ops.multiply(ops.power(0.96, step), 0.5)), self.beta_1)

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        taken, of_mean, of_gradient, correction = self.once_a_step(self._weights, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), taken))
        ahead = ops.add(ops.multiply(m, of_mean), ops.multiply(gradient, of_gradient))
        root = ops.sqrt(ops.multiply(v, correction))
        self.assign_sub(variable, ops.divide(ahead, ops.add(root, self.epsilon)))

    def _weights(self, learning_rate, dtype):
        """1 - beta_2 (rounded as Keras does), and what m, the gradient and v are multiplied with."""
        rate = ops.cast(learning_rate, dtype)
        step, next_step = (ops.cast(ops.add(self.iterations, ahead), dtype) for ahead in (1, 2))
        now, then, product = self._strength(step), self._strength(next_step), ops.cast(self._u_product, dtype)
        of_mean = ops.divide(ops.multiply(rate, then), ops.subtract(1.0, ops.multiply(product, then)))
        of_gradient = ops.divide(ops.multiply(rate, ops.subtract(1.0, now)), ops.subtract(1.0, product))
        correction = ops.divide(1.0, ops.subtract(1.0, ops.power(self.beta_2, step)))
        return ops.subtract(1.0, ops.cast(self.beta_2, dtype)), of_mean, of_gradient, correction

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
