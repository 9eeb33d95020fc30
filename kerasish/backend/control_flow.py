"""Loops and branches.

In a trace one node with a traced body, eagerly a plain Python loop that a debugger can follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.autodiff import backpropagate
from kerasish.backend.dtypes import is_inexact_dtype
from kerasish.backend.graph import Tensor
from kerasish.backend.loops import gradient as _gradient  # noqa: F401  (registers the rule of `scan`)
from kerasish.backend.loops.bodies import inline, trace_body
from kerasish.backend.loops.emit import emit
from kerasish.backend.primitives import higher_order as primitives
from kerasish.backend.primitives.primitive import gradient_of, p, spec_of
from kerasish.backend.sizes import unlike_shapes
from kerasish.typing import TensorLike


def scan(function: Callable[..., Any], init: Any, xs: Any, length: int, reverse: bool = False) -> Any:
    """Apply `function(carry, x) -> (carry, y)` to each slice of `xs` along the first axis.

    Args:
        init, xs: structures of values; `length`: int; reverse: from the last slice to the first.

    Returns: (final carry, structure of stacked outputs).
    """
    trace = context.interpreter()
    carry, slices = (
        [trace.lift(c) for c in tree.flatten(init)],
        [trace.lift(x) for x in tree.flatten(xs) if x is not None],
    )
    structure = {}

    def step(*values):
        state = tree.pack_sequence_as(init, values[: len(carry)])
        x = tree.pack_sequence_as(xs, values[len(carry) : len(carry) + len(slices)]) if slices else None
        new_state, y = function(state, x)
        structure["y"] = y
        new_state = tree.flatten(new_state)
        _check_carry(carry, new_state)
        return [*new_state, *[leaf for leaf in tree.flatten(y) if leaf is not None]]

    per_step = [_Like(x.shape[1:], x.dtype) for x in slices]
    body, captured, assigned = trace_body(step, [*carry, *per_step])
    if assigned:
        return _scan_with_state(trace, step, carry, slices, per_step, assigned, length, reverse, structure, init)
    finals, stacked = emit(body, carry, slices, captured, length, reverse)
    return _unpacked(finals, stacked, init, structure["y"])


def no_steps(function: Callable[..., Any], init: Any, xs: Any) -> Any:
    """What `function(carry, x) -> (carry, y)` over no steps stacks: the structure of y, with arrays of length 0.

    The body is traced, not run.
    """
    carry, slices = tree.flatten(init), [x for x in tree.flatten(xs) if x is not None]
    structure = {}

    def step(*values):
        remaining = iter(values[len(carry) :])
        x = tree.map_structure(lambda leaf: None if leaf is None else next(remaining), xs)
        _, structure["y"] = function(tree.pack_sequence_as(init, values[: len(carry)]), x)
        return [leaf for leaf in tree.flatten(structure["y"]) if leaf is not None]

    per_step = [_Like(spec.shape[1:], spec.dtype) for spec in map(spec_of, slices)]
    body, _, _ = trace_body(step, [*map(spec_of, carry), *per_step])
    empty = iter([p.full(shape=(0, *t.shape), value=0, dtype=t.dtype) for t in body.outputs])
    return tree.map_structure(lambda leaf: None if leaf is None else next(empty), structure["y"])


def _scan_with_state(trace, step, carry, slices, per_step, assigned, length, reverse, structure, init):
    """A body that assigns Variables carries them along; their last values are assigned outside."""

    def with_state(*values):
        states, rest = values[: len(assigned)], values[len(assigned) :]
        inner = context.interpreter()
        for variable, tensor in zip(assigned, states):
            inner.reads[variable] = inner.current[variable] = tensor
        results = step(*rest)
        return [inner.lift(inner.current[v]) for v in assigned] + list(results)

    states = [trace.read(v) for v in assigned]
    body, captured, _ = trace_body(with_state, [*states, *carry, *per_step])
    finals, stacked = emit(body, [*states, *carry], slices, captured, length, reverse)
    for variable, value in zip(assigned, finals):
        trace.assign(variable, value)
    return _unpacked(finals[len(assigned) :], stacked, init, structure["y"])


class _Like:
    def __init__(self, shape, dtype):
        self.shape, self.dtype = tuple(shape), dtype


def _check_carry(before, after):
    if len(before) != len(after):
        raise ValueError(f"The body must return a carry like the one it got: {len(before)} values, got {len(after)}.")
    for index, (a, b) in enumerate(zip(before, after)):
        b_dtype = b.dtype if isinstance(b.dtype, str) else b.dtype.name
        if unlike_shapes(a.shape, b.shape) or a.dtype != b_dtype:
            raise ValueError(
                f"The carry must keep its shape and dtype: value {index} is {a.shape} {a.dtype} before and "
                f"{tuple(b.shape)} {b_dtype} after a step."
            )


def _unpacked(finals, stacked, init, y):
    final, stacked = tree.pack_sequence_as(init, finals), iter(stacked)
    return final, tree.map_structure(lambda leaf: None if leaf is None else next(stacked), y)


def _or_zeros(g, like):
    return p.full(shape=tuple(like.shape), value=0.0, dtype=like.dtype) if g is None else g


def while_loop(condition: TensorLike, body: Callable[..., Any], init: Any, limit: int | None = None) -> Any:
    """Repeat `body(*values)` while `condition(*values)`. Returns the final values (flat)."""
    trace = context.interpreter()
    carry = [trace.lift(x) for x in init]
    test, captured_test, _ = trace_body(lambda *values: [condition(*values)], carry)

    def step(*values):
        new = list(body(*values))
        _check_carry(carry, new)
        return new

    work, captured, assigned = trace_body(step, carry)
    if assigned:
        raise ValueError(
            "The body of a `while_loop` can't assign Variables inside a compiled step; carry their values in the loop "
            "instead."
        )
    inputs = [*carry, *captured_test, *captured]
    return primitives.while_loop(
        *inputs, condition=test, body=work, carries=len(carry), captured=len(captured_test), limit=limit
    )


def cond(predicate: Callable[..., Any], on_true: Any, on_false: Any) -> Any:
    """The flat results of one of two functions without arguments; both are traced, one is run."""
    trace = context.interpreter()
    structure = {}

    def flat(branch, name):
        def run():
            structure[name] = branch()
            return [leaf for leaf in tree.flatten(structure[name]) if leaf is not None]

        return run

    runs = [flat(on_true, "true"), flat(on_false, "false")]
    traced = [trace_body(run, []) for run in runs]
    assigned = list(dict.fromkeys(variable for _, _, updated in traced for variable in updated))
    if assigned:  # only now is it known what both have to give; else once is enough, lest nested branches double
        traced = [trace_body(_with_updates(run, assigned), []) for run in runs]
    graphs, captures = [graph for graph, _, _ in traced], [captured for _, captured, _ in traced]
    _check_branches(*graphs)
    union = list(dict.fromkeys([*captures[0], *captures[1]]))
    for graph, captured in zip(graphs, captures):
        stand_ins = dict(zip(captured, graph.inputs))
        graph.inputs = [stand_ins[x] if x in stand_ins else Tensor(x.shape, x.dtype, trace=graph.trace) for x in union]
    outputs = primitives.cond(trace.lift(predicate), *union, branches=tuple(graphs))
    for variable, value in zip(assigned, outputs[len(outputs) - len(assigned) :]):
        trace.assign(variable, value)
    results = iter(outputs)
    return tree.map_structure(lambda leaf: None if leaf is None else next(results), structure["true"])


def _with_updates(run, assigned):
    def with_updates():
        results = run()
        inner = context.interpreter()
        return [*results, *(inner.read(v) for v in assigned)]

    return with_updates


def _check_branches(true, false):
    a, b = ([(tuple(t.shape), t.dtype) for t in graph.outputs] for graph in (true, false))
    if len(a) != len(b) or any(x[1] != y[1] or unlike_shapes(x[0], y[0]) for x, y in zip(a, b)):
        raise ValueError(f"Both branches of `cond` must return the same shapes and dtypes, got {a} and {b}.")


@gradient_of(primitives.cond)
def _cond_gradient(node, *gs):
    """The gradient of the branch that was taken, which runs it again."""
    predicate, *inputs = node.inputs
    wanted = [i for i, x in enumerate(inputs) if is_inexact_dtype(x.dtype)]

    def back(graph):
        def run():
            here = [context.interpreter().lift(x) for x in inputs]
            outputs = inline(graph, here)
            arrived = {}
            for tensor, g in zip(outputs, gs):
                if g is not None and isinstance(tensor, Tensor):
                    g = context.interpreter().lift(g)
                    arrived[tensor] = p.add(arrived[tensor], g) if tensor in arrived else g
            backpropagate(arrived, [here[i] for i in wanted])
            return [_or_zeros(arrived.get(here[i]), inputs[i]) for i in wanted]

        return run

    found = (
        cond(predicate, back(node.attributes["branches"][0]), back(node.attributes["branches"][1])) if wanted else []
    )
    gradients = [None] * len(node.inputs)
    for i, g in zip(wanted, found):
        gradients[i + 1] = g
    return gradients


_cond_gradient.takes_none = True
