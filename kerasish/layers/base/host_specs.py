"""What a layer that computes on values returns for symbolic arguments: it is called on stand-ins of two sizes."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.primitives.shapes import product
from kerasish.backend.texts import is_text, texts_as
from kerasish.ops import zeros

_SIZES = (2, 3)  # of open axes; where results differ, they are open too


def host_spec(layer: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A structure of KerasTensors like the outputs of `layer.call`.

    Args:
        layer: a layer whose `call` reads values.
        args, kwargs: its arguments, with KerasTensors in them.
    """
    first, second = (layer.call(*_stand_ins(args, size), **_stand_ins(kwargs, size)) for size in _SIZES)
    return tree.map_structure(_spec_of, first, second)


def _stand_ins(arguments, size):
    def stand_in(leaf):
        if not isinstance(leaf, KerasTensor):
            return leaf
        shape = tuple(size if axis is None else axis for axis in leaf.shape)
        return texts_as([""] * product(shape), shape) if is_text(leaf) else zeros(shape, leaf.dtype)

    return tree.map_structure(stand_in, arguments)


def _spec_of(a, b):
    shape = tuple(m if m == n else None for m, n in zip(a.shape, b.shape))
    return KerasTensor(shape, "string" if is_text(a) else standardize_dtype(a.dtype))
