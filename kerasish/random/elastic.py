"""Images pulled about at random, smoothly."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.ops.convert import dtype_of
from kerasish.ops.image.coordinates import check_mode, order_named, sampled
from kerasish.ops.image.filters import gaussian_blur
from kerasish.ops.image.image_axes import ImageBatch
from kerasish.ops.numpy.helpers import iota, reshape_to
from kerasish.ops.operation import operation
from kerasish.random.continuous import normal
from kerasish.random.seed_generator import SeedGenerator
from kerasish.typing import AnyTensor, SeedLike, TensorLike


@operation
def elastic_transform(
    images: TensorLike,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: SeedLike = None,
    data_format: str | None = None,
) -> AnyTensor:
    """Images whose points are moved at random, neighbours alike.

    Each point is moved down and across by normally distributed numbers of deviation `sigma`, smoothed by a bell and
    multiplied by `alpha`. All channels of an image are moved alike. Keras on JAX moves as far down as across.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        alpha: number, how strong the movement is.
        sigma: positive number, how wide the bell is, in points.
        interpolation: "nearest" or "bilinear".
        fill_mode: what lies beyond the edges: "constant", "nearest", "wrap", "mirror" or "reflect", as
            `map_coordinates` draws them.
        fill_value: number that lies beyond the edges with "constant".
        seed: int (the same movement each time), `SeedGenerator` (another each time) or None (the global generator).
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: for an unknown interpolation or mode, a `sigma` that is not positive, or another kind of seed.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.elastic_transform(keras.ops.ones((2, 8, 8, 3)), seed=1).shape
        (2, 8, 8, 3)

    Reference:
        Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to Visual Document
        Analysis", 2003, section 2.
    """
    batch, order = ImageBatch(images, data_format), order_named(interpolation)
    check_mode(fill_mode)
    if sigma <= 0:
        raise ValueError(f"`sigma` must be positive, got {sigma}.")
    count, height, width, _ = batch.images.shape
    dtype = "float64" if dtype_of(batch.images) == "float64" else "float32"
    reach = int(6 * sigma) | 1  # three deviations to either side
    seed = seed if isinstance(seed, SeedGenerator) or not isinstance(seed, int) else SeedGenerator(seed)
    points = []
    for line in (reshape_to(iota(height, dtype), (1, height, 1)), reshape_to(iota(width, dtype), (1, 1, width))):
        drawn = normal((count, height, width, 1), dtype=dtype, seed=seed)
        moved = gaussian_blur(drawn, (reach, reach), (sigma, sigma), data_format="channels_last")
        points.append(p.add(p.multiply(reshape_to(moved, (count, height, width)), float(alpha * sigma)), line))
    return batch.back(sampled(batch.images, points, order, fill_mode, fill_value))
