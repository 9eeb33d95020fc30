"""Pass `identities`: calls that give back an operand.

x + 0 is x also for x = -0.0, whose sign no later result but 1/x could show.

x * 0 is not 0: it is NaN where x is NaN or infinite.
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.neutral import is_number
from kerasish.backend.compiler.passes.rules import Rules

RULES: Rules = Rules()


@RULES.of("identity")
@RULES.of("stop_gradient")
def _first(node, _):
    return node.inputs[0]


@RULES.of("reshape")
@RULES.of("broadcast_to")
def _same_shape(node, _):
    x = node.inputs[0]
    return x if x.shape == node.outputs[0].shape else None


@RULES.of("cast")
def _same_dtype(node, _):
    x = node.inputs[0]
    return x if x.dtype == node.outputs[0].dtype else None


@RULES.of("transpose")
def _unpermuted(node, _):
    return node.inputs[0] if tuple(node.attributes["axes"]) == tuple(range(len(node.inputs[0].shape))) else None


@RULES.having(lambda traits: traits.neutral is not None)
def _neutral(node, rewriter):
    """`x + 0` is x, and so is 0 + x, where the operands may change places."""
    x, y = node.inputs
    traits, output = node.operation.traits, node.outputs[0]
    if x.shape == output.shape and is_number(rewriter, y, traits.neutral):
        return x
    if traits.commutative and y.shape == output.shape and is_number(rewriter, x, traits.neutral):
        return y
    return None


@RULES.of("pad")
def _unpadded(node, _):
    return node.inputs[0] if all(a == b == 0 for a, b in node.attributes["widths"]) else None


@RULES.of("concatenate")
def _only_one(node, _):
    return node.inputs[0] if len(node.inputs) == 1 else None


@RULES.of("slice")
@RULES.of("slice_gradient")
def _whole(node, _):
    """A slice of everything."""
    x = node.inputs[0]
    return x if x.shape == node.outputs[0].shape and all(s == 1 for s in node.attributes["strides"]) else None


@RULES.of("custom_gradient")
def _passed_through(node, _):
    """Its rule did its work when the graph was differentiated: the outputs are the first operands."""
    return node.inputs[: node.attributes["count"]]
