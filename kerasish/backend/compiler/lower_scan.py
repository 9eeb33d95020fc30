"""How `scan` runs in a Program: a flat list of the calls of all steps, each bound to its slices where they lie.

A step reads its carry where the step before wrote it: in the place of a stacked result, among the carry's kept values,
or in one of two buffers in turn. So nothing is copied. A loop with more calls than `MAX_CALLS` binds its body once and
copies slices in and out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.bindable_graph import BindableGraph
from kerasish.backend.compiler.lower_branches import Bound, kept_bindable, unaliased
from kerasish.backend.compiler.lowering import Steps, lowering
from kerasish.backend.graph import Tensor
from kerasish.backend.loops.bodies import body_of, count_slices
from kerasish.backend.primitives.shapes import product
from kerasish.typing import TensorLike

MAX_CALLS = 20_000
_WORTH_TURNING, _SMALL_PRODUCT = 4, 256  # steps, at least; rows, at most


@lowering("scan")
def lower_scan(node: Any, outputs: Sequence[Any], inputs: TensorLike, device: Any, kept: Any) -> Any:
    """All steps in one list where there are not too many calls, or else a loop around one bound body."""
    places = _Places(node, outputs, inputs)
    if "flat" not in kept:
        kept["flat"] = _is_short(places, device, kept)
    return _Unrolled(places, device, kept).steps() if kept["flat"] else _looped(places, device, kept)


def _is_short(places, device, kept):
    """Whether all steps together make no more than `MAX_CALLS` calls; where it is close, as the passes leave them."""
    most = device.most_calls or MAX_CALLS
    if places.length * calls(places.body.nodes, device) <= most:
        return True
    if places.length > most or not device.fuses:
        return False
    _prepare(places, device, kept)
    return places.length * calls(kept["bindable"].nodes, device) <= most


def calls(nodes: Sequence[Any], device: Any) -> Any:
    """About how many calls one run of the nodes takes."""
    total = 0
    for node in nodes:
        if node.operation.name == "scan":
            total += node.attributes["length"] * calls(node.attributes["body"].nodes, device)
        elif node.operation.name not in device.views:
            total += 1
    return total


class _Places:
    """The arrays of a scan node.

    Attributes:
        start, slices, captured: inputs. finals, stacked: outputs; kept: dict from the index of a carry to the array of
            all its values.
        order: the steps' places along the first axis, in the order in which they run.
    """

    def __init__(self, node, outputs, inputs):
        body, carries, length, self.reverse = (node.attributes[k] for k in ("body", "carries", "length", "reverse"))
        per_step, ys = count_slices(inputs, body, carries), len(body.outputs) - carries
        self.body, self.carries, self.length = body, carries, length
        self.start, self.slices, self.captured = (
            inputs[:carries],
            inputs[carries : carries + per_step],
            inputs[carries + per_step :],
        )
        self.finals, self.stacked = outputs[:carries], outputs[carries : carries + ys]
        self.kept = dict(zip(node.attributes.get("trajectories", ()), outputs[carries + ys :]))
        self.order = range(length - 1, -1, -1) if self.reverse else range(length)
        self.first = length if self.reverse else 0

    def after(self, t):
        """Where among a carry's kept values step `t` leaves its own."""
        return t if self.reverse else t + 1


def _with_turned_weights(places):
    """The body with a turned copy, made once, of captured matrices.

    These are the ones that its small products read the other way round: BLAS is faster with the copy.

    Returns: (body with these copies as further inputs, dict from each to the input that it is a copy of).
    """
    body = places.body
    captured = set(body.inputs[places.carries + len(places.slices) :])
    turned, nodes = {}, []
    for node in body.nodes:
        if node.operation.name == "matmul" and node.attributes.get("transpose_y") and places.length >= _WORTH_TURNING:
            x, y = node.inputs
            if y in captured and len(y.shape) == 2 and product(node.outputs[0].shape[:-1]) <= _SMALL_PRODUCT:
                copy = next((new for new, old in turned.items() if old is y), None)
                if copy is None:
                    copy = Tensor(y.shape[::-1], y.dtype, trace=body.trace)
                    turned[copy] = y
                node = node.replace(inputs=[x, copy], attributes={**node.attributes, "transpose_y": False})
        nodes.append(node)
    return (body_of(body.trace, [*body.inputs, *turned], body.outputs, nodes), turned) if turned else (body, turned)


def _prepare(places, device, kept):
    """The body's BindableGraph, made at the first binding, and the buffers that all bindings share."""
    if "bindable" not in kept:
        body, turned = _with_turned_weights(places)
        kept["bindable"], kept["buffers"] = BindableGraph(body, device, place_outputs=True), {}
        kept["turned"] = {copy: (weight, device.buffer(copy.shape, copy.dtype)) for copy, weight in turned.items()}


class _Unrolled:
    """Binds the body once a step. All bindings share the body's one arena."""

    def __init__(self, places, device, kept):
        self.device, self.places = device, places
        _prepare(places, device, kept)
        self.bindable, self.buffers, self.turned = kept["bindable"], kept["buffers"], kept["turned"]

    def steps(self):
        """The calls of all steps, in order."""
        places, bindable, device = self.places, self.bindable, self.device
        body, carries = places.body, places.carries
        new, results = [[bindable.alias(t) for t in ts] for ts in (body.outputs[:carries], body.outputs[carries:])]
        own = set(body.inputs[:carries])
        steady = {t for t in [*body.inputs[carries:], *bindable.constants, *self.turned] if t not in own}
        state, calls = list(places.start), Steps()
        for i, values in places.kept.items():
            target = device.part(values, places.first)
            self._copy(calls, target, state[i])
            state[i] = target
        fixed = dict(zip(body.inputs[carries + len(places.slices) :], places.captured))
        for copy, (weight, array) in self.turned.items():
            bound = device.bind("transpose", array, [fixed[weight]], {"axes": (1, 0)})
            for call in bound if isinstance(bound, list) else [bound]:
                calls.add(call, "transpose")
            fixed[copy] = array
        for t in places.order:
            offers = [(new[i], device.part(values, places.after(t))) for i, values in places.kept.items()]
            offers += [(y, device.part(values, t)) for y, values in zip(results, places.stacked)]
            if t == places.order[-1]:
                offers += list(zip(new, places.finals))
            homes, copies = {}, []
            for tensor, target in offers:
                if tensor not in homes and tensor not in own and tensor not in steady:
                    homes[tensor] = target
                    if tensor in bindable.placed:
                        continue
                copies.append((target, tensor))
            busy = [id(array) for array in state]
            for tensor in new:
                if tensor not in homes and tensor not in own and tensor not in steady:
                    homes[tensor] = self._buffer(tensor, busy)
                    busy.append(id(homes[tensor]))
                    if tensor not in bindable.placed:
                        copies.append((homes[tensor], tensor))
            given = {**fixed, **dict(zip(body.inputs, [*state, *(device.part(x, t) for x in places.slices)]))}
            given.update((tensor, home) for tensor, home in homes.items() if tensor in bindable.placed)
            bound, names, arrays = bindable.bind(given)
            calls.extend_named(bound, names)
            for target, tensor in copies:
                self._copy(calls, target, arrays[tensor])
            state = [homes[t] if t in homes else arrays[t] for t in new]
        return calls

    def _copy(self, calls, target, source):
        bound = self.device.bind("identity", target, [source], {})
        for call in bound if isinstance(bound, list) else [bound]:
            calls.add(call, "identity")

    def _buffer(self, tensor, busy):
        """A buffer for a carry that nothing of this step reads."""
        free = self.buffers.setdefault((tuple(tensor.shape), tensor.dtype), [])
        for array in free:
            if id(array) not in busy:
                return array
        free.append(self.device.buffer(tensor.shape, tensor.dtype))
        return free[-1]


def _looped(places, device, kept):
    """Copy slice t in, run the body, copy its results to place t and its carry back."""
    body, carries = places.body, places.carries
    if "state" not in kept:
        kept["state"] = [device.buffer(t.shape, t.dtype) for t in body.inputs[: carries + len(places.slices)]]
    state, window = kept["state"][:carries], kept["state"][carries:]
    work = Bound(kept_bindable(kept, "body", body, device), [*state, *window, *places.captured], device)
    advance = unaliased(work.outputs[:carries], state, device, work.shares_inputs(carries))
    moves = []
    for t in places.order:
        before = [(target, device.part(x, t)) for target, x in zip(window, places.slices)]
        after = [(device.part(values, t), value) for values, value in zip(places.stacked, work.outputs[carries:])]
        moves.append(
            (before, after, [(device.part(values, places.after(t)), state[i]) for i, values in places.kept.items()])
        )
    copy, start = device.copy_into, list(zip(state, places.start))
    start += [(device.part(values, places.first), places.start[i]) for i, values in places.kept.items()]

    def run():
        for target, value in start:
            copy(target, value)
        for before, after, kept_now in moves:
            for target, value in before:
                copy(target, value)
            work.run()
            for target, value in after:
                copy(target, value)
            advance()
            for target, value in kept_now:
                copy(target, value)
        for target, value in zip(places.finals, state):
            copy(target, value)

    return run
