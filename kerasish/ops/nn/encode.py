"""Class numbers as vectors of zeros and ones."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.backend.settings import floatx
from kerasish.ops.convert import as_dtype, dtype_of, value_of
from kerasish.ops.numpy.helpers import at_once, iota, known_int
from kerasish.ops.operation import operation
from kerasish.suggestions import refuse_unknown
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


def _marks(x, num_classes, axis):
    """Bools: whether a number is the class at this place of the new axis; and where that axis is."""
    if num_classes is None:
        raise ValueError("`num_classes` must be given.")
    count = known_int(num_classes, "num_classes")
    x = value_of(x)
    rank = len(x.shape) + 1
    axis = normalize_axis(axis, rank)
    classes = at_once(p.reshape, iota(count, dtype_of(x)), shape=tuple(count if i == axis else 1 for i in range(rank)))
    return p.equal(p.reshape(x, shape=(*x.shape[:axis], 1, *x.shape[axis:])), classes), axis


def _marked(marks, dtype):
    return as_dtype(marks, floatx() if dtype is None else standardize_dtype(dtype))


@operation
def one_hot(
    x: TensorLike, num_classes: int, axis: int = -1, dtype: DTypeLike | None = None, sparse: bool = False
) -> AnyTensor:
    """1 at the place of the class, 0 elsewhere; a number that is no class gives zeros.

    Args:
        x: tensor of ints.
        num_classes: int, the size of the new axis.
        axis: int, where the new axis comes.
        dtype: dtype of the result, by default `floatx()`.
        sparse: bool, taken for programs that give it; the result is dense and holds all zeros either way.

    Returns:
        Tensor of the shape of `x` with the new axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.one_hot([0, 2], 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    return _marked(_marks(x, num_classes, axis)[0], dtype)


@operation
def multi_hot(
    inputs: TensorLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DTypeLike | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> AnyTensor:
    """1 at the places of all classes that a sample names, 0 elsewhere.

    Args:
        inputs: tensor of ints, (classes named,) or (batch, classes named, ...).
        num_classes: int, the size of the new axis.
        axis: int, where the new axis comes.
        dtype: dtype of the result, by default `floatx()`.
        sparse: bool, taken for programs that give it; the result is dense and holds all zeros either way.
        **kwargs: `num_tokens`, the name of `num_classes` in early releases.

    Returns:
        Tensor of the shape of `inputs` with the new axis in place of the classes named.

    Raises:
        ValueError: when `num_classes` is left out.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.multi_hot([[0, 2], [1, 1]], 3).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    earlier = kwargs.pop("num_tokens", None)  # its name in early releases
    num_classes = earlier if num_classes is None else num_classes
    refuse_unknown("multi_hot", kwargs, multi_hot)
    inputs = value_of(inputs)
    marks, _ = _marks(inputs, num_classes, axis)
    return _marked(p.any(marks, axis=(1 if len(inputs.shape) > 1 else 0,), keepdims=False), dtype)
