"""The matrix product of kerasish's own, and whether this process multiplies by it or by BLAS's."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from kerasish.backend.numpy.native.available import has_wide_registers
from kerasish.backend.numpy.native.source import from_file

_DTYPES = {"sgemm": ("float32", 4), "dgemm": ("float64", 8)}
# rows and vectors of the sums that registers hold, and of those where there are few rows
_WIDE, _NARROW = (12, 2, 4, 4), (6, 1, 2, 2)
_DEPTH = 256
_PARAMETERS = ["int32"] * 3 + ["int64"] * 3 + ["T", *["int64"] * 4, "T", "int64", "int64"]


def own_product(name: str) -> Any:
    """The Source of the function that stands for cblas_<name>, with 64-bit integers; name: "sgemm" or "dgemm"."""
    dtype, item = _DTYPES[name]
    rows, across, *quick = _WIDE if has_wide_registers() else _NARROW
    parameters = tuple(dtype if word == "T" else word for word in _PARAMETERS)
    quick_sizes = dict(zip(("QUICK_ROWS", "QUICK_ACROSS"), quick))
    sizes = {
        **quick_sizes,
        "ITEM": item,
        "ROWS": rows,
        "ACROSS": across,
        "PANEL": _DEPTH * across * 64,
        "CORNER": rows * across * 64,
    }
    return from_file("own_product", "product", parameters, T=dtype, **sizes)


@lru_cache
def is_own() -> bool:
    """Whether KERASISH_PRODUCTS says "own": what libraries for C multiply by. "blas", or nothing, is BLAS."""
    text = os.environ.get("KERASISH_PRODUCTS", "").strip()
    if text not in ("", "blas", "own"):
        raise ValueError(
            f"The environment variable KERASISH_PRODUCTS must be 'own' or 'blas', got {text!r}. Correct or unset it."
        )
    return text == "own"
