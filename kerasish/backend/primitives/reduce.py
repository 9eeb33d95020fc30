"""Primitives that reduce over axes, and cumulative ones."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.costs import REDUCTION
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis, reduced
from kerasish.backend.primitives.traits import FLOATS, NUMBERS, Role, Sign
from kerasish.typing import TensorLike


def _reduction(name, dtype=None, **facts):
    def shape(x, axis=None, keepdims=False):
        axes = normalize_axes(axis, len(x.shape))
        return Spec(reduced(x.shape, axes, keepdims), dtype or x.dtype)

    return computed(name, shape, cost=REDUCTION, **facts)


sum: Primitive = _reduction("sum", complex=True, fuses=FLOATS, role=Role.REDUCES, sign=Sign.AS_OPERANDS)
max: Primitive = _reduction("max", fuses=NUMBERS, role=Role.REDUCES, sign=Sign.AS_OPERANDS)
min: Primitive = _reduction("min", fuses=NUMBERS, role=Role.REDUCES, sign=Sign.AS_OPERANDS)
prod: Primitive = _reduction("prod", complex=True, sign=Sign.AS_OPERANDS)
any: Primitive = _reduction("any", "bool", complex=True)
all: Primitive = _reduction("all", "bool", complex=True)


def _argument_shape(x, axis, keepdims=False):
    axis = normalize_axis(axis, len(x.shape))
    return Spec(reduced(x.shape, (axis,), keepdims), "int32")


argmax: Primitive = computed("argmax", _argument_shape, cost=REDUCTION, fuses=FLOATS, role=Role.FINDS)
argmin: Primitive = computed("argmin", _argument_shape, cost=REDUCTION)


def _cumulative(name, **facts):
    def shape(x, axis, reverse=False):
        normalize_axis(axis, len(x.shape))
        return Spec(tuple(x.shape), x.dtype)

    return computed(name, shape, cost=REDUCTION, **facts)


cumsum: Primitive = _cumulative("cumsum", complex=True)
cumprod: Primitive = _cumulative("cumprod", complex=True)
cummax: Primitive = _cumulative("cummax")


def stretch(g: TensorLike, node: Any) -> Any:
    """A reduction's output (or its gradient) with the reduced axes back, broadcast to the input's shape."""
    return p.broadcast_to(with_axes(g, node), shape=node.inputs[0].shape)


def with_axes(g: TensorLike, node: Any) -> Any:
    """As `stretch`, but the reduced axes have size 1."""
    x = node.inputs[0]
    axes = normalize_axes(node.attributes.get("axis"), len(x.shape))
    kept = reduced(x.shape, axes, keepdims=True)
    return g if tuple(g.shape) == kept else p.reshape(g, shape=kept)


@gradient_of(sum)
def _sum(node, g):
    return [stretch(g, node)]


@gradient_of(max)
def _max(node, g):
    return _extreme(node, g)


@gradient_of(min)
def _min(node, g):
    return _extreme(node, g)


def _extreme(node, g):
    """Shared equally among the elements that attain the extreme."""
    x = node.inputs[0]
    attained = p.cast(p.equal(x, with_axes(node.outputs[0], node)), dtype=x.dtype)
    count = p.sum(attained, axis=node.attributes.get("axis"), keepdims=True)
    return [p.multiply(attained, p.divide(with_axes(g, node), count))]


@gradient_of(prod)
def _prod(node, g):
    """The product of the others, from the left times from the right: right also where elements are zero."""
    x = node.inputs[0]
    axes = normalize_axes(node.attributes.get("axis"), len(x.shape))
    kept = tuple(i for i in range(len(x.shape)) if i not in axes)
    order = kept + axes
    rows = tuple(x.shape[i] for i in kept)
    count = 1
    for i in axes:
        count *= x.shape[i]
    flat = p.reshape(p.transpose(x, axes=order), shape=rows + (count,))
    others = p.multiply(_product_before(flat, reverse=False), _product_before(flat, reverse=True))
    others = p.reshape(others, shape=tuple(x.shape[i] for i in order))
    inverse = tuple(order.index(i) for i in range(len(order)))
    return [p.multiply(stretch(g, node), p.transpose(others, axes=inverse))]


def _product_before(flat, reverse):
    """The exclusive cumulative product along the last axis."""
    axis, size = len(flat.shape) - 1, flat.shape[-1]
    running = p.cumprod(flat, axis=axis, reverse=reverse)
    lead = [(0, 0)] * axis
    start = [0] * axis + [1 if reverse else 0]
    stop = list(flat.shape[:-1]) + [size if reverse else size - 1]
    inner = p.slice(running, start=tuple(start), stop=tuple(stop), strides=(1,) * (axis + 1))
    return p.pad(inner, widths=tuple(lead + [(0, 1) if reverse else (1, 0)]), value=1.0)


@gradient_of(cumsum)
def _cumsum(node, g):
    return [p.cumsum(g, axis=node.attributes["axis"], reverse=not node.attributes.get("reverse", False))]


@gradient_of(cumprod)
def _cumprod(node, g):
    """Sum over later outputs of g y / x.

    Where an element is zero the quotient is undefined, as in the field's other libraries.
    """
    y = node.outputs[0]
    reverse = not node.attributes.get("reverse", False)
    return [p.divide(p.cumsum(p.multiply(g, y), axis=node.attributes["axis"], reverse=reverse), node.inputs[0])]
