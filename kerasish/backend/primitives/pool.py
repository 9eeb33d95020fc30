"""Maximum and sum over windows, with their transposes.

Values are (batch, *space, channels); padding points never are a maximum and add nothing.
"""

from __future__ import annotations

from kerasish.backend.primitives import costs
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import same_dtype
from kerasish.backend.primitives.windows import check, check_equal, counts


def _pooled(name, shape, window, strides, padding):
    check(name, len(shape) - 2, window=window, strides=strides, padding=padding)
    return (shape[0], *counts(shape[1:-1], window, strides, padding, (1,) * len(window)), shape[-1])


def _pool(name):
    def shape(x, window, strides, padding):
        return Spec(_pooled(name, tuple(x.shape), window, strides, padding), x.dtype)

    return computed(name, shape, cost=costs.pool(lambda node: node.outputs[0]))


def _max_pool_gradient_shape(x, y, g, window, strides, padding):
    wanted = _pooled("max_pool_gradient", tuple(x.shape), window, strides, padding)
    for name, operand in (("y", y), ("g", g)):
        check_equal("max_pool_gradient", name, operand.shape, wanted)
    return Spec(tuple(x.shape), same_dtype("max_pool_gradient", x, y, g))


def _max_pool_gather_shape(x, y, h, window, strides, padding):
    check_equal("max_pool_gather", "h", h.shape, x.shape)
    check_equal("max_pool_gather", "y", y.shape, _pooled("max_pool_gather", tuple(x.shape), window, strides, padding))
    return Spec(tuple(y.shape), same_dtype("max_pool_gather", x, y, h))


def _sum_pool_gradient_shape(g, window, strides, padding, input_shape):
    """`input_shape` is that of x; its batch size is taken from `g`."""
    check_equal(
        "sum_pool_gradient",
        "g",
        g.shape,
        (None, *_pooled("sum_pool_gradient", tuple(input_shape), window, strides, padding)[1:]),
    )
    return Spec((g.shape[0], *input_shape[1:]), g.dtype)


max_pool: Primitive = _pool("max_pool")
sum_pool: Primitive = _pool("sum_pool")
# of each window of x, whose maximum is y, the first place in row-major order that attains it: what arrives there, and
# what lies there in h
max_pool_gradient: Primitive = computed(
    "max_pool_gradient", _max_pool_gradient_shape, cost=costs.pool(lambda node: node.inputs[2])
)
max_pool_gather: Primitive = computed(
    "max_pool_gather", _max_pool_gather_shape, cost=costs.pool(lambda node: node.inputs[1])
)
sum_pool_gradient: Primitive = computed(
    "sum_pool_gradient", _sum_pool_gradient_shape, cost=costs.pool(lambda node: node.inputs[0])
)


def _placement(node):
    return {name: node.attributes[name] for name in ("window", "strides", "padding")}


@gradient_of(max_pool)
def _max_pool(node, g):
    return [p.max_pool_gradient(node.inputs[0], node.outputs[0], g, **_placement(node))]


@gradient_of(max_pool_gradient)
def _max_pool_gradient(node, h):
    """Linear in g; which places are the maxima does not change with x, but where it jumps."""
    x, y, _ = node.inputs
    return [None, None, p.max_pool_gather(x, y, h, **_placement(node))]


@gradient_of(max_pool_gather)
def _max_pool_gather(node, g):
    x, y, _ = node.inputs
    return [None, None, p.max_pool_gradient(x, y, g, **_placement(node))]


@gradient_of(sum_pool)
def _sum_pool(node, g):
    return [p.sum_pool_gradient(g, **_placement(node), input_shape=tuple(node.inputs[0].shape))]


@gradient_of(sum_pool_gradient)
def _sum_pool_gradient(node, h):
    return [p.sum_pool(h, **_placement(node))]
