"""Losses and metrics that a functional model was given as tensors of its graph, as programs for Keras 2 do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.graph import Graph, KerasTensor
from kerasish.layers.base.layer import Layer


class AddedTensors:
    """What `model.add_loss(tensor)` and `model.add_metric(tensor, name)` were given.

    Args:
        model: the functional model, from whose inputs they are computed.
    """

    def __init__(self, model: Any) -> None:
        self._inputs, self._outputs, self._name = model._inputs_struct, model._outputs_struct, model.name
        self._known = {id(operation) for operation in model.operations}
        self._losses, self._metrics = [], []
        self.graph: Graph | None = None

    def add_loss(self, tensor: KerasTensor) -> None:
        """Raises ValueError where the tensor depends on an Input that is none of the model's."""
        self.graph = self._reaching([*self._losses, tensor], self._metrics)
        self._losses.append(tensor)

    def add_metric(self, tensor: KerasTensor, name: str) -> None:
        """Raises ValueError where the tensor depends on an Input that is none of the model's."""
        self.graph = self._reaching(self._losses, [*self._metrics, (name, tensor)])
        self._metrics.append((name, tensor))

    def _reaching(self, losses, metrics):
        outputs = [self._outputs, list(losses), [tensor for _, tensor in metrics]]
        return Graph(self._inputs, outputs, self._name)

    @property
    def layers(self) -> list[Layer]:
        """The layers that only losses and metrics need."""
        return [op for op in self.graph.operations if isinstance(op, Layer) and id(op) not in self._known]

    def tell(self, results: Sequence[Any], owner: Layer) -> Any:
        """The model's outputs out of the results of `graph`; what was added is told `owner`."""
        outputs, losses, metrics = results
        Layer.add_loss(owner, losses)
        for (name, _), value in zip(self._metrics, metrics):
            Layer.add_metric(owner, value, name)
        return outputs
