"""Convolution, and the two transposes that make it closed under differentiation.

Values are (batch, *space, channels) with 1, 2 or 3 axes of space; kernels (*window, channels / groups, filters). As in
all such libraries nothing
is flipped: out[n, o, f] = sum over w, c of x[n, o * stride + w * dilation - padding, c] kernel[w, c, f].
"""

from __future__ import annotations

from kerasish.backend.primitives.arithmetic import is_constant
from kerasish.backend.primitives.costs import convolution
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import same_dtype
from kerasish.backend.primitives.windows import check, check_equal, counts
from kerasish.backend.sizes import unlike


def _check(name, rank, strides, padding, dilation, groups, kernel_shape, channels):
    if len(kernel_shape) != rank:
        raise ValueError(
            f"The kernel of `{name}` must have {rank} axes, as the inputs have, got shape {tuple(kernel_shape)}."
        )
    check(name, rank - 2, strides=strides, padding=padding, dilation=dilation)
    taken, filters = kernel_shape[-2:]
    if groups < 1 or name == "conv" and filters == 0:
        raise ValueError(
            f"`{name}` needs at least one channel and one filter, got {channels} channels, groups={groups} and a "
            f"kernel of shape {tuple(kernel_shape)}."
        )
    if taken is not None and unlike(channels, taken * groups):
        raise ValueError(
            f"A kernel of shape {tuple(kernel_shape)} with groups={groups} takes {taken * groups} channels, the "
            f"inputs have {channels}."
        )
    if filters is not None and unlike(filters % groups, 0):
        raise ValueError(f"The number of filters ({filters}) must be a multiple of groups={groups}.")


def _windows(x_shape, kernel_shape, strides, padding, dilation):
    return counts(x_shape[1:-1], kernel_shape[:-2], strides, padding, dilation)


def _conv_shape(x, kernel, strides, padding, dilation, groups):
    _check("conv", len(x.shape), strides, padding, dilation, groups, kernel.shape, x.shape[-1])
    space = _windows(x.shape, kernel.shape, strides, padding, dilation)
    return Spec((x.shape[0], *space, kernel.shape[-1]), same_dtype("conv", x, kernel))


def _input_gradient_shape(g, kernel, strides, padding, dilation, groups, input_shape):
    """`input_shape` is that of x; its batch size is taken from `g`."""
    _check("conv_input_gradient", len(g.shape), strides, padding, dilation, groups, kernel.shape, input_shape[-1])
    space = _windows(input_shape, kernel.shape, strides, padding, dilation)
    check_equal("conv_input_gradient", "g", g.shape, (None, *space, kernel.shape[-1]))
    return Spec((g.shape[0], *input_shape[1:]), same_dtype("conv_input_gradient", g, kernel))


def _kernel_gradient_shape(x, g, strides, padding, dilation, groups, kernel_shape):
    _check("conv_kernel_gradient", len(x.shape), strides, padding, dilation, groups, kernel_shape, x.shape[-1])
    space = _windows(x.shape, kernel_shape, strides, padding, dilation)
    check_equal("conv_kernel_gradient", "g", g.shape, (x.shape[0], *space, kernel_shape[-1]))
    return Spec(tuple(kernel_shape), same_dtype("conv_kernel_gradient", x, g))


conv: Primitive = computed(
    "conv", _conv_shape, cost=convolution(lambda node: (node.outputs[0], node.inputs[1])), weights=1
)
conv_input_gradient: Primitive = computed(
    "conv_input_gradient", _input_gradient_shape, cost=convolution(lambda node: node.inputs), weights=1
)
conv_kernel_gradient: Primitive = computed(
    "conv_kernel_gradient", _kernel_gradient_shape, cost=convolution(lambda node: (node.inputs[1], node.outputs[0]))
)


def _placement(node):
    return {name: node.attributes[name] for name in ("strides", "padding", "dilation", "groups")}


def _unless_constant(operand, compute):
    return None if is_constant(operand) else compute()


@gradient_of(conv)
def _conv(node, g):
    x, kernel = node.inputs
    where = _placement(node)
    return [
        _unless_constant(x, lambda: p.conv_input_gradient(g, kernel, **where, input_shape=tuple(x.shape))),
        _unless_constant(kernel, lambda: p.conv_kernel_gradient(x, g, **where, kernel_shape=tuple(kernel.shape))),
    ]


@gradient_of(conv_input_gradient)
def _conv_input_gradient(node, h):
    g, kernel = node.inputs
    where = _placement(node)
    return [
        _unless_constant(g, lambda: p.conv(h, kernel, **where)),
        _unless_constant(kernel, lambda: p.conv_kernel_gradient(h, g, **where, kernel_shape=tuple(kernel.shape))),
    ]


@gradient_of(conv_kernel_gradient)
def _conv_kernel_gradient(node, h):
    x, g = node.inputs
    where = _placement(node)
    return [
        _unless_constant(x, lambda: p.conv_input_gradient(g, h, **where, input_shape=tuple(x.shape))),
        _unless_constant(g, lambda: p.conv(x, h, **where)),
    ]
