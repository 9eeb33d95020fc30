"""Pass `widen`: what computes in half precision does so in float32, and is rounded where it is stored.

    y = add(x, w)                 a = cast(x, float32);  b = cast(w, float32)
    (all bfloat16)                c = add(a, b)
                                  y = narrow(c, bfloat16)

The casts are elementwise. They join the Groups of what makes and reads the values, so that a kernel loads two bytes and
stores two; within a Group what reads `y` gets c, without the rounding. Comparisons alone get it rounded: `x == max(x)`
must hold whether x was stored or not. A product's operands are made float32 by the
Group that made them, or by one of their own.

A float32 twin is shared by readers that stand close to one another. For those far away (the backward pass) it is made
again: the two bytes are what is kept meanwhile. The twins of what is cast from a Variable or comes from outside a loop
are made once.
"""

from __future__ import annotations

from copy import copy

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.passes.dead import needed
from kerasish.backend.float_formats import HALVES
from kerasish.backend.graph import Tensor
from kerasish.backend.loops.bodies import body_of, count_slices
from kerasish.backend.lowbits.widening import WIDE, converted, is_widened
from kerasish.backend.primitives.primitive import is_several, p

_CLOSE = 16  # nodes from one reader of a twin to the next


def widen(draft: Draft) -> Draft:
    """The draft in which nothing computes in half precision; the same one where nothing did."""
    if not any(x.dtype in HALVES for node in draft.nodes for x in node.inputs):
        return draft
    walk = _Widening(draft)
    for place, node in enumerate(draft.nodes):
        walk.add(node, place)
    return draft.replace(nodes=needed(walk.nodes, draft.wanted), constants=walk.constants)


class _Widening:
    """The walk: `nodes` grows by what takes the place of each node."""

    def __init__(self, draft, captured=()):
        """`captured`: the inputs of a loop's body that are the same in each step; `given`: their float32 twins."""
        self.device, self.nodes, self.constants = draft.device, [], dict(draft.constants)
        self.captured, self.given = captured, {}
        self.twins, self.lasting, self.made_by = {}, {}, {}
        self.from_outside = set(draft.graph.reads.values())

    def add(self, node, place):
        """Add `node`, or what computes it in float32."""
        if node.operation is p.scan:
            node = self._with_wide_captures(node)
        elif is_widened(node.operation, [x.dtype for x in node.inputs], self.device):
            node = self._widened(node, place)
        if node is not None:
            self._append(node)

    def _append(self, node):
        self.nodes.append(node)
        for tensor in node.outputs:
            self.made_by[tensor] = node

    def _widened(self, node, place):
        compares = all(tensor.dtype == "bool" for tensor in node.outputs)
        inputs = [
            x if x.dtype not in HALVES else self._rounded(x, node, place) if compares else self._wide(x, node, place)
            for x in node.inputs
        ]
        specs = node.operation.shape_rule(*inputs, **node.attributes)
        outputs, rounded = [], []
        for tensor, spec in zip(node.outputs, specs if is_several(specs) else [specs]):
            if tensor.dtype == spec[1]:
                outputs.append(tensor)
                continue
            made = Tensor(spec[0], spec[1], node=node)
            outputs.append(made)
            rounded.append((made, tensor))
        self._append(node.replace(inputs=inputs, outputs=outputs))
        for made, tensor in rounded:
            narrow = new_node(p.narrow, [made], {"dtype": tensor.dtype}, node.order, node.scope)
            self._append(narrow.replace(outputs=[tensor]))
        return None

    def _rounded(self, x, node, place):
        """The Tensor in float32 with the values that `x` has in memory."""
        maker = self.made_by.get(x)
        if maker is None or maker.operation is not p.narrow:
            return self._wide(x, node, place)
        for dtype in (x.dtype, WIDE):
            cast = new_node(p.cast, [x], {"dtype": dtype}, node.order, node.scope)
            self._append(cast)
            x = cast.outputs[0]
        return x

    def _wide(self, x, node, place):
        """The Tensor with the values of `x` in float32."""
        found = self.lasting.get(x)
        if found is not None:
            return found
        if x in self.constants:
            array = converted(self.device, self.constants[x], WIDE)
            found = self.lasting[x] = Tensor(x.shape, WIDE, "constant")
            self.constants[found] = array
            return found
        if x in self.captured:
            found = self.given[x] = self.lasting[x] = Tensor(x.shape, WIDE, trace=x.trace)
            return found
        found, last = self.twins.get(x, (None, 0))
        if found is None or place - last > _CLOSE:
            cast = new_node(p.cast, [x], {"dtype": WIDE}, node.order, node.scope)
            self._append(cast)
            found = cast.outputs[0]
        self.twins[x] = found, place
        if self._lasts(x):
            self.lasting[x] = found
        return found

    def _lasts(self, x):
        """Whether `x` is a Variable's value, cast."""
        maker = self.made_by.get(x)
        return maker is not None and maker.operation is p.cast and maker.inputs[0] in self.from_outside

    def _with_wide_captures(self, node):
        """A loop whose body computes nothing in half precision, and is given in float32 what it captures so."""
        body, carries = node.attributes["body"], node.attributes["carries"]
        if not any(x.dtype in HALVES for inner in body.nodes for x in inner.inputs):
            return node
        first = carries + count_slices(node.inputs, body, carries)
        captured = dict(zip(body.inputs[first:], node.inputs[first:]))
        walk = _Widening(Draft(body, self.device), captured)
        for place, inner in enumerate(body.nodes):
            walk.add(inner, place)
        nodes = needed(walk.nodes, body.outputs)
        read = {x for inner in nodes for x in inner.inputs}.union(body.outputs)
        for half, wide in walk.given.items():
            captured[wide] = self._wide(captured[half], node, len(self.nodes))
        captured = {inner: outer for inner, outer in captured.items() if inner in read}
        trace = copy(body.trace)  # that others may be reading
        trace.constants = walk.constants
        lean = body_of(trace, [*body.inputs[:first], *captured], body.outputs, nodes)
        inputs = [*node.inputs[:first], *captured.values()]
        return node.replace(inputs=inputs, attributes={**node.attributes, "body": lean})
