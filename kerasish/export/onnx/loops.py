"""Scan, Loop and If: operators with a graph inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend.primitives.shapes import reduced
from kerasish.export.onnx.graph_writer import GraphWriter
from kerasish.export.onnx.onnx_package import onnx_dtype, onnx_module
from kerasish.export.onnx.value import Value

Step = Callable[[GraphWriter, list[Value], list[Value]], tuple[list[Value], list[Value]]]


def scanned(
    g: GraphWriter,
    step: Step,
    carries: Sequence[Value],
    slices: Sequence[Value],
    length: Any,
    reverse: bool = False,
    axis: int = 0,
) -> tuple[list[Value], list[Value]]:
    """A loop over the slices of values along one axis.

    Args:
        g: where it stands.
        step: function of (the body's graph, carries, slices), which gives new carries and results.
        carries: Values at the start.
        slices: Values that are cut along `axis`; none where the loop just runs `length` times.
        length: how many steps.
        reverse: whether it goes from the last to the first; the results lie in the order of the slices.
        axis: of the slices and of the results.

    Returns:
        (final carries, stacked results).
    """
    inner = GraphWriter(g.file, g)
    state = [_input(inner, x.dtype, x.shape) for x in carries]
    cut = [_input(inner, x.dtype, reduced(x.shape, (axis,), False)) for x in slices]
    if not slices:
        return _counted(g, inner, step, carries, state, length, reverse)
    new, results = step(inner, state, cut)
    outputs = [_output(inner, x, like) for x, like in zip(new, carries)] + [_output(inner, x) for x in results]
    body = _graph(inner, "body", [*state, *cut], outputs)
    back = [1] * len(slices) if reverse else None
    out_back = [1] * len(results) if reverse and results else None
    made = g.op(
        "Scan",
        *carries,
        *slices,
        outputs=max(len(outputs), 2),
        dtypes=[*(x.dtype for x in outputs), "float32"],
        body=body,
        num_scan_inputs=len(slices),
        scan_input_axes=[axis] * len(slices) if axis else None,
        scan_output_axes=[axis] * len(results) if axis and results else None,
        scan_input_directions=back,
        scan_output_directions=out_back,
    )
    return _ended(g, made, outputs, carries, results, length, axis)


def _ended(g, made, outputs, carries, results, length, axis):
    if len(outputs) < len(made):
        del g.nodes[-1].output[len(outputs) :]
    finals, stacked = made[: len(carries)], made[len(carries) : len(outputs)]
    for value, like in zip(finals, carries):
        value.shape = like.shape
    for value, one in zip(stacked, results):
        value.shape = (*one.shape[:axis], length, *one.shape[axis:])
    return finals, stacked


def _counted(g, inner, step, carries, state, length, reverse):
    """A loop over nothing, which runs a number of times."""
    count, going = _input(inner, "int64", ()), _input(inner, "bool", ())
    new, results = step(inner, state, [])
    outputs = [_output(inner, x, like) for x, like in zip(new, carries)] + [_output(inner, x) for x in results]
    body = _graph(inner, "body", [count, going, *state], [_output(inner, going), *outputs])
    made = _loop(g, body, g.sizes.scalar(length), None, carries, outputs)
    finals, stacked = _ended(g, made, outputs, carries, results, length, 0)
    if reverse:
        turned = ([-1], [-(2**31)], [0], [-1])
        stacked = [g.op("Slice", x, *map(g.vector, turned), shape=x.shape) for x in stacked]
    return finals, stacked


def _loop(g, body, limit, condition, carries, outputs):
    return g.op(
        "Loop",
        limit,
        condition,
        *carries,
        outputs=max(len(outputs), 2),
        dtypes=[*(x.dtype for x in outputs), "float32"],
        body=body,
    )


def repeated(
    g: GraphWriter,
    test: Callable[[GraphWriter, list[Value]], Value],
    step: Callable[[GraphWriter, list[Value]], list[Value]],
    carries: Sequence[Value],
    limit: int | None,
) -> list[Value]:
    """A loop that goes on while a test of what it carries holds. Returns the final carries."""
    inner = GraphWriter(g.file, g)
    count, going = _input(inner, "int64", ()), _input(inner, "bool", ())
    state = [_input(inner, x.dtype, x.shape) for x in carries]
    new = step(inner, state)
    goes_on = inner.reshape(test(inner, new), ())
    outputs = [_output(inner, x, like) for x, like in zip(new, carries)]
    body = _graph(inner, "body", [count, going, *state], [_output(inner, goes_on), *outputs])
    limit = None if limit is None else g.constant(limit, "int64")
    made = _loop(g, body, limit, g.reshape(test(g, list(carries)), ()), carries, outputs)
    return _ended(g, made, outputs, carries, [], 0, 0)[0]


def chosen(
    g: GraphWriter, condition: Value, branches: Sequence[Callable[[GraphWriter], list[Value]]], shapes: Sequence[Any]
) -> list[Value]:
    """The results of the first branch where the condition holds, or else of the second."""
    bodies, outputs = [], []
    for name, branch in zip(("then_branch", "else_branch"), branches):
        inner = GraphWriter(g.file, g)
        outputs = [_output(inner, x) for x in branch(inner)]
        bodies.append(_graph(inner, name, [], outputs))
    made = g.op(
        "If",
        g.reshape(condition, ()),
        outputs=max(len(outputs), 2),
        dtypes=[*(x.dtype for x in outputs), "float32"],
        then_branch=bodies[0],
        else_branch=bodies[1],
    )
    if len(outputs) < len(made):
        del g.nodes[-1].output[len(outputs) :]
    for value, shape in zip(made, shapes):
        value.shape = tuple(shape)
    return made[: len(outputs)]


def _input(inner, dtype, shape):
    return Value(inner, inner.file.unique("carried"), dtype, shape)


def _output(inner, x, like=None):
    """A result of a body under a name of its own: one may be an input, or come from outside."""
    return inner.op("Identity", x, shape=x.shape if like is None else like.shape)


def _graph(inner, name, inputs, outputs):
    def described(value):
        shape = [n if type(n) is int else None for n in value.shape]
        return onnx_module().helper.make_tensor_value_info(value.name, onnx_dtype(value.dtype).code, shape)

    return onnx_module().helper.make_graph(
        inner.nodes, inner.file.unique(name), [described(x) for x in inputs], [described(x) for x in outputs]
    )
