"""Muon: orthogonal steps for matrices, Adam for the rest."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import UpdateArguments, with_shared_arguments
from kerasish.typing import AnyTensor, Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Muon(Optimizer):
    """Momentum whose step is the nearest orthogonal matrix, for matrices; Adam for all other variables.

        m = momentum * m + gradient;  g = gradient + momentum * m with `nesterov`, else m
        variable -= learning_rate * rms_rate * sqrt(max(rows, columns)) * orthogonal(g)

    where `orthogonal` takes `ns_steps` Newton-Schulz steps, with the coefficients a, b, c:

        x = a * x + (b * x @ x.T + c * (x @ x.T) @ (x @ x.T)) @ x

    Args:
        epsilon: float that keeps the divisor of Adam's steps from 0.
        adam_weight_decay: float or None, the weight decay of variables that Adam updates.
        weight_decay: float or None, the weight decay of the matrices.
        exclude_layers: list of regular expressions; a matrix in whose path one is found is left to Adam.
        exclude_embeddings: bool. Leave matrices with "embedding" in their path to Adam.
        muon_a: float, the coefficient a of a Newton-Schulz step.
        muon_b: float, the coefficient b.
        muon_c: float, the coefficient c.
        adam_beta_1: float, how much of the running mean of the gradient Adam keeps each step.
        adam_beta_2: float, how much of that of its square.
        ns_steps: int, how many Newton-Schulz steps.
        adam_lr_ratio: float, Adam's learning rate over `learning_rate`.
        momentum: float, how much of m is kept each step.
        nesterov: bool. Orthogonalise the step that comes next rather than m.
        rms_rate: float or None, the root mean square of a step for a learning rate of 1. None leaves the steps at the
            size of an orthogonal matrix.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable(keras.ops.zeros((2, 2)))
        >>> keras.optimizers.Muon(0.5, rms_rate=None).apply([keras.ops.eye(2)], [weight])
        >>> 0.3 < -float(weight[0, 0]) < 0.6, float(weight[0, 1])
        (True, 0.0)

    Reference:
        Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; Liu et al. 2025, "Muon is
        scalable for LLM training" (rms_rate), arXiv:2502.16982.
    """

    needs_whole_tables: str = "an orthogonal factor"

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: int = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float = 0.2,
        **shared: Unpack[UpdateArguments],
    ) -> None:
        super().__init__(learning_rate, weight_decay, **shared)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_lr_ratio, self.adam_weight_decay = adam_lr_ratio, adam_weight_decay
        self.muon_a, self.muon_b, self.muon_c, self.ns_steps = muon_a, muon_b, muon_c, ns_steps
        self.momentum, self.nesterov, self.rms_rate = momentum, nesterov, rms_rate
        self.exclude_layers, self.exclude_embeddings = exclude_layers or [], exclude_embeddings

    def _should_use_adamw(self, variable):
        if len(variable.shape) != 2 or (self.exclude_embeddings and "embedding" in variable.path.lower()):
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of each variable: a momentum, and a velocity where Adam updates it."""
        if self.built:
            return
        super().build(variables)
        self.momentums, self.adam_velocities = [], []
        for variable in variables:
            m = v = None
            if not self._overwrite_variable_with_gradient(variable):
                m = self.add_variable_from_reference(variable, "momentum")
                v = self.add_variable_from_reference(variable, "velocity") if self._should_use_adamw(variable) else None
            self.momentums.append(m)
            self.adam_velocities.append(v)

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self.momentums[index], self.adam_velocities[index]
        if v is None:
            self._muon_update_step(gradient, variable, learning_rate, m)
        else:
            self._adamw_update_step(gradient, variable, learning_rate, m, v)

    def _muon_update_step(self, gradient, variable, learning_rate, m):
        rate = self.once_a_step(ops.cast, learning_rate, variable.dtype)
        self.assign(m, ops.add(ops.multiply(m, self.momentum), gradient))
        step = ops.add(gradient, ops.multiply(m, self.momentum)) if self.nesterov else m
        direction = self.zeropower_via_newtonschulz5(step, self.ns_steps)
        self.assign_sub(variable, ops.multiply(direction, ops.multiply(rate, self._size(variable.shape))))

    def _adamw_update_step(self, gradient, variable, learning_rate, m, v):
        rate = self.once_a_step(self._corrected_rate, learning_rate, variable.dtype)
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.adam_beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.adam_beta_2))
        self.assign_sub(variable, ops.divide(ops.multiply(m, rate), ops.add(ops.sqrt(v), self.epsilon)))

    def _corrected_rate(self, learning_rate, dtype):
        step = ops.cast(ops.add(self.iterations, 1), dtype)
        bias_1 = ops.subtract(1.0, ops.power(self.adam_beta_1, step))
        bias_2 = ops.subtract(1.0, ops.power(self.adam_beta_2, step))
        rate = ops.multiply(ops.cast(learning_rate, dtype), self.adam_lr_ratio)
        return ops.divide(ops.multiply(rate, ops.sqrt(bias_2)), bias_1)

    def _size(self, shape):
        return 1.0 if self.rms_rate is None else math.sqrt(max(shape)) * self.rms_rate

    def lr_adjust(self, x: TensorLike) -> AnyTensor:
        """The matrix `x` times sqrt(max(rows, columns)) * rms_rate: of about the size of one of Adam's steps."""
        return ops.multiply(x, self._size(x.shape))

    def zeropower_via_newtonschulz5(self, x: TensorLike, steps: int) -> AnyTensor:
        """An orthogonal matrix near `x`.

        Args:
            x: matrix, shape (rows, columns).
            steps: int, how many Newton-Schulz steps.

        Returns:
            Matrix of the same shape, whose singular values are near 1.
        """
        if len(x.shape) != 2:
            raise ValueError(f"`x` must be a matrix, got shape {tuple(x.shape)}.")
        tall = x.shape[0] > x.shape[1]
        x = ops.transpose(x) if tall else x  # x @ x.T is the smaller product then
        x = ops.divide(x, ops.add(ops.sqrt(ops.sum(ops.square(x))), 1e-7))
        for _ in range(steps):
            square = ops.matmul(x, ops.transpose(x))
            mixed = ops.add(ops.multiply(square, self.muon_b), ops.multiply(ops.matmul(square, square), self.muon_c))
            x = ops.add(ops.multiply(x, self.muon_a), ops.matmul(mixed, x))
        return ops.transpose(x) if tall else x

    def _apply_weight_decay(self, variables):
        for variable in variables:
            decay, rate = self.weight_decay, self._decay_rate
            if self._should_use_adamw(variable):
                decay, rate = self.adam_weight_decay, self._adam_decay_rate
            if decay is not None and self._use_weight_decay(variable):
                self._decay(variable, self.once_a_step(rate, None, variable.dtype))

    def _adam_decay_rate(self, _, dtype):
        return ops.multiply(ops.cast(self.learning_rate, dtype), self.adam_weight_decay)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "exclude_embeddings": self.exclude_embeddings,
            "adam_weight_decay": self.adam_weight_decay,
            "rms_rate": self.rms_rate,
        }
