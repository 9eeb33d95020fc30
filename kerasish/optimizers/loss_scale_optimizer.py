"""Loss scaling: gradients of half precision that neither vanish nor overflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import initializers, ops
from kerasish.backend import Variable
from kerasish.backend.interrupts import whole
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distribution import shares
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.shared_arguments import SHARED
from kerasish.suggestions import refuse_unknown, suggesting
from kerasish.typing import AnyTensor, Config, CustomObjects, TensorLike

_OF_INNER = {p.name: p.default for p in SHARED if p.name != "name"}


class LossScaleOptimizer(Optimizer):
    """An optimizer around another that scales the loss up and its gradients down, by a factor that adapts.

    The factor doubles after `dynamic_growth_steps` steps with finite gradients in a row. A step with an infinite or NaN
    gradient changes no variable, and halves the factor.

    Args:
        inner_optimizer: Optimizer that updates the variables.
        initial_scale: float, the factor's start.
        dynamic_growth_steps: int, how many steps with finite gradients double the factor.
        name: string; from the class's name when None.

    Raises:
        ValueError: for `dynamic=False`, for settings that belong to `inner_optimizer`, for an `inner_optimizer` that is
            none.

    Example:
        >>> import kerasish as keras
        >>> optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), initial_scale=8.0)
        >>> weight = keras.Variable([1.0])
        >>> optimizer.apply([keras.ops.array([4.0])], [weight])
        >>> weight.numpy().tolist(), float(optimizer.scale_loss(1.0))
        ([0.75], 8.0)
        >>> optimizer.apply([keras.ops.array([float("inf")])], [weight])
        >>> weight.numpy().tolist(), float(optimizer.scale_loss(1.0))
        ([0.75], 4.0)

    Reference:
        Micikevicius et al. 2018, "Mixed precision training", arXiv:1710.03740.
    """

    needs_whole_tables: str = "a look for gradients that are not finite"

    @suggesting
    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ValueError("`dynamic=False` is gone: set `loss_scale_factor` of the inner optimizer instead.")
        for argument, default in _OF_INNER.items():
            if kwargs.pop(argument, default) != default:
                raise ValueError(f"Set `{argument}` on the `inner_optimizer`: LossScaleOptimizer does not support it.")
        refuse_unknown("LossScaleOptimizer", kwargs, LossScaleOptimizer, error=ValueError)
        if not isinstance(inner_optimizer, Optimizer):
            raise ValueError(f"`inner_optimizer` must be an Optimizer, got {inner_optimizer!r}.")
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.inner_optimizer.loss_scale_factor = None
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        # Made here, not in `build`: the loss of the first step is scaled before `apply` builds.
        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        self.dynamic_scale = self.add_variable(
            (), initializers.Constant(initial_scale), dtype="float32", name="dynamic_scale"
        )

    def build(self, variables: Sequence[Variable]) -> None:
        """Build the inner optimizer."""
        if self.built:
            return
        super().build(variables)
        self.inner_optimizer.build(variables)

    @property
    def variables(self) -> list[Variable]:
        """The own variables, then the inner optimizer's."""
        return self._variables + self.inner_optimizer.variables

    @property
    def iterations(self) -> Variable | AnyTensor:
        """The inner optimizer's count of updates."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: TensorLike) -> None:
        self.inner_optimizer.learning_rate = value

    @whole
    def _apply_checked(self, grads, variables):
        """Update the variables, or only the scale where a gradient is not finite."""

        def update():
            scale = self.dynamic_scale
            overwritten = [self._overwrite_variable_with_gradient(variable) for variable in variables]
            unscaled = [g if as_it_is else ops.divide(g, scale) for g, as_it_is in zip(grads, overwritten)]
            self.inner_optimizer.apply(unscaled, variables)
            grown = ops.equal(self.step_counter, self.dynamic_growth_steps - 1)
            self.dynamic_scale.assign(ops.where(grown, ops.multiply(scale, 2.0), scale))
            self.step_counter.assign(ops.where(grown, 0, ops.add(self.step_counter, 1)))

        def back_off():
            self.step_counter.assign(ops.zeros_like(self.step_counter))
            self.dynamic_scale.assign(ops.multiply(self.dynamic_scale, 0.5))

        with shares.alone():  # these gradients are those of all ranks already
            ops.cond(self.check_finite(grads), update, back_off)

    def check_finite(self, grads: Sequence[TensorLike | None]) -> AnyTensor:
        """Whether every element of every gradient is finite, a bool scalar; None among `grads` does not count."""
        finite = ops.convert_to_tensor(True)
        for gradient in grads:
            if gradient is not None:
                finite = ops.logical_and(finite, ops.all(ops.isfinite(gradient)))
        return finite

    def scale_loss(self, loss: TensorLike) -> AnyTensor:
        """`loss` times the current factor: what to take the gradients of."""
        return ops.multiply(loss, self.dynamic_scale)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> Config:
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Optimizer:
        config = dict(config)
        inner = config.pop("inner_optimizer")
        if isinstance(inner, dict):
            inner = deserialize_keras_object(inner, custom_objects=custom_objects)
        return cls(inner, **config)
