"""Pass `select_branches`: both branches of a small `cond` are computed, and the results of one are taken.

    y = cond(c, then, otherwise, x)         a = then(x);  b = otherwise(x)
                                            y = where(c, a, b)

For devices that record a step once and replay it: which branch is taken they would have to tell the host, which then
launches it. A branch is small where it walks over its values alone: the update of an optimizer, which a loss scale
leaves out when a gradient is not finite, becomes one kernel with the choice in it. What a product, a loop or a random
number stands in stays a branch.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import Role


def select_branches(draft: Draft) -> Draft:
    """The draft without small branches; the same one where it had none."""
    if not any(_is_selected(node) for node in draft.nodes):
        return draft
    nodes, constants = [], dict(draft.constants)
    for node in draft.nodes:
        if _is_selected(node):
            _select(node, nodes, constants)
        else:
            nodes.append(node)
    return draft.replace(nodes=nodes, constants=constants)


def _is_selected(node):
    """Whether `node` is a `cond` whose branches are small."""
    return node.operation is p.cond and all(map(_is_small, node.attributes["branches"]))


def _is_small(branch):
    return all(_is_selected(node) or _walks_once(node) for node in branch.nodes)


def _walks_once(node):
    traits = node.operation.traits
    light = traits.elementwise or traits.view or traits.role is not Role.NONE or not node.inputs
    return traits.pure and light and node.region is None


def _select(node, nodes, constants):
    """Append to `nodes` what both branches do, and the choice."""
    predicate, *values = node.inputs
    made = [_copied(branch, values, nodes, constants) for branch in node.attributes["branches"]]
    for output, one, other in zip(node.outputs, *made):
        choice = new_node(p.where, [predicate, one, other], {}, node.order, node.scope)
        nodes.append(choice.replace(outputs=[output]))


def _copied(branch, values, nodes, constants):
    """Append the nodes of `branch` for these values of its inputs; returns what stands for its outputs."""
    known = dict(zip(branch.inputs, values))
    constants.update(branch.constants)
    for inner in branch.nodes:
        inputs = [known.get(x, x) for x in inner.inputs]
        outputs = [Tensor(t.shape, t.dtype, node=inner) for t in inner.outputs]
        known.update(zip(inner.outputs, outputs))
        twin = inner.replace(inputs=inputs, outputs=outputs)
        if _is_selected(twin):
            _select(twin, nodes, constants)
        else:
            nodes.append(twin)
    return [known.get(t, t) for t in branch.outputs]
