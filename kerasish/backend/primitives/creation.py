"""Primitives that make values from nothing but their attributes."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.primitive import Spec, define

# start, start + step, ... `size` elements; counted in float64 or int64 and then made `dtype`
arange: Any = define("arange", lambda start, step, size, dtype: Spec((size,), dtype))
