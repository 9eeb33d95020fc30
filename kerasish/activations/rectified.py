"""Activations with a kink or a cut: the rectifiers and shrinkers."""

from __future__ import annotations

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, TensorLike


@suggesting
def relu(
    x: TensorLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> AnyTensor:
    """max(x, 0), or with arguments a ramp with other slopes and bounds.

    In full: x from `threshold` on, at most `max_value`, and negative_slope * (x - threshold) below.

    Args:
        x: tensor.
        negative_slope: float, slope below the threshold.
        max_value: float, or None for no upper bound.
        threshold: float, up to which x is damped.

    Returns:
        Tensor of the shape of `x`.

    Example:
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


@suggesting
def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> AnyTensor:
    """`x` where it is positive, `negative_slope` * x elsewhere.

    Args:
        x: tensor.
        negative_slope: number.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.leaky_relu(keras.ops.array([-2.0, 1.0]), 0.5).tolist()
        [-1.0, 1.0]

    Reference:
        Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013.
    """
    return ops.leaky_relu(x, negative_slope=negative_slope)


def relu6(x: TensorLike) -> AnyTensor:
    """min(max(x, 0), 6).

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.relu6(keras.ops.array([-2.0, 9.0])).tolist()
        [0.0, 6.0]
    """
    return ops.relu6(x)


@suggesting
def threshold(x: TensorLike, threshold: float, default_value: float) -> AnyTensor:
    """`x` where above `threshold`, `default_value` elsewhere.

    Args:
        x: tensor.
        threshold: number.
        default_value: number in the place of elements that are not above `threshold`.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.threshold(keras.ops.array([0.5, 2.0]), 1.0, 0.0).tolist()
        [0.0, 2.0]
    """
    return ops.threshold(x, threshold, default_value)


@suggesting
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """`x` where |x| > `threshold`, 0 elsewhere.

    Args:
        x: tensor.
        threshold: number of 0 or more.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.hard_shrink(keras.ops.array([-2.0, 0.25])).tolist()
        [-2.0, 0.0]
    """
    return ops.hard_shrink(x, threshold=threshold)


@suggesting
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """`x` moved towards 0 by `threshold`, and 0 where |x| is smaller.

    Args:
        x: tensor.
        threshold: number of 0 or more.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.soft_shrink(keras.ops.array([-2.0, 0.25])).tolist()
        [-1.5, 0.0]
    """
    return ops.soft_shrink(x, threshold=threshold)


def sparse_plus(x: TensorLike) -> AnyTensor:
    """0 up to -1, (x + 1)^2 / 4 up to 1, then x: a softplus made of polynomials.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.sparse_plus(keras.ops.array([-2.0, 0.0, 2.0])).tolist()
        [0.0, 0.25, 2.0]
    """
    return ops.sparse_plus(x)


def hard_sigmoid(x: TensorLike) -> AnyTensor:
    """min(max(x / 6 + 1 / 2, 0), 1).

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.hard_sigmoid(keras.ops.array([-4.0, 0.0, 4.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    return ops.hard_sigmoid(x)


def sparse_sigmoid(x: TensorLike) -> AnyTensor:
    """min(max((x + 1) / 2, 0), 1).

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.sparse_sigmoid(keras.ops.array([-4.0, 0.0, 4.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    return ops.sparse_sigmoid(x)


def hard_silu(x: TensorLike) -> AnyTensor:
    """`x` times `hard_sigmoid(x)`, also called hard swish.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.hard_silu(keras.ops.array([-4.0, 0.0, 4.0])).__abs__().tolist()
        [0.0, 0.0, 4.0]

    Reference:
        Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244.
    """
    return ops.hard_silu(x)


def hard_tanh(x: TensorLike) -> AnyTensor:
    """min(max(x, -1), 1).

    Args:
        x: tensor.

    Returns:
        Tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.hard_tanh(keras.ops.array([-4.0, 0.5, 4.0])).tolist()
        [-1.0, 0.5, 1.0]
    """
    return ops.hard_tanh(x)


def linear(x: TensorLike) -> AnyTensor:
    """`x` itself: no activation.

    Args:
        x: tensor.

    Returns:
        `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.linear(3.0)
        3.0
    """
    return x
