"""The gradient of a scan: a scan the other way round, which reads what the forward one left behind.

The body and its gradient are traced together once, and the trace is cut in two. What the second part reads of the first
becomes an output of the forward scan, unless it is cheap to compute again from what is there anyway.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.autodiff import backpropagate
from kerasish.backend.dtypes import is_inexact_dtype
from kerasish.backend.loops.bodies import Parts, became, began, body_of, inline
from kerasish.backend.loops.emit import emit
from kerasish.backend.loops.totals import Totals
from kerasish.backend.primitives import higher_order as primitives
from kerasish.backend.primitives.primitive import gradient_of, p
from kerasish.backend.primitives.traits import Again
from kerasish.backend.trace import Trace


@gradient_of(primitives.scan)
def scan_gradient(node: Any, *gs: Any) -> Any:
    """Gradients for (carries, slices, captured values), given those of.

    Final carries, stacked outputs, trajectories.
    """
    return _ScanGradient(node, gs).gradients()


scan_gradient.takes_none = True


class _ScanGradient:
    """The work of one call of the rule.

    Attributes:
        joint: the Trace of the body and its gradient; inputs, outputs: the body's, in it; forward: the number of nodes
            of the body.
    """

    def __init__(self, node, gs):
        self.node, self.parts = node, Parts(node)
        parts, body = self.parts, self.parts.body
        self.g_final, self.g_stacked = gs[: parts.carries], gs[parts.carries : parts.carries + parts.ys]
        self.g_kept = {i: g for i, g in zip(parts.trajectories, gs[parts.carries + parts.ys :]) if g is not None}
        count = parts.carries + len(parts.slices)
        self.moving = [i for i in range(parts.carries) if is_inexact_dtype(node.inputs[i].dtype)]
        self.sliced = [i for i in range(parts.carries, count) if is_inexact_dtype(node.inputs[i].dtype)]
        self.wanted = [i for i in range(count, len(node.inputs)) if is_inexact_dtype(node.inputs[i].dtype)]
        self.weighted = [i for i in range(parts.ys) if self.g_stacked[i] is not None]
        after = {i: became(g, parts.length, parts.reverse) for i, g in self.g_kept.items()}
        with Trace("joint") as self.joint:
            self.inputs = [self.joint.input(t.shape, t.dtype) for t in body.inputs]
            self.outputs = inline(body, self.inputs)
            self.forward = len(self.joint.nodes)
            self._differentiate(after)
            self.totals = Totals(self, [self.found.get(self.inputs[i]) for i in self.wanted])
        self.outer = {self.inputs[count + i]: x for i, x in enumerate(parts.captured)}
        self.outer.update({stand_in: outside for outside, stand_in in self.joint.captures.items()})

    def _differentiate(self, after):
        """Add the gradient's nodes to the joint trace. `found` has the gradient of each input of the body.

        `after`: dict from the index of a carry to the gradients of its kept values after each step.
        """
        joint, outputs, parts = self.joint, self.outputs, self.parts
        self.g_carry = {i: joint.input(outputs[i].shape, outputs[i].dtype) for i in self.moving}
        places = [parts.carries + i for i in self.weighted]
        self.g_slices = [
            (joint.input(outputs[k].shape, outputs[k].dtype), self.g_stacked[k - parts.carries]) for k in places
        ]
        arriving = [(outputs[i], g) for i, g in self.g_carry.items()] + [
            (outputs[k], g) for k, (g, _) in zip(places, self.g_slices)
        ]
        for i, g in after.items():
            self.g_slices.append((joint.input(outputs[i].shape, outputs[i].dtype), g))
            arriving.append((outputs[i], self.g_slices[-1][0]))
        self.found = {}
        for tensor, g in arriving:
            self.found[tensor] = p.add(self.found[tensor], g) if tensor in self.found else g
        backpropagate(self.found, [self.inputs[i] for i in (*self.moving, *self.sliced, *self.wanted)])
        # a value that is zero is made by a node, so that every result of the backward body is a tensor of the trace
        self.new_carry = [_or_zeros(self.found.get(self.inputs[i]), self.inputs[i]) for i in self.moving]
        self.present = [i for i in self.sliced if self.found.get(self.inputs[i]) is not None]

    def gradients(self):
        """Emit the backward scan and put its results where they belong."""
        parts, totals = self.parts, self.totals
        results = [*self.new_carry, *totals.new, *(self.found[self.inputs[i]] for i in self.present)]
        values = Residuals(self, [*results, *totals.read])
        handed = [t for t in totals.read if not values.is_stacked(t)]
        nodes = values.nodes_for([*results, *handed])
        read = {id(x) for n in nodes for x in n.inputs} | {id(t) for t in (*results, *handed)}
        slices = {t: values.stacked(t) for t in values.sources if id(t) in read and t not in self.outer}
        slices.update({t: g for t, g in self.g_slices if id(t) in read})
        captured = {t: x for t, x in self.outer.items() if id(t) in read}
        body = body_of(
            self.joint, [*self.g_carry.values(), *totals.old, *slices, *captured], [*results, *handed], nodes
        )
        start = [self._arriving(i) for i in self.moving] + [_zeros(t) for t in totals.old]
        finals, ys = emit(body, start, list(slices.values()), list(captured.values()), parts.length, not parts.reverse)
        found = [None] * len(self.node.inputs)
        for i, g in zip(self.moving, finals):
            found[i] = self._with_first(i, g)
        for i, g in zip(self.present, ys):
            found[i] = g
        stacked = dict(zip(handed, ys[len(self.present) :]))
        for i, g in zip(
            self.wanted,
            totals.results(finals[len(self.moving) :], lambda t: stacked[t] if t in stacked else values.stacked(t)),
        ):
            found[i] = g
        return found

    def _arriving(self, i):
        return _zeros(self.node.inputs[i]) if self.g_final[i] is None else self.g_final[i]

    def _with_first(self, i, g):
        """Where all values of a carry have a gradient, the value before the first step has one of its own."""
        if i not in self.g_kept:
            return g
        first = self.parts.length if self.parts.reverse else 0
        whole = self.g_kept[i]
        shape = tuple(whole.shape[1:])
        own = p.slice(
            whole, start=(first,) + (0,) * len(shape), stop=(first + 1,) + shape, strides=(1,) * (len(shape) + 1)
        )
        return p.add(g, p.reshape(own, shape=shape))


def _or_zeros(g, like):
    return _zeros(like) if g is None else g


def _zeros(like):
    return p.full(shape=tuple(like.shape), value=0.0, dtype=like.dtype)


class Residuals:
    """Which values of the forward body the backward body reads from memory, and where they lie.

    Attributes:
        sources: dict of the Tensors (of the joint trace) that are read.
    """

    def __init__(self, work: Any, results: Any) -> None:
        self.work: Any = work
        self.parts: Any = work.parts
        self.node: Any = work.node
        joint, parts = work.joint, work.parts
        self.forward_nodes: Any = joint.nodes[: work.forward]
        self.backward_nodes: Any = joint.nodes[work.forward :]
        self.made: dict[Any, Any] = {t: n for n in self.forward_nodes for t in n.outputs}
        later = {t: n for n in self.backward_nodes for t in n.outputs}
        self.later = later
        self.carry: dict[Any, int] = {t: i for i, t in enumerate(work.inputs[: parts.carries])}
        self.slice: dict[Any, Any] = {
            t: parts.slices[i] for i, t in enumerate(work.inputs[parts.carries : parts.carries + len(parts.slices)])
        }
        self.arriving: dict[Any, Any] = dict(work.g_slices)
        self.result: dict[Any, int] = {t: i for i, t in reversed(list(enumerate(work.outputs)))}
        self.sources: dict[Any, Any] = {}
        self.again: set[Any] = set()
        self._choose(self._read(results))

    def _read(self, results):
        """The tensors of the forward part that the backward part reads, directly."""
        live, read = set(results), {t for t in results if t not in self.later}
        for node in reversed(self.backward_nodes):
            if any(t in live for t in node.outputs):
                live.update(node.inputs)
                read.update(x for x in node.inputs if x not in self.later)
        return {t for t in read if t in self.made or t in self.carry or t in self.slice}

    def _choose(self, read):
        """Save what was costly; compute again what is cheap, where that takes nothing more to be saved."""
        wanted = set(read)
        for node in reversed(
            self.forward_nodes
        ):  # a value that only moves another's elements is made again from that one
            for t in node.outputs:
                if t in wanted and node.operation.traits.again is Again.FREE and not self._is_there(t):
                    wanted.update(x for x in node.inputs if x in self.made or x in self.carry or x in self.slice)
                    self.again.add(t)
        saved = {
            t
            for t in wanted
            if t not in self.made or (t not in self.again and self.made[t].operation.traits.again is Again.SAVED)
        }
        ready = {t for t in saved}
        ready.update(self.slice)
        ready.update(t for t, i in self.result.items() if i >= self.parts.carries or i in self.parts.trajectories)
        for node in self.forward_nodes:
            for t in node.outputs:
                if t in ready:
                    continue
                cheap = len(node.outputs) == 1 and node.operation.traits.again is not Again.SAVED
                if cheap and all(x in ready or x in self.again or not self._is_local(x) for x in node.inputs):
                    self.again.add(t)
                elif t in wanted:
                    self.again.discard(t)
                    ready.add(t)
        pending, seen = [t for t in wanted], set()
        while pending:
            t = pending.pop()
            if t in seen or not self._is_local(t):
                continue
            seen.add(t)
            if t in self.again and t not in ready:
                pending.extend(self.made[t].inputs)
            else:
                self.again.discard(t)
                self.sources[t] = None

    def _is_there(self, t):
        return t in self.result and (self.result[t] >= self.parts.carries or self.result[t] in self.parts.trajectories)

    def _is_local(self, t):
        return t in self.made or t in self.carry or t in self.slice

    def nodes_for(self, results: Any) -> Any:
        """The nodes of the backward body: what is computed again, and the gradient's."""
        live = set(results)
        kept = []
        for node in reversed(self.forward_nodes + self.backward_nodes):
            if any(t in live and t not in self.sources for t in node.outputs) and (
                node.outputs[0] in self.later or node.outputs[0] in self.again
            ):
                kept.append(node)
                live.update(node.inputs)
        return kept[::-1]

    def is_stacked(self, t: Any) -> bool:
        """Whether `t` of all steps is there without the backward scan's doing."""
        return t in self.sources or t in self.slice or t in self.arriving

    def stacked(self, t: Any) -> Any:
        """`t` of all steps, outside; the forward scan is made to hand it out where it does not yet."""
        if t in self.slice or t in self.arriving:
            return self.slice[t] if t in self.slice else self.arriving[t]
        if self.sources.get(t) is None:
            self.sources[t] = self._handed_out(t)
        return self.sources[t]

    def _handed_out(self, t):
        parts = self.parts
        if t in self.carry:
            return began(self._trajectory(self.carry[t]), parts.length, parts.reverse)
        place = self.result.get(t)
        if place is not None and place < parts.carries and (place in parts.trajectories or self._reads_carry(place)):
            return became(self._trajectory(place), parts.length, parts.reverse)
        return self._output(t)

    def _reads_carry(self, index):
        return self.work.inputs[index] in self.sources

    def _trajectory(self, index):
        """All values of a carry."""
        if index not in self.parts.kept:
            self._grow(None, index)
        return self.parts.kept[index]

    def _output(self, t):
        place = self.result.get(t, -1)
        if place < self.parts.carries:
            self._grow(t, None)
            place = self.result[t]
        return self.node.outputs[place]

    def _grow(self, tensor, index):
        """Give the forward node one more stacked output, or one more trajectory.

        Its body is the joint trace's from now on.
        """
        node, parts, trace = self.node, self.parts, self.node.outputs[0].trace
        body = parts.body
        if body.trace is not self.work.joint:
            body = body_of(self.work.joint, self.work.inputs, self.work.outputs, self.forward_nodes)
        if tensor is not None:
            place = parts.carries + parts.ys
            body = body_of(body.trace, body.inputs, [*body.outputs, tensor], body.nodes)
            node.outputs.insert(place, trace.output(((parts.length, *tensor.shape), tensor.dtype), node, place))
            self.result[tensor] = place
            parts.ys += 1
        else:
            x = node.inputs[index]
            node.outputs.append(trace.output(((parts.length + 1, *x.shape), x.dtype), node, len(node.outputs)))
            parts.trajectories += (index,)
            parts.kept[index] = node.outputs[-1]
        parts.body = body
        node.attributes.update(body=body, trajectories=parts.trajectories)
        for i, t in enumerate(node.outputs):
            t.index = i
