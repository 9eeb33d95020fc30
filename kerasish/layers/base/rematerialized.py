"""Which part of a layer's call makes its values again in the backward pass: see `RematScope`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from kerasish import tree
from kerasish.backend.primitives.shapes import product
from kerasish.backend.remat import Rematerialized, RematScope
from kerasish.backend.sizes import is_open


def rematerialized(layer: Any, layer_call: Callable[..., Any], scope: RematScope | None) -> Callable[..., Any]:
    """`layer_call` as `scope` says for this layer."""
    mode = None if scope is None else scope.mode
    if mode == "full" or mode == "list_of_layers" and layer.name in scope.layer_names:
        return Rematerialized(layer_call)
    if mode == "larger_than":
        return Rematerialized(layer_call, lambda outputs: _elements(outputs) > scope.output_size_threshold)
    if mode == "activations" and getattr(layer, "activation", None) is not None:
        return _with_activation_again(layer, layer_call)
    return layer_call


def _elements(outputs):
    """How many they have; of an open shape, which no gradient is asked of, none."""
    shapes = [tuple(leaf.shape) for leaf in tree.flatten(outputs) if hasattr(leaf, "shape")]
    return sum(product(shape) for shape in shapes if not any(map(is_open, shape)))


def _with_activation_again(layer, layer_call):
    @wraps(layer_call)
    def call(*args, **kwargs):
        given = layer.activation
        plain = given.function if isinstance(given, Rematerialized) else given  # another thread may be in the call
        layer.activation = Rematerialized(plain)
        try:
            return layer_call(*args, **kwargs)
        finally:
            layer.activation = plain

    return call
