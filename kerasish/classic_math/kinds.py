"""What a tensor is: its type, whether it is sparse, its numbers on the screen."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.graph import KerasTensor, Tensor
from kerasish.backend.host_operations import numpy_operation, register_gradient
from kerasish.backend.settings import floatx
from kerasish.backend.variable import Variable
from kerasish.ops.operation import operation
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, TensorLike

_PRINT = "classic_print"


def shape(x: TensorLike) -> tuple[int, ...] | KerasTensor:
    """The shape as a tuple of ints; of a symbolic tensor with open sizes a vector of int32 that the run fills in.

    Args:
        x: tensor, array or Variable.

    Returns:
        Tuple of ints, or a symbolic vector.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.shape(keras.ops.ones((2, 3)))
        (2, 3)
    """
    is_open = isinstance(x, KerasTensor) and None in x.shape
    return symbolic_shape(x) if is_open else ops.shape(x)


@operation
def symbolic_shape(x):
    return ops.convert_to_tensor(list(ops.shape(x)), "int32")


symbolic_shape.gives_sizes = True


def dtype(x: TensorLike) -> str:
    """The name of the type of a tensor's elements.

    Args:
        x: tensor, array or Variable.

    Returns:
        String.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.dtype(K.variable([1.0]))
        'float32'
    """
    return standardize_dtype(x.dtype)


def is_tensor(x: Any) -> bool:
    """Whether something is a tensor, an array or a Variable.

    Args:
        x: anything.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.is_tensor(keras.ops.ones((2,))), K.is_tensor([1.0])
        (True, False)
    """
    return ops.is_tensor(x) or isinstance(x, (Tensor, Variable))


def is_sparse(tensor: TensorLike) -> bool:
    """False: values here are dense.

    Args:
        tensor: tensor.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.is_sparse(keras.ops.ones((2,)))
        False
    """
    return False


def to_dense(tensor: TensorLike) -> AnyTensor:
    """The tensor itself: values here are dense.

    Args:
        tensor: tensor.

    Returns:
        The same tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.to_dense(keras.ops.ones((2,))).tolist()
        [1.0, 1.0]
    """
    return tensor


def cast_to_floatx(x: TensorLike) -> Any:
    """Numbers in the default float type, or a symbolic tensor cast to it.

    Args:
        x: array-like or tensor.

    Returns:
        NumPy array, or tensor for a tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.cast_to_floatx([1, 2]).dtype.name
        'float32'
    """
    if isinstance(x, Tensor):
        return ops.cast(x, floatx())
    return ops.convert_to_numpy(ops.cast(x, floatx()))


@suggesting
def identity(x: TensorLike, name: str | None = None) -> AnyTensor:
    """A copy of a tensor.

    Args:
        x: tensor.
        name: accepted for programs written for TensorFlow.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.identity([1, 2]).tolist()
        [1, 2]
    """
    return ops.copy(x)


@operation
def print_tensor(x: TensorLike, message: str = "") -> AnyTensor:
    """`x`, which is printed whenever it is computed.

    Args:
        x: tensor.
        message: string, printed before it.

    Returns:
        Tensor with the values of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.print_tensor(keras.ops.ones((2,)), "now").tolist()
        now [1. 1.]
        [1.0, 1.0]
    """

    def shown(value):
        print(message, value)
        return value

    return numpy_operation(_PRINT, shown)(x)


@register_gradient(_PRINT)
def _printed_gradient(op, gradient):
    return gradient
