"""Layers that wrap what other frameworks compute: JAX, Flax, PyTorch, TensorFlow, each imported when one is made."""

from kerasish.layers.frameworks.flax_layer import FlaxLayer
from kerasish.layers.frameworks.jax_layer import JaxLayer
from kerasish.layers.frameworks.tfsm_layer import TFSMLayer
from kerasish.layers.frameworks.torch_module_wrapper import TorchModuleWrapper

__all__ = [
    "FlaxLayer",
    "JaxLayer",
    "TFSMLayer",
    "TorchModuleWrapper",
]
