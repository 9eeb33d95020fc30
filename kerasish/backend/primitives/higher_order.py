"""Primitives that run a whole graph: scan, while_loop, cond; and custom_gradient, which replaces a rule.

Their bodies are TracedGraphs whose inputs are (carried values, per-step values, values captured from outside).
"""

from __future__ import annotations

from kerasish.backend.primitives.costs import PASSED_THROUGH, body, graph
from kerasish.backend.primitives.families import runs_graph
from kerasish.backend.primitives.primitive import HIGHER_ORDER, Primitive, Spec, gradient_of


def _scan_shape(*inputs, body, carries, length, reverse, trajectories=()):
    """Final carries, stacked outputs, and all `length + 1` values of the carries in `trajectories`.

    The values stand in the order of the slices' axis.
    """
    final = [Spec(tuple(x.shape), x.dtype) for x in inputs[:carries]]
    stacked = [Spec((length, *y.shape), y.dtype) for y in body.outputs[carries:]]
    saved = [Spec((length + 1, *inputs[i].shape), inputs[i].dtype) for i in trajectories]
    return tuple(final + stacked + saved)


def _while_shape(*inputs, condition, body, carries, captured, limit):
    return tuple(Spec(tuple(x.shape), x.dtype) for x in inputs[:carries])


def _cond_shape(predicate, *inputs, branches):
    return tuple(Spec(tuple(y.shape), y.dtype) for y in branches[0].outputs)


def _steps(node, count):
    return node.attributes["length"] * body(node.attributes["body"], count)


def _once(node, count):
    """How often is not known."""
    return body(node.attributes["condition"], count) + body(node.attributes["body"], count)


def _dearer(node, count):
    return max(body(branch, count) for branch in node.attributes["branches"])


scan: Primitive = runs_graph("scan", _scan_shape, cost=graph(_steps))
while_loop: Primitive = runs_graph("while_loop", _while_shape, cost=graph(_once))
cond: Primitive = runs_graph("cond", _cond_shape, cost=graph(_dearer))


def _custom_shape(*inputs, count, rule):
    return tuple(Spec(tuple(y.shape), y.dtype) for y in inputs[:count])


custom_gradient: Primitive = runs_graph("custom_gradient", _custom_shape, cost=PASSED_THROUGH)


@gradient_of(custom_gradient)
def _custom(node, *gs):
    """The first `count` inputs are the outputs, passed through.

    The rest are what the user's rule gives gradients for.
    """
    count = node.attributes["count"]
    return [None] * count + list(node.attributes["rule"](*gs))


@gradient_of(while_loop)
def _while(node, *gs):
    raise ValueError(
        "`while_loop` has no gradient: how many steps it took is known only when it runs. Use `ops.scan` or "
        "`ops.fori_loop`, whose number of steps "
        "is fixed, or `ops.stop_gradient` on what goes in."
    )


def _pass_through(primitive, arrays, attributes):
    return list(arrays[: attributes["count"]])


HIGHER_ORDER["custom_gradient"] = _pass_through
