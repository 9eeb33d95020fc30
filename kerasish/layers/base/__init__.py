"""What all layers share."""

from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer

__all__ = [
    "InputSpec",
    "Layer",
]
