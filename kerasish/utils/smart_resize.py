"""Pictures of one size without distortion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype, standardize_dtype
from kerasish.backend.graph import Tensor
from kerasish.backend.settings import standardize_data_format
from kerasish.typing import AnyTensor, TensorLike


def smart_resize(
    x: TensorLike,
    size: Sequence[int],
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
    **kwargs: Any,
) -> AnyTensor:
    """Resize pictures to `size` without distorting them.

    The largest middle part that has the proportions of `size` is cut out first.

    Args:
        x: (height, width, channels) or (batch, height, width, channels); with "channels_first" the channels come before
            the height.
        size: (height, width).
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        data_format: "channels_last", "channels_first" or None (the global setting).

    Returns:
        Pictures of that size; a NumPy array for a NumPy array.

    Raises:
        ValueError: for a `size` that is no pair and an `x` with other than 3 or 4 axes.

    Example:
        >>> import kerasish as keras
        >>> keras.preprocessing.image.smart_resize(keras.ops.zeros((340, 500, 3)), (200, 200)).shape
        (200, 200, 3)
    """
    kwargs.pop("backend_module", None)  # Keras lets its layers choose another backend here
    if kwargs:
        raise TypeError(f"smart_resize() got unexpected keyword arguments: {list(kwargs)}")
    if (
        not hasattr(size, "__len__")
        or isinstance(size, str)
        or len(size) != 2
        or any(int(n) != n or n < 1 for n in size)
    ):
        raise ValueError(f"`size` must be a tuple of 2 integers, (height, width), got {size!r}.")
    size = tuple(int(n) for n in size)
    images = x if isinstance(x, Tensor) else ops.convert_to_tensor(x)
    if len(images.shape) not in (3, 4):
        raise ValueError(
            "`x` must be a picture (height, width, channels) or a batch (batch, height, width, channels), got an "
            f"array of shape {tuple(images.shape)}."
        )
    data_format = standardize_data_format(data_format)
    if None in (images.shape[-2:] if data_format == "channels_first" else images.shape[-3:-1]):
        raise ValueError(f"`x` must have a known height and width, got shape {tuple(images.shape)}.")
    if interpolation != "nearest" and not is_float_dtype(standardize_dtype(images.dtype)):
        images = ops.cast(images, "float32")  # so that nothing is rounded, as in Keras
    out = ops.image.resize(images, size, interpolation, crop_to_aspect_ratio=True, data_format=data_format)
    return np.array(ops.convert_to_numpy(out)) if isinstance(x, np.ndarray) else out
