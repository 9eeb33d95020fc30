"""The state of a layer: its variables, sublayers and weights, by level and by trainability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasish.backend.primitives.shapes import product
from kerasish.backend.stateless import StatelessScope
from kerasish.backend.variable import Variable, assign_all, host_array
from kerasish.later import Later
from kerasish.layers.base.tracking import find, unique
from kerasish.metrics import Metric
from kerasish.random import SeedGenerator
from kerasish.typing import AnyTensor


class LayerState:
    """What a Layer has and who may change it; `Layer` adds how it is called."""

    _untracked: frozenset[str] = frozenset()

    if not TYPE_CHECKING:  # editors shall not offer them
        quantize = Later()
        enable_lora = Later()

    @property
    def path(self) -> str:
        """The names of the layers around it and its own, joined by "/"."""
        return self._path or self.name

    @property
    def _layers(self):
        """Direct sublayers, in the order of the attributes that hold them."""
        return [layer for layer in find(self, LayerState, self._untracked) if layer is not self]

    def _flatten_layers(self, include_self=True, recursive=True):
        """This layer and all below it, each once."""
        found, seen = [], set()

        def walk(layer):
            if id(layer) in seen:
                return
            seen.add(id(layer))
            found.append(layer)
            if recursive or layer is self:
                for child in layer._layers:
                    walk(child)

        walk(self)
        return found if include_self else found[1:]

    @property
    def _own_variables(self):
        """Variables made by `add_weight` or kept as attributes: trainable ones first, as Keras stores them."""
        mine = unique(self._added_variables + find(self, Variable, self._untracked | {"_added_variables"}))
        return sorted(mine, key=lambda v: not v.born_trainable)

    @property
    def variables(self) -> list[Variable]:
        """All state: weights, and the states of random generators."""
        seeds = [generator.state for generator in find(self, SeedGenerator, self._untracked)]
        below = [v for layer in self._layers for v in layer.variables]
        return unique(self._own_variables + seeds + below)

    @property
    def weights(self) -> list[Variable]:
        """The variables that training or statistics fill: all but the states of random generators."""
        return unique(self._own_variables + [v for layer in self._layers for v in layer.weights])

    @property
    def trainable_variables(self) -> list[Variable]:
        """Variables that training updates; none where the layer is frozen."""
        return [v for v in self.variables if v.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Variables that training leaves alone."""
        return [v for v in self.variables if not v.trainable] if self.trainable else self.variables

    @property
    def trainable_weights(self) -> list[Variable]:
        """As `trainable_variables`."""
        return [v for v in self.weights if v.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """Weights that training leaves alone, e.g. moving averages."""
        return [v for v in self.weights if not v.trainable] if self.trainable else self.weights

    @property
    def metrics(self) -> list[Any]:
        """Metrics kept as attributes, here and below."""
        return unique([m for layer in self._flatten_layers() for m in find(layer, Metric, layer._untracked)])

    @property
    def metrics_variables(self) -> list[Variable]:
        """The state of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    @property
    def trainable(self) -> bool:
        """Whether training updates the weights; setting it reaches all layers below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: AnyTensor) -> None:
        value = bool(value)
        self._trainable = value
        for variable in self._own_variables:
            if variable.born_trainable:
                variable.trainable = value
        for layer in self._layers:
            layer.trainable = value

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        return self.dtype_policy.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """How the weights are quantized, as the dtype policy says; None where they are not."""
        return getattr(self.dtype_policy, "quantization_mode", None)

    @property
    def input_dtype(self) -> str:
        """The dtype to which floating-point inputs are cast."""
        return self.compute_dtype

    # -- values -------------------------------------------------------------------------------------------------

    def get_weights(self) -> list[Any]:
        """The values of `weights`, as a list of NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Set the values of `weights` from a list of arrays of the same shapes.

        Raises:
            ValueError: when the number or a shape differs; nothing is changed then.
        """
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f"{self.name!r} has {len(own)} weights, but `weights` holds {len(weights)} arrays. Is the layer built?"
            )
        for variable, value in zip(own, weights):
            shape = tuple(value.shape) if hasattr(value, "shape") else tuple(host_array(value).shape)
            if shape != variable.shape:
                raise ValueError(
                    f"`weights` of {self.name!r}: the variable {variable.path!r} has shape {variable.shape}, got "
                    f"{shape}."
                )
        assign_all(zip(own, weights))

    def count_params(self) -> int:
        """The number of elements in all weights.

        Raises:
            ValueError: when the layer is not built.
        """
        if not self.built:
            raise ValueError(
                f"{self.name!r} has no weights yet, because it isn't built. Build it (`build(shape)`) or call it on "
                "data first."
            )
        return sum(product(v.shape) for v in self.weights)

    def save_own_variables(self, store: Any) -> None:
        """Write this layer's own variables (not its sublayers') into the dict-like `store`."""
        for index, variable in enumerate(self._own_variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Set this layer's own variables from `store`.

        Raises:
            ValueError: when their number differs, or the layer is not built.
        """
        own = self._own_variables
        if len(store) != len(own):
            hint = " The layer is not built; call it or the model on data first." if not own and not self.built else ""
            raise ValueError(
                f"Layer {self.name!r} has {len(own)} variables, but the file holds {len(store)} for it.{hint}"
            )
        for index, variable in enumerate(own):
            value = store[str(index)]
            if tuple(value.shape) != variable.shape:
                raise ValueError(
                    f"Layer {self.name!r}: the variable {variable.path!r} has shape {variable.shape}, the file holds "
                    f"{tuple(value.shape)}."
                )
        assign_all((variable, store[str(index)]) for index, variable in enumerate(own))

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """Call the layer with the given values in place of its variables, which stay as they are.

        Args:
            trainable_variables, non_trainable_variables: lists of values, in the order of the properties of the same
            name.
            return_losses: whether to return the losses as well.

        Returns:
            (outputs, non_trainable_values), and the losses where asked for.
        """
        if not self.built:
            raise ValueError(
                f"{self.name!r} must be built before `stateless_call`; call it on data or `build` it first."
            )
        own, given = (
            (self.trainable_variables, self.non_trainable_variables),
            (trainable_variables, non_trainable_variables),
        )
        for name, variables, values in zip(("trainable_variables", "non_trainable_variables"), own, given):
            if len(variables) != len(values):
                raise ValueError(f"`{name}` must hold {len(variables)} values, got {len(values)}.")
        pairs = [*zip(own[0], given[0]), *zip(own[1], given[1])]
        with StatelessScope(pairs) as scope:
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else None
        state = [scope.get_current_value(v) for v in own[1]]
        return (outputs, state, losses) if return_losses else (outputs, state)
