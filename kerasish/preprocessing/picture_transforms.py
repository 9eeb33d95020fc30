"""Pictures moved, turned, sheared, zoomed and recoloured by SciPy and pillow: Keras 2's functions.

Random numbers are those of NumPy's global generator.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasish.backend.deprecation import warn_renamed
from kerasish.optional import needed
from kerasish.utils.image_io import array_to_img, img_to_array

_HOME = "keras.preprocessing.image"


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Turn, move, shear and zoom a picture, in this order (Keras 2; today `keras.ops.image.affine_transform`).

    Args:
        x: array with 3 axes.
        theta: degrees to turn by.
        tx: columns to move by.
        ty: rows to move by.
        shear: degrees to shear by.
        zx: zoom of the width; below 1 enlarges.
        zy: zoom of the height.
        row_axis: axis of the rows.
        col_axis: axis of the columns.
        channel_axis: axis of the channels.
        fill_mode: "constant", "nearest", "reflect" or "wrap": what stands outside of the picture.
        cval: value outside, for "constant".
        order: of the spline between points, 0 to 5.

    Returns:
        Array of the same shape.

    Raises:
        ImportError: where SciPy is not installed.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = np.arange(4.0).reshape(1, 2, 2)
        >>> keras.preprocessing.image.apply_affine_transform(x, ty=1).tolist()
        [[[2.0, 3.0], [2.0, 3.0]]]
    """
    warn_renamed(_HOME, "apply_affine_transform", "keras.ops.image.affine_transform")
    return moved(x, theta, tx, ty, shear, zx, zy, row_axis, col_axis, channel_axis, fill_mode, cval, order)


def moved(x, theta, tx, ty, shear, zx, zy, row_axis, col_axis, channel_axis, fill_mode, cval, order):
    """As `apply_affine_transform`, without its warning."""
    if len({row_axis, col_axis, channel_axis}) != 3 or {row_axis % 3, col_axis % 3, channel_axis % 3} != {0, 1, 2}:
        raise ValueError(
            "`row_axis`, `col_axis` and `channel_axis` must be three axes of a picture with three, got "
            f"{row_axis}, {col_axis} and {channel_axis}."
        )
    matrix = _affine_matrix(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    scipy = needed("scipy.ndimage", "Turning, moving, shearing and zooming needs SciPy: pip install scipy")
    matrix = _around_the_middle(matrix, x.shape[row_axis], x.shape[col_axis])
    if row_axis < col_axis:  # SciPy's first coordinate is the row, that of the steps the column
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    channels = [
        scipy.affine_transform(channel, matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval)
        for channel in np.moveaxis(x, channel_axis, 0)
    ]
    return np.moveaxis(np.stack(channels), 0, channel_axis)


def _affine_matrix(theta, tx, ty, shear, zx, zy):
    """The product of those steps that do something, None where none does."""
    steps = []
    if theta:
        turn = np.deg2rad(theta)
        steps.append([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    if tx or ty:
        steps.append([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    if shear:
        lean = np.deg2rad(shear)
        steps.append([[1, -np.sin(lean), 0], [0, np.cos(lean), 0], [0, 0, 1]])
    if zx != 1 or zy != 1:
        steps.append([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    matrix = None
    for step in steps:
        matrix = np.array(step) if matrix is None else matrix @ np.array(step)
    return matrix


def _around_the_middle(matrix, rows, columns):
    row, column = rows / 2 - 0.5, columns / 2 - 0.5
    there = np.array([[1, 0, row], [0, 1, column], [0, 0, 1]])
    back = np.array([[1, 0, -row], [0, 1, -column], [0, 0, 1]])
    return there @ matrix @ back


def random_rotation(
    x: np.ndarray,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Turn a picture by random degrees (Keras 2; today `keras.layers.RandomRotation`).

    Args:
        x: array with 3 axes.
        rg: the most degrees.
        row_axis: axis of the rows.
        col_axis: axis of the columns.
        channel_axis: axis of the channels.
        fill_mode: "constant", "nearest", "reflect" or "wrap": what stands outside of the picture.
        cval: value outside, for "constant".
        interpolation_order: of the spline between points, 0 to 5.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.random_rotation(np.ones((3, 8, 8)), 30).shape
        (3, 8, 8)
    """
    warn_renamed(_HOME, "random_rotation", "keras.layers.RandomRotation")
    theta = np.random.uniform(-rg, rg)
    return moved(x, theta, 0, 0, 0, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)


def random_shift(
    x: np.ndarray,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Move a picture by random shares of its size (Keras 2; today `keras.layers.RandomTranslation`).

    Args:
        x: array with 3 axes.
        wrg: the most, as a share of the width.
        hrg: the most, as a share of the height.
        row_axis: axis of the rows.
        col_axis: axis of the columns.
        channel_axis: axis of the channels.
        fill_mode: "constant", "nearest", "reflect" or "wrap": what stands outside of the picture.
        cval: value outside, for "constant".
        interpolation_order: of the spline between points, 0 to 5.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.random_shift(np.ones((3, 8, 8)), 0.2, 0.1).shape
        (3, 8, 8)
    """
    warn_renamed(_HOME, "random_shift", "keras.layers.RandomTranslation")
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return moved(x, 0, tx, ty, 0, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)


def random_shear(
    x: np.ndarray,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Shear a picture by random degrees (Keras 2; today `keras.layers.RandomShear`).

    Args:
        x: array with 3 axes.
        intensity: the most degrees.
        row_axis: axis of the rows.
        col_axis: axis of the columns.
        channel_axis: axis of the channels.
        fill_mode: "constant", "nearest", "reflect" or "wrap": what stands outside of the picture.
        cval: value outside, for "constant".
        interpolation_order: of the spline between points, 0 to 5.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.random_shear(np.ones((3, 8, 8)), 20).shape
        (3, 8, 8)
    """
    warn_renamed(_HOME, "random_shear", "keras.layers.RandomShear")
    shear = np.random.uniform(-intensity, intensity)
    return moved(x, 0, 0, 0, shear, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)


def random_zoom(
    x: np.ndarray,
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Zoom a picture by random factors (Keras 2; today `keras.layers.RandomZoom`).

    Args:
        x: array with 3 axes.
        zoom_range: (least, most) factor; below 1 enlarges.
        row_axis: axis of the rows.
        col_axis: axis of the columns.
        channel_axis: axis of the channels.
        fill_mode: "constant", "nearest", "reflect" or "wrap": what stands outside of the picture.
        cval: value outside, for "constant".
        interpolation_order: of the spline between points, 0 to 5.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.random_zoom(np.ones((3, 8, 8)), (0.8, 1.2)).shape
        (3, 8, 8)
    """
    warn_renamed(_HOME, "random_zoom", "keras.layers.RandomZoom")
    _check_pair("zoom_range", zoom_range)
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return moved(x, 0, 0, 0, 0, zx, zy, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Add a number to a picture, within the values that it has (Keras 2; today `keras.layers.RandomColorJitter`).

    Args:
        x: array with 3 axes.
        intensity: the number.
        channel_axis: axis of the channels.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.apply_channel_shift(np.array([[[0.0, 5.0, 9.0]]]), 2).tolist()
        [[[2.0, 7.0, 9.0]]]
    """
    warn_renamed(_HOME, "apply_channel_shift", "keras.layers.RandomColorJitter")
    return brighter_by(x, intensity)


def brighter_by(x, intensity):
    """As `apply_channel_shift`, without its warning."""
    return np.clip(x + intensity, np.min(x), np.max(x))


def random_channel_shift(x: np.ndarray, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """Add a random number to a picture (Keras 2; today `keras.layers.RandomColorJitter`).

    Args:
        x: array with 3 axes.
        intensity_range: the number lies between minus this and this.
        channel_axis: axis of the channels.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.random_channel_shift(np.ones((3, 8, 8)), 20).shape
        (3, 8, 8)
    """
    warn_renamed(_HOME, "random_channel_shift", "keras.layers.RandomColorJitter")
    return brighter_by(x, np.random.uniform(-intensity_range, intensity_range))


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Multiply the brightness of a picture, in steps of a byte (Keras 2; today `keras.layers.RandomBrightness`).

    Args:
        x: array with 3 axes.
        brightness: the factor.
        scale: bool. Whether to stretch values to 0..255 first.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = np.full((1, 1, 3), 100.0)
        >>> keras.preprocessing.image.apply_brightness_shift(x, 1.5, scale=False).tolist()
        [[[150.0, 150.0, 150.0]]]
    """
    warn_renamed(_HOME, "apply_brightness_shift", "keras.layers.RandomBrightness")
    return brighter_times(x, brightness, scale)


def brighter_times(x, brightness, scale):
    """As `apply_brightness_shift`, without its warning."""
    from PIL import ImageEnhance  # an optional package

    least, most = np.min(x), np.max(x)
    is_outside = least < 0 or most > 255
    image = array_to_img(x, scale=is_outside or scale)
    found = img_to_array(ImageEnhance.Brightness(image).enhance(brightness))
    return found / 255 * (most - least) + least if is_outside and not scale else found


def random_brightness(x: np.ndarray, brightness_range: Sequence[float], scale: bool = True) -> np.ndarray:
    """Multiply the brightness of a picture by a random factor (Keras 2; today `keras.layers.RandomBrightness`).

    Args:
        x: array with 3 axes.
        brightness_range: (least, most) factor.
        scale: bool. Whether to stretch values to 0..255 first.

    Returns:
        Array of the same shape.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.preprocessing.image.random_brightness(np.ones((8, 8, 3)), (0.5, 1.5)).shape
        (8, 8, 3)
    """
    warn_renamed(_HOME, "random_brightness", "keras.layers.RandomBrightness")
    _check_pair("brightness_range", brightness_range)
    return brighter_times(x, np.random.uniform(brightness_range[0], brightness_range[1]), scale)


def _check_pair(name, pair):
    if not isinstance(pair, (list, tuple, np.ndarray)) or len(pair) != 2:
        raise ValueError(f"`{name}` must be a pair (least, most), got {pair!r}.")
