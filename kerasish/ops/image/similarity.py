"""How alike two images are."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import exceeds, unlike
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote
from kerasish.ops.image.filters import bell, each_channel
from kerasish.ops.image.image_axes import ImageBatch
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def ssim(
    image1: TensorLike,
    image2: TensorLike,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> AnyTensor:
    """The structural similarity of images, 1 for equal ones.

    For each window of a bell's weights (2 m1 m2 + c1) (2 s12 + c2) / ((m1^2 + m2^2 + c1) (s1^2 + s2^2 + c2)) of the
    means m, variances s^2 and covariance s12, with c = (k max_val)^2; the mean over all windows and channels.

    Args:
        image1: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        image2: tensor of the same shape.
        max_val: number, the largest value that a point can have.
        filter_size: int, the height and width of a window.
        filter_sigma: positive number, how wide the bell is, in points.
        k1: number, keeps the quotient of the means from 0 / 0.
        k2: number, keeps the quotient of the variances from 0 / 0.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Float tensor (batch,), or a scalar for images without the batch. Of integers, which Keras counts with as they
        are, the similarity is a float too.

    Raises:
        ValueError: when the shapes differ or the images are smaller than a window.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.reshape(keras.ops.arange(256.0) / 256, (16, 16, 1))
        >>> round(float(keras.ops.image.ssim(x, x)), 4)
        1.0

    Reference:
        Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to Structural Similarity",
        2004, equation 13.
    """
    x, y = promote(as_float(image1), as_float(image2))
    dtype = dtype_of(x)
    if len(x.shape) != len(y.shape) or any(map(unlike, x.shape, y.shape)):
        raise ValueError(f"`image1` and `image2` must have the same shape, got {tuple(x.shape)} and {tuple(y.shape)}.")
    if filter_size < 1 or filter_sigma <= 0:
        raise ValueError(
            f"`filter_size` must be at least 1 and `filter_sigma` positive, got {filter_size} and {filter_sigma}."
        )
    wide = "float64" if dtype == "float64" else "float32"
    first, second = (ImageBatch(as_dtype(z, wide), data_format, f"image{i}") for i, z in ((1, x), (2, y)))
    x, y = first.images, second.images
    if any(exceeds(filter_size, size) for size in x.shape[1:3]):
        raise ValueError(
            f"Images must have at least `filter_size`={filter_size} rows and columns, got shape {tuple(x.shape)}."
        )
    found = _similarity(x, y, (k1 * max_val) ** 2, (k2 * max_val) ** 2, bell(filter_size, filter_sigma))
    points = product(found.shape[1:])
    mean = p.divide(p.sum(found, axis=(1, 2, 3), keepdims=False), points)
    return as_dtype(mean if first.axes.batched else reshape_to(mean, ()), dtype)


def _similarity(x, y, c1, c2, weights):
    """Equation 13 at each window: (batch, rows, columns, channels)."""
    kernel = [[[a * b for b in weights] for a in weights]]

    def mean(z):
        return each_channel(z, "channels_last", kernel, padded=False)[0]

    of_x, of_y = mean(x), mean(y)
    squares, both = p.add(p.square(of_x), p.square(of_y)), p.multiply(of_x, of_y)
    variances = p.subtract(mean(p.add(p.square(x), p.square(y))), squares)
    covariance = p.subtract(mean(p.multiply(x, y)), both)
    above = p.multiply(p.add(p.multiply(both, 2.0), c1), p.add(p.multiply(covariance, 2.0), c2))
    return p.divide(above, p.multiply(p.add(squares, c1), p.add(variances, c2)))
