"""Adafactor."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.docstrings import shares_arguments
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SharedArguments, with_shared_arguments
from kerasish.typing import Config, ScheduleLike, TensorLike, Unpack


@shares_arguments(Optimizer)
class Adafactor(Optimizer):
    """Adam's divisor from the means of the squared gradient over rows and columns, which takes little memory.

        beta = 1 - t**beta_2_decay and rho = min(learning_rate, 1 / sqrt(t)), in step t, counted from 1
        r, c: running means, kept by beta, of gradient**2 + epsilon_1 over the last and the last but one axis
        v = r / mean(r) * c (for a variable of less than two axes: the running mean of the square itself)
        step = gradient / sqrt(v), divided by max(1, rms(step) / clip_threshold)
        variable -= max(epsilon_2, rms(variable)) * rho * step

    Args:
        beta_2_decay: float, below 0.
        epsilon_1: float, added to the squared gradient.
        epsilon_2: float, the least size of a variable.
        clip_threshold: float, the root mean square at which steps are clipped.
        relative_step: bool; a float `learning_rate` is then held below 1 / sqrt(t).

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([2.0, 2.0])
        >>> keras.optimizers.Adafactor(0.25).apply([keras.ops.array([3.0, -3.0])], [weight])
        >>> [round(float(w), 4) for w in weight]
        [1.5, 2.5]

    Reference:
        Shazeer & Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost", arXiv:1804.04235.
    """

    needs_whole_tables: str = "means over rows and columns"

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **shared: Unpack[SharedArguments],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_2_decay, self.relative_step = beta_2_decay, relative_step
        self.epsilon_1, self.epsilon_2, self.clip_threshold = epsilon_1, epsilon_2, clip_threshold

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._r, self._c, self._v = [], [], []
        for variable in variables:
            r, c, v = self._make_slots(variable)
            self._r.append(r)
            self._c.append(c)
            self._v.append(v)

    def _make_slots(self, variable):
        """(r, c, v). A variable of less than two axes has no r and c; scalars hold their place in saved files."""
        shape, name = tuple(variable.shape), variable.name
        overwritten = self._overwrite_variable_with_gradient(variable)
        r = c = None
        if len(shape) < 2:
            r, c = (self.add_variable((), dtype="int32", name=name) for _ in range(2))
        elif not overwritten:
            r = self.add_variable(shape[:-1], dtype=variable.dtype, name=name)
            c = self.add_variable(shape[:-2] + shape[-1:], dtype=variable.dtype, name=name)
        return r, c, None if overwritten else self.add_variable_from_reference(variable, "velocity")

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        rho, kept, taken = self.once_a_step(self._scalars, learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        r, c, v = self._r[index], self._c[index], self._v[index]
        square = ops.add(ops.square(gradient), self.epsilon_1)
        if len(variable.shape) >= 2:
            for mean, axis in ((r, -1), (c, -2)):
                new = ops.multiply(ops.mean(square, axis=axis), taken)
                self.assign(mean, ops.add(ops.multiply(mean, kept), new))
            rows = ops.divide(r, ops.mean(r, axis=-1, keepdims=True))
            self.assign(v, ops.multiply(ops.expand_dims(rows, -1), ops.expand_dims(c, -2)))
        else:
            self.assign(v, ops.add(ops.multiply(v, kept), ops.multiply(square, taken)))
        step = ops.divide(gradient, ops.sqrt(v))
        size = ops.multiply(ops.maximum(_rms(variable), self.epsilon_2), rho)
        clipped = ops.maximum(ops.divide(_rms(step), self.clip_threshold), 1.0)
        self.assign_sub(variable, ops.multiply(step, ops.divide(size, clipped)))

    def _scalars(self, learning_rate, dtype):
        """rho, beta and 1 - beta. Here rho is below 1 / sqrt(t) with or without `relative_step`, as in Keras."""
        step = ops.cast(ops.add(self.iterations, 1), dtype)
        taken = ops.power(step, self.beta_2_decay)
        beta = ops.subtract(1.0, taken)
        rho = ops.minimum(ops.cast(learning_rate, dtype), ops.divide(1.0, ops.sqrt(step)))
        return rho, beta, ops.subtract(1.0, beta)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _rms(x):
    return ops.sqrt(ops.mean(ops.square(x)))
