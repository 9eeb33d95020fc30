"""Weights as TensorBoard shows them: histograms and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.summary.writer import SummaryWriter

if TYPE_CHECKING:
    from kerasish.models.model import Model

_MOST_ROWS, _MOST_COLUMNS = 32, 64  # parts of a kernel that one picture shows


def write_weights(writer: SummaryWriter, model: Model, epoch: int, images: bool) -> None:
    """Write a histogram of each weight of the model, and a picture where one can be made.

    Args:
        writer: SummaryWriter.
        model: built model.
        epoch: int, the step.
        images: whether pictures are asked for.
    """
    for weight in model.weights:
        if hasattr(weight, "part"):
            continue  # the rows of a table that is cut are not all here
        values = weight.numpy()
        writer.histogram(f"{weight.path}/histogram", values, epoch)
        if images:
            picture = picture_of(np.asarray(values, "float32"))
            if picture is not None:
                writer.images(f"{weight.path}/image", [picture], epoch)


def picture_of(values: Any) -> Any:
    """A weight as a grey picture, its least number black, its greatest white.

    A vector is a row, a matrix lies on its longer side; the filters of a convolution stand side by side, a row of them
    an input channel, with a frame around each.

    Args:
        values: NumPy array of floats.

    Returns:
        NumPy array of (height, width, 1), 0 to 1; None where there is nothing to see.
    """
    if values.size < 2 or values.ndim > 4:
        return None
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
    values = (values - low) / (high - low) if high > low else np.zeros_like(values)
    if values.ndim == 1:
        values = values[None]
    elif values.ndim == 2:
        values = values.T if values.shape[0] > values.shape[1] else values
    else:
        values = _side_by_side(values if values.ndim == 4 else values[None])
    return values[..., None]


def _side_by_side(kernel):
    """(height, width, inputs, outputs) as one picture."""
    kernel = kernel[:, :, :_MOST_ROWS, :_MOST_COLUMNS]
    height, width, rows, columns = kernel.shape
    framed = np.full((rows, height + 1, columns, width + 1), 0.5, kernel.dtype)
    framed[:, :height, :, :width] = kernel.transpose(2, 0, 3, 1)
    return framed.reshape(rows * (height + 1), columns * (width + 1))
