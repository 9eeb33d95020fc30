"""Pass `selection`: choices that are known when the graph is compiled, and choices made twice. All exact."""

from __future__ import annotations

from typing import Any


def _known(node, rewriter):
    """where(True, x, y) is x; where(c, x, x) is x."""
    condition, x, y = node.inputs
    output = node.outputs[0]
    chosen = rewriter.number(condition)
    if chosen is not None:
        return rewriter.stretched(x if chosen else y, output)
    return rewriter.stretched(x, output) if x is y else None


def _negated(node, rewriter):
    """where(not c, x, y) is where(c, y, x)."""
    condition, x, y = node.inputs
    inner = rewriter.maker(condition, "logical_not")
    return None if inner is None else rewriter.make("where", inner.inputs[0], y, x)


def _twice(node, rewriter):
    """Under a condition that is asked again the answer is known: where(c, where(c, x, y), z) is where(c, x, z)."""
    condition, x, y = node.inputs
    within_x, within_y = rewriter.maker(x, "where"), rewriter.maker(y, "where")
    if within_x is not None and within_x.inputs[0] is condition:
        found = (condition, within_x.inputs[1], y)
    elif within_y is not None and within_y.inputs[0] is condition:
        found = (condition, x, within_y.inputs[2])
    else:
        return None
    return rewriter.stretched(rewriter.make("where", *found), node.outputs[0])


def _not_not(node, rewriter):
    inner = rewriter.maker(node.inputs[0], "logical_not")
    if inner is not None and inner.inputs[0].dtype == "bool":
        return inner.inputs[0]
    opposite = {
        "equal": "not_equal",
        "not_equal": "equal",
    }  # less and greater_equal are no opposites: both are False beside NaN
    comparison = rewriter.made_by.get(node.inputs[0])
    if comparison is not None and comparison.operation.name in opposite:
        return rewriter.make(opposite[comparison.operation.name], *comparison.inputs)
    return None


def _logical(decided_by):
    """`decided_by`: the value of one operand that decides; the other value changes nothing."""

    def rule(node, rewriter):
        x, y = node.inputs
        for value, other in ((rewriter.number(x), y), (rewriter.number(y), x)):
            if value is None:
                continue
            if bool(value) is decided_by:
                return rewriter.full(decided_by, node.outputs[0])
            if other.dtype == "bool":
                return rewriter.stretched(other, node.outputs[0])
        return x if x is y and x.dtype == "bool" else None

    return rule


def _idempotent(node, rewriter):
    """f(f(x)) is f(x)."""
    return node.inputs[0] if rewriter.maker(node.inputs[0], node.operation.name) else None


def _same(node, _):
    """max(x, x) is x."""
    return node.inputs[0] if node.inputs[0] is node.inputs[1] else None


RULES: dict[str, Any] = {
    "where": [_known, _negated, _twice],
    "logical_not": [_not_not],
    "logical_and": [_logical(False)],
    "logical_or": [_logical(True)],
    "maximum": [_same],
    "minimum": [_same],
    **{name: [_idempotent] for name in ("relu", "floor", "ceil", "round", "trunc")},
}
