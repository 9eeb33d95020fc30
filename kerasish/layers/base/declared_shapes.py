"""The shapes of a user's layer that says them itself, by its own `compute_output_shape`."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.graph import Tensor
from kerasish.backend.trace import infer
from kerasish.layers.base.call_arguments import build_arguments, call_signature, fill_masks


def declares_shapes(cls: type) -> bool:
    """Whether a class outside of this library defines `compute_output_shape`."""
    owner = next(owner for owner in cls.__mro__ if "compute_output_shape" in vars(owner))
    return owner.__module__.partition(".")[0] != __name__.partition(".")[0]


def declared_spec(layer: Any, args: Any, kwargs: Any) -> Any:
    """Shapes, dtypes and masks of the outputs, as the layer's own `compute_output_shape` says them."""
    if not all(each.built for each in layer._flatten_layers()):
        try:  # the call builds layers that `build` left out; what it says of shapes does not count
            infer(layer._traced_call, args, kwargs)
        except Exception:
            pass
    arguments = call_signature(type(layer).call).by_name(args, kwargs)
    shapes = layer.compute_output_shape(**build_arguments(type(layer).compute_output_shape, arguments))
    specs = tree.map_shape_structure(lambda shape: Tensor(shape, layer.compute_dtype), shapes)
    infer(lambda *args, **kwargs: _declare_masks(layer, specs, args, kwargs), args, kwargs)
    return specs


def _declare_masks(layer, specs, args, kwargs):
    """Give `specs` the masks that the layer's outputs have."""
    signature = call_signature(type(layer).call)
    arguments = signature.by_name(args, kwargs)
    masks = fill_masks(signature, arguments, dict(kwargs))
    layer._mask_outputs(next(iter(arguments.values()), None), masks, specs)
