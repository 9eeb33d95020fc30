"""Shape arithmetic that the primitives' rules share. A size that is not known yet is None, or in a trace a Size."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.sizes import Size, unlike
from kerasish.typing import Axis, ShapeLike, TensorLike


def broadcast(*shapes: Any) -> tuple[Any, ...]:
    """The shape that `shapes` broadcast to. Raises ValueError naming them when they do not."""
    rank = max((len(s) for s in shapes), default=0)
    result = []
    for axis in range(-rank, 0):
        sizes = {s[axis] for s in shapes if len(s) >= -axis} - {1}
        known = sizes - {None}
        if len(known) > 1:
            known = _agreed(known)
        if len(known) > 1:
            raise ValueError(
                f"Shapes {', '.join(str(tuple(s)) for s in shapes)} can't be broadcast together (axis {axis}: "
                f"{sorted(known, key=str)})."
            )
        result.append(known.pop() if known else None if None in sizes else 1)
    return tuple(result)


def _agreed(sizes):
    """Of sizes that may be one the most telling: an int before open ones. All of them where two differ for sure."""
    telling = [size for size in sizes if unlike(size, 1)]
    if any(unlike(a, b) for a in telling for b in telling):
        return sizes
    return {min(sizes, key=lambda size: (type(size) is Size, len(str(size)), str(size)))}


def same_dtype(name: str, *inputs: Any) -> Any:
    """The one dtype of `inputs`. Raises ValueError when they differ."""
    dtypes = {x.dtype for x in inputs}
    if len(dtypes) > 1:
        raise ValueError(
            f"The operands of {name!r} must have one dtype, got {[x.dtype for x in inputs]}. Cast them first."
        )
    return inputs[0].dtype


def normalize_axis(axis: Axis, rank: int, name: str = "axis") -> Any:
    """`axis` counted from the front. Raises ValueError when it is out of range."""
    axis = operator.index(axis)
    if not -rank <= axis < rank:
        raise ValueError(f"`{name}`={axis} is out of range for a value with {rank} axes.")
    return axis % rank


def normalize_axes(axes: Axis, rank: int) -> Any:
    """A sorted tuple of axes counted from the front; None means all, an int one."""
    if axes is None:
        return tuple(range(rank))
    axes = (axes,) if hasattr(axes, "__index__") else tuple(axes)
    normal = tuple(sorted(normalize_axis(a, rank) for a in axes))
    if len(set(normal)) != len(normal):
        raise ValueError(f"`axis`={axes} names an axis twice.")
    return normal


def reduced(shape: ShapeLike, axes: Axis, keepdims: bool) -> tuple[Any, ...]:
    """`shape` after a reduction over the normalised `axes`."""
    if keepdims:
        return tuple(1 if i in axes else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in axes)


def product(sizes: Sequence[int]) -> Any:
    """The product of `sizes`; None when one is None."""
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def like_first(x: TensorLike, *_others: Any, **_attributes: Any) -> Any:
    """Shape rule: as the first operand."""
    return Spec(tuple(x.shape), x.dtype)
