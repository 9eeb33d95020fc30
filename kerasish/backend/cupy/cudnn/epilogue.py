"""A chain that follows a convolution, as operations of cuDNN on what the convolution makes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import cupy
import numpy as np

from kerasish.backend.cupy.cudnn.library import type_of
from kerasish.backend.cupy.followers import Chain

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


class Words(NamedTuple):
    """A Chain in cuDNN's words.

    Attributes:
        chain: Chain, of primitives that cuDNN has. dtype: of the result. shape: of the result, with two axes of space
            or three. lies: function from a shape to (sizes, strides).
    """

    chain: Chain
    dtype: str
    shape: tuple[int, ...]
    lies: Callable[[Any], Any]

    @property
    def bounds(self) -> dict[int, tuple[int, float]]:
        """For each step that bounds a `relu` which nobody else reads: the place of that, and the number."""
        return _bounds(self.chain)

    @property
    def takes_any_kernel(self) -> bool:
        """Whether cuDNN has it behind kernels of any layout: a bias, and `relu`, bounded or not, or nothing more."""
        bounds = self.bounds
        steps = tuple(step for place, step in enumerate(self.chain.steps) if place not in bounds)
        plain = self.chain._replace(steps=steps)
        return plain.is_bias_and_relu and self.chain.operands[0].dtype.name == self.dtype

    @property
    def key(self) -> Any:
        """What tells it from others."""
        return self.chain.steps, tuple((tuple(x.shape), x.dtype.name) for x in self.chain.operands), self.dtype

    def append(self, graph: Any, made: Any, result: int, more: int) -> dict[int, Any]:
        """Put the steps into `graph`, behind tensor `made`.

        Args:
            result, more: uids, of the result and of the first operand.
        """
        values, arrays = [made], {}
        for place, x in enumerate(self.chain.operands):
            whole = x.size == math.prod(self.shape) and x.ndim > 1
            sizes, strides = self.lies(self.shape if whole else (*[1] * (len(self.shape) - 1), x.size))
            kind, uid = type_of(x.dtype), more + place
            values.append(graph.tensor(name=f"operand{place}", dim=sizes, stride=strides, data_type=kind, uid=uid))
            arrays[uid] = _maker(x)
        bounds, first = self.bounds, len(values)
        most = dict(bounds.values())
        for place, (name, operands) in enumerate(self.chain.steps):
            if place in bounds:
                values.append(values[first + bounds[place][0]])
            else:
                facts = {"upper_clip": most[place]} if place in most else {}
                values.append(getattr(graph, _WORDS[name])(*[values[i] for i in operands], **facts))
        values[-1].set_output(True).set_data_type(type_of(np.dtype(self.dtype))).set_uid(result)
        sizes, strides = self.lies(self.shape)
        values[-1].set_dim(sizes).set_stride(strides)
        return arrays


def _maker(x):
    return lambda: cupy.empty(x.shape, x.dtype)


def _bounds(chain):
    first, found = 1 + len(chain.operands), {}
    for place, (name, operands) in enumerate(chain.steps):
        numbers = [x for x in operands if isinstance(x, float)]
        read = [x - first for x in operands if not isinstance(x, float)]
        if name != "minimum" or len(numbers) != 1 or numbers[0] < 0 or read[0] < 0:
            continue
        readers = sum(isinstance(x, int) and x == first + read[0] for _, given in chain.steps for x in given)
        if chain.steps[read[0]][0] == "relu" and readers == 1:
            found[place] = read[0], numbers[0]
    return found


def words(chain: Chain | None, out: Any, lies: Callable[[Any], Any]) -> Words | None:
    """A Chain in cuDNN's words, or None.

    Args:
        chain: Chain, or None. out: the array that it makes. lies: function from a shape to (sizes, strides).
    """
    if chain is None or not all(name in _WORDS for name, _ in chain.steps):
        return None
    bounds = _bounds(chain)
    plain = [step for place, step in enumerate(chain.steps) if place not in bounds]
    if chain._replace(steps=tuple(plain)).has_numbers:
        return None
    shape = (out.shape[0], 1, *out.shape[1:]) if out.ndim == 3 else tuple(out.shape)
    return Words(chain, out.dtype.name, shape, lies)
