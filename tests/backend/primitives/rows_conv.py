"""Rows of primitives/conv.py and pool.py; the references go from window to window."""

import numpy as np

from tests.backend.primitives.harness import Row, integers, values


def _padded(x, padding, value=0):
    grown = np.pad(x, [(0, 0), *[(max(a, 0), max(b, 0)) for a, b in padding], (0, 0)], constant_values=value)
    keep = [slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(grown.shape[1:-1], padding)]
    return grown[(slice(None), *keep)], (
        slice(None),
        *[slice(max(a, 0), d - max(b, 0)) for d, (a, b) in zip(grown.shape[1:-1], padding)],
    )


def _points(space, window, strides, dilation):
    """(window, place in it, point of space) of every point of every window."""
    counts = [(d - (w - 1) * t - 1) // s + 1 for d, w, s, t in zip(space, window, strides, dilation)]
    for o in np.ndindex(*counts):
        for w in np.ndindex(*window):
            yield o, w, tuple(i * s + j * t for i, s, j, t in zip(o, strides, w, dilation))


def _groups(kernel_shape, groups):
    """(slice of the inputs' channels, slice of the filters) of each group."""
    taken, filters = kernel_shape[-2], kernel_shape[-1] // groups
    return [(slice(i * taken, (i + 1) * taken), slice(i * filters, (i + 1) * filters)) for i in range(groups)]


def _conv(x, kernel, strides, padding, dilation, groups):
    x, _ = _padded(x, padding)
    window = kernel.shape[:-2]
    counts = [(d - (w - 1) * t - 1) // s + 1 for d, w, s, t in zip(x.shape[1:-1], window, strides, dilation)]
    out = np.zeros((len(x), *counts, kernel.shape[-1]), x.dtype)
    for o, w, at in _points(x.shape[1:-1], window, strides, dilation):
        for taken, filters in _groups(kernel.shape, groups):
            out[(slice(None), *o, filters)] += x[(slice(None), *at, taken)] @ kernel[w][:, filters]
    return out


def _input_gradient(g, kernel, strides, padding, dilation, groups, input_shape):
    """Adds, where `_conv` reads, what it multiplies with."""
    out = np.zeros((len(g), *input_shape[1:]), g.dtype)
    grown, _ = _padded(out, padding)
    for o, w, at in _points(grown.shape[1:-1], kernel.shape[:-2], strides, dilation):
        for taken, filters in _groups(kernel.shape, groups):
            grown[(slice(None), *at, taken)] += g[(slice(None), *o, filters)] @ kernel[w][:, filters].T
    inner = tuple(
        slice(max(a, 0), max(a, 0) + d + min(a, 0) + min(b, 0)) for d, (a, b) in zip(input_shape[1:-1], padding)
    )
    kept = tuple(slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(input_shape[1:-1], padding))
    out[(slice(None), *kept)] = grown[(slice(None), *inner)]
    return out


def _kernel_gradient(x, g, strides, padding, dilation, groups, kernel_shape):
    x, _ = _padded(x, padding)
    out = np.zeros(kernel_shape, x.dtype)
    for o, w, at in _points(x.shape[1:-1], kernel_shape[:-2], strides, dilation):
        for taken, filters in _groups(kernel_shape, groups):
            out[w][:, filters] += x[(slice(None), *at, taken)].T @ g[(slice(None), *o, filters)]
    return out


def _pool(join, start):
    def reference(x, window, strides, padding):
        x, _ = _padded(x, padding, start)
        counts = [(d - w) // s + 1 for d, w, s in zip(x.shape[1:-1], window, strides)]
        out = np.full((len(x), *counts, x.shape[-1]), start, x.dtype)
        for o, _, at in _points(x.shape[1:-1], window, strides, (1,) * len(window)):
            out[(slice(None), *o)] = join(out[(slice(None), *o)], x[(slice(None), *at)])
        return out

    return reference


def _first_maxima(x, y, window, strides, padding):
    """(element of y, point of x that is its window's first maximum), for all elements."""
    grown, _ = _padded(x, padding, -np.inf)
    found = set()
    for o, _, at in _points(grown.shape[1:-1], window, strides, (1,) * len(window)):
        for n, c in np.ndindex(len(x), x.shape[-1]):
            if (n, *o, c) not in found and grown[(n, *at, c)] == y[(n, *o, c)]:
                found.add((n, *o, c))
                yield (n, *o, c), (n, *[i - a for i, (a, _) in zip(at, padding)], c)


def _max_pool_gradient(x, y, g, **where):
    out = np.zeros_like(x)
    for element, point in _first_maxima(x, y, **where):
        out[point] += g[element]
    return out


def _max_pool_gather(x, y, h, **where):
    out = np.zeros_like(y)
    for element, point in _first_maxima(x, y, **where):
        out[element] = h[point]
    return out


def _sum_pool_gradient(g, window, strides, padding, input_shape):
    grown, inside = _padded(np.zeros((len(g), *input_shape[1:]), g.dtype), padding)
    for o, _, at in _points(grown.shape[1:-1], window, strides, (1,) * len(window)):
        grown[(slice(None), *at)] += g[(slice(None), *o)]
    return grown[inside]


_PLACEMENTS = [  # sizes of space, window, strides, padding, dilation, (channels, filters, groups)
    ((7,), (3,), (1,), ((0, 0),), (1,), (2, 3, 1)),
    ((8,), (3,), (2,), ((2, 1),), (2,), (2, 3, 1)),
    ((7,), (2,), (3,), ((0, -2),), (1,), (2, 2, 1)),  # a stride beyond the window, and points cut off
    ((5, 4), (3, 2), (1, 1), ((1, 1), (0, 1)), (1, 1), (2, 3, 1)),
    ((5, 4), (3, 2), (2, 1), ((1, 0), (1, 1)), (1, 2), (4, 2, 2)),
    ((4, 5), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), (3, 2, 1)),
    ((4, 5), (1, 1), (2, 3), ((0, 0), (0, 0)), (1, 1), (3, 2, 1)),
    ((5, 4), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), (3, 3, 3)),
    ((5, 6), (3, 2), (2, 2), ((1, 1), (0, -1)), (1, 1), (3, 6, 3)),
    ((6, 5), (3, 3), (1, 1), ((-1, 2), (0, 0)), (1, 1), (4, 6, 2)),
    ((3, 4, 3), (2, 2, 1), (1, 2, 1), ((1, 0), (0, 0), (0, 1)), (1, 1, 1), (2, 2, 1)),
    ((3, 3, 4), (2, 1, 2), (2, 1, 1), ((0, 1), (0, 0), (1, 1)), (1, 1, 2), (2, 4, 2)),
]  # fmt: skip


def _convolutions(batch=2):
    for space, window, strides, padding, dilation, (channels, filters, groups) in _PLACEMENTS:
        where = dict(strides=strides, padding=padding, dilation=dilation, groups=groups)
        x, kernel = values(batch, *space, channels), values(*window, channels // groups, filters)
        g = values(*_conv(x, kernel, **where).shape)
        yield Row("conv", x, kernel, reference=_conv, **where)
        yield Row("conv_input_gradient", g, kernel, reference=_input_gradient, **where, input_shape=x.shape)
        yield Row("conv_kernel_gradient", x, g, reference=_kernel_gradient, **where, kernel_shape=kernel.shape)


_POOLS = [
    ((7,), (2,), (2,), ((0, 0),)), ((7,), (3,), (1,), ((1, 2),)), ((8,), (2,), (3,), ((0, 0),)), ((5, 4), (2, 2), (2,
    2), ((0, 1), (0, 0))),
    ((5, 6), (3, 2), (1, 2), ((1, 1), (0, 0))), ((3, 4, 3), (2, 2, 2), (1, 2, 1), ((0, 0), (0, 0), (1, 0))),
]  # fmt: skip


def _pools():
    for space, window, strides, padding in _POOLS:
        where = dict(window=window, strides=strides, padding=padding)
        x = values(2, *space, 2, low=-6.0, high=6.0, apart=0.02)
        y = _pool(np.maximum, -np.inf)(x, **where)
        yield Row("max_pool", x, reference=_pool(np.maximum, -np.inf), **where)
        yield Row("max_pool_gradient", x, y, values(*y.shape), reference=_max_pool_gradient, fixed=(0, 1), **where)
        yield Row("max_pool_gather", x, y, values(*x.shape), reference=_max_pool_gather, fixed=(0, 1), **where)
        yield Row("sum_pool", x, reference=_pool(np.add, 0), **where)
        yield Row("sum_pool_gradient", values(*y.shape), reference=_sum_pool_gradient, **where, input_shape=x.shape)


_TIES = integers(2, 6, 5, 1, low=0, high=3).astype("float64")
_TIED = dict(window=(3, 2), strides=(2, 1), padding=((1, 1), (0, 0)))
_MAXIMA = _pool(np.maximum, -np.inf)(_TIES, **_TIED)

ROWS = [
    *_convolutions(), *_pools(),
    Row("max_pool", integers(2, 5, 2), window=(2,), strides=(2,), padding=((0, 1),), reference=_pool(np.maximum,
    -1000)),
    Row("sum_pool", integers(2, 5, 2), window=(2,), strides=(2,), padding=((0, 1),), reference=_pool(np.add, 0)),
    # of equal maxima the first one counts
    Row("max_pool_gradient", _TIES, _MAXIMA, values(*_MAXIMA.shape), reference=_max_pool_gradient, fixed=(0, 1),
    **_TIED),
    Row("max_pool_gather", _TIES, _MAXIMA, values(*_TIES.shape), reference=_max_pool_gather, fixed=(0, 1), **_TIED),
]  # fmt: skip
