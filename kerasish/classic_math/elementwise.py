"""Comparisons, powers and choices, element by element."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, TensorLike


@suggesting
def equal(x: TensorLike, y: TensorLike) -> AnyTensor:
    """Where two tensors are the same.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.equal([1.0, 2.0], [2.0, 2.0]).tolist()
        [False, True]
    """
    return ops.equal(x, y)


@suggesting
def not_equal(x: TensorLike, y: TensorLike) -> AnyTensor:
    """Where two tensors differ.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.not_equal([1.0, 2.0], [2.0, 2.0]).tolist()
        [True, False]
    """
    return ops.not_equal(x, y)


@suggesting
def greater(x: TensorLike, y: TensorLike) -> AnyTensor:
    """Where `x` is more than `y`.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.greater([1.0, 2.0], [2.0, 2.0]).tolist()
        [False, False]
    """
    return ops.greater(x, y)


@suggesting
def greater_equal(x: TensorLike, y: TensorLike) -> AnyTensor:
    """Where `x` is not less than `y`.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.greater_equal([1.0, 2.0], [2.0, 2.0]).tolist()
        [False, True]
    """
    return ops.greater_equal(x, y)


@suggesting
def less(x: TensorLike, y: TensorLike) -> AnyTensor:
    """Where `x` is less than `y`.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.less([1.0, 2.0], [2.0, 2.0]).tolist()
        [True, False]
    """
    return ops.less(x, y)


@suggesting
def less_equal(x: TensorLike, y: TensorLike) -> AnyTensor:
    """Where `x` is not more than `y`.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Bool tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.less_equal([1.0, 2.0], [2.0, 2.0]).tolist()
        [True, True]
    """
    return ops.less_equal(x, y)


@suggesting
def maximum(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The greater of two tensors, element by element.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.maximum([1.0, 2.0], [2.0, 2.0]).tolist()
        [2.0, 2.0]
    """
    return ops.maximum(x, y)


@suggesting
def minimum(x: TensorLike, y: TensorLike) -> AnyTensor:
    """The smaller of two tensors, element by element.

    Args:
        x: tensor.
        y: tensor that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.minimum([1.0, 2.0], [2.0, 2.0]).tolist()
        [1.0, 2.0]
    """
    return ops.minimum(x, y)


@suggesting
def pow(x: TensorLike, a: TensorLike) -> AnyTensor:
    """`x` to the power of `a`, element by element.

    Args:
        x: tensor.
        a: number or tensor that broadcasts with `x`.

    Returns:
        Tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.pow([1.0, 2.0], 3).tolist()
        [1.0, 8.0]
    """
    return ops.power(x, a)


@suggesting
def clip(x: TensorLike, min_value: TensorLike | None, max_value: TensorLike | None) -> AnyTensor:
    """`x` with what lies outside of two bounds set to the nearer one.

    Args:
        x: tensor.
        min_value: number or tensor; None for no bound.
        max_value: number or tensor; None for no bound. One below `min_value` counts as `min_value`.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.clip([-2.0, 0.5, 3.0], 0, 1).tolist()
        [0.0, 0.5, 1.0]
    """
    if isinstance(min_value, (int, float)) and isinstance(max_value, (int, float)):
        max_value = max(min_value, max_value)
    return ops.clip(x, min_value, max_value)


def stop_gradient(variables: Any) -> Any:
    """Tensors through which no gradient goes.

    Args:
        variables: tensor, or a list or tuple of them.

    Returns:
        Tensor, or a list or tuple of them.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.stop_gradient(keras.ops.ones((2,))).tolist()
        [1.0, 1.0]
    """
    if isinstance(variables, (list, tuple)):
        return type(variables)(map(ops.stop_gradient, variables))
    return ops.stop_gradient(variables)


@suggesting
def switch(condition: TensorLike, then_expression: Any, else_expression: Any) -> AnyTensor:
    """One of two tensors, element by element, as a condition says.

    Args:
        condition: bool tensor.
        then_expression: tensor, or function without arguments that returns one: the values where the condition holds.
        else_expression: tensor, or function without arguments that returns one: the values elsewhere.

    Returns:
        Tensor of the broadcast shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.switch([True, False], [1, 2], lambda: [3, 4]).tolist()
        [1, 4]
    """
    then, otherwise = (e() if callable(e) else e for e in (then_expression, else_expression))
    return ops.where(condition, then, otherwise)
