"""Gradients of what a loop's body captures are totals over the steps. Most are taken after the loop, at once.

A step's share `a^T b` of a weight's gradient, with a and b of one row a sample, is one matrix product of all steps'
rows; the share of a convolution's kernel is one gradient over the images of all steps; a bias's share `sum(b)` is one
sum. The loop then only hands out b. What has no such form is added up within the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.loops.hoist import MAX_ELEMENTS, as_one_batch, over_steps
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import normalize_axes, product


class Totals:
    """How to get the sum over all steps of each of `gradients`, tensors of a joint trace.

    None: there is no such gradient.

    Attributes:
        old, new: what the loop adds up: the running totals before and after a step.
        read: the values that the work after the loop needs of all steps.
    """

    def __init__(self, work: Any, gradients: Sequence[Any]) -> None:
        self.length: Any = work.parts.length
        self.joint: Any = work.joint
        self.old: list[Any] = []
        self.new: list[Any] = []
        self._read = {}
        count = work.parts.carries + len(work.parts.slices)
        self._fixed = {*work.inputs[count:], *work.joint.captures.values(), *work.joint.constants}
        for node in work.joint.nodes:
            if all(x in self._fixed for x in node.inputs):
                self._fixed.update(node.outputs)
        self._later = {t for node in work.joint.nodes[work.forward :] for t in node.outputs}
        self._plans = [None if g is None else self._after(g) or self._within(g) for g in gradients]

    @property
    def read(self) -> list[Any]:
        return list(self._read)

    def results(self, totals: Any, stacked: Any) -> list[Any]:
        """The totals, in the order of the gradients.

        Args:
            totals: the final values of `new`; stacked: function from a Tensor of `read` to its values of all steps.
        """
        return [None if plan is None else plan(totals, stacked) for plan in self._plans]

    def _within(self, g):
        """Add `g` up in the loop."""
        index = len(self.old)
        self.old.append(self.joint.input(g.shape, g.dtype))
        self.new.append(p.add(self.old[-1], g))
        return lambda totals, stacked: totals[index]

    def _after(self, g):
        """A function (totals, stacked) that computes the total of `g` after the loop, or None."""
        if g not in self._later or g in self._fixed:
            return None
        node = g.node
        operation = node.operation
        if operation is p.add and all(tuple(x.shape) == tuple(g.shape) for x in node.inputs):
            return self._sum_of_two(*node.inputs)
        if operation.traits.linear:
            source = self._after(node.inputs[0])
            return source and (lambda totals, stacked: operation(source(totals, stacked), **node.attributes))
        if operation is p.matmul:
            return self._product(node, 0)
        if operation is p.conv_kernel_gradient:
            return self._kernel(node)
        if operation is p.sum:
            return self._sum(node)
        return None

    def _sum_of_two(self, x, y):
        first, second = self._after(x), self._after(y)
        if first is None and second is None:
            return None
        first, second = first or self._within(x), second or self._within(y)
        return lambda totals, stacked: p.add(first(totals, stacked), second(totals, stacked))

    def _sum(self, node):
        x, rank = node.inputs[0], len(node.inputs[0].shape)
        axes = normalize_axes(node.attributes.get("axis"), rank)
        keepdims = node.attributes.get("keepdims", False)
        made = x.node if x in self._later else None
        if made is not None and made.operation is p.matmul and axes == tuple(range(rank - 2)) and not keepdims:
            plan = self._product(made, rank - 2)
            if plan is not None:
                return plan
        value = self._all_steps(x)
        if value is None:
            return None
        if not keepdims:
            return lambda totals, stacked: p.sum(value(stacked), axis=(0,) + tuple(a + 1 for a in axes), keepdims=False)
        return lambda totals, stacked: p.sum(
            p.sum(value(stacked), axis=tuple(a + 1 for a in axes), keepdims=True), axis=(0,), keepdims=False
        )

    def _product(self, node, leading):
        """Of `a^T b`, summed over `leading` leading axes: one product of all rows.

        Both operands change from step to step.
        """
        x, y = node.inputs
        if len(x.shape) != leading + 2 or len(y.shape) != leading + 2 or x.shape[:leading] != y.shape[:leading]:
            return None
        if x in self._fixed or y in self._fixed:
            return None
        a, b = self._all_steps(x), self._all_steps(y)
        if a is None or b is None:
            return None
        tx, ty = node.attributes.get("transpose_x", False), node.attributes.get("transpose_y", False)
        return lambda totals, stacked: p.matmul(_rows(a(stacked), tx), _rows(b(stacked), not ty), transpose_x=True)

    def _kernel(self, node):
        """Of a kernel's gradient: one over the images of all steps. Both operands change from step to step."""
        x, g = self._all_steps(node.inputs[0]), self._all_steps(node.inputs[1])
        if x is None or g is None:
            return None
        return lambda totals, stacked: p.conv_kernel_gradient(
            as_one_batch(x(stacked)), as_one_batch(g(stacked)), **node.attributes
        )

    def _all_steps(self, t):
        """A function from `stacked` to the values of `t` of all steps.

        None where they would take too much memory.
        """
        if t in self._fixed or self.length * product(t.shape) > MAX_ELEMENTS:
            return None
        node = t.node
        if node is not None and _has_same_elements(node) and node.inputs[0] not in self._fixed:
            source = self._all_steps(node.inputs[0])
            return source and (lambda stacked: over_steps(node, [source(stacked)], [None], self.length))
        self._read[t] = None
        return lambda stacked: stacked(t)


def _has_same_elements(node):
    """Whether `node` only gives its operand's elements another shape or order."""
    return node.operation.traits.view and product(node.inputs[0].shape) == product(node.outputs[0].shape)


def _rows(x, summed_first):
    """All rows of all steps below each other.

    The axis that is summed over lies before the other one, or else behind it.
    """
    if not summed_first:
        rank = len(x.shape)
        x = p.transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))
    return p.reshape(x, shape=(product(x.shape[:-1]), x.shape[-1]))
