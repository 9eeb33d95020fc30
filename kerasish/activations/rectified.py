"""Activations with a kink or a cut: the rectifiers and shrinkers."""

from __future__ import annotations

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike


def relu(
    x: TensorLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> AnyTensor:
    """max(x, 0), or with arguments: x above `threshold`, at most `max_value`; negative_slope * (x - threshold) below.

    Args:
        x: tensor.
        negative_slope: float, slope below the threshold.
        max_value: float, or None for no upper bound.
        threshold: float, up to which x is damped.

    >>> import kerasish as keras
    >>> keras.activations.relu(keras.ops.array([-2.0, 1.0, 9.0]), max_value=6.0).tolist()
    [0.0, 1.0, 6.0]
    """
    if negative_slope and max_value is None and not threshold:
        return ops.leaky_relu(x, negative_slope=negative_slope)
    if threshold:
        x = ops.convert_to_tensor(x)
        outputs = ops.where(ops.greater(x, threshold), x, 0.0)
    else:
        outputs = ops.relu(x)
    if max_value is not None:
        outputs = ops.minimum(outputs, max_value)
    if negative_slope:
        outputs = ops.subtract(outputs, ops.multiply(ops.relu(ops.subtract(threshold, x)), negative_slope))
    return outputs


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> AnyTensor:
    """`x` where positive, `negative_slope` * x elsewhere (Maas et al., 2013).

    Args:
        x: tensor.
        negative_slope: float.

    >>> import kerasish as keras
    >>> keras.activations.leaky_relu(keras.ops.array([-2.0, 1.0]), 0.5).tolist()
    [-1.0, 1.0]
    """
    return ops.leaky_relu(x, negative_slope=negative_slope)


def relu6(x: TensorLike) -> AnyTensor:
    """min(max(x, 0), 6).

    >>> import kerasish as keras
    >>> keras.activations.relu6(keras.ops.array([-2.0, 9.0])).tolist()
    [0.0, 6.0]
    """
    return ops.relu6(x)


def threshold(x: TensorLike, threshold: float, default_value: float) -> AnyTensor:
    """`x` where above `threshold`, `default_value` elsewhere.

    Args:
        x: tensor.
        threshold, default_value: floats.

    >>> import kerasish as keras
    >>> keras.activations.threshold(keras.ops.array([0.5, 2.0]), 1.0, 0.0).tolist()
    [0.0, 2.0]
    """
    return ops.threshold(x, threshold, default_value)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """`x` where |x| > `threshold`, 0 elsewhere.

    Args:
        x: tensor.
        threshold: float.

    >>> import kerasish as keras
    >>> keras.activations.hard_shrink(keras.ops.array([-2.0, 0.25])).tolist()
    [-2.0, 0.0]
    """
    return ops.hard_shrink(x, threshold=threshold)


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """`x` moved towards 0 by `threshold`, and 0 where |x| is smaller.

    Args:
        x: tensor.
        threshold: float.

    >>> import kerasish as keras
    >>> keras.activations.soft_shrink(keras.ops.array([-2.0, 0.25])).tolist()
    [-1.5, 0.0]
    """
    return ops.soft_shrink(x, threshold=threshold)


def sparse_plus(x: TensorLike) -> AnyTensor:
    """0 up to -1, (x + 1)^2 / 4 up to 1, then x: a softplus made of polynomials.

    >>> import kerasish as keras
    >>> keras.activations.sparse_plus(keras.ops.array([-2.0, 0.0, 2.0])).tolist()
    [0.0, 0.25, 2.0]
    """
    return ops.sparse_plus(x)


def hard_sigmoid(x: TensorLike) -> AnyTensor:
    """min(max(x / 6 + 1 / 2, 0), 1).

    >>> import kerasish as keras
    >>> keras.activations.hard_sigmoid(keras.ops.array([-4.0, 0.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return ops.hard_sigmoid(x)


def sparse_sigmoid(x: TensorLike) -> AnyTensor:
    """min(max((x + 1) / 2, 0), 1).

    >>> import kerasish as keras
    >>> keras.activations.sparse_sigmoid(keras.ops.array([-4.0, 0.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return ops.sparse_sigmoid(x)


def hard_silu(x: TensorLike) -> AnyTensor:
    """`x hard_sigmoid(x)`, also called hard swish (Howard et al., 2019, arXiv:1905.02244).

    >>> import kerasish as keras
    >>> keras.activations.hard_silu(keras.ops.array([-4.0, 0.0, 4.0])).__abs__().tolist()
    [0.0, 0.0, 4.0]
    """
    return ops.hard_silu(x)


def hard_tanh(x: TensorLike) -> AnyTensor:
    """min(max(x, -1), 1).

    >>> import kerasish as keras
    >>> keras.activations.hard_tanh(keras.ops.array([-4.0, 0.5, 4.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    return ops.hard_tanh(x)


def linear(x: TensorLike) -> AnyTensor:
    """`x` itself.

    >>> import kerasish as keras
    >>> keras.activations.linear(3.0)
    3.0
    """
    return x
