"""Primitives that run a graph: scan, while_loop, cond; and those that stand for what others have made."""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler.lower_attention import by_parts
from kerasish.backend.loops.bodies import count_slices
from kerasish.export.onnx.forms.words import primitive
from kerasish.export.onnx.loops import chosen, repeated, scanned


def _reads_node(form):
    form.reads_node = True
    return form


@primitive("scan")
@_reads_node
def scan(g: Any, *inputs: Any, conversion: Any, node: Any) -> Any:
    """Scan over slices, or a Loop that counts. What a body reads from outside it sees there."""
    body, carries, length, reverse = (node.attributes[k] for k in ("body", "carries", "length", "reverse"))
    kept = tuple(node.attributes.get("trajectories", ()))
    cut = count_slices(node.inputs, body, carries)
    outside = list(inputs[carries + cut :])

    def step(inner, state, slices):
        found = conversion.body(body, inner, [*state, *slices, *outside])
        return found[:carries], [*found[carries:], *(found[i] for i in kept)]

    start = list(inputs[:carries])
    final, stacked = scanned(g, step, start, inputs[carries : carries + cut], length, reverse)
    first = len(stacked) - len(kept)
    return [*final, *stacked[:first], *(_with_start(g, start[i], y, reverse) for i, y in zip(kept, stacked[first:]))]


def _with_start(g, start, after, reverse):
    """All values of a carry: what it was at the start, and after each step."""
    one = g.reshape(start, (1, *start.shape))
    parts = [after, one] if reverse else [one, after]
    return g.op("Concat", *parts, axis=0, shape=(after.shape[0] + 1, *start.shape))


@primitive("while_loop")
@_reads_node
def while_loop(g: Any, *inputs: Any, conversion: Any, node: Any) -> Any:
    """A Loop with a condition."""
    condition, body, carries = (node.attributes[k] for k in ("condition", "body", "carries"))
    captured, limit = node.attributes["captured"], node.attributes["limit"]
    tested, others = list(inputs[carries : carries + captured]), list(inputs[carries + captured :])
    return repeated(
        g,
        lambda inner, state: conversion.body(condition, inner, [*state, *tested])[0],
        lambda inner, state: conversion.body(body, inner, [*state, *others]),
        inputs[:carries],
        limit,
    )


@primitive("cond")
@_reads_node
def cond(g: Any, predicate: Any, *inputs: Any, conversion: Any, node: Any) -> Any:
    """If, with both branches."""
    branches = [
        lambda inner, traced=traced: conversion.body(traced, inner, list(inputs))
        for traced in node.attributes["branches"]
    ]
    return chosen(g, predicate, branches, [t.shape for t in node.outputs])


@primitive("attention")
@_reads_node
def attention(g: Any, *inputs: Any, conversion: Any, node: Any) -> Any:
    """By its parts: a mask is added to the logits, which the operator of that name does otherwise."""
    return conversion.body(by_parts(node), g, list(inputs))


@primitive("custom_gradient")
@_reads_node
def custom_gradient(g: Any, *inputs: Any, conversion: Any, node: Any) -> Any:
    """What it computes; its rule has nothing to do with it."""
    return list(inputs[: node.attributes["count"]])
