"""Pass `leading_ones`: numbers of channels are computed without the axes of size 1 that stand before them.

    mean = multiply(sum(x, (0, 1, 2), keepdims), 1 / n)     row = multiply(sum(x, (0, 1, 2)), 1 / n)
    centered = subtract(x, mean)                            centered = subtract(x, row)
    scaled = multiply(reshape(mean, (c,)), scale)           scaled = multiply(row, scale)

Broadcasting puts such axes there by itself. With them on the one side and without on the other, what is computed of a
normalization's means, variances and their gradients is of several shapes, and so several Groups where one is enough:
each is a launch of a few hundred numbers.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.passes.dead import drop_dead
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import normalize_axes
from kerasish.backend.primitives.traits import Role


def leading_ones(draft: Draft) -> Draft:
    """The draft with such numbers as plain rows; the same one where there are none."""
    walk = _Walk()
    nodes = [made for node in draft.nodes for made in walk.made(node)]
    return drop_dead(draft.replace(nodes=nodes)) if walk.plain else draft


class _Walk:
    """A walk through the nodes. `plain`: dict from a Tensor to the same numbers without the axes before them."""

    def __init__(self):
        self.plain = {}

    def made(self, node):
        """The nodes in the place of `node`; its outputs stay, seen in another way."""
        if len(node.outputs) != 1:
            return [node]
        if node.operation is p.reshape:
            return [self._reshaped(node)]
        if node.operation is p.broadcast_to:
            return [node.replace(inputs=self._plain_operands(node))]
        bare = _bare(node.outputs[0].shape)
        if len(bare) < len(node.outputs[0].shape):
            row = self._reduced(node, bare) if node.operation.traits.role is Role.REDUCES else self._row(node, bare)
            if row is not None:
                shape = {"shape": tuple(node.outputs[0].shape)}
                self.plain[node.outputs[0]] = row.outputs[0]
                return [row, node.replace(operation=p.reshape, inputs=list(row.outputs), attributes=shape)]
        operands = self._plain_operands(node)
        if node.operation.traits.elementwise and _shape(node, operands) == tuple(node.outputs[0].shape):
            return [node.replace(inputs=operands)]
        return [node]

    def _plain_operands(self, node):
        return [self.plain.get(x, x) for x in node.inputs]

    def _reshaped(self, node):
        x, output = self.plain.get(node.inputs[0], node.inputs[0]), node.outputs[0]
        if tuple(x.shape) and tuple(x.shape) == _bare(output.shape):
            self.plain[output] = x
        return node.replace(inputs=[x])

    def _reduced(self, node, bare):
        """The reduction of all but the last axes, without those of size 1 that it leaves."""
        x, keeps = node.inputs[0], node.attributes.get("keepdims")
        if not (bare and keeps and len(node.inputs) == 1):
            return None
        axes = normalize_axes(node.attributes["axis"], len(x.shape))
        if sorted(axes) != list(range(len(x.shape) - len(bare))):
            return None
        return self._made(node, [x], {**node.attributes, "keepdims": False})

    def _row(self, node, bare):
        """The same of plain operands, where all of them are."""
        operands = self._plain_operands(node)
        is_plain = any(x in self.plain for x in node.inputs)
        if not (bare and is_plain and node.operation.traits.elementwise and _shape(node, operands) == bare):
            return None
        return self._made(node, operands, node.attributes)

    @staticmethod
    def _made(node, operands, attributes):
        return new_node(node.operation, operands, attributes, node.order, node.scope)


def _bare(shape):
    """A shape without the axes of size 1 at its beginning."""
    ones = next((axis for axis, n in enumerate(shape) if n != 1), len(shape))
    return tuple(shape[ones:])


def _shape(node, operands):
    """The shape of what a node makes of other operands."""
    return tuple(node.operation.shape_rule(*operands, **node.attributes)[0])
