"""The vocabulary of classic Keras's backend (`K.placeholder`, `K.variable`, ...).

For graph code in the style of TensorFlow 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import autodiff
from kerasish.backend.device import device
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.function import function
from kerasish.backend.graph import KerasTensor
from kerasish.backend.interrupts import whole
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.variable import GraphVariable, Variable, host_copy, to_array
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, ConstraintLike, DTypeLike, Shape, ShapeLike, TensorLike


@suggesting
def placeholder(
    shape: ShapeLike | None = None,
    ndim: int | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool = False,
    name: str | None = None,
) -> KerasTensor:
    """A symbolic tensor to be fed when the graph runs.

    Args:
        shape: tuple of ints, None where a size is open.
        ndim: int, the number of axes, in place of `shape`.
        dtype: string, default `floatx()`.
        sparse: False, as values here are dense.
        name: string.

    Returns:
        KerasTensor.

    Raises:
        ValueError: when neither `shape` nor `ndim` is given, or `sparse` is true.

    Example:
        >>> from kerasish import backend as K
        >>> K.placeholder((None, 3)).shape
        (None, 3)
    """
    if sparse:
        raise ValueError("Sparse placeholders are not supported: feed dense arrays.")
    if shape is None and ndim is None:
        raise ValueError("`placeholder` needs `shape` or `ndim`.")
    shape = tuple(shape) if shape is not None else (None,) * ndim
    return KerasTensor(shape, standardize_dtype(dtype), name=name or "placeholder")


@suggesting
def variable(
    value: TensorLike, dtype: DTypeLike | None = None, name: str | None = None, constraint: ConstraintLike = None
) -> GraphVariable:
    """A graph variable with an initial value.

    Expressions of it are symbolic, as in TensorFlow 1 (`keras.Variable` computes at once).

    Args:
        value: array-like.
        dtype: string, by default that of `value`, or `floatx()`.
        name: string.
        constraint: function that the value is put through after each update, or None.

    Returns:
        Variable.

    Example:
        >>> from kerasish import backend as K
        >>> K.get_value(K.variable([1.0, 2.0])).tolist()
        [1.0, 2.0]
    """
    made = GraphVariable(value, dtype=standardize_dtype(dtype), name=name)
    made.constraint = constraint
    return made


@suggesting
def constant(
    value: TensorLike, dtype: DTypeLike | None = None, shape: ShapeLike | None = None, name: str | None = None
) -> AnyTensor:
    """A new array of the device.

    Args:
        value: array-like.
        dtype: string, default `floatx()`.
        shape: tuple of ints to which `value` is broadcast, by default its own.
        name: accepted for programs written for TensorFlow.

    Returns:
        Array.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.constant(2.0, shape=(2,)).tolist()
        [2.0, 2.0]
    """
    array = to_array(device(), value, standardize_dtype(dtype))
    if shape is None:
        return device().copy(array) if array is value or isinstance(value, Variable) else array
    return p.broadcast_to(array, shape=tuple(shape))


def get_value(x: TensorLike) -> Any:
    """The value of a Variable or array.

    Args:
        x: Variable or array.

    Returns:
        NumPy array.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.get_value(keras.Variable([1.0, 2.0])).tolist()
        [1.0, 2.0]
    """
    return x.numpy() if isinstance(x, Variable) else host_copy(device(), x)


@suggesting
def set_value(x: Variable, value: TensorLike) -> None:
    """Replace the value of a Variable, at once.

    Args:
        x: Variable.
        value: array-like of the same shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = K.variable([1.0, 2.0])
        >>> K.set_value(x, [3.0, 4.0])
        >>> K.get_value(x).tolist()
        [3.0, 4.0]
    """
    x.set(value) if isinstance(x, GraphVariable) else x.assign(value)


def batch_get_value(tensors: Sequence[Any]) -> list[Any]:
    """The values of several Variables.

    Args:
        tensors: list of Variables or arrays.

    Returns:
        List of NumPy arrays.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> [x.tolist() for x in K.batch_get_value([K.variable(1.0), K.variable(2.0)])]
        [1.0, 2.0]
    """
    return [get_value(x) for x in tensors]


@whole
def batch_set_value(tuples: Iterable[tuple[Variable, TensorLike]]) -> None:
    """Replace the values of several Variables, at once.

    Args:
        tuples: list of (Variable, array-like) pairs.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = K.variable(1.0)
        >>> K.batch_set_value([(x, 3.0)])
        >>> K.get_value(x).tolist()
        3.0
    """
    for x, value in tuples:
        set_value(x, value)


@suggesting
def update(x: Variable, new_x: TensorLike) -> Any:
    """Assign to a Variable; outside a trace, on symbolic values, an update that runs with the graph.

    Args:
        x: Variable.
        new_x: tensor of the same shape.

    Returns:
        The new value, or the symbolic update.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = K.variable(1.0)
        >>> _ = K.function([], [], updates=[K.update(x, x * 3.0)])([])
        >>> K.get_value(x).tolist()
        3.0
    """
    return x.assign(new_x)


@suggesting
def update_add(x: Variable, increment: TensorLike) -> Any:
    """Add to a Variable; outside a trace, on symbolic values, an update that runs with the graph.

    Args:
        x: Variable.
        increment: tensor of the same shape.

    Returns:
        The new value, or the symbolic update.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = K.variable(1.0)
        >>> _ = K.function([], [], updates=[K.update_add(x, 2.0)])([])
        >>> K.get_value(x).tolist()
        3.0
    """
    return x.assign_add(increment)


@suggesting
def update_sub(x: Variable, decrement: TensorLike) -> Any:
    """Subtract from a Variable; outside a trace, on symbolic values, an update that runs with the graph.

    Args:
        x: Variable.
        decrement: tensor of the same shape.

    Returns:
        The new value, or the symbolic update.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = K.variable(1.0)
        >>> _ = K.function([], [], updates=[K.update_sub(x, 2.0)])([])
        >>> K.get_value(x).tolist()
        -1.0
    """
    return x.assign_sub(decrement)


def eval(x: TensorLike) -> Any:
    """The value of a Variable, an array, or a symbolic tensor that needs no placeholder.

    Args:
        x: Variable, array or symbolic tensor.

    Returns:
        NumPy array.

    Raises:
        ValueError: when `x` depends on a placeholder.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.eval(K.variable(2.0) * 3.0).tolist()
        6.0
    """
    if isinstance(x, KerasTensor):
        return function([], [x])([])[0]
    return get_value(x)


def int_shape(x: TensorLike) -> Shape:
    """The shape of a tensor.

    Args:
        x: tensor, array or Variable.

    Returns:
        Tuple of ints, None where a size is open.

    Example:
        >>> from kerasish import backend as K
        >>> K.int_shape(K.placeholder((None, 2)))
        (None, 2)
    """
    return tuple(x.shape) if hasattr(x, "shape") else None


def ndim(x: TensorLike) -> int:
    """The number of axes of a tensor.

    Args:
        x: tensor, array or Variable.

    Returns:
        Int.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.ndim(K.placeholder((None, 2)))
        2
    """
    return len(x.shape)


def count_params(x: TensorLike) -> int:
    """The number of elements of a tensor.

    Args:
        x: Variable or array.

    Returns:
        Int.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.count_params(keras.Variable([1.0, 2.0]))
        2
    """
    return product(x.shape)


def is_placeholder(x: Any) -> bool:
    """Whether a tensor must be fed.

    Args:
        x: anything.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = K.placeholder((2,))
        >>> K.is_placeholder(x), K.is_placeholder(x + 1.0)
        (True, False)
    """
    return isinstance(x, KerasTensor) and (x.node is None or x.node.is_source)


@suggesting
def gradients(loss: Any, variables: Any, grad_ys: Any = None) -> Any:
    """The gradients of `loss` with respect to each of `variables`, as new tensors.

    Args:
        loss: a tensor (a sum is taken over its elements), or a list of tensors.
        variables: a tensor or Variable, or a structure of them.
        grad_ys: the gradient that arrives at `loss`, by default ones.

    Returns:
        A list with one gradient a variable, of one variable too; a structure of them for a structure that is no list.
        None where `loss` does not depend on one.

    Raises:
        ValueError: `loss` is no tensor of the running trace or graph, or has no floating-point type.

    >>> from kerasish import backend as K
    >>> x = K.placeholder((3,))
    >>> slope = K.gradients(x * x, x)[0]
    >>> K.function([x], [slope])([[1.0, 2.0, 3.0]])[0].tolist()
    [2.0, 4.0, 6.0]
    """
    return autodiff.gradients(loss, variables if tree.is_nested(variables) else [variables], grad_ys)


def get_variable_shape(x: Variable) -> Shape:
    """The shape of a Variable.

    Args:
        x: Variable.

    Returns:
        Tuple of ints.

    Example:
        >>> from kerasish import backend as K
        >>> K.get_variable_shape(K.variable([1.0, 2.0]))
        (2,)
    """
    return int_shape(x)


def manual_variable_initialization(value: bool) -> None:
    """Nothing: variables have their first values from the start.

    Args:
        value: bool, whether a program for TensorFlow 1 initialises its variables itself.

    Example:
        >>> from kerasish import backend as K
        >>> K.manual_variable_initialization(True)
    """
