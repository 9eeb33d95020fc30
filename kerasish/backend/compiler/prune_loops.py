"""Pass `prune_loops`: loops lose what nobody reads.

Stacked results, carries, slices and captured values of a `scan` that reach no wanted value go.

A gradient rule gives gradients for everything that a loop reads; most steps want those of a few variables.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.loops.bodies import body_of


def prune_loops(draft: Draft) -> Draft:
    """The draft without dead nodes and with lean loops; the same one where it has no loop."""
    if not any(node.operation.name == "scan" for node in draft.nodes):
        return draft
    live, kept = set(draft.wanted), []
    for node in reversed(draft.nodes):
        if not any(t in live for t in node.outputs):
            continue
        if node.operation.name == "scan":
            node = _lean(node, live)
        kept.append(node)
        live.update(node.inputs)
    return draft.replace(nodes=kept[::-1])


def _lean(node, live):
    """The `scan` node with those of its outputs that are `live`, and what they need."""
    body, carries = node.attributes["body"], node.attributes["carries"]
    trajectories = tuple(node.attributes.get("trajectories", ()))
    stacked = len(body.outputs) - carries
    ys = [k for k in range(stacked) if node.outputs[carries + k] in live]
    kept = [n for n in range(len(trajectories)) if node.outputs[carries + stacked + n] in live]
    states = {i for i in range(carries) if node.outputs[i] in live} | {trajectories[n] for n in kept}
    place = {t: i for i, t in enumerate(body.inputs)}
    while True:
        reached, nodes = _reached(body, [*(body.outputs[i] for i in states), *(body.outputs[carries + k] for k in ys)])
        read = {place[t] for t in reached if t in place}
        more = {i for i in read if i < carries} - states
        if not more:
            break
        states |= more
    states = sorted(states)
    inputs = states + [i for i in range(carries, len(node.inputs)) if i in read]
    if (
        len(states) == carries
        and len(ys) == stacked
        and len(kept) == len(trajectories)
        and len(inputs) == len(node.inputs)
    ):
        return node
    body = body_of(
        body.trace,
        [body.inputs[i] for i in inputs],
        [body.outputs[i] for i in [*states, *(carries + k for k in ys)]],
        nodes,
    )
    attributes = {
        **node.attributes,
        "body": body,
        "carries": len(states),
        "trajectories": tuple(states.index(trajectories[n]) for n in kept),
    }
    outputs = [node.outputs[i] for i in [*states, *(carries + k for k in ys), *(carries + stacked + n for n in kept)]]
    return node.replace(inputs=[node.inputs[i] for i in inputs], attributes=attributes, outputs=outputs)


def _reached(body, wanted):
    """Everything that `wanted` depend on, and the nodes among it, in order."""
    live, nodes = set(wanted), []
    for node in reversed(body.nodes):
        if any(t in live for t in node.outputs):
            live.update(node.inputs)
            nodes.append(node)
    return live, nodes[::-1]
