"""Pass `fold`.

Where a convolution or a matrix product is followed by a multiplication of its channels, the weights are multiplied
instead.

That is batch normalisation at inference: `(conv(x, k) + b) * f + s`, with f and s worked out from moving averages,
becomes `conv(x, k * f) + (b * f + s)`. Weights may be set between runs, so `k * f` and `b * f + s` stay part of the
program: they are computed at each run. Therefore the weights are folded only where they are much smaller than the
activations; elsewhere only the two additions become one.

f must come from variables and constants alone, none of which the same graph updates: in training nothing is folded.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.passes.dead import drop_dead
from kerasish.backend.dtypes import FLOATS
from kerasish.backend.primitives import PRIMITIVES
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product

WORTH = 4  # how many elements of activation a folded element of the weights must save


def fold(draft: Draft) -> Draft:
    """The draft with scales folded into weights; the same one where there are none."""
    settled = _settled(draft)
    if not any(_is_product(node) and node.inputs[node.operation.traits.weights] in settled for node in draft.nodes):
        return draft
    walk = _Fold(draft, settled)
    for node in draft.nodes:
        walk.place(node)
    return drop_dead(draft.rewritten(walk.nodes, walk.replaced)) if walk.count else draft


def _settled(draft):
    """The tensors in which neither an input of the graph nor an update has a part.

    Constants, variables that are only read, and what is computed from those.
    """
    graph, fed = draft.graph, set(draft.graph.inputs)
    found = set(draft.constants) - fed
    found.update(t for v, t in graph.reads.items() if v not in graph.updates and t.node is None and t not in fed)
    for node in draft.nodes:
        if node.operation.traits.pure and found.issuperset(node.inputs):
            found.update(node.outputs)
    return found


class _Fold:
    """The walk that folds; `settled` grows by what it makes of settled tensors alone."""

    def __init__(self, draft, settled):
        self.nodes, self.count, self.replaced, self.made_by = [], 0, {}, {}
        self.uses = {}
        for tensor in [x for node in draft.nodes for x in node.inputs] + draft.wanted:
            self.uses[tensor] = self.uses.get(tensor, 0) + 1
        self.settled = settled

    def place(self, node):
        """Add `node`, or what takes its place."""
        inputs = [self.replaced.get(x, x) for x in node.inputs]
        node = node.replace(inputs=inputs)
        found = self._folded(node)
        if found is None:
            self._append(node)
        else:
            self.count += 1
            self.replaced[node.outputs[0]] = found
            self.uses[found] = self.uses.get(node.outputs[0], 0)

    def _append(self, node):
        self.nodes.append(node)
        for tensor in node.outputs:
            self.made_by[tensor] = node
        if node.operation.traits.pure and self.settled.issuperset(node.inputs):
            self.settled.update(node.outputs)

    def _make(self, like, name, *inputs, **attributes):
        node = new_node(PRIMITIVES[name], inputs, attributes, order=like.order, scope=like.scope)
        self._append(node)
        self.uses[node.outputs[0]] = 1
        return node.outputs[0]

    def _split(self, node):
        """(activation, vector) of a node that joins the two.

        The vector has one number a channel, or one in all, and is settled. Else None.
        """
        if not _is_scale(node) and not _is_shift(node) or node.outputs[0].dtype not in FLOATS:
            return None
        x, y = node.inputs
        for value, vector in ((x, y), (y, x)) if node.operation.traits.commutative else ((x, y),):
            if (
                vector in self.settled
                and value not in self.settled
                and value.shape == node.outputs[0].shape
                and _is_vector(vector, value)
            ):
                return value, vector
        return None

    def _only_use(self, tensor):
        """The node that makes `tensor`, if nothing else reads it."""
        return self.made_by.get(tensor) if self.uses.get(tensor) == 1 else None

    def _folded(self, node):
        split = self._split(node)
        inner = split and self._only_use(split[0])
        if not inner:
            return None
        if _is_scale(node):
            return self._scaled(node, inner, split[1])
        return self._shifted(node, inner, split[1])

    def _scaled(self, node, inner, factor):
        """(linear + b) * f: the scale moves before the addition, and into the weights if that is worth it."""
        if _is_product(inner):
            return self._with_scaled_weights(inner, factor)
        split = self._split(inner) if _is_shift(inner) else None
        linear = split and self._only_use(split[0])
        if not linear or not _is_product(linear):
            return None
        value = self._with_scaled_weights(linear, factor)
        if value is None:
            value = self._make(node, "multiply", split[0], factor)
        return self._make(node, inner.operation.name, value, self._make(node, "multiply", split[1], factor))

    def _shifted(self, node, inner, shift):
        """(x + b) + s is x + (b + s): one pass over the activations less."""
        split = self._split(inner) if _is_shift(inner) else None
        linear = split and self.made_by.get(split[0])
        if not linear or not (_is_product(linear) or _is_scale(linear)):
            return None
        signs = inner.operation.traits.terms[1], node.operation.traits.terms[1]
        first, second = split[1], shift
        if signs == (1, 1):
            return self._make(node, "add", split[0], self._make(node, "add", first, second))
        if signs == (-1, -1):
            return self._make(node, "subtract", split[0], self._make(node, "add", first, second))
        if signs == (-1, 1):
            first, second = second, first
        return self._make(node, "add", split[0], self._make(node, "subtract", first, second))

    def _with_scaled_weights(self, linear, factor):
        """`linear` with its weights times `factor`, or None where it costs more than it saves, or can't be."""
        operation, output = linear.operation, linear.outputs[0]
        x, weights = linear.inputs
        if weights not in self.settled or x in self.settled or product(weights.shape) * WORTH > product(output.shape):
            return None
        if operation is p.matmul and (len(weights.shape) != 2 or linear.attributes.get("transpose_y", False)):
            return None
        if operation is p.conv_input_gradient:  # the channels of its output are the last axis but one of the kernel
            if linear.attributes["groups"] != 1:
                return None
            if product(factor.shape) != 1:
                factor = self._make(linear, "reshape", factor, shape=(product(factor.shape), 1))
        elif len(factor.shape) > 1:
            factor = self._make(linear, "reshape", factor, shape=(product(factor.shape),))
        scaled = self._make(linear, "multiply", weights, factor)
        return self._make(linear, operation.name, x, scaled, **linear.attributes)


def _is_product(node):
    return node.operation.traits.weights is not None


def _is_scale(node):
    return node.operation is p.multiply


def _is_shift(node):
    """Whether `node` adds or subtracts its second operand."""
    return node.operation.traits.terms is not None and len(node.inputs) == 2


def _is_vector(vector, value):
    """Whether `vector` broadcasts along all axes of `value` but the last.

    It has at most an element for each place along the last one.
    """
    return (
        bool(value.shape) and product(vector.shape) in (1, value.shape[-1]) and all(d == 1 for d in vector.shape[:-1])
    )
