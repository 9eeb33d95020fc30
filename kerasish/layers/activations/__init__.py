"""Activations as layers."""

from kerasish.layers.activations.activation import Activation
from kerasish.layers.activations.elu import ELU
from kerasish.layers.activations.prelu import PReLU
from kerasish.layers.activations.relu import LeakyReLU, ReLU
from kerasish.layers.activations.softmax import Softmax

__all__ = [
    "ELU",
    "Activation",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Softmax",
]
