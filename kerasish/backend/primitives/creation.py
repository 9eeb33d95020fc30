"""Primitives that make values from nothing but their attributes."""

from __future__ import annotations

from kerasish.backend.primitives.families import moved
from kerasish.backend.primitives.primitive import Primitive, Spec

# start, start + step, ... `size` elements; counted in float64 or int64 and then made `dtype`
arange: Primitive = moved("arange", lambda start, step, size, dtype: Spec((size,), dtype))
