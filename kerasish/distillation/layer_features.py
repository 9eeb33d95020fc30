"""What some layers inside of a model give, computed along with its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.models.model import Model


class LayerFeatures:
    """A model's outputs, and what is asked for by the names of layers, from one pass.

    Args:
        model: Model; functional where there are names.
        names: list of the names of layers; None for the outputs.
    """

    def __init__(self, model: Model, names: Sequence[str | None]) -> None:
        self._model, self._names = model, names
        inner = {name: model.get_layer(name).output for name in names if name is not None}
        self._extractor = None
        if inner:
            self._extractor = Model(model._inputs_struct, {"outputs": model._outputs_struct, "features": inner})

    def __call__(self, inputs: Any, training: bool | None) -> tuple[Any, list[Any]]:
        """(the outputs, a list of the features by `names`)."""
        if self._extractor is None:
            outputs, inner = self._model(inputs, training=training), {}
        else:
            found = self._extractor(inputs, training=training)
            outputs, inner = found["outputs"], found["features"]
        return outputs, [outputs if name is None else inner[name] for name in self._names]
