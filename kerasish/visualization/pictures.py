"""Pictures as the drawing functions want them: on the host, channels last, values from 0 to 255."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.typing import TensorLike


def batch_of_pictures(images: TensorLike, data_format: str | None) -> np.ndarray:
    """A batch on the host, in an array of its own, channels last.

    Args:
        images: array with 4 axes.
        data_format: of `images`; None: the global setting.

    Raises:
        ValueError: for another number of axes.
    """
    images = np.array(ops.convert_to_numpy(images))
    if images.ndim != 4:
        raise ValueError(
            "`images` must be a batch of pictures, an array with 4 axes (batch, height, width, channels), got shape "
            f"{images.shape}."
        )
    return images.transpose(0, 2, 3, 1) if standardize_data_format(data_format) == "channels_first" else images


def like(pictures: np.ndarray, data_format: str | None) -> np.ndarray:
    """Pictures with their channels where `data_format` has them."""
    return pictures.transpose(0, 3, 1, 2) if standardize_data_format(data_format) == "channels_first" else pictures


def as_bytes(pictures: np.ndarray, value_range: Sequence[float] = (0, 255)) -> np.ndarray:
    """Pictures in uint8.

    Args:
        pictures: array.
        value_range: (black, white) of the pictures.
    """
    black, white = value_range
    if pictures.dtype == np.uint8 and (black, white) == (0, 255):
        return pictures
    scaled = pictures if (black, white) == (0, 255) else (pictures - black) * (255 / (white - black))
    return np.clip(scaled, 0, 255).astype("uint8")
