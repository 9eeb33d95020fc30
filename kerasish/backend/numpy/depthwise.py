"""Convolutions in which every channel is convolved by itself.

For each place of the window, whole images are multiplied and added.

A product of matrices for each channel would be tiny; here rows of (width * channels) elements go through the vector
units at once.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.windows import copying, cropped, filling, image_blocks
from kerasish.backend.primitives.windows import common_parts, offsets, point, sizes_of
from kerasish.typing import IntOrInts, TensorLike


def _split(kernel, x_channels):
    """A kernel (*window, 1, C * m) as (*window, m, C): filter c * m + q belongs to channel c."""
    return kernel.reshape(*kernel.shape[:-2], x_channels, -1).swapaxes(-1, -2)


def _widened(take, weights, row):
    """The weights repeated along a row of the output, so that a row of all its channels is one run.

    With the call that fills them.
    """
    wide = take((*weights.shape[:-1], row, weights.shape[-1]), weights.dtype)
    return wide, [copying(wide, weights[..., None, :])]


class _Padded:
    """Blocks of images with their padding in place."""

    def __init__(self, take, x, padding, blocks):
        self.x, self.padding, self.buffer = x, padding, None
        self.calls = []
        if any(a > 0 or b > 0 for a, b in padding):
            images = max(b.stop - b.start for b in blocks)
            self.buffer = take((images, *sizes_of(x.shape[1:-1], padding), x.shape[-1]), x.dtype)
            self.calls = [filling(self.buffer, 0)]

    def load(self, block):
        """(padded images, calls that bring them there)."""
        x = self.x[block]
        if self.buffer is None:
            return cropped(x, self.padding), []
        inner, kept = common_parts(self.padding, x.shape[1:-1])
        padded = self.buffer[: len(x)]
        return padded, [copying(padded[(slice(None), *inner)], x[(slice(None), *kept)])]


def forward(take: Any, out: Any, x: TensorLike, kernel: Any, strides: IntOrInts, padding: str, dilation: int) -> Any:
    """out[..., c m + q] = sum over the window of x[..., c] kernel[..., c m + q]."""
    counts, channels = out.shape[1:-1], x.shape[-1]
    blocks = image_blocks(len(x) if out.size else 0, out[0].nbytes if len(out) else 0)
    if not blocks:
        return [filling(out, 0)]
    weights, calls = _widened(take, _split(kernel, channels), counts[-1])
    multiplier = weights.shape[-3]
    part = take((blocks[0].stop, *counts, channels), x.dtype)
    total = take(part.shape, x.dtype) if multiplier > 1 else None
    images = _Padded(take, x, padding, blocks)
    calls += images.calls
    for block in blocks:
        source, load = images.load(block)
        calls += load
        size = len(source)
        for q in range(multiplier):
            target = out[block] if total is None else total[:size]
            calls += _weighted_sum(target, part[:size], source, weights, q, strides, dilation)
            if total is not None:
                calls.append(copying(out[block].reshape(*target.shape, multiplier)[..., q], target))
    return calls


def _weighted_sum(target, part, source, weights, q, strides, dilation):
    counts, calls = target.shape[1:-1], []
    for w in offsets(weights.shape[:-3]):
        seen = source[(slice(None), *point(w, counts, strides, dilation))]
        if not calls:
            calls.append(partial(np.multiply, seen, weights[(*w, q)], target))
        else:
            calls += [partial(np.multiply, seen, weights[(*w, q)], part), partial(np.add, target, part, target)]
    return calls


def input_gradient(
    take: Any, out: Any, g: TensorLike, kernel: Any, strides: IntOrInts, padding: str, dilation: int
) -> Any:
    """Each place of the window sends g * kernel back to where it read."""
    counts, channels = g.shape[1:-1], out.shape[-1]
    blocks = image_blocks(len(g), out[0].nbytes)
    weights, calls = _widened(take, _split(kernel, channels), counts[-1])
    multiplier = weights.shape[-3]
    size = blocks[0].stop
    part = take((size, *counts, channels), g.dtype)
    padded = take((size, *sizes_of(out.shape[1:-1], padding), channels), g.dtype)
    inner, kept = common_parts(padding, out.shape[1:-1])
    if any(min(pair) < 0 for pair in padding):
        calls.append(filling(out, 0))
    for block in blocks:
        target, product = padded[: block.stop - block.start], part[: block.stop - block.start]
        arrived = g[block].reshape(*product.shape, multiplier)
        calls.append(filling(target, 0))
        for q in range(multiplier):
            for w in offsets(weights.shape[:-3]):
                there = target[(slice(None), *point(w, counts, strides, dilation))]
                calls += [
                    partial(np.multiply, arrived[..., q], weights[(*w, q)], product),
                    partial(np.add, there, product, there),
                ]
        calls.append(copying(out[block][(slice(None), *kept)], target[(slice(None), *inner)]))
    return calls


def kernel_gradient(
    take: Any, out: Any, x: TensorLike, g: TensorLike, strides: IntOrInts, padding: str, dilation: int
) -> Any:
    """The sum of x * g over all images and points, for each place of the window; BLAS adds up (a product with ones)."""
    counts, channels = g.shape[1:-1], x.shape[-1]
    calls = [filling(out, 0)]
    blocks = image_blocks(len(g) if g.size else 0, g[0].nbytes if len(g) else 0)
    if not blocks:
        return calls
    target = _split(out, channels)
    multiplier = target.shape[-2]
    part = take((blocks[0].stop, *counts, channels), g.dtype)
    ones, share = take((part.size // channels,), g.dtype), take((channels,), g.dtype)
    images = _Padded(take, x, padding, blocks)
    calls += [filling(ones, 1), *images.calls]
    for block in blocks:
        source, load = images.load(block)
        calls += load
        product = part[: len(source)]
        rows = product.reshape(-1, channels)
        arrived = g[block].reshape(*product.shape, multiplier)
        for q in range(multiplier):
            for w in offsets(target.shape[:-2]):
                seen = source[(slice(None), *point(w, counts, strides, dilation))]
                there = target[(*w, q)]
                calls += [
                    partial(np.multiply, seen, arrived[..., q], product),
                    partial(np.matmul, ones[: len(rows)], rows, share),
                    partial(np.add, there, share, there),
                ]
    return calls
