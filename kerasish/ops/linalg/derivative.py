"""Forward-mode derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.autodiff import gradients
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import p
from kerasish.backend.tape import Tape
from kerasish.ops.convert import as_dtype, dtype_of, value_of
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, TensorLike


@suggesting
def jvp(
    fun: Callable[..., Any], primals: Sequence[TensorLike], tangents: Sequence[TensorLike], has_aux: bool = False
) -> tuple[AnyTensor, ...]:
    """The value of `fun` at `primals`, and how it changes in the direction `tangents`.

    Args:
        fun: function of float tensors, built of `ops`.
        primals: tuple of tensors, the arguments of `fun`.
        tangents: tuple of tensors of the same shapes, the direction.
        has_aux: bool, whether `fun` returns (result, more), of which `more` is passed through.

    Returns:
        (result, change), and `more` as a third with `has_aux`.

    Raises:
        ValueError: when `primals` and `tangents` are no tuples of one length.

    Example:
        >>> import kerasish as keras
        >>> y, dy = keras.ops.jvp(lambda x: x * x, (keras.ops.array([3.0]),), (keras.ops.array([1.0]),))
        >>> y.tolist(), dy.tolist()
        ([9.0], [6.0])
    """
    if (
        not isinstance(primals, (tuple, list))
        or not isinstance(tangents, (tuple, list))
        or len(primals) != len(tangents)
    ):
        raise ValueError("`primals` and `tangents` must be tuples of one length.")
    eager = context.interpreter() is None
    with Tape("jvp") if eager else nullcontext() as tape:
        trace = tape or context.interpreter()
        watch = trace.watch
        points = [watch(p.identity(value_of(x))) for x in primals]
        result = fun(*points)
        result, more = result if has_aux else (result, None)
        changes = tree.map_structure(lambda y: _change(y, points, tangents, trace), result)
    unwrap = (lambda t: t.value if isinstance(t, Tensor) and t.has_value else t) if eager else (lambda t: t)
    outputs = [tree.map_structure(unwrap, part) for part in ((result, changes, more) if has_aux else (result, changes))]
    return tuple(outputs)


def _change(y, points, tangents, trace):
    """The gradient g(u) = J^T u is linear in u; the derivative of g(u) . tangent by u is J tangent."""
    y = trace.lift(y)
    probe = trace.watch(p.full(shape=tuple(y.shape), value=0.0, dtype=y.dtype))
    found = gradients(y, points, probe)
    terms = [p.sum(p.multiply(g, as_dtype(value_of(t), dtype_of(g)))) for g, t in zip(found, tangents) if g is not None]
    if not terms:
        return p.full(shape=tuple(y.shape), value=0.0, dtype=y.dtype)
    total = terms[0]
    for term in terms[1:]:
        total = p.add(total, term)
    change = gradients(total, probe)
    return p.full(shape=tuple(y.shape), value=0.0, dtype=y.dtype) if change is None else change
