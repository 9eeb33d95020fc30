"""Variables and what they begin with, random numbers, and updates."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.backend import context
from kerasish.backend.classic_graph import update, variable
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.variable import GraphVariable, Variable
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, IntOrInts, SeedLike, ShapeLike, TensorLike

random_normal = random.normal
random_uniform = random.uniform


@suggesting
def zeros(shape: ShapeLike, dtype: DTypeLike | None = None, name: str | None = None) -> Any:
    """A graph variable full of zeros.

    Args:
        shape: tuple of ints.
        dtype: string, default `floatx()`.
        name: string, or None.

    Returns:
        Variable; inside of a traced function, a tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.get_value(K.zeros((2,))).tolist()
        [0.0, 0.0]
    """
    value = ops.zeros(shape, standardize_dtype(dtype))
    return value if context.interpreter() is not None else variable(value, standardize_dtype(dtype), name)


@suggesting
def ones(shape: ShapeLike, dtype: DTypeLike | None = None, name: str | None = None) -> Any:
    """A graph variable full of ones.

    Args:
        shape: tuple of ints.
        dtype: string, default `floatx()`.
        name: string, or None.

    Returns:
        Variable; inside of a traced function, a tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.get_value(K.ones((2,))).tolist()
        [1.0, 1.0]
    """
    value = ops.ones(shape, standardize_dtype(dtype))
    return value if context.interpreter() is not None else variable(value, standardize_dtype(dtype), name)


@suggesting
def eye(size: IntOrInts, dtype: DTypeLike | None = None, name: str | None = None) -> Any:
    """A graph variable with ones on the diagonal.

    Args:
        size: int, or a pair of rows and columns.
        dtype: string, default `floatx()`.
        name: string, or None.

    Returns:
        Variable; inside of a traced function, a tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.get_value(K.eye(2)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    value = ops.eye(*(size if isinstance(size, (list, tuple)) else (size,)), dtype=standardize_dtype(dtype))
    return value if context.interpreter() is not None else variable(value, standardize_dtype(dtype), name)


@suggesting
def zeros_like(x: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> AnyTensor:
    """A tensor of the shape of another one, full of zeros.

    Args:
        x: tensor.
        dtype: string, by default that of `x`.
        name: accepted for programs written for TensorFlow.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.zeros_like([2.0, 3.0]).tolist()
        [0.0, 0.0]
    """
    return ops.zeros_like(x, dtype=dtype)


@suggesting
def ones_like(x: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> AnyTensor:
    """A tensor of the shape of another one, full of ones.

    Args:
        x: tensor.
        dtype: string, by default that of `x`.
        name: accepted for programs written for TensorFlow.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.ones_like([2.0, 3.0]).tolist()
        [1.0, 1.0]
    """
    return ops.ones_like(x, dtype=dtype)


@suggesting
def random_uniform_variable(
    shape: ShapeLike,
    low: float,
    high: float,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    seed: SeedLike = None,
) -> GraphVariable:
    """A graph variable that begins with evenly distributed numbers.

    Args:
        shape: tuple of ints.
        low: float.
        high: float.
        dtype: string, default `floatx()`.
        name: string, or None.
        seed: int or None.

    Returns:
        Variable of the graph.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.random_uniform_variable((2, 3), 0, 1).shape
        (2, 3)
    """
    return variable(random.uniform(shape, low, high, seed=seed), dtype, name)


@suggesting
def random_normal_variable(
    shape: ShapeLike,
    mean: float,
    scale: float,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    seed: SeedLike = None,
) -> GraphVariable:
    """A graph variable that begins with normally distributed numbers.

    Args:
        shape: tuple of ints.
        mean: float.
        scale: float, the standard deviation.
        dtype: string, default `floatx()`.
        name: string, or None.
        seed: int or None.

    Returns:
        Variable of the graph.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.random_normal_variable((2, 3), 0, 1).shape
        (2, 3)
    """
    return variable(random.normal(shape, mean, scale, seed=seed), dtype, name)


@suggesting
def random_binomial(
    shape: ShapeLike, p: float = 0.0, dtype: DTypeLike | None = None, seed: SeedLike = None
) -> AnyTensor:
    """Ones with a probability, and zeros else.

    Args:
        shape: tuple of ints.
        p: float, the probability of a one.
        dtype: string, default `floatx()`.
        seed: int, `SeedGenerator` or None.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> sorted(set(K.random_binomial((1000,), 0.5, seed=1).tolist()))
        [0.0, 1.0]
    """
    return ops.cast(ops.less(random.uniform(shape, seed=seed), p), standardize_dtype(dtype))


@suggesting
def moving_average_update(x: Variable, value: TensorLike, momentum: TensorLike) -> Any:
    """A moving average as an update: x <- momentum x + (1 - momentum) value.

    Args:
        x: Variable.
        value: tensor of the same shape.
        momentum: float in [0, 1].

    Returns:
        The new value, or the symbolic update.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> x = keras.Variable([1.0])
        >>> [round(float(v), 3) for v in K.moving_average_update(x, [3.0], 0.75)]
        [1.5]
    """
    return update(x, ops.add(ops.multiply(x, momentum), ops.multiply(value, 1.0 - momentum)))
