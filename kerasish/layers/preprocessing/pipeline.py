"""Pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.masks import get_keras_mask
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.layer import Layer
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.typing import Config


class Pipeline(DataLayer):
    """Layers applied one after the other, as one layer: for preparing data, within a model or in front of it.

    Args:
        layers: list of layers.
        name: string, by default the class name in snake_case, numbered.

    Raises:
        ValueError: for something that is no layer.

    >>> import kerasish as keras
    >>> both = keras.layers.Pipeline([keras.layers.Rescaling(2.0), keras.layers.Rescaling(1.0, offset=1.0)])
    >>> both(keras.ops.ones((2,))).tolist()
    [3.0, 3.0]
    """

    takes_text = True  # the layers say themselves what they take

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        wrong = [layer for layer in layers if not isinstance(layer, Layer)]
        if wrong:
            raise ValueError(f"`layers` must be a list of layers, got {wrong[0]!r} among them.")
        self._pipeline_layers: list[Layer] = list(layers)
        self.supports_masking = True

    @property
    def runs_on_host(self) -> bool:
        """Whether one of the layers does."""
        return any(layer.runs_on_host for layer in self._pipeline_layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in their order."""
        return self._pipeline_layers

    def _taken(self, inputs):
        return inputs  # the layers say themselves what they take

    def build(self, input_shape: Any) -> None:
        self.built = True  # each layer is built by its first call

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        for layer in self._pipeline_layers:
            taken = call_signature(type(layer).call)
            kwargs = {"mask": mask} if taken.takes_mask else {}
            if taken.takes_training and training is not None:
                kwargs["training"] = training
            inputs = layer(inputs, **kwargs)
            mask = tree.map_structure(lambda x: get_keras_mask(x) if hasattr(x, "shape") else None, inputs)
        return inputs

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return None  # the last layer has given its outputs their masks

    def get_config(self) -> Config:
        return {"name": self.name, "layers": serialize_keras_object(self._pipeline_layers)}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise ValueError(f"The config of a `Pipeline` must hold a list 'layers', got {layers!r}.")
        return cls([deserialize_keras_object(layer) for layer in layers], name=config.get("name"))
