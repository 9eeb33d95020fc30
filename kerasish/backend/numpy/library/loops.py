"""Branches and open-ended loops in a library: a step that walks the tables of their bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.lower_branches import kept_bindable
from kerasish.backend.compiler.lowering import Steps
from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.team.assemble import Segment
from kerasish.entries import entering

LOWERINGS: dict[str, Any] = {}
_lowering = entering(LOWERINGS)


class _Body:
    """A graph bound to arrays: its steps and results. `odd`: (step, name) that is no native one, or None."""

    def __init__(self, graph, name, inputs, device, kept):
        bindable = kept_bindable(kept, name, graph, device)
        self.steps, names, arrays = bindable.bind(dict(zip(graph.inputs, inputs)))
        self.outputs = [arrays[bindable.alias(t)] for t in graph.outputs]
        odd = [(step, name) for step, name in zip(self.steps, names) if not isinstance(step, NativeStep)]
        self.odd = odd[0] if odd else None

    def copy_out(self, device, targets):
        """Its results to `targets`, by a detour: a result may be one of them."""
        detours = [device.buffer(x.shape, device.dtype_name(x)) for x in self.outputs]
        for pairs in (zip(detours, self.outputs), zip(targets, detours)):
            for target, value in pairs:
                self.steps += _copy(device, target, value)


def _copy(device, target, value):
    bound = device.bind("identity", target, [value], {})
    return bound if isinstance(bound, list) else [bound]


def _table(body):
    """Address and rows of a body's table."""
    if not body.steps:
        return [0, 0], []
    segment = Segment(body.steps)
    table = aligned.words(segment.table)
    return [table.ctypes.data, segment.rows], [table, segment]


def _step(function, args, keep):
    return NativeStep(source.address(source.from_file("walk", function)), args, keep, 1, name=function)


def _refused(bodies):
    """What `draw` refuses: the first step that is no native one; None where all are."""
    for body in bodies:
        if body.odd is not None:
            steps = Steps()
            steps.add(*body.odd)
            return steps
    return None


@_lowering("while_loop")
def lower_while(node: Any, outputs: Sequence[Any], inputs: Sequence[Any], device: Any, kept: Any) -> Any:
    """The question, and while it is true a turn."""
    condition, body, carries = (node.attributes[k] for k in ("condition", "body", "carries"))
    captured, limit = node.attributes["captured"], node.attributes["limit"]
    state = [device.buffer(x.shape, device.dtype_name(x)) for x in inputs[:carries]]
    tested, others = inputs[carries : carries + captured], inputs[carries + captured :]
    test = _Body(condition, "condition", [*state, *tested], device, kept)
    work = _Body(body, "body", [*state, *others], device, kept)
    refused = _refused((test, work))
    if refused is not None:
        return refused
    work.copy_out(device, state)
    steps = Steps()
    for target, value in zip(state, inputs):
        _add(steps, _copy(device, target, value))
    (asked, kept_test), (done, kept_work) = _table(test), _table(work)
    args = [test.outputs[0].ctypes.data, -1 if limit is None else limit, *asked, *done]
    _add(steps, [_step("repeat", args, [*test.outputs, *kept_test, *kept_work])])
    for target, value in zip(outputs, state):
        _add(steps, _copy(device, target, value))
    return steps


@_lowering("cond")
def lower_cond(node: Any, outputs: Sequence[Any], inputs: Sequence[Any], device: Any, kept: Any) -> Any:
    """One of two branches, each of which fills the outputs."""
    predicate, *values = inputs
    branches = [_Body(graph, place, values, device, kept) for place, graph in enumerate(node.attributes["branches"])]
    refused = _refused(branches)
    if refused is not None:
        return refused
    args, keep = [predicate.ctypes.data], [predicate]
    for branch in branches:
        for target, value in zip(outputs, branch.outputs):
            branch.steps += _copy(device, target, value)
        table, kept_branch = _table(branch)
        args += table
        keep += kept_branch
    steps = Steps()
    _add(steps, [_step("branch", args, keep)])
    return steps


@_lowering("custom_gradient")
def lower_custom(node: Any, outputs: Sequence[Any], inputs: Sequence[Any], device: Any, kept: Any) -> Any:
    """The outputs are the first inputs."""
    steps = Steps()
    for target, value in zip(outputs, inputs):
        _add(steps, _copy(device, target, value))
    return steps


def _add(steps, bound):
    steps.extend_named(bound, ["copy"] * len(bound))
