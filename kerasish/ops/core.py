"""Values in and out, casts, and reads and writes of parts of a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.device import device
from kerasish.backend.dtypes import SIGNED, bits, is_float_dtype, standardize_dtype
from kerasish.backend.float_formats import DIGITS
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import p
from kerasish.backend.sizes import exceeds, is_open, largest
from kerasish.backend.texts import holds_text, is_text
from kerasish.ops.convert import as_dtype, convert_to_numpy, dtype_of, is_traced, limits, value_of
from kerasish.ops.numpy.helpers import known_int
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.numpy.joining import unstacked
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, DTypeLike, Shape, ShapeLike, TensorLike


@operation
def convert_to_tensor(
    x: TensorLike, dtype: DTypeLike | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> AnyTensor:
    """Whatever becomes a tensor as one; eagerly a plain array of the device.

    Args:
        x: array, number, nested lists, Variable, tensor or SciPy's sparse matrix, which is made dense.
        dtype: dtype of the result, by default that of `x`; int32 for Python ints, `floatx()` for Python floats.
        sparse: accepted for programs written for Keras: the result is dense.
        ragged: None or False, as values here are dense.

    Returns:
        Tensor of the shape of `x`.

    Raises:
        ValueError: when `ragged` is true.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.convert_to_tensor([1, 2], dtype="float32").tolist()
        [1.0, 2.0]
    """
    if ragged:
        raise ValueError("`ragged=True` is not supported: values here are dense.")
    return value_of(x, dtype)


def is_tensor(x: Any) -> bool:
    """Whether something is a tensor: an array of the device, or a symbolic one.

    Args:
        x: anything.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.is_tensor(keras.ops.ones((2,))), keras.ops.is_tensor([1.0, 1.0])
        (True, False)
    """
    return isinstance(x, Tensor) or device().is_array(x)


def shape(x: TensorLike) -> Shape:
    """The shape of a tensor.

    Args:
        x: tensor.

    Returns:
        Tuple of ints. Of a symbolic tensor a size that is not known yet is None; where a layer's output shape is
        worked out by calling it, an expression that `ops` take for an int.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.shape(keras.ops.zeros((2, 3)))
        (2, 3)
    """
    return tuple(x.shape) if hasattr(x, "shape") else tuple(value_of(x).shape)


def dtype(x: TensorLike) -> str:
    """The dtype of a tensor.

    Args:
        x: tensor.

    Returns:
        String, such as "float32".

    Example:
        >>> import kerasish as keras
        >>> keras.ops.dtype(keras.ops.zeros((2,)))
        'float32'
    """
    return standardize_dtype(x.dtype if hasattr(x, "dtype") else value_of(x).dtype)


@operation
def cast(x: TensorLike, dtype: DTypeLike) -> AnyTensor:
    """`x` in another dtype.

    Floats lose their fraction on the way to integers.

    Args:
        x: tensor.
        dtype: dtype of the result.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cast([1.7, 2.2], "int32").tolist()
        [1, 2]
    """
    return as_dtype(value_of(x, dtype if is_text(x) or holds_text(x) else None), standardize_dtype(dtype))


@operation
def saturate_cast(x: TensorLike, dtype: DTypeLike) -> AnyTensor:
    """`x` in another dtype, where what does not fit becomes the nearest value that does.

    Args:
        x: tensor.
        dtype: dtype of the result.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.saturate_cast([-5.0, 300.0], "uint8").tolist()
        [0, 255]
    """
    x, wanted = value_of(x), standardize_dtype(dtype)
    own = dtype_of(x)
    (low, high), (least, most) = limits(wanted), limits(own)
    if is_float_dtype(own) and not is_float_dtype(wanted) and bits(wanted) > DIGITS[own]:
        return _saturated_whole(x, wanted, own, low, high)
    if low > least:
        x = p.maximum(x, low)
    if high < most:
        x = p.minimum(x, high)
    return as_dtype(x, wanted)


def _saturated_whole(x, wanted, own, low, high):
    """To an integer type whose largest value the float type can't tell from the next power of two."""
    spare = max(0, bits(wanted) - (wanted in SIGNED) - DIGITS[own])
    largest = float(min(high >> spare << spare, limits(own)[1]))  # the largest float that fits
    inside = p.cast(p.maximum(p.minimum(x, largest), float(max(low, limits(own)[0]))), dtype=wanted)
    return p.where(p.greater(x, largest), high, inside)


@operation
def stop_gradient(variable: TensorLike) -> AnyTensor:
    """The same value, through which no gradient flows.

    Args:
        variable: tensor or Variable.

    Returns:
        Tensor of the same values.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.stop_gradient([1.0, 2.0]).tolist()
        [1.0, 2.0]
    """
    return p.stop_gradient(value_of(variable))


@operation
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[AnyTensor]:
    """The parts of `x` along an axis, without that axis.

    Args:
        x: tensor.
        num: int, how many there are; needed where the size is not known yet.
        axis: int.

    Returns:
        List of tensors.

    Raises:
        ValueError: when `num` is not the size of the axis.

    Example:
        >>> import kerasish as keras
        >>> [row.tolist() for row in keras.ops.unstack([[1, 2], [3, 4]])]
        [[1, 2], [3, 4]]
    """
    return unstacked(x, num, axis)


def _known_start(start_indices):
    """Start indices as ints, or None when they are known only when the computation runs."""
    if is_traced(start_indices):
        return None
    if isinstance(start_indices, (list, tuple)):
        if any(is_traced(i) for i in start_indices):
            return None
        return [known_int(i, "start_indices") for i in start_indices]
    return [int(i) for i in convert_to_numpy(as_index(start_indices)).reshape(-1)]


def _start_vector(start_indices):
    """Start indices as one vector of int32."""
    if not isinstance(start_indices, (list, tuple)):
        return as_dtype(as_index(start_indices), "int32")
    parts = [p.reshape(as_dtype(value_of(i), "int32"), shape=(1,)) for i in start_indices]
    return p.concatenate(*parts, axis=0) if len(parts) > 1 else parts[0]


@operation
def slice(inputs: TensorLike, start_indices: Sequence[TensorLike] | TensorLike, shape: ShapeLike) -> AnyTensor:
    """A window of a tensor.

    Args:
        inputs: tensor.
        start_indices: one int an axis (or a tensor of them): where the window starts; moved back where it would not
            fit.
        shape: tuple of ints, the shape of the window; -1 reaches to the end of an axis.

    Returns:
        Tensor of `shape`.

    Raises:
        ValueError: when there is not one entry an axis, or the window is larger than `inputs`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, 2]).tolist()
        [[2, 3], [5, 6]]
    """
    x = value_of(inputs)
    sizes = tuple(known_int(n, "shape") for n in shape)
    start = _known_start(start_indices)
    if len(sizes) != len(x.shape) or (start is not None and len(start) != len(x.shape)):
        raise ValueError(
            f"`start_indices` and `shape` must have one entry for each of {len(x.shape)} axes, got {start_indices} "
            f"and {shape}."
        )
    sizes = tuple(
        _to_the_end(start, x.shape, axis) if type(n) is int and n == -1 else n for axis, n in enumerate(sizes)
    )
    if any(map(exceeds, sizes, x.shape)):
        raise ValueError(f"A window of shape {sizes} does not fit into {tuple(x.shape)}.")
    if start is None or is_open((*x.shape, *sizes, *start)):
        return p.dynamic_slice(x, _start_vector(start_indices), sizes=sizes)
    start = [min(max(a + d if a < 0 else a, 0), d - n) for a, n, d in zip(start, sizes, x.shape)]
    if sizes == tuple(x.shape):
        return x
    return p.slice(x, start=tuple(start), stop=tuple(a + n for a, n in zip(start, sizes)), strides=(1,) * len(sizes))


def _to_the_end(start, shape, axis):
    """The size of a window that reaches from its start to the end of `axis`."""
    if start is None:
        raise ValueError(
            f"`shape` says -1 (to the end) for axis {axis}, where the start is not known while "
            "the computation is built. Give the size, or index with `x[start:]`."
        )
    begin = start[axis] + shape[axis] if start[axis] < 0 else start[axis]
    return largest(shape[axis] - begin, 0)


@operation
def slice_update(
    inputs: TensorLike, start_indices: Sequence[TensorLike] | TensorLike, updates: TensorLike
) -> AnyTensor:
    """A tensor with a window replaced.

    Args:
        inputs: tensor.
        start_indices: one int an axis (or a tensor of them): where the window starts; moved back where it would not
            fit.
        updates: tensor with as many axes, the new values of the window.

    Returns:
        Tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: when `updates` does not fit into `inputs`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.slice_update([1, 2, 3, 4], [1], [9, 9]).tolist()
        [1, 9, 9, 4]
    """
    x = value_of(inputs)
    updates = as_dtype(value_of(updates), dtype_of(x))
    if any(map(exceeds, updates.shape, x.shape)):
        raise ValueError(f"`updates` of shape {tuple(updates.shape)} do not fit into {tuple(x.shape)}.")
    return p.dynamic_update(x, _start_vector(start_indices), updates)


@operation
def scatter(indices: TensorLike, values: TensorLike, shape: ShapeLike) -> AnyTensor:
    """Zeros of `shape` with `values` added at `indices`; values at the same place add up.

    Args:
        indices: tensor (..., k) of ints, each a place in the first k axes.
        values: tensor (..., *shape[k:]).
        shape: tuple of ints.

    Returns:
        Tensor of `shape` in the dtype of `values`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.scatter([[0], [2], [0]], [1, 2, 3], (4,)).tolist()
        [4, 0, 2, 0]
    """
    values = value_of(values)
    sizes = tuple(known_int(n, "shape") for n in shape)
    return p.scatter_nd_add(p.full(shape=sizes, value=0, dtype=dtype_of(values)), as_index(indices), values)


@operation
def scatter_update(
    inputs: TensorLike, indices: TensorLike, updates: TensorLike, reduction: str | None = None
) -> AnyTensor:
    """`inputs` with the elements at `indices` replaced by `updates`, or combined with them.

    Args:
        inputs: tensor.
        indices: tensor (n, k) of ints, each a place in the first k axes.
        updates: tensor (n, *inputs.shape[k:]).
        reduction: None (replace), "add", "max", "min" or "mul".

    Returns:
        Tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: when `indices` name more axes than `inputs` has, or for another `reduction`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.scatter_update([0, 0, 0], [[1]], [5]).tolist()
        [0, 5, 0]
    """
    x, indices = value_of(inputs), as_index(indices)
    updates = as_dtype(value_of(updates), dtype_of(x))
    depth = indices.shape[-1]
    if depth > len(x.shape):
        raise ValueError(f"`indices` of shape {tuple(indices.shape)} name {depth} axes, `inputs` has {len(x.shape)}.")
    if reduction is None:
        return p.scatter_update(x, indices, updates)
    if reduction == "add":
        return p.scatter_nd_add(x, indices, updates)
    if reduction not in ("max", "min", "mul"):
        raise ValueError(f"`reduction` must be None, 'add', 'max', 'min' or 'mul', got {reduction!r}.")
    return p.scatter_nd_combine(x, indices, updates, mode=reduction)
