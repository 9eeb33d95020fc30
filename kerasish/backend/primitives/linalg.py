"""Matrix products."""

from __future__ import annotations

from kerasish.backend.primitives.arithmetic import is_constant, unbroadcast
from kerasish.backend.primitives.costs import MATMUL
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import broadcast, product, same_dtype
from kerasish.backend.sizes import unlike


def _matmul_shape(x, y, transpose_x=False, transpose_y=False):
    """Both operands have at least two axes; leading ones broadcast."""
    if len(x.shape) < 2 or len(y.shape) < 2:
        raise ValueError(f"The primitive matmul needs two axes or more, got {tuple(x.shape)} and {tuple(y.shape)}.")
    rows, inner = x.shape[-2:][::-1] if transpose_x else x.shape[-2:]
    inner_y, columns = y.shape[-2:][::-1] if transpose_y else y.shape[-2:]
    if unlike(inner, inner_y):
        raise ValueError(
            f"Can't multiply matrices of shapes {tuple(x.shape)} and {tuple(y.shape)}: the inner sizes {inner} and "
            f"{inner_y} differ."
        )
    return Spec(broadcast(x.shape[:-2], y.shape[:-2]) + (rows, columns), same_dtype("matmul", x, y))


matmul: Primitive = computed("matmul", _matmul_shape, cost=MATMUL, weights=1, complex=True)


@gradient_of(matmul)
def _matmul(node, g):
    """With Z = X Y: dX = dZ Y^T and dY = X^T dZ, each transposed where the operand was."""
    x, y = node.inputs
    tx, ty = node.attributes.get("transpose_x", False), node.attributes.get("transpose_y", False)
    dx = dy = None
    if not is_constant(x):
        dx = p.matmul(y, g, transpose_x=ty, transpose_y=True) if tx else p.matmul(g, y, transpose_y=not ty)
    if not is_constant(y):
        if (
            len(y.shape) == 2 and len(x.shape) > 2 and not tx and None not in x.shape
        ):  # one product of all rows, not one a matrix and then a sum
            x, g = _rows(x), _rows(g)
        dy = p.matmul(g, x, transpose_x=True, transpose_y=tx) if ty else p.matmul(x, g, transpose_x=not tx)
    return [_sum_batch(dx, node.inputs[0]), _sum_batch(dy, y)]


def _rows(x):
    return p.reshape(x, shape=(product(x.shape[:-1]), x.shape[-1]))


def _sum_batch(gradient, x):
    return unbroadcast(gradient, x)
