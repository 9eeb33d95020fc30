"""A Group that follows a convolution, as operations of cuDNN on what the convolution makes.

Biases, scales, residuals and activations: chains of operations that cuDNN has by name, on the convolution's result, on
arrays of its shape, and on rows with a number for each channel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import cupy
import numpy as np

from kerasish.backend.cupy.cudnn.library import type_of

_WORDS: dict[str, str] = {}


def _say(primitive, word):
    """CuDNN calls `primitive` so."""
    _WORDS[primitive] = word


_say("add", "add")
_say("subtract", "sub")
_say("multiply", "mul")
_say("maximum", "max")
_say("minimum", "min")
_say("relu", "relu")
_say("sigmoid", "sigmoid")
_say("tanh", "tanh")
_say("softplus", "softplus")
_STORED = ("float32", "float16", "bfloat16")


class Words(NamedTuple):
    """A Group in cuDNN's words.

    Attributes:
        steps: list of (operation, positions of its operands). Position 0 is the convolution, 1 ... the arrays
            `operands`, and then what the steps make, the last of which is the result. operands: arrays. dtype: of the
            result. shape: of the result. lies: function from a shape to (sizes, strides).
    """

    steps: tuple[tuple[str, tuple[int, ...]], ...]
    operands: tuple[Any, ...]
    dtype: str
    shape: tuple[int, ...]
    lies: Callable[[Any], Any]

    @property
    def key(self) -> Any:
        """What tells it from others."""
        return self.steps, tuple((tuple(x.shape), x.dtype.name) for x in self.operands), self.dtype

    @property
    def is_bias_and_relu(self) -> bool:
        """Whether it is a number for each channel that is added, and `relu` or nothing more."""
        names = [name for name, _ in self.steps]
        return names[0] == "add" and names[1:] in ([], ["relu"]) and self.operands[0].size == self.shape[-1]

    def append(self, graph: Any, made: Any, result: int, more: int) -> dict[int, Any]:
        """Put the steps into `graph`, behind tensor `made`.

        Args:
            result, more: uids, of the result and of the first operand.
        """
        values, arrays = [made], {}
        for place, x in enumerate(self.operands):
            whole = x.size == math.prod(self.shape) and x.ndim > 1
            sizes, strides = self.lies(self.shape if whole else (*[1] * (len(self.shape) - 1), x.size))
            kind, uid = type_of(x.dtype), more + place
            values.append(graph.tensor(name=f"operand{place}", dim=sizes, stride=strides, data_type=kind, uid=uid))
            arrays[uid] = _maker(x)
        for word, operands in self.steps:
            values.append(getattr(graph, word)(*[values[i] for i in operands]))
        values[-1].set_output(True).set_data_type(type_of(np.dtype(self.dtype))).set_uid(result)
        sizes, strides = self.lies(self.shape)
        values[-1].set_dim(sizes).set_stride(strides)
        return arrays


def _maker(x):
    return lambda: cupy.empty(x.shape, x.dtype)


def words(group: Any, arrays: dict[Any, Any], made: Any, lies: Callable[[Any], Any]) -> Words | None:
    """A Group in cuDNN's words, or None.

    Args:
        group: Group. arrays: dict from its inputs and outputs to arrays. made: the array that the convolution makes.
        lies: function from a shape to (sizes, strides) in cuDNN's order.
    """
    if len(group.outputs) != 1 or group.constants:
        return None
    out = arrays[group.outputs[0]]
    if out.data.ptr != made.data.ptr or out.shape != made.shape or out.dtype != made.dtype:
        return None
    source = next((t for t in group.inputs if arrays[t] is made or arrays[t].data.ptr == made.data.ptr), None)
    others = [t for t in group.inputs if t is not source]
    if source is None or not all(_is_operand(arrays[t], made) for t in others):
        return None
    places: dict[Any, int] = {source: 0, **{t: place for place, t in enumerate(others, 1)}}
    steps: list[tuple[str, tuple[int, ...]]] = []
    for node in group.nodes:
        name = node.operation.name
        operands = [places.get(x) for x in node.inputs]
        if None in operands or str(node.outputs[0].dtype) not in _STORED:
            return None
        if node.operation.traits.converts:
            places[node.outputs[0]] = operands[0]
        elif name in _WORDS:
            steps.append((_WORDS[name], tuple(operands)))
            places[node.outputs[0]] = len(others) + len(steps)
        else:
            return None
    if not steps or places.get(group.outputs[0]) != len(others) + len(steps):
        return None
    return Words(tuple(steps), tuple(arrays[t] for t in others), out.dtype.name, _with_space(out.shape), lies)


def _with_space(shape):
    """With two axes of space at least."""
    return (shape[0], 1, *shape[1:]) if len(shape) == 3 else tuple(shape)


def _is_operand(x, made):
    """Whether `x` has the shape of the result, or a number for each channel."""
    if type_of(x.dtype) is None or not x.shape:
        return False
    channel = x.shape[-1] == made.shape[-1] and x.size == x.shape[-1]
    return x.shape == made.shape or channel
