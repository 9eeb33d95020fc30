"""What a program writes by itself: scalar, image, histogram, text."""

from __future__ import annotations

import numpy as np

from kerasish.backend import convert_to_numpy
from kerasish.backend.graph import Tensor
from kerasish.summary.writer import current_writer
from kerasish.typing import TensorLike


def scalar(name: str, data: TensorLike, step: int | None = None) -> bool:
    """Write a number.

    Args:
        name: string, the tag in TensorBoard.
        data: number, or array of one.
        step: int; None takes that of `as_default`.

    Returns:
        Whether there is a default writer, which it went to.

    Raises:
        ValueError: for an array of several numbers, and without a step.
        TypeError: for a symbolic tensor, within a compiled step.

    Example:
        >>> import kerasish as keras, tempfile
        >>> with keras.summary.create_file_writer(tempfile.mkdtemp()) as writer, writer.as_default():
        ...     keras.summary.scalar("loss", 0.5, step=1)
        True
    """
    value = _values(name, data)
    if value.size != 1:
        raise ValueError(f"`data` of the scalar {name!r} must be one number, got an array of shape {value.shape}.")
    return _written(name, step, lambda writer, at: writer.scalars({name: float(value.reshape(()))}, at))


def image(name: str, data: TensorLike, step: int | None = None, max_outputs: int = 3) -> bool:
    """Write pictures.

    Args:
        name: string, the tag in TensorBoard.
        data: array of (pictures, height, width, channels) with 1, 3 or 4 channels: uint8, or floats from 0 to 1.
        step: int; None takes that of `as_default`.
        max_outputs: int, the number of pictures that are written at most.

    Returns:
        Whether there is a default writer, which they went to.

    Raises:
        ValueError: for another shape, and without a step.
        TypeError: for a symbolic tensor, within a compiled step.

    Example:
        >>> import kerasish as keras, numpy as np, tempfile
        >>> with keras.summary.create_file_writer(tempfile.mkdtemp()) as writer, writer.as_default():
        ...     keras.summary.image("grey", np.full((2, 8, 8, 1), 0.5), step=1)
        True
    """
    pictures = _values(name, data)
    if pictures.ndim != 4 or not len(pictures):
        raise ValueError(
            f"`data` of the image {name!r} must be of shape (pictures, height, width, channels), got {pictures.shape}."
        )
    return _written(name, step, lambda writer, at: writer.images(name, list(pictures[:max_outputs]), at))


def histogram(name: str, data: TensorLike, step: int | None = None, buckets: int = 30) -> bool:
    """Write how numbers are spread.

    Args:
        name: string, the tag in TensorBoard.
        data: array of any shape.
        step: int; None takes that of `as_default`.
        buckets: int, the number of bins.

    Returns:
        Whether there is a default writer, which it went to.

    Raises:
        ValueError: without a step.
        TypeError: for a symbolic tensor, within a compiled step.

    Example:
        >>> import kerasish as keras, numpy as np, tempfile
        >>> with keras.summary.create_file_writer(tempfile.mkdtemp()) as writer, writer.as_default():
        ...     keras.summary.histogram("normal", np.random.default_rng(0).normal(size=100), step=1)
        True
    """
    values = _values(name, data)
    return _written(name, step, lambda writer, at: writer.histogram(name, values, at, buckets))


def text(name: str, data: str, step: int | None = None) -> bool:
    """Write a text.

    Args:
        name: string, the tag in TensorBoard.
        data: string, shown as Markdown.
        step: int; None takes that of `as_default`.

    Returns:
        Whether there is a default writer, which it went to.

    Raises:
        ValueError: without a step.

    Example:
        >>> import kerasish as keras, tempfile
        >>> with keras.summary.create_file_writer(tempfile.mkdtemp()) as writer, writer.as_default():
        ...     keras.summary.text("note", "**bold**", step=1)
        True
    """
    return _written(name, step, lambda writer, at: writer.text(name, str(data), at))


def _values(name, data):
    if isinstance(data, Tensor) and not data.has_value:
        raise TypeError(
            f"`data` of {name!r} has no value while a step is being compiled. Write from a callback, or compile the "
            "model with `run_eagerly=True`."
        )
    return np.asarray(convert_to_numpy(data))


def _written(name, step, write):
    writer, default_step = current_writer()
    if writer is None:
        return False
    step = default_step if step is None else step
    if step is None:
        raise ValueError(f"{name!r} has no step: pass `step`, or `writer.as_default(step=...)`.")
    write(writer, int(step))
    return True
