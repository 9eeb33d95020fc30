"""Several optimizers at once, each for some of the variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend import Variable
from kerasish.backend.interrupts import whole
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distribution import shares
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.optimizer_map import OptimizerMap, check_single
from kerasish.suggestions import suggesting
from kerasish.typing import Config, CustomObjects, TensorLike


class MultiOptimizer(Optimizer):
    """An optimizer that hands each variable to one of several.

    Args:
        optimizer_map: OptimizerMap, or a function from a Variable to its Optimizer.
        loss_scale_factor: float or None, for all of them.
        name: string; from the class's name when None.

    Raises:
        ValueError: in `build`, for a variable whose optimizer is none or holds others itself.

    Example:
        >>> import kerasish as keras
        >>> keras_map = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.5), {"bias": keras.optimizers.SGD(0.25)})
        >>> kernel, bias = keras.Variable([1.0], name="kernel"), keras.Variable([1.0], name="bias")
        >>> keras.optimizers.MultiOptimizer(keras_map).apply([keras.ops.ones(1), keras.ops.ones(1)], [kernel, bias])
        >>> kernel.numpy().tolist(), bias.numpy().tolist()
        ([0.5], [0.75])
    """

    @suggesting
    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        self._optimizer_map = optimizer_map
        self._inner_optimizers = []
        self.loss_scale_factor = loss_scale_factor
        known = list(optimizer_map.values()) if hasattr(optimizer_map, "values") else []
        for optimizer in [*known, getattr(optimizer_map, "default_optimizer", None)]:
            if optimizer is not None:
                self._index_of(optimizer)

    def _index_of(self, optimizer):
        """Where `optimizer` stands among the inner ones; a new one is added."""
        for index, known in enumerate(self._inner_optimizers):
            if known is optimizer:
                return index
        optimizer.loss_scale_factor = self.loss_scale_factor
        self._inner_optimizers.append(optimizer)
        return len(self._inner_optimizers) - 1

    def build(self, variables: Sequence[Variable]) -> None:
        """Build each optimizer for its variables."""
        if self.built:
            return
        chosen = [self._optimizer_map(variable) for variable in variables]
        for optimizer in chosen:
            check_single(optimizer)
        self._var_to_optimizer_idx = {v: self._index_of(optimizer) for v, optimizer in zip(variables, chosen)}
        for optimizer, own in zip(self._inner_optimizers, self._shares(variables, variables)):
            if own:
                optimizer.build([variable for variable, _ in own])
        super().build(variables)

    def _shares(self, variables, items):
        """For each inner optimizer the list of (variable, item) of its variables."""
        shares = [[] for _ in self._inner_optimizers]
        for variable, item in zip(variables, items):
            shares[self._var_to_optimizer_idx[variable]].append((variable, item))
        return shares

    @property
    def optimizers(self) -> list[Optimizer]:
        """The list of inner optimizers."""
        return self._inner_optimizers

    @property
    def variables(self) -> list[Variable]:
        """The own variables, then those of each inner optimizer."""
        return self._variables + [variable for optimizer in self._inner_optimizers for variable in optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """None here: raises AttributeError. Each of `optimizers` has its own."""
        raise AttributeError(f"{self.name!r} has no `learning_rate`: ask each of its `optimizers` for its own.")

    @learning_rate.setter
    def learning_rate(self, value: TensorLike) -> None:
        raise AttributeError(f"{self.name!r} has no `learning_rate` to set: set that of its `optimizers`.")

    @property
    def loss_scale_factor(self) -> Any:
        """The factor that scales the loss, for all optimizers."""
        return getattr(self, "_loss_scale_factor", None)

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: TensorLike) -> None:
        self._loss_scale_factor = value
        for optimizer in getattr(self, "_inner_optimizers", ()):
            optimizer.loss_scale_factor = value

    @whole
    def _apply_checked(self, grads, variables):
        """Update each variable with its optimizer."""
        for optimizer, own in zip(self._inner_optimizers, self._shares(variables, grads)):
            if own:
                with shares.alone():  # these gradients are those of all ranks already
                    optimizer.apply([gradient for _, gradient in own], [variable for variable, _ in own])
        self.assign_add(self._iterations, 1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        for optimizer, own in zip(self._inner_optimizers, self._shares(var_list, var_list)):
            if own:
                optimizer.finalize_variable_values([variable for variable, _ in own])

    def get_config(self) -> Config:
        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Optimizer:
        chosen = deserialize_keras_object(config["optimizer_map"], custom_objects=custom_objects)
        return cls(**{**config, "optimizer_map": chosen})
