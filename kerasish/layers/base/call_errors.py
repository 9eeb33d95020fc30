"""What an error that comes out of a layer's `call` says: in which layer, and on what that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish import tree

if TYPE_CHECKING:
    from kerasish.layers.base.layer import Layer


def say_where(error: Exception, layer: Layer, arguments: dict[str, Any]) -> None:
    """Note in an error of a `call` the innermost layer that it comes from, and what that was called on."""
    if hasattr(error, "add_note") and not getattr(error, "__notes__", None):  # notes came with Python 3.11
        shapes = ", ".join(f"{name}: {_described(value)}" for name, value in arguments.items())
        error.add_note(f"In the `call` of the layer {layer.name!r} ({type(layer).__name__}), called on {shapes}.")


def refuse_no_tensor(error: Exception, layer: Layer, arguments: dict[str, Any]) -> None:
    """Of a `call` that asks an argument for its shape, which has none: what it takes.

    Raises:
        TypeError: in the place of the AttributeError.
    """
    if not isinstance(error, AttributeError) or error.name not in ("shape", "dtype"):
        return
    name = next((name for name, value in arguments.items() if value is error.obj), None)
    if name is not None:
        kind = type(layer).__name__
        raise TypeError(f"Layer {layer.name!r} ({kind}) takes a tensor as `{name}`, got {error.obj!r:.80}.") from error


def _described(value):
    described = tree.map_structure(
        lambda x: f"{x.dtype}{list(x.shape)}" if hasattr(x, "shape") and hasattr(x, "dtype") else repr(x), value
    )
    text = described if isinstance(described, str) else str(described).replace("'", "")
    return text if len(text) <= 300 else f"{text[:300]} ..."
