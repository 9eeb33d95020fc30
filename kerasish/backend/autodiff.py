"""Reverse mode: the gradients of a value are more nodes of the same graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.dtypes import COMPLEX, is_float_dtype, is_inexact_dtype
from kerasish.backend.graph import Tensor, is_keras_tensor, record
from kerasish.backend.primitives.primitive import p
from kerasish.backend.recomputation import ComputedAgain, outermost
from kerasish.backend.variable import Variable
from kerasish.typing import TensorLike


def gradients(loss: Any, variables: Sequence[Any], grad_ys: Any = None) -> Any:
    """The derivatives of a loss, as new tensors of the graph that it belongs to.

    Args:
        loss: tensor (a sum is taken over its elements) or list of tensors.
        variables: tensor or Variable, or a structure of them.
        grad_ys: tensor, the gradient that arrives at `loss`, by default ones; or a list of such.

    Returns:
        Gradients in the structure of `variables`; None where `loss` does not depend on one.

    Raises:
        ValueError: when `loss` is no tensor of the running trace, or has no floating-point type.

    Example:
        >>> import numpy as np
        >>> from kerasish import backend
        >>> from kerasish.backend.autodiff import gradients
        >>> step = backend.function(lambda x: gradients(x * x * x, x))
        >>> step(np.array([1.0, 2.0], "float32")).tolist()
        [3.0, 12.0]
    """
    flat = tree.flatten(variables)
    losses = tree.flatten(loss)
    if any(is_keras_tensor(y) for y in losses):
        found = _record_symbolic(losses, flat, grad_ys)
    else:
        found = _gradients(losses, flat, tree.flatten(grad_ys) if grad_ys is not None else [None] * len(losses))
    return tree.pack_sequence_as(variables, found)


def _gradients(losses, flat, grad_ys):
    trace = context.interpreter()
    if trace is None:
        raise ValueError(
            "`gradients` works inside a traced function or a GradientTape. Outside, use `with GradientTape() as tape:`."
        )
    leaves = [trace.leaves(x) if isinstance(x, Variable) else [trace.lift(x)] for x in flat]
    arrived = {}
    for y, g in zip(losses, grad_ys):
        if not isinstance(y, Tensor):
            raise ValueError(
                f"`loss` must be a tensor of the running computation, got {y!r}, which depends on nothing in it."
            )
        y = trace.lift(y)
        if not is_float_dtype(y.dtype) and not (g is not None and y.dtype in COMPLEX):
            hint = " Take `ops.real` or `ops.abs` of it." if y.dtype in COMPLEX else ""
            raise ValueError(f"`loss` must be a floating-point tensor, got {y!r}.{hint}")
        seed = _filled(y, 1.0) if g is None else trace.lift(g)
        seed = seed if seed.dtype == y.dtype else p.cast(seed, dtype=y.dtype)
        arrived[y] = p.add(arrived[y], seed) if y in arrived else seed
    backpropagate(arrived, [leaf for several in leaves for leaf in several])
    found = [_sum([arrived[leaf] for leaf in several if leaf in arrived]) for several in leaves]
    return [None if g is None else trace.lift(g) for g in found]


def _filled(like, value):
    """A tensor of the running trace; a tape computes what depends on none of its tensors as plain arrays."""
    return context.interpreter().lift(p.full(shape=tuple(like.shape), value=value, dtype=like.dtype))


def _sum(found):
    """The sum of gradients, None for none."""
    total = None
    for g in found:
        total = g if total is None else p.add(total, g)
    return total


def backpropagate(arrived: Any, targets: TensorLike) -> None:
    """Complete `arrived` (dict from Tensor to its gradient) down to `targets`, in place."""
    path = _nodes_between(arrived, targets)
    here = path[0].outputs[0].trace.region if path else None
    for region, nodes in groupby(path, lambda node: outermost(node.region, here)):
        if region is not None:
            _through_region(region, list(nodes), arrived, targets)
            continue
        for node in nodes:
            _through(node, arrived)


def _through(node, arrived):
    """From a node's outputs to its inputs."""
    recorded = context.interpreter().nodes
    before = len(recorded)
    gs = [arrived.get(t) for t in node.outputs]
    rule = node.operation.gradient_rule
    if rule is None or all(g is None for g in gs):
        return
    if len(gs) > 1 and not getattr(rule, "takes_none", False):
        gs = [_filled(t, 0.0) if g is None and is_inexact_dtype(t.dtype) else g for g, t in zip(gs, node.outputs)]
    for x, g in zip(node.inputs, rule(node, *gs)):
        if g is not None and is_inexact_dtype(x.dtype):
            _arrive(arrived, x, g)
    for new in recorded[before:]:  # a layer's gradient counts as that layer's work
        new.scope = node.scope


def _arrive(arrived, tensor, g):
    arrived[tensor] = p.add(arrived[tensor], g) if tensor in arrived else g


def _through_region(region, path, arrived, targets):
    """From what is read of a region to what it reads, by way of copies of its nodes."""
    left = [t for node in path for t in node.outputs if t in arrived]
    if not left:
        return
    after = max((arrived[t] for t in left), key=lambda g: -1 if getattr(g, "node", None) is None else g.node.order)
    again = ComputedAgain(region, path, after)
    inner = {again.made[t]: arrived[t] for t in left}
    within = [t for t in targets if t in again.made]
    backpropagate(inner, [*again.held.values(), *(again.made[t] for t in within)])
    for t in within:
        if again.made[t] in inner:
            arrived[t] = inner[again.made[t]]
    for outside, t in again.held.items():
        if t in inner:
            _arrive(arrived, outside, inner[t])


def _nodes_between(arrived, targets):
    """Nodes on a path from `targets` to the tensors in `arrived`, the last first."""
    reached, pending = {}, [t.node for t in arrived if t.node is not None]
    while pending:
        node = pending.pop()
        if id(node) in reached:
            continue
        reached[id(node)] = node
        pending.extend(t.node for t in node.inputs if t.node is not None)
    depends = {id(t) for t in targets}
    path = []
    for node in sorted(reached.values(), key=lambda n: n.order):
        if any(id(x) in depends for x in node.inputs):
            depends.update(id(t) for t in node.outputs)
            path.append(node)
    return path[::-1]


class SymbolicGradients:
    """`gradients` of a functional graph: a node that is worked out when the graph is run inside a trace."""

    name = "gradients"

    def __init__(self, losses: Sequence[Any], weighted: Any, present: Any) -> None:
        self.count: Any = losses
        self.weighted: Any = weighted
        self.present: Any = present

    def __call__(self, *values: Any) -> Any:
        losses, values = list(values[: self.count]), values[self.count :]
        grad_ys = [None] * self.count
        if self.weighted:
            grad_ys, values = list(values[: self.count]), values[self.count :]
        found = _gradients(losses, list(values), grad_ys)
        return [g for g, here in zip(found, self.present) if here]


def _record_symbolic(losses, flat, grad_ys):
    """A node over (losses, grad_ys, variables); which of the variables have a gradient is found by walking back."""
    reachable, pending = set(), list(losses)
    while pending:
        tensor = pending.pop()
        if id(tensor) in reachable:
            continue
        reachable.add(id(tensor))
        if getattr(tensor, "node", None) is not None:
            reads = getattr(tensor.node.operation, "variables", ())
            pending.extend(tree.flatten((tensor.node.args, tensor.node.kwargs)))
            reachable.update(id(v) for v in reads)
    present = [id(x) in reachable for x in flat]
    weights = tree.flatten(grad_ys) if grad_ys is not None else []
    operation = SymbolicGradients(len(losses), bool(weights), present)
    wanted = [x for x, here in zip(flat, present) if here]
    outputs = iter(record(operation, (*losses, *weights, *flat), {}, wanted))
    return [next(outputs) if here else None for here in present]
