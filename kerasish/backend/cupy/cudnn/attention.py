"""Attention, and its gradients, as graphs of cuDNN: one kernel, or few, that keep no weights in memory.

Arrays are taken as they lie, (batch, length, heads, size). cuDNN names the axes in another order and is told the
strides. It attends in half precision alone, and adds up in float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import cupy
import numpy as np

from kerasish.backend.cupy.cudnn.library import frontend, type_of
from kerasish.backend.cupy.cudnn.lying import lies, lying
from kerasish.backend.cupy.cudnn.plans import Plan, plan
from kerasish.backend.float_formats import HALVES
from kerasish.entries import entering

LOWERINGS: dict[str, Any] = {}
_lowering = entering(LOWERINGS)
_WIDE = (192, 128), (256, 256)  # sizes of heads and values beyond 128 that have gradients on Blackwell (9.28)
QUERY, KEY, VALUE, MADE, SUMS, ARRIVED, BIAS, TO_QUERY, TO_KEY, TO_VALUE, KEPT, GROWN, SHRUNK = range(1, 14)  # uids


class Call(NamedTuple):
    """Attention or its gradients.

    Attributes:
        name: string, of the primitive. query, key, value: shapes. bias: shape, or None. dtype: string.
        scale: float. is_causal: bool, whether a query sees only keys up to its own place.
        grown: float that the weights that are kept are multiplied by, or None where none are dropped.
    """

    name: str
    query: tuple[int, ...]
    key: tuple[int, ...]
    value: tuple[int, ...]
    bias: tuple[int, ...] | None
    dtype: str
    scale: float
    is_causal: bool
    grown: float | None = None

    @property
    def given(self) -> tuple[int, ...]:
        """The uids of the operands, in the primitive's order."""
        own = (QUERY, KEY, VALUE) if self.name == "attention" else (QUERY, KEY, VALUE, MADE, SUMS, ARRIVED)
        return (*own, *([] if self.bias is None else [BIAS]), *([] if self.grown is None else [KEPT]))

    @property
    def numbers(self) -> dict[int, float]:
        """Numbers that cuDNN reads from memory, by uid."""
        if self.grown is None:
            return {}
        return {GROWN: self.grown} if self.name == "attention" else {GROWN: self.grown, SHRUNK: 1 / self.grown}

    @property
    def results(self) -> tuple[int, ...]:
        """The uids of what is computed."""
        return (MADE, SUMS) if self.name == "attention" else (TO_QUERY, TO_KEY, TO_VALUE)

    @property
    def shapes(self) -> dict[int, tuple[int, ...]]:
        """The shape of each array, by uid."""
        batch, length, heads, _ = self.query
        made = batch, length, heads, self.value[3]
        found = {QUERY: self.query, KEY: self.key, VALUE: self.value, MADE: made, SUMS: (batch, heads, length, 1)}
        found.update({ARRIVED: made, TO_QUERY: self.query, TO_KEY: self.key, TO_VALUE: self.value})
        found.update({KEPT: (batch, heads, length, self.key[1]), GROWN: (1, 1, 1, 1), SHRUNK: (1, 1, 1, 1)})
        return found if self.bias is None else {**found, BIAS: self.bias}

    def with_heads(self, size: int, width: int) -> Call:
        """The same with heads of `size` numbers, and values of `width`."""
        shapes = {"query": self.query, "key": self.key, "value": self.value}
        sizes = {"query": size, "key": size, "value": width}
        return self._replace(**{name: (*shape[:3], sizes[name]) for name, shape in shapes.items()})

    def describe(self, cudnn: Any, graph: Any) -> dict[int, Any]:
        """Put the tensors and the operation into `graph`."""
        shapes = self.shapes

        def facts(uid):
            sizes, strides = (_by_length if uid in (SUMS, BIAS, KEPT, GROWN, SHRUNK) else _by_head)(shapes[uid])
            return sizes, strides, type_of(np.dtype(self._dtype(uid)))

        def given(uid):
            sizes, strides, kind = facts(uid)
            return graph.tensor(name=f"given{uid}", dim=sizes, stride=strides, data_type=kind, uid=uid)

        operands = {uid: given(uid) for uid in self.given}
        numbers = [given(uid) for uid in self.numbers]
        options = {"attn_scale": self.scale}
        if self.bias is not None:
            options["bias"] = operands.pop(BIAS)
        if self.grown is not None:
            options["dropout"] = (operands.pop(KEPT), *numbers)
        if self.is_causal:
            options["diagonal_band_right_bound"] = 0
        if self.name == "attention":
            made = graph.sdpa(*operands.values(), generate_stats=True, **options)
        else:
            arrived = [operands[uid] for uid in (QUERY, KEY, VALUE, MADE, ARRIVED, SUMS)]
            made = graph.sdpa_backward(*arrived, **options)
        for uid, tensor in zip(self.results, made):
            sizes, strides, kind = facts(uid)
            tensor.set_output(True).set_dim(sizes).set_stride(strides).set_data_type(kind).set_uid(uid)
        uids = (*self.given, *self.numbers, *self.results)
        return {uid: partial(cupy.empty, shapes[uid], np.dtype(self._dtype(uid))) for uid in uids}

    def _dtype(self, uid):
        return "float32" if uid in (SUMS, GROWN, SHRUNK) else self.dtype


def _by_length(shape):
    """(sizes, strides in elements) of an array in cuDNN's own order of axes."""
    return list(shape), [math.prod(shape[axis + 1 :]) for axis in range(4)]


def _by_head(shape):
    """(sizes, strides in elements) of an array (batch, length, heads, size), in cuDNN's order of axes."""
    sizes, strides = _by_length(shape)
    order = (0, 2, 1, 3)
    return [sizes[axis] for axis in order], [strides[axis] for axis in order]


def hindrance(operands: Sequence[Any], scale: float, is_causal: bool, grown: float | None = None) -> str | None:
    """Why cuDNN does not attend with these; None where it does, or where the sizes are not known yet.

    Args:
        operands: queries, keys and values, perhaps a bias, and with `grown` what is kept: things with `shape`, and
            `dtype` (a string).
        scale: float. is_causal: bool. grown: as in `Call`.
    """
    dtype = operands[0].dtype
    if dtype not in HALVES:
        return f"cuDNN attends in half precision alone, and these are {dtype}"
    if frontend() is None:
        return "cuDNN is not installed"
    if not all(isinstance(size, int) for x in operands for size in x.shape):
        return None
    if not all(math.prod(x.shape) for x in operands):
        return "there is nothing to attend to"
    if _planned(_call("attention", operands[:3], operands[3:], scale, is_causal, grown)) is None:
        return f"cuDNN has no kernel for heads of {operands[0].shape[3]} and {operands[2].shape[3]} numbers"
    return None


def _call(name, operands, more, scale, is_causal, grown=None):
    shapes = [tuple(map(int, x.shape)) for x in operands]
    bias = more if grown is None else more[:-1]
    lies = tuple(bias[0].shape) if bias else None
    return Call(name, *shapes, lies, operands[0].dtype, float(scale), is_causal, grown)


def _planned(call):
    return plan(call, call.describe)


def _fitting(call):
    """(the Call, its Plan), or of gradients, where there is none, those of the next wider heads; None where none is.

    Numbers of a head that are zero add nothing to the products, and get no gradient that anybody asks for.
    """
    calls = [call]
    if call.name != "attention":
        size, width = call.query[3], call.value[3]
        calls += [call.with_heads(*wide) for wide in _WIDE if size <= wide[0] and width <= wide[1]]
    for one in calls:
        found = _planned(one)
        if found is not None:
            return one, found
    return None


class Step:
    """Attention bound to arrays: `given` and `results` by uid. Called, it is computed.

    Args:
        shapes: dict from a uid to the shape that the plan is made for, whose last axis may be longer.
    """

    def __init__(self, found: Plan, shapes: dict[int, Any], given: dict[int, Any], results: dict[int, Any]) -> None:
        self._plan, self._shapes, self._given, self._results = found, shapes, given, results
        self.workspace: Any = None

    def __call__(self) -> None:
        given = {uid: _filled(x, self._shapes[uid]) for uid, x in self._given.items()}
        targets = {uid: self._target(uid, x) for uid, x in self._results.items()}
        self._plan.run({**given, **targets}, self.workspace)
        for uid, x in self._results.items():
            if targets[uid] is not x:
                cupy.copyto(x, targets[uid][..., : x.shape[3]])

    def _target(self, uid, x):
        shape = self._shapes[uid]
        return x if lies(x) and x.shape == shape else cupy.empty(shape, x.dtype)


def _filled(x, shape):
    """`x` as a plan reads it, with zeros behind the numbers of each head where the plan has more of them."""
    if x.shape == shape:
        return lying(x)
    made = cupy.empty(shape, x.dtype)
    cupy.copyto(made[..., : x.shape[3]], x)
    made[..., x.shape[3] :].fill(0)
    return made


@_lowering("attention", "attention_gradient")
def lower(node: Any, outputs: Sequence[Any], inputs: Sequence[Any], device: Any, kept: Any) -> Step | None:
    """The Step for a node; None where cuDNN has no kernel for it."""
    asked = _call_of(node)
    fitting = None if asked is None else _fitting(asked)
    if fitting is None:
        return None
    call, found = fitting
    numbers = {uid: cupy.asarray(np.full((1, 1, 1, 1), x, np.float32)) for uid, x in call.numbers.items()}
    return Step(found, call.shapes, {**dict(zip(call.given, inputs)), **numbers}, dict(zip(call.results, outputs)))


def workspace(node: Any) -> int:
    """Bytes that a node's attention works in; 0 where cuDNN does not compute it."""
    asked = _call_of(node)
    fitting = None if asked is None else _fitting(asked)
    return 0 if fitting is None else fitting[1].bytes


def _call_of(node):
    """The Call of a node; None where cuDNN does not attend so."""
    name = node.operation.name
    more = node.inputs[3 if name == "attention" else 6 :]
    if hindrance([*node.inputs[:3], *more], **node.attributes) is not None:
        return None
    return _call(name, node.inputs[:3], more, **node.attributes)
