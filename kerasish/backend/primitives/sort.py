"""Orders of elements. NaN counts as larger than every number; sorting is `argsort` and `take_along_axis`."""

from __future__ import annotations

from kerasish.backend.primitives.costs import SORT
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.backend.sizes import exceeds


def _argsort_shape(x, axis, stable=True):
    """Indices in rising order of the elements along `axis`; with `stable` equal elements keep their order."""
    normalize_axis(axis, len(x.shape))
    return Spec(tuple(x.shape), "int32")


def _top_k_shape(x, k):
    """The k largest elements along the last axis, the largest first (of equal ones the first), and their indices."""
    if not x.shape:
        raise ValueError("`top_k` needs an axis, got a scalar.")
    size = x.shape[-1]
    if k < 0 or exceeds(k, size):
        raise ValueError(f"`k` must be between 0 and the size of the last axis, {size}; got {k}.")
    shape = (*x.shape[:-1], k)
    return Spec(shape, x.dtype), Spec(shape, "int32")


argsort: Primitive = computed("argsort", _argsort_shape, cost=SORT, complex=True)
top_k: Primitive = computed("top_k", _top_k_shape, cost=SORT)


@gradient_of(top_k)
def _top_k(node, to_values, _to_indices):
    x = node.inputs[0]
    return [p.put_along_axis_add(to_values, node.outputs[1], axis=len(x.shape) - 1, size=x.shape[-1])]
