"""Adding a scan to the running trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend import context
from kerasish.backend.loops.bodies import became, body_of
from kerasish.backend.loops.hoist import hoist
from kerasish.backend.primitives import higher_order as primitives


def emit(
    body: Callable[..., Any], carry: Any, slices: Any, captured: Any, length: int, reverse: bool
) -> tuple[Any, ...]:
    """Add a scan to the running trace, after moving out of it what need not be done in each step.

    Returns: (list of final carries, list of stacked outputs).
    """
    trace = context.interpreter()
    carry, slices, captured = ([trace.lift(x) for x in values] for values in (carry, slices, captured))
    body, slices, captured = hoist(body, len(carry), slices, captured, length)
    captured = [trace.lift(x) for x in captured]
    count = len(carry)
    new, results = body.outputs[:count], body.outputs[count:]
    # a result that is a new carry needs no memory of its own: it lies among the carry's values, from which the next
    # step reads it
    place, given = {id(c): i for i, c in enumerate(new)}, {id(x) for x in body.inputs}
    shared = {k: place[id(y)] for k, y in enumerate(results) if id(y) in place and id(y) not in given}
    trajectories = tuple(sorted(set(shared.values())))
    own = {id(y): y for k, y in enumerate(results) if k not in shared}
    body = body_of(body.trace, body.inputs, [*new, *own.values()], body.nodes)
    outputs = primitives.scan(
        *carry, *slices, *captured, body=body, carries=count, length=length, reverse=reverse, trajectories=trajectories
    )
    kept = dict(zip(trajectories, outputs[count + len(own) :]))
    stacked = dict(zip(own, outputs[count:]))
    return outputs[:count], [
        became(kept[shared[k]], length, reverse) if k in shared else stacked[id(y)] for k, y in enumerate(results)
    ]
