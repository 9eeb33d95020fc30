"""Attention on a card, cuDNN's kernel beside products and a softmax: `python -m benchmarks.gpu_attention`.

Prints, for each, how far the results and the gradients are apart, and how long both take, forward and backward. It
exits with 1 where cuDNN has no kernel, or the numbers differ by more than half precision explains.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import numpy as np

from benchmarks.gpu_convolutions import seconds
from kerasish import backend, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function

CASES = [  # batch, queries, heads, heads of the keys, size of a head, what limits them
    (8, 512, 16, 16, 64, None),
    (8, 512, 16, 16, 64, "causal"),
    (8, 512, 16, 16, 64, "padding"),
    (4, 2048, 16, 4, 128, "causal"),
    (8, 197, 12, 12, 64, None),
]
_APART = {"float16": 1e-2, "bfloat16": 5e-2}


def main() -> int:
    """Compare, and say whether all is well."""
    backend.set_backend("cupy")
    failed = 0
    for case in CASES:
        for dtype, most in _APART.items():
            arrays, steps = _arrays(*case, dtype), [_step(case[-1], wish) for wish in (None, False)]
            found = [[_host(x) for x in step(*arrays)] for step in steps]
            apart = [float(np.abs(x - y).max() / np.abs(y).max()) for x, y in zip(*found)]
            took = [seconds(backend.device(), partial(step, *arrays)) for step in steps]
            names = steps[0].program(*arrays).names
            planned = {"attention", "attention_gradient"} <= set(names)
            failed += not planned or max(apart) > most
            batch, length, heads, shared, size, limit = case
            what = (
                f"{batch} x {length:4d}, {heads:2d} heads ({shared:2d}) of {size:3d}, {limit or 'all':7s}, {dtype:8s}"
            )
            differences = ", ".join(f"{x:.0e}" for x in apart)
            said = "planned" if planned else "no plan"
            print(f"{what}: {said}, apart {differences}, {took[0] * 1e3:.3f} ms, parts {took[1] * 1e3:.3f} ms")
    return int(failed > 0)


def _arrays(batch, length, heads, shared, size, limit, dtype):
    rng, device = np.random.default_rng(0), backend.device()
    shapes = [(batch, length, n, size) for n in (heads, shared, shared, heads)]
    arrays: list[Any] = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    if limit == "padding":
        arrays.append(np.arange(length) < rng.integers(length // 2, length + 1, (batch, 1, 1, 1)))
    return [device.from_host(x) for x in arrays]


def _step(limit, wish):
    def step(query, key, value, arrived, mask=None):
        how = {"mask": mask, "is_causal": limit == "causal", "flash_attention": wish}
        made = ops.dot_product_attention(query, key, value, **how)
        return [made, *gradients(made, [query, key, value], arrived)]

    return function(step)


def _host(array):
    return backend.device().to_host(array).astype("float32")


if __name__ == "__main__":
    sys.exit(main())
