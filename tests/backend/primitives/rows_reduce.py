"""Rows of primitives/reduce.py."""

import numpy as np

from tests.backend.primitives.harness import Row, bools, integers, values


def _reductions(name, function, make=values, **judged):
    def reference(x, axis=None, keepdims=False):
        return function(x, axis=axis, keepdims=keepdims)

    wanted = [
        dict(axis=(1,), keepdims=False),
        dict(axis=(0, 2), keepdims=True),
        dict(axis=None, keepdims=False),
        dict(axis=-1, keepdims=True),
    ]
    return [Row(name, make(2, 3, 4), reference=reference, **judged, **attributes) for attributes in wanted]


def _spread(*shape):
    return values(*shape, apart=0.05)


def _running(name, function, make=values, **judged):
    def reference(x, axis, reverse=False):
        return np.flip(function.accumulate(np.flip(x, axis), axis), axis) if reverse else function.accumulate(x, axis)

    return [
        Row(name, make(3, 4), reference=reference, axis=a, reverse=r, **judged) for a in (0, 1) for r in (False, True)
    ]


def _positive(*shape):
    return values(*shape, low=0.5)


ROWS = [
    *_reductions("sum", np.sum), *_reductions("sum", np.sum, integers), *_reductions("max", np.max, _spread),
    *_reductions("min", np.min, _spread),
    *_reductions("prod", np.prod, _positive), *_reductions("any", np.any, bools), *_reductions("all", np.all, bools),
    # the second derivative goes through cumprod, whose slope has no meaning at zeros
    Row("prod", np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]]), reference=lambda x, axis, keepdims: np.prod(x, axis),
    axis=(1,), keepdims=False, second=False),
    *[
        Row(name, make(3, 4), reference=getattr(np, name), axis=axis, keepdims=keep)
        for name in ("argmax", "argmin") for make in (values, integers) for axis, keep in ((0, False), (1, True))
    ],
    *_running("cumsum", np.add), *_running("cumprod", np.multiply, _positive), *_running("cummax", np.maximum),
]  # fmt: skip
