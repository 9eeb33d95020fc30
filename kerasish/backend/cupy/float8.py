"""Numbers of eight bits, which CuPy holds and does not compute with: they move as bytes, tables convert them."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

_local: dict[Any, Any] = {}


def is_float8(dtype: Any) -> bool:
    """Whether CuPy has no kernels for a dtype."""
    return dtype.name.startswith("float8")


def as_bytes(x: Any) -> Any:
    """`x` as something that CuPy can move: itself, or its bytes."""
    return x.view(np.uint8) if is_float8(x.dtype) else x


def convert(out: Any, x: Any) -> None:
    """Write `x` into `out`, where one or both are float8."""
    if out.dtype == x.dtype:
        cupy.copyto(as_bytes(out), as_bytes(x))
    elif is_float8(x.dtype):
        wide = cupy.take(_table(x.dtype, "value"), as_bytes(x))
        if is_float8(out.dtype):
            convert(out, wide)
        else:
            cupy.copyto(out, wide, casting="unsafe")
    else:
        # By way of float32's upper bits: 65,536 of them say which byte, but for what lies just at a border.
        _round(out, x)


def _round(out, x):
    wide = cupy.empty(x.shape, np.float32)
    cupy.copyto(wide, x, casting="unsafe")
    borders, codes = _table(out.dtype, "borders"), _table(out.dtype, "codes")
    place = cupy.searchsorted(borders, cupy.absolute(wide).reshape(-1), side="left").reshape(x.shape)
    # an even code takes the border itself
    at = cupy.take(borders, place)
    beyond = cupy.logical_and(cupy.equal(at, cupy.absolute(wide)), cupy.equal(cupy.bitwise_and(place, 1), 1))
    found = cupy.take(codes, cupy.add(place, beyond.astype(np.int64)))
    found = cupy.where(cupy.isnan(wide), _nan(out.dtype), found)
    negative = cupy.not_equal(cupy.bitwise_and(wide.view(np.uint32), np.uint32(1 << 31)), np.uint32(0))
    sign = cupy.multiply(negative.astype(np.uint8), np.uint8(128))
    cupy.copyto(as_bytes(out), cupy.bitwise_or(found, sign))


def _nan(dtype):
    return np.array(np.nan, dtype).view(np.uint8)[()] & np.uint8(127)


def _table(dtype, what):
    """Tables of a float8 type on the card in use, made once."""
    key = dtype.name, what, cupy.cuda.Device().id
    if key not in _local:
        _local[key] = cupy.asarray(_host_table(dtype, what))
    return _local[key]


def _host_table(dtype, what):
    values = np.arange(256, dtype=np.uint8).view(dtype).astype(np.float32)
    if what == "value":
        return values
    positive = values[:128]
    finite = positive[np.isfinite(positive)]
    borders = (finite[1:].astype(np.float64) + finite[:-1]) / 2
    last = finite[-1] + (finite[-1] - finite[-2]) / 2.0
    if what == "borders":
        return np.concatenate([borders, [last, np.inf]]).astype(np.float32)
    beyond = np.array(np.inf, np.float32).astype(dtype).view(np.uint8) & np.uint8(127)
    return np.concatenate([np.arange(len(finite)), [beyond, beyond]]).astype(np.uint8)
