"""What a layer's `call` adds to training: losses, and the metrics of Keras 2's layers."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.graph import KerasTensor
from kerasish.layers.base.state import LayerState
from kerasish.layers.base.tracking import find
from kerasish.metrics import Mean, Metric
from kerasish.typing import AnyTensor


class LayerLosses(LayerState):
    """The losses of a layer's last call, and those of its weights' regularizers."""

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Add to what training minimises; call it inside `call`.

        Args:
            loss: scalar, or a list of them; or a function without arguments that returns one, which each step asks.
            inputs: accepted for programs written for Keras 2.
        """
        for item in tree.flatten(loss):
            if isinstance(item, KerasTensor):
                raise ValueError(
                    f"`add_loss` of the layer {self.name!r} got {item!r}, a tensor of a functional model's graph. Give "
                    "it to the model that is made of the graph: `model.add_loss(tensor)`."
                )
            if callable(item) and not hasattr(item, "shape"):
                self._loss_functions.append(item)
                continue
            if not hasattr(item, "shape") and not isinstance(item, (int, float)):
                raise ValueError(f"`add_loss` takes scalars computed in `call`, got {item!r}.")
            self._losses_added.append(item)

    def add_metric(self, value: AnyTensor, name: str | None = None, aggregation: str | None = "mean") -> None:
        """Report the mean of `value` (computed in `call`) among the training metrics, as Keras 2's layers do.

        Args:
            value: tensor, computed in `call`; or what a Metric that is an attribute of this layer has just returned,
                which is reported as it is, under the Metric's name.
            name: string under which it is reported.
            aggregation: "mean".
        """
        if aggregation not in ("mean", None):
            raise ValueError(f"`aggregation` must be 'mean', got {aggregation!r}.")
        if isinstance(value, KerasTensor):
            raise ValueError(
                f"`add_metric` of the layer {self.name!r} got {value!r}, a tensor of a functional model's graph. Give "
                "it to the model that is made of the graph: `model.add_metric(tensor, name=...)`."
            )
        if any(metric.has_just_returned(value) for metric in find(self, Metric, self._untracked)):
            return  # among `metrics` already; the mean of what it says after each batch is another number
        if name is None:
            raise ValueError("`add_metric` needs a `name` under which the value is reported.")
        if name not in self._metrics_added:
            self._metrics_added[name] = Mean(name=name)
        self._metrics_added[name].update_state(value)

    @property
    def losses(self) -> list[Any]:
        """Scalars added by `add_loss` in the last call, and those of the weights' regularizers."""
        added = [loss for layer in self._flatten_layers() for loss in layer._losses_added]
        regularized = [v for v in self.trainable_variables if v.regularizer is not None]
        asked = [function() for layer in self._flatten_layers() for function in layer._loss_functions]
        return added + asked + [v.regularizer(v) for v in regularized]

    def _clear_losses(self):
        for layer in self._flatten_layers():
            layer._losses_added.clear()
