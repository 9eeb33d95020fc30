"""A constant matrix applied along one axis."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.typing import AnyTensor, TensorLike


def applied_along(x: TensorLike, matrix: TensorLike, axis: int) -> AnyTensor:
    """`matrix` (n, d) times `x` along `axis` (not negative) of size d, which becomes n.

    One product, and views around it.
    """
    lead, rest = tuple(x.shape[:axis]), tuple(x.shape[axis + 1 :])
    if not rest:
        rows = reshape_to(x, (product(lead), x.shape[axis]))
        return reshape_to(p.matmul(rows, matrix, transpose_y=True), (*lead, matrix.shape[0]))
    rows = reshape_to(x, (*lead, x.shape[axis], product(rest)))
    return reshape_to(p.matmul(matrix, rows), (*lead, matrix.shape[0], *rest))
