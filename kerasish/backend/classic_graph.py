"""The vocabulary of classic Keras's backend (`K.placeholder`, `K.variable`, ...).

For graph code in the style of TensorFlow 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.function import function
from kerasish.backend.graph import KerasTensor, Tensor
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.variable import GraphVariable, Variable, to_array
from kerasish.typing import ConstraintLike, DTypeLike, ShapeLike, TensorLike

_phase = None


def placeholder(
    shape: ShapeLike | None = None,
    ndim: int | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool = False,
    name: str | None = None,
) -> Any:
    """A symbolic tensor to be fed when the graph runs.

    Args:
        shape: tuple of int or None. ndim: number of axes, in place of `shape`. dtype: string, default `floatx()`.

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


def variable(
    value: TensorLike, dtype: DTypeLike | None = None, name: str | None = None, constraint: ConstraintLike = None
) -> Any:
    """A graph variable with an initial value.

    Expressions of it are symbolic, as in TensorFlow 1 (`keras.Variable` computes at once).

    >>> from kerasish import backend as K
    >>> K.get_value(K.variable([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    made = GraphVariable(value, dtype=standardize_dtype(dtype), name=name)
    made.constraint = constraint
    return made


def constant(
    value: TensorLike, dtype: DTypeLike | None = None, shape: ShapeLike | None = None, name: str | None = None
) -> Any:
    """A new device array of `value`, broadcast to `shape` where that is given."""
    array = to_array(device(), value, standardize_dtype(dtype))
    if shape is None:
        return device().copy(array) if array is value or isinstance(value, Variable) else array
    return p.broadcast_to(array, shape=tuple(shape))


def get_value(x: TensorLike) -> Any:
    """The value of a Variable or array as a NumPy array."""
    return x.numpy() if isinstance(x, Variable) else device().to_host(to_array(device(), x, None))


def set_value(x: TensorLike, value: TensorLike) -> None:
    """Set a Variable's value."""
    x.set(value) if isinstance(x, GraphVariable) else x.assign(value)


def batch_get_value(tensors: Sequence[Any]) -> list[Any]:
    """The values of several Variables."""
    return [get_value(x) for x in tensors]


def batch_set_value(tuples: Any) -> None:
    """Set several Variables from (variable, value) pairs."""
    for x, value in tuples:
        set_value(x, value)


def update(x: TensorLike, new_x: Any) -> Any:
    """`x.assign(new_x)`: outside a trace, on symbolic values, an update that runs with the graph."""
    return x.assign(new_x)


def update_add(x: TensorLike, increment: Any) -> Any:
    """`x.assign_add(increment)`."""
    return x.assign_add(increment)


def update_sub(x: TensorLike, decrement: Any) -> Any:
    """`x.assign_sub(decrement)`."""
    return x.assign_sub(decrement)


def eval(x: TensorLike) -> Any:
    """The value of a Variable, an array, or a symbolic tensor that needs no placeholder, as a NumPy array."""
    if isinstance(x, KerasTensor):
        return function([], [x])([])[0]
    return get_value(x)


def int_shape(x: TensorLike) -> Any:
    """The shape as a tuple of int and None.

    >>> from kerasish import backend as K
    >>> K.int_shape(K.placeholder((None, 2)))
    (None, 2)
    """
    return tuple(x.shape) if hasattr(x, "shape") else None


def ndim(x: TensorLike) -> int:
    """The number of axes."""
    return len(x.shape)


def count_params(x: TensorLike) -> Any:
    """The number of elements."""
    return product(x.shape)


def is_placeholder(x: TensorLike) -> bool:
    """Whether `x` must be fed."""
    return isinstance(x, KerasTensor) and (x.node is None or x.node.is_source)


class LearningPhase(int):
    """0 (test) or 1 (training). As an input of `function`, the value passed for it sets the phase of that run."""


def learning_phase() -> Any:
    """1 inside a call in training mode (or after `set_learning_phase(1)`), else 0."""
    training = context.current().training
    return LearningPhase(bool(training if training is not None else _phase))


def set_learning_phase(value: TensorLike) -> None:
    """Set the phase that holds where no call says otherwise: 0, 1, or None to forget it."""
    global _phase
    if value not in (0, 1, None):
        raise ValueError(f"The learning phase is 0 or 1, got {value!r}.")
    _phase = value


def in_train_phase(x: TensorLike, alt: Any, training: bool | None = None) -> Any:
    """`x` in training, else `alt`; either may be a function without arguments."""
    training = learning_phase() if training is None else training
    if isinstance(training, Tensor):
        raise ValueError("`training` must be True or False here: traces are made per mode.")
    chosen = x if training else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: TensorLike, alt: Any, training: bool | None = None) -> Any:
    """`x` in test mode, else `alt`."""
    return in_train_phase(alt, x, training)
