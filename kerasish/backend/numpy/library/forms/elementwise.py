"""Elementwise calls that join no group here: each becomes a group of its own."""

from __future__ import annotations

from typing import Any

from kerasish.backend.graph import Tensor
from kerasish.backend.node import PrimitiveNode
from kerasish.backend.numpy.fused.bind import bind
from kerasish.backend.numpy.fused.expressions import is_sayable
from kerasish.backend.numpy.native.language.compile import translated
from kerasish.backend.numpy.native.language.numbers import KernelError
from kerasish.backend.numpy.native.source import Source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.primitives import PRIMITIVES
from kerasish.backend.primitives.group import FULL, Group
from kerasish.backend.primitives.traits import STORED


def alone(name: str, out: Any, inputs: Any, attributes: dict[str, Any], dtype_name: Any) -> Any:
    """The steps of an elementwise call, or None."""
    primitive = PRIMITIVES[name]
    if not primitive.traits.elementwise or isinstance(out, tuple):
        return None
    if not out.size:
        return []
    tensors = [Tensor(x.shape, dtype_name(x)) for x in inputs]
    result = Tensor(out.shape, dtype_name(out))
    node = PrimitiveNode(operation=primitive, inputs=tensors, attributes=attributes, outputs=[result])
    if any(x.dtype not in STORED for x in (*tensors, result)) or not is_sayable(node):
        return None
    group = Group(out.shape)
    group.nodes, group.kinds = [node], {result: FULL}
    group.inputs, group.outputs = tuple(tensors), (result,)
    steps = bind((out,), inputs, group)
    if not all(isinstance(step, NativeStep) for step in steps) or not all(map(_has_words, group.plan.kernels.values())):
        return None
    return steps


def _has_words(kernel):
    """Whether the language says what a printed kernel asks: a power of whole numbers it does not."""
    try:
        translated(Source(kernel[0].text))
    except KernelError:
        return False
    return True
