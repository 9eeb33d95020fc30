"""A value of the ONNX graph that is being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Value:
    """What a node of ONNX makes, or a constant, or such a thing with its axes in another order.

    The last kind is how models with channels last become ONNX, whose convolutions want them in front: a convolution's
    result is kept as it came, with the order of axes in which the rest of the model sees it. What computes element by
    element works below that order, the next convolution finds the axes as it wants them, and a Transpose is written
    only for who can't.

    Args:
        graph: the GraphWriter in which it is made.
        name: string, its name in ONNX; None while it has none.
        dtype: string.
        shape: tuple of ints and Sizes; None where nobody asked.
        array: the host array of a constant, or None.
        base: the Value that this one is with its axes in another order, or None.
        axes: the axes of `base` in the order of this one.
        hint: what a constant is to be called when it is written.
    """

    __slots__ = ("graph", "name", "dtype", "shape", "array", "base", "axes", "hint")

    def __init__(
        self,
        graph: Any,
        name: str | None,
        dtype: str,
        shape: Sequence[Any] | None = None,
        array: Any = None,
        base: Value | None = None,
        axes: tuple[int, ...] | None = None,
        hint: str | None = None,
    ) -> None:
        self.graph = graph
        self.name = name
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.array = array
        self.base = base
        self.axes = axes
        self.hint = hint

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<Value {self.name}: {self.shape} {self.dtype}>"


def inverse(axes: Sequence[int]) -> tuple[int, ...]:
    """The order that undoes `axes`."""
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))
