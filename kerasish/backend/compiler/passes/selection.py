"""Pass `selection`: choices that are known when the graph is compiled, and choices made twice. All exact."""

from __future__ import annotations

from kerasish.backend.compiler.passes.rules import Rules

RULES: Rules = Rules()


@RULES.of("where")
def _known(node, rewriter):
    """where(True, x, y) is x; where(c, x, x) is x."""
    condition, x, y = node.inputs
    output = node.outputs[0]
    chosen = rewriter.number(condition)
    if chosen is not None:
        return rewriter.stretched(x if chosen else y, output)
    return rewriter.stretched(x, output) if x is y else None


@RULES.of("where")
def _negated(node, rewriter):
    """where(not c, x, y) is where(c, y, x)."""
    condition, x, y = node.inputs
    inner = rewriter.maker(condition, "logical_not")
    return None if inner is None else rewriter.make("where", inner.inputs[0], y, x)


@RULES.of("where")
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


@RULES.of("logical_not")
def _not_not(node, rewriter):
    inner = rewriter.maker(node.inputs[0], "logical_not")
    if inner is not None and inner.inputs[0].dtype == "bool":
        return inner.inputs[0]
    comparison = rewriter.made_by.get(node.inputs[0])
    opposite = None if comparison is None else comparison.operation.traits.opposite
    return None if opposite is None else rewriter.make(opposite, *comparison.inputs)


@RULES.having(lambda traits: traits.absorbing is not None)
def _logical(node, rewriter):
    """One value of an operand decides; the other value changes nothing."""
    x, y = node.inputs
    decided_by = node.operation.traits.absorbing
    for value, other in ((rewriter.number(x), y), (rewriter.number(y), x)):
        if value is None:
            continue
        if bool(value) is decided_by:
            return rewriter.full(decided_by, node.outputs[0])
        if other.dtype == "bool":
            return rewriter.stretched(other, node.outputs[0])
    return x if x is y and x.dtype == "bool" else None


@RULES.having(lambda traits: traits.idempotent)
def _idempotent(node, rewriter):
    """f(f(x)) is f(x), and max(x, x) is x."""
    first, *others = node.inputs
    if others:
        return first if all(x is first for x in others) else None
    inner = rewriter.made_by.get(first)
    return first if inner is not None and inner.operation is node.operation else None
