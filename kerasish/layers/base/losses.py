"""What a layer's `call` adds to training: losses, and the metrics of Keras 2's layers."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.layers.base.state import LayerState
from kerasish.metrics import Mean
from kerasish.typing import AnyTensor


class LayerLosses(LayerState):
    """The losses of a layer's last call, and those of its weights' regularizers."""

    def add_loss(self, loss: Any) -> None:
        """Add a scalar (or a list of them) to what training minimises; call it inside `call`."""
        for item in tree.flatten(loss):
            if not hasattr(item, "shape") and not isinstance(item, (int, float)):
                raise ValueError(f"`add_loss` takes scalars computed in `call`, got {item!r}.")
            self._losses_added.append(item)

    def add_metric(self, value: AnyTensor, name: str | None = None, aggregation: str = "mean") -> None:
        """Report the mean of `value` (computed in `call`) among the training metrics, as Keras 2's layers do.

        Args:
            value: tensor, computed in `call`.
            name: string under which it is reported.
            aggregation: "mean".
        """
        if aggregation not in ("mean", None):
            raise ValueError(f"`aggregation` must be 'mean', got {aggregation!r}.")
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
        return added + [v.regularizer(v) for v in regularized]

    def _clear_losses(self):
        for layer in self._flatten_layers():
            layer._losses_added.clear()
