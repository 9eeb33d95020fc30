"""Convolution and its transposes. In ONNX channels stand before space, in values and in kernels."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.windows import counts
from kerasish.backend.sizes import is_open
from kerasish.export.onnx.forms.movement import pad as padded
from kerasish.export.onnx.forms.words import primitive
from kerasish.ops.nn.space import padding_for


def channels_first(rank: int) -> tuple[int, ...]:
    """The axes of (batch, channels, *space) in the order (batch, *space, channels)."""
    return (0, *range(2, rank), 1)


def kernel_first(g: Any, kernel: Any) -> Any:
    """A kernel (*window, channels, filters) as (filters, channels, *window)."""
    rank = kernel.rank
    return g.transpose(kernel, (rank - 1, rank - 2, *range(rank - 2)))


def windows(g: Any, x: Any, window: Any, strides: Any, padding: Any, dilation: Any, value: Any = 0) -> Any:
    """Where windows lie: (x, the attributes that say so, the number of windows along each axis).

    Padding that only the run knows is ONNX's "SAME_UPPER" where it is Keras's "same"; other such padding, and what is
    cut off, is put around x.
    """
    count = counts(x.shape[1:-1], window, strides, padding, dilation)
    options = {"kernel_shape": list(window), "strides": list(strides)}
    if is_open(padding) and _is_same(padding, x.shape[1:-1], window, strides, dilation):
        return x, {**options, "auto_pad": "SAME_UPPER"}, count
    if is_open(padding) or any(min(pair) < 0 for pair in padding):
        x, padding = padded(g, x, ((0, 0), *padding, (0, 0)), value), [(0, 0)] * len(window)
    return x, {**options, "pads": [a for a, _ in padding] + [b for _, b in padding]}, count


def _is_same(padding, space, window, strides, dilation):
    wanted = padding_for("same", space, window, strides, dilation)
    return all(str(a) == str(b) for found, own in zip(padding, wanted) for a, b in zip(found, own))


@primitive("conv")
def conv(g: Any, x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """Conv."""
    axes = channels_first(x.rank)
    x, options, space = windows(g, x, kernel.shape[:-2], strides, padding, dilation)
    shape = (x.shape[0], kernel.shape[-1], *space)
    if any(d != 1 for d in dilation):
        options["dilations"] = list(dilation)
    out = g.op("Conv", g.under(x, axes), kernel_first(g, kernel), shape=shape, group=groups, **options)
    return g.viewed(out, axes)


@primitive("conv_input_gradient")
def conv_input_gradient(
    g: Any, y: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int, input_shape: Any
) -> Any:
    """ConvTranspose, without pads: what is too much is cut off, what is missing is 0."""
    axes = channels_first(y.rank)
    window = list(kernel.shape[:-2])
    full = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in zip(y.shape[1:-1], window, strides, dilation)]
    after = [n - m - a for n, m, (a, _) in zip(full, input_shape[1:-1], padding)]
    pads = [a for a, _ in padding] + after
    cuts = not is_open(pads) and min(pads) >= 0
    out = g.op(
        "ConvTranspose",
        g.under(y, axes),
        kernel_first(g, kernel),
        shape=(y.shape[0], kernel.shape[-2] * groups, *(input_shape[1:-1] if cuts else full)),
        kernel_shape=window,
        strides=list(strides),
        dilations=list(dilation),
        pads=pads if cuts else None,
        group=groups,
    )
    out = g.viewed(out, axes)
    return out if cuts else padded(g, out, ((0, 0), *((-a, -b) for (a, _), b in zip(padding, after)), (0, 0)), 0)
