"""What goes on inside of a model at a batch: the outputs of its layers, and the gradients of its weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend import convert_to_numpy
from kerasish.backend.function import Function
from kerasish.backend.tape import GradientTape

if TYPE_CHECKING:
    from kerasish.models.model import Model


class Inside:
    """Looks inside of a model; nothing is trained, and no random generator moves on.

    Args:
        model: built model.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._activations = Function(self._outputs_of_layers, f"{model.name}/activations", apart=True)
        self._gradients = Function(self._gradients_of_loss, f"{model.name}/gradients", apart=True)

    def activations(self, batch: Any) -> dict[str, Any]:
        """Dict from a layer's path to its outputs, a NumPy array.

        Args:
            batch: (x, y, sample_weight).
        """
        return self._read(self._activations, batch)

    def gradients(self, batch: Any) -> dict[str, Any]:
        """Dict from a weight's path to the gradient of the loss, a NumPy array.

        Args:
            batch: (x, y, sample_weight).
        """
        return self._read(self._gradients, batch)

    def _read(self, function, batch):
        with self._model._between_steps:
            found = function(*batch)
        return {name: convert_to_numpy(value) for name, value in found.items()}

    def _outputs_of_layers(self, x, y, sample_weight):
        with _noting(self._model) as found:
            self._model(x, training=False)
        self._model._clear_losses()
        return found

    def _gradients_of_loss(self, x, y, sample_weight):
        weights = self._model.trainable_weights
        with GradientTape() as tape:
            outputs = self._model(x, training=False)
            loss = self._model._loss_of(x, y, outputs, sample_weight, training=False)
        gradients = tape.gradient(loss, weights)
        return {weight.path: gradient for weight, gradient in zip(weights, gradients) if gradient is not None}


@contextmanager
def _noting(model: Any) -> Iterator[dict[str, Any]]:
    """While the block runs, what the layers return goes into a dict; of one that is called again, the last."""
    found = {}
    layers = [layer for layer in model._flatten_layers() if layer is not model and "call" not in vars(layer)]

    def noted(layer):
        def call(*args: Any, **kwargs: Any) -> Any:
            result = type(layer).call(layer, *args, **kwargs)
            tensors = [t for t in tree.flatten(result) if hasattr(t, "shape") and hasattr(t, "dtype")]
            for number, tensor in enumerate(tensors):
                found[layer.path if len(tensors) == 1 else f"{layer.path}:{number}"] = tensor
            return result

        return call

    for layer in layers:
        vars(layer)["call"] = noted(layer)
    try:
        yield found
    finally:
        for layer in layers:
            del vars(layer)["call"]
