"""Pass `identities`: calls that give back an operand.

x + 0 is x also for x = -0.0, whose sign no later result but 1/x could show.

x * 0 is not 0: it is NaN where x is NaN or infinite.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler.passes.neutral import is_number


def _first(node, _):
    return node.inputs[0]


def _same_shape(node, _):
    x = node.inputs[0]
    return x if x.shape == node.outputs[0].shape else None


def _same_dtype(node, _):
    x = node.inputs[0]
    return x if x.dtype == node.outputs[0].dtype else None


def _unpermuted(node, _):
    return node.inputs[0] if tuple(node.attributes["axes"]) == tuple(range(len(node.inputs[0].shape))) else None


def _neutral(element, both_sides):
    """`x op element` is x, and so is element op x where `both_sides`."""

    def rule(node, rewriter):
        x, y = node.inputs
        if x.shape == node.outputs[0].shape and is_number(rewriter, y, element):
            return x
        if both_sides and y.shape == node.outputs[0].shape and is_number(rewriter, x, element):
            return y
        return None

    return rule


def _unpadded(node, _):
    return node.inputs[0] if all(a == b == 0 for a, b in node.attributes["widths"]) else None


def _only_one(node, _):
    return node.inputs[0] if len(node.inputs) == 1 else None


def _whole(node, _):
    """A slice of everything."""
    x = node.inputs[0]
    return x if x.shape == node.outputs[0].shape and all(s == 1 for s in node.attributes["strides"]) else None


RULES: dict[str, Any] = {
    "identity": [_first],
    "stop_gradient": [_first],
    "custom_gradient": [],
    "cast": [_same_dtype],
    "reshape": [_same_shape],
    "broadcast_to": [_same_shape],
    "transpose": [_unpermuted],
    "add": [_neutral(0, True)],
    "subtract": [_neutral(0, False)],
    "multiply": [_neutral(1, True)],
    "divide": [_neutral(1, False)],
    "pad": [_unpadded],
    "concatenate": [_only_one],
    "slice": [_whole],
    "slice_gradient": [_whole],
    "power": [_neutral(1, False)],
}
