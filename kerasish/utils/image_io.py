"""Pictures: from files, to files, and between pillow's images and arrays."""

from __future__ import annotations

import io
import os
import pathlib
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kerasish.backend.device import device
from kerasish.backend.settings import floatx, standardize_data_format
from kerasish.backend.variable import Variable
from kerasish.optional import needed
from kerasish.suggestions import install, suggesting
from kerasish.typing import DTypeLike, PathLike, TensorLike
from kerasish.whole_files import replacing

if TYPE_CHECKING:
    from PIL.Image import Image

_MODES = {
    "grayscale": ("L", ("L", "I;16", "I")),
    "rgb": ("RGB", ("RGB",)),
    "rgba": ("RGBA", ("RGBA",)),
}  # what to convert to, and what stays as it is
_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def _pillow():
    return needed(
        "PIL.Image", f"Pictures are read and written by pillow, which is not installed: {install('applications')}"
    )


@suggesting
def load_img(
    path: PathLike | BinaryIO,
    color_mode: str = "rgb",
    target_size: Sequence[int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image:
    """Read a picture.

    Args:
        path: path (string, bytes or Path) or BytesIO.
        color_mode: "rgb", "rgba" or "grayscale" (which keeps 16 and 32 bits where the file has them).
        target_size: (height, width) or None for the size it has.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: bool. Take the largest middle part that has the proportions of `target_size`, rather than
            distort.

    Returns:
        A PIL image, read whole (the file is closed).

    Raises:
        TypeError: for another kind of `path`.
        FileNotFoundError: for a path at which there is no file.
        OSError: (pillow's UnidentifiedImageError) for a file that is no picture or broken.
        ValueError: for one that declares more than 179 million pixels (or twice PIL.Image.MAX_IMAGE_PIXELS, where that
            is set; none if it is None), and for wrong arguments.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.save_img("grey.png", keras.ops.ones((4, 6, 1)) * 128.0, scale=False)
        >>> keras.utils.load_img("grey.png", target_size=(2, 3)).size
        (3, 2)
    """
    if color_mode not in _MODES:
        raise ValueError(f'`color_mode` must be "grayscale", "rgb" or "rgba", got {color_mode!r}.')
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(
            f"`interpolation` must be one of {', '.join(map(repr, _INTERPOLATIONS))}, got {interpolation!r}."
        )
    size = _target(target_size)
    Image = _pillow()
    image = _read(Image, path)
    mode, kept = _MODES[color_mode]
    if image.mode not in kept:
        image = image.convert(mode)
    if size is None or image.size == size:
        return image
    return image.resize(
        size,
        getattr(Image.Resampling, interpolation.upper()),
        box=_middle(image.size, size) if keep_aspect_ratio else None,
    )


def _target(target_size):
    """(width, height) as pillow wants it."""
    if target_size is None:
        return None
    try:
        height, width = (int(n) for n in target_size)
    except (TypeError, ValueError):
        height = width = 0
    if height < 1 or width < 1:
        raise ValueError(f"`target_size` must be (height, width) in pixels, or None, got {target_size!r}.")
    return width, height


def _read(Image, path):
    """The picture with its pixels, checked before memory is taken for them."""
    from PIL import UnidentifiedImageError  # an optional package

    if isinstance(path, io.BytesIO):
        source, name = path, "the picture"
    elif isinstance(path, (os.PathLike, str, bytes)):
        name = os.fsdecode(path)
        source = io.BytesIO(pathlib.Path(name).read_bytes())
    else:
        raise TypeError(f"`path` must be a path or a BytesIO, got {type(path).__name__}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = _decoded(Image, name, lambda: Image.open(source))
        _check_size(Image, image.size, name)
        if image.format == "EPS":  # a program in PostScript, which pillow has run by Ghostscript
            raise UnidentifiedImageError(
                f"{name} is an EPS file, which is a program rather than a picture; it is not run. Convert it to PNG."
            )
        _decoded(Image, name, image.load)
    return image


def _decoded(Image, name, step):
    """One step of reading, in which pillow raises errors of many kinds when a file is broken."""
    from PIL import UnidentifiedImageError  # an optional package

    try:
        return step()
    except Image.DecompressionBombError as error:
        raise ValueError(_too_large(name, str(error))) from error
    except UnidentifiedImageError as error:
        raise UnidentifiedImageError(f"{name} is no picture that pillow can read, or its head is broken.") from error
    except MemoryError:
        raise
    except Exception as error:
        raise UnidentifiedImageError(f"{name} is broken: {error}.") from error


def _check_size(Image, size, name):
    limit = Image.MAX_IMAGE_PIXELS
    limit = None if limit is None else 2 * limit
    if limit is not None and size[0] * size[1] > limit:
        raise ValueError(_too_large(name, f"it declares {size[0]} x {size[1]} pixels, the limit is {limit}"))


def _too_large(name, why):
    return f"{name} is too large: {why}. If you trust the file, raise PIL.Image.MAX_IMAGE_PIXELS."


def _middle(size, target):
    """(left, top, right, bottom) of the largest middle part of a picture that has the proportions of `target`.

    Sizes are (width, height).
    """
    (width, height), (target_width, target_height) = size, target
    rows, columns = (
        min(height, width * target_height // target_width),
        min(width, height * target_width // target_height),
    )
    left, top = (width - columns) // 2, (height - rows) // 2
    return left, top, left + columns, top + rows


def _on_host(x, dtype):
    if isinstance(x, Variable):
        x = x.numpy()
    elif device().is_array(x):
        x = device().to_host(x)
    return np.asarray(x, dtype=dtype or floatx())


@suggesting
def img_to_array(img: Image | TensorLike, data_format: str | None = None, dtype: DTypeLike | None = None) -> np.ndarray:
    """A picture as an array.

    Args:
        img: PIL image, or an array with 2 or 3 axes.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        dtype: of the array; None: `keras.config.floatx()`.

    Returns:
        NumPy array of shape (height, width, channels), or (channels, height, width); values as in the picture, 0 to
        255.

    Raises:
        ValueError: for anything but 2 or 3 axes.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.img_to_array([[0, 255]]).shape
        (1, 2, 1)
    """
    first = standardize_data_format(data_format) == "channels_first"
    x = _on_host(img, dtype)
    if x.ndim == 2:
        return x[None] if first else x[..., None]
    if x.ndim != 3:
        raise ValueError(f"`img` must be a picture with 2 or 3 axes, got an array of shape {x.shape}.")
    return x.transpose(2, 0, 1) if first else x


@suggesting
def array_to_img(
    x: TensorLike, data_format: str | None = None, scale: bool = True, dtype: DTypeLike | None = None
) -> Image:
    """An array as a picture.

    Args:
        x: array of shape (height, width, channels), or (channels, height, width), with 1, 3 or 4 channels.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        scale: bool. Stretch the values so that the smallest is 0 and the largest 255; else they are taken as they are.
        dtype: in which to compute; None: `keras.config.floatx()`.

    Returns:
        A PIL image: grey (32 bits where values exceed 255), RGB or RGBA.

    Raises:
        ValueError: for another number of axes or channels.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.array_to_img(keras.ops.reshape(keras.ops.arange(12.0), (2, 2, 3))).getpixel((1, 1))
        (208, 231, 255)
    """
    first = standardize_data_format(data_format) == "channels_first"
    Image = _pillow()
    x = _on_host(x, dtype)
    if x.ndim != 3:
        raise ValueError(f"`x` must be one picture, an array with 3 axes, got shape {x.shape}.")
    if first:
        x = x.transpose(1, 2, 0)
    if x.shape[2] not in (1, 3, 4):
        raise ValueError(
            f"`x` must have 1, 3 or 4 channels, got {x.shape[2]} (shape {x.shape}, data format "
            f"{'channels_first' if first else 'channels_last'})."
        )
    if scale:
        x = x - np.min(x)
        largest = np.max(x)
        x = (x / largest if largest != 0 else x) * 255
    if x.shape[2] > 1:
        return Image.fromarray(np.ascontiguousarray(x.astype("uint8")))
    return Image.fromarray(np.ascontiguousarray(x[:, :, 0].astype("int32" if np.max(x) > 255 else "uint8")))


@suggesting
def save_img(
    path: PathLike | BinaryIO,
    x: TensorLike,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as a picture.

    A file at `path` is replaced when the new one is whole. JPEG has no transparency: 4 channels become 3, with a
    warning.

    Args:
        path: path or open file.
        x: array of shape (height, width, channels), or (channels, height, width), with 1, 3 or 4 channels.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        file_format: such as "png" or "jpeg"; None: what the name's ending says. It must be given for an open file.
        scale: bool. Stretch the values so that the smallest is 0 and the largest 255; else they are taken as they are.
        **kwargs: for `PIL.Image.save`, such as `quality`.

    Raises:
        ValueError: for an unknown format, or an array that is no picture.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.save_img("dot.png", keras.ops.ones((1, 1, 3)) * 255.0, scale=False)
        >>> keras.utils.img_to_array(keras.utils.load_img("dot.png")).tolist()
        [[[255.0, 255.0, 255.0]]]
    """
    Image = _pillow()
    is_path = isinstance(path, (str, bytes, os.PathLike))
    file_format = _format(Image, path if is_path else None, file_format)
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and file_format == "JPEG":
        warnings.warn("The JPEG format does not support RGBA images, converting to RGB.", stacklevel=2)
        image = image.convert("RGB")
    if not is_path:
        image.save(path, format=file_format, **kwargs)
        return
    with replacing(os.fsdecode(path)) as temporary:
        image.save(temporary, format=file_format, **kwargs)


def _format(Image, path, file_format):
    """Pillow's name of the format."""
    given = file_format
    if file_format is None and path is not None:
        given = pathlib.Path(os.fsdecode(path)).suffix
    known = Image.registered_extensions()
    name = known.get("." + (given or "").lower().lstrip("."), (given or "").upper())
    if name not in Image.SAVE:
        raise ValueError(
            f"`file_format` must be a format that pillow can write, such as 'png' or 'jpeg', got {given!r} "
            f"(`path`={path!r})."
        )
    return name
