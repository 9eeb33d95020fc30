"""What packages ask of `keras.src.backend` about symbolic values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import tree
from kerasish.backend.graph import KerasTensor
from kerasish.backend.trace import infer
from kerasish.typing import TensorLike

SUPPORTS_RAGGED_TENSORS = SUPPORTS_SPARSE_TENSORS = False


def compute_output_spec(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Shapes and dtypes of what `fn(*args, **kwargs)` would return, without computing it.

    Args:
        fn: function, layer or model.
        *args, **kwargs: its arguments, structures with KerasTensors or arrays in them.

    Returns:
        The outputs' structure, with a KerasTensor for each.
    """
    args, kwargs = tree.map_structure(_symbolic, (args, kwargs))
    return tree.map_structure(lambda spec: KerasTensor(spec.shape, spec.dtype), infer(fn, args, kwargs))


def _symbolic(value):
    if isinstance(value, KerasTensor) or not (hasattr(value, "shape") and hasattr(value, "dtype")):
        return value
    return KerasTensor(value.shape, str(value.dtype))


def any_symbolic_tensors(args: TensorLike = None, kwargs: dict[str, Any] | None = None) -> bool:
    """Whether there is a KerasTensor among the arguments of a call."""
    return any(isinstance(leaf, KerasTensor) for leaf in tree.flatten((args or (), kwargs or {})))
