"""Pass `memory`: where every value lies.

Views share their source, elementwise results reuse a dying input, gradients that are summed over ranks are made in
their bucket, the rest gets an offset in one arena.

A new value of a variable is written straight into the variable where nothing reads the old value any more.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from kerasish.backend import dtypes
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.made_in_buckets import made_in_buckets
from kerasish.backend.primitives.group import FUSED
from kerasish.backend.primitives.shapes import product
from kerasish.typing import DTypeLike, ShapeLike, TensorLike

ALIGNMENT = 64


class Slot:
    """One stretch of memory and the time (in steps) for which it is taken.

    `bytes`: its size, rounded up to the alignment. `within`: the Slot that it is a part of and in which byte of that it
    begins, or None.
    """

    __slots__ = ("shape", "dtype", "first", "last", "offset", "array", "fixed", "within", "bytes")

    def __init__(self, shape: ShapeLike, dtype: DTypeLike, first: Any, array: TensorLike | None = None) -> None:
        self.shape: ShapeLike = shape
        self.dtype: DTypeLike = dtype
        self.first: Any = first
        self.last: Any = first
        self.offset = None
        self.array: TensorLike | None = array
        self.fixed: bool = array is not None
        self.within: tuple[Slot, int] | None = None
        self.bytes: Any = -(-product(shape) * (dtypes.bits(dtype) // 8) // ALIGNMENT) * ALIGNMENT


class MemoryPlan:
    """What `plan_memory` decided.

    Attributes:
        slot: dict from Tensor to Slot (absent for views).
        root: dict from a view's Tensor to the Tensor whose memory it shares.
        placed: set of output Tensors that get no memory here (see `Draft.place_outputs`).
        written: set of Variables that their update writes in place, without a copy at the end.
        scratch: dict from Node to the Slot that its step works in, of those that need memory for that.
        arena_bytes, total_bytes: with sharing and without.
    """

    def __init__(self, placed: frozenset[Any]) -> None:
        self.placed: frozenset[Any] = placed
        self.slot: dict[Any, Any] = {}
        self.root: dict[Any, Any] = {}
        self.written: set[Any] = set()
        self.scratch: dict[Any, Slot] = {}
        self.arena_bytes = self.total_bytes = 0


def plan_memory(draft: Draft) -> Draft:
    """The draft with a plan of where each output of its nodes lies.

    Inputs, constants, variables and the outputs in `placed` have their arrays already.
    """
    plan = MemoryPlan(_placeable(draft) if draft.place_outputs else frozenset())
    root = plan.root
    last_use = _last_uses(draft, root)
    targets = _in_place_updates(draft, last_use, root)
    parts = made_in_buckets(draft, last_use, root)
    slots = []
    for step, node in enumerate(draft.nodes):
        if is_view(node, draft.device):
            continue
        working = draft.device.scratch(node)
        if working:
            plan.scratch[node] = Slot((working,), "uint8", step)
            slots.append(plan.scratch[node])
            plan.total_bytes += plan.scratch[node].bytes
        dying = _reusable(node, step, plan, root, last_use)
        for number, tensor in enumerate(node.outputs):
            if tensor in plan.placed:
                continue
            variable = targets.get(tensor)
            if variable is not None:
                plan.slot[tensor] = Slot(tensor.shape, tensor.dtype, step, draft.device.held(variable))
                plan.written.add(variable)
                continue
            if tensor in parts:
                start, begin = parts[tensor]
                bucket = start.outputs[0]
                if bucket not in plan.slot:  # it is taken from its first part on
                    plan.slot[bucket] = _new(draft, start, 0, step)
                    slots.append(plan.slot[bucket])
                slot = plan.slot[tensor] = _part(plan.slot[bucket], begin, tensor, step, draft.device)
            elif tensor in plan.slot:
                slot = plan.slot[tensor]
            else:
                slot = _taken(dying, tensor)
                if slot is None:
                    slot = _new(draft, node, number, step)
                    slots.append(slot)
                plan.slot[tensor] = slot
            slot.last = max(slot.last, last_use.get(tensor, step))
            plan.total_bytes += slot.bytes
    plan.arena_bytes = _place(slots)
    for slot in plan.slot.values():
        if slot.within is not None and not slot.fixed:
            slot.offset = slot.within[0].offset + slot.within[1]
    return draft.replace(plan=plan)


def size_of(tensor: Any) -> int:
    """The bytes of a Tensor's numbers."""
    return product(tensor.shape) * dtypes.bits(tensor.dtype) // 8


def is_view(node: Any, device: Any) -> bool:
    """Whether a node's output is its operand seen in another way, without memory of its own."""
    return node.operation.name in device.views


def _placeable(draft):
    written = {t for node in draft.nodes if not is_view(node, draft.device) for t in node.outputs}
    return frozenset(t for t in draft.outputs if t in written)


def _last_uses(draft, root):
    """The last step that reads each root tensor, through any of its views; outputs and updates live to the end.

    `root` is filled with the tensor whose memory a view shares. A view that turns out to need a copy still keeps its
    source alive, which costs bytes and never correctness.
    """
    last = {}
    for step, node in enumerate(draft.nodes):
        follows = node.attributes.get("follows")  # a step with the product before: that one's operands are still read
        for x in node.inputs if follows is None else [*node.inputs, *follows.inputs]:
            last[root.get(x, x)] = step
        if is_view(node, draft.device):
            root[node.outputs[0]] = root.get(node.inputs[0], node.inputs[0])
    for tensor in draft.wanted:
        last[root.get(tensor, tensor)] = len(draft.nodes)
    return last


def _in_place_updates(draft, last_use, root):
    """Updates whose value an elementwise step may write into the variable.

    Nobody reads the old value after that step, and no step after it may raise: a step that fails leaves all as it was.
    """
    safe_from = _last_refusal(draft)
    made_at = {
        t: step
        for step, node in enumerate(draft.nodes)
        if is_pointwise(node) or node.operation.traits.in_place
        for t in node.outputs
    }
    counts = Counter(draft.updates.values())
    found = {}
    for variable, tensor in draft.updates.items():
        old = draft.graph.reads.get(variable)
        step = made_at.get(tensor)
        if (
            step is None
            or step < safe_from
            or counts[tensor] > 1
            or tuple(tensor.shape) != variable._shape
            or tensor.dtype != variable._dtype
        ):
            continue
        old = old if old is None else draft.alias(old)
        unread_after = old is None or last_use.get(old, -1) <= step
        if unread_after and (old is None or _reads_elementwise(draft.nodes[step], old, root)):
            found[tensor] = variable
    return found


def _last_refusal(draft):
    """The last step that may raise for indices that no step before it has read."""
    read, last = set(), -1
    for step, node in enumerate(draft.nodes):
        if node.operation.traits.refuses:
            given = tuple(x for x in node.inputs if dtypes.is_int_dtype(x.dtype)) or node
            if given not in read:
                read.add(given)
                last = step
    return last


def _read_on(node, root):
    """The memory that rows of a product read while `node` works on rows before, where it follows that product."""
    follows = node.attributes.get("follows")
    return set() if follows is None else {root.get(x, x) for x in follows.inputs}


def _reads_elementwise(node, old, root):
    """Whether `node` reads `old` only as it lies, so that writing over it is safe.

    That is, not through a view that moves elements.
    """
    as_it_lies = all(x is old or root.get(x, x) is not old for x in node.inputs)
    return as_it_lies and old not in _read_on(node, root) and node.operation.in_place_operand(node, old)


def _reusable(node, step, plan, root, last_use):
    """The slots of inputs that die here and that this step may overwrite, point by point.

    That of a product which the step follows comes first: devices do both in one kernel where the result lies there.
    """
    if not is_pointwise(node) and not node.operation.traits.in_place:
        return []
    found, read_on = [], _read_on(node, root)
    follows = node.attributes.get("follows")
    made = () if follows is None else (x for x in follows.outputs if x in set(node.inputs))
    for x in dict.fromkeys([*made, *node.inputs]):
        slot = plan.slot.get(x)
        if slot is None or slot.fixed or last_use.get(x) != step or root.get(x, x) in read_on:
            continue
        aliased = any(y is not x and root.get(y, y) is x for y in node.inputs)
        if not aliased and node.operation.in_place_operand(node, x):
            found.append(slot)
    return found


def is_pointwise(node: Any) -> bool:
    """Whether a step computes each point of its outputs from the same point of its operands."""
    return node.operation.traits.elementwise and len(node.outputs) == 1 or node.operation is FUSED


def _new(draft, node, number, step):
    """A Slot for an output of a node."""
    arrays, tensor = draft.device.seen_by_ranks(node), node.outputs[number]
    return Slot(tensor.shape, tensor.dtype, step, None if arrays is None else arrays[number])


def _part(whole, begin, tensor, step, device):
    """The Slot of a Tensor within that of a bucket."""
    array = whole.array
    if array is not None:
        first = begin * 8 // dtypes.bits(whole.dtype)
        array = device.views["slice"](array, start=(first,), stop=(first + product(tensor.shape),), strides=(1,))
        array = device.views["reshape"](array, shape=tuple(tensor.shape))
    slot = Slot(tensor.shape, tensor.dtype, step, array)
    slot.within = whole, begin
    return slot


def _taken(slots, tensor):
    """A slot out of `slots` that `tensor` fits exactly (it is taken from the list), or None."""
    for place, slot in enumerate(slots):
        if tuple(slot.shape) == tuple(tensor.shape) and slot.dtype == tensor.dtype:
            return slots.pop(place)
    return None


def _place(slots):
    """Give each slot an offset: the largest first, at the lowest place free during its whole life.

    Returns the arena's size.
    """
    placed, size = [], 0
    for slot in sorted((s for s in slots if not s.fixed), key=lambda s: -s.bytes):
        busy = sorted((o.offset, o.offset + o.bytes) for o in placed if o.first <= slot.last and slot.first <= o.last)
        offset = 0
        for start, end in busy:
            if offset + slot.bytes <= start:
                break
            offset = max(offset, end)
        slot.offset = offset
        placed.append(slot)
        size = max(size, offset + slot.bytes)
    return size
