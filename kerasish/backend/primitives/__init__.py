"""The closed set of operations. Each file defines one family: a shape rule and a gradient rule a primitive."""

from kerasish.backend.primitives import (
    arithmetic, control, conv, creation, decompositions, fourier, host, indexing, layout, linalg, pool, random, reduce, rows, scatter, sort,
    special, unary,
)
from kerasish.backend.primitives.primitive import PRIMITIVES, Primitive, Spec, p
