"""`keras.applications.imagenet_utils`: pixels as a model wants them, and a model's classes as words."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable

from kerasish import backend, ops
from kerasish.applications import weights
from kerasish.typing import AnyTensor, TensorLike

MEAN_BGR = (103.939, 116.779, 123.68)  # of ImageNet's pixels, from 0 to 255
MEAN_RGB, DEVIATION_RGB = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pixels, from 0 to 1
MODES = {
    "caffe": "RGB becomes BGR, and ImageNet's mean colour is taken off; no scaling.",
    "tf": "Pixels are scaled to [-1, 1].",
    "torch": "Pixels are scaled to [0, 1], then normalized by the mean and deviation of each of ImageNet's channels.",
}
CLASS_INDEX_FOLDER, CLASS_INDEX_FILE = "download.tensorflow.org/data", "imagenet_class_index.json"


def preprocess_input(x: TensorLike, data_format: str | None = None, mode: str = "caffe") -> AnyTensor:
    """Pixels from 0 to 255 as a model of ImageNet wants them.

    Args:
        x: array or tensor, symbolic ones too, of shape (..., height, width, 3), or (..., 3, height, width) with
            "channels_first"; 3 or 4 axes. It is left as it is (Keras writes over floating NumPy arrays).
        data_format: "channels_last", "channels_first" or None (the global setting).
        mode: "caffe" (BGR without the mean colour), "tf" (scaled to [-1, 1]) or "torch" (scaled and normalized by
            channel).

    Returns:
        The pixels, floating, of the same shape.

    Raises:
        ValueError: for an unknown mode or data format, and when there are not three channels (modes "caffe" and
            "torch").

    Example:
        >>> import kerasish as keras
        >>> pixels = keras.ops.convert_to_tensor([[[0.0, 127.5, 255.0]]])
        >>> keras.applications.imagenet_utils.preprocess_input(pixels, mode="tf").tolist()
        [[[-1.0, 0.0, 1.0]]]
    """
    if mode not in MODES:
        raise ValueError(f"`mode` must be one of {', '.join(map(repr, MODES))}, got {mode!r}.")
    first = backend.standardize_data_format(data_format) == "channels_first"
    axis = (0 if len(x.shape) == 3 else 1) if first else len(x.shape) - 1
    if mode != "tf" and x.shape[axis] != 3:
        raise ValueError(
            f"`x` must have 3 channels in axis {axis} ({'channels_first' if first else 'channels_last'}) for mode "
            f"{mode!r}, got {tuple(x.shape)}."
        )
    if hasattr(x, "__array_interface__"):
        return _on_host(x, axis, mode)
    return _on_tensor(x, axis, mode)


def _on_host(x, axis, mode):
    """For NumPy arrays: in their own floating type, in one copy."""
    x = x.astype(x.dtype if x.dtype.kind == "f" else backend.floatx())
    if mode == "tf":
        x /= 127.5
        x -= 1.0
        return x
    if mode == "caffe":
        x = x.swapaxes(axis, -1)[..., ::-1].swapaxes(axis, -1)
    else:
        x /= 255.0
    for channel, (mean, deviation) in enumerate(zip(*_statistics(mode))):
        plane = x.swapaxes(axis, -1)[..., channel]
        plane -= mean
        if deviation != 1.0:
            plane /= deviation
    return x


def _on_tensor(x, axis, mode):
    """For everything else, by ops."""
    if not backend.is_float_dtype(backend.standardize_dtype(x.dtype)):
        x = ops.cast(x, backend.floatx())
    if mode == "tf":
        return ops.subtract(ops.divide(x, 127.5), 1.0)
    x = ops.flip(x, axis=axis) if mode == "caffe" else ops.divide(x, 255.0)
    shape = [3 if i == axis else 1 for i in range(len(x.shape))]
    mean, deviation = (ops.reshape(ops.convert_to_tensor(values, dtype=x.dtype), shape) for values in _statistics(mode))
    x = ops.subtract(x, mean)
    return x if mode == "caffe" else ops.divide(x, deviation)


def _statistics(mode):
    """The mean and the deviation of each channel, in the order of the channels after `mode`."""
    return (MEAN_BGR, (1.0, 1.0, 1.0)) if mode == "caffe" else (MEAN_RGB, DEVIATION_RGB)


def preprocessor(mode: str | None, note: str | None = None) -> Callable[..., AnyTensor]:
    """The `preprocess_input` of a family of models.

    Args:
        mode: "caffe", "tf", "torch", or None for a family whose models take pixels from 0 to 255.
        note: a sentence for the docstring, or None.

    Returns:
        Function of (x, data_format=None).
    """

    def of_family(x, data_format=None):
        return x if mode is None else preprocess_input(x, data_format, mode)

    of_family.__name__ = of_family.__qualname__ = "preprocess_input"
    what_is_done = note or MODES.get(mode, "They stay as they are.")
    of_family.__doc__ = f"""Pixels from 0 to 255 as this family of models wants them. {what_is_done}

    Args:
        x: array or tensor, symbolic ones too, of shape (..., height, width, 3), or (..., 3, height, width) with
            "channels_first"; 3 or 4 axes. It is left as it is.
        data_format: "channels_last", "channels_first" or None (the global setting).

    Returns:
        The pixels, floating, of the same shape.

    Example:
        >>> import kerasish as keras
        >>> keras.applications.vgg16.preprocess_input(keras.ops.full((1, 2, 2, 3), 255.0)).shape
        (1, 2, 2, 3)
    """
    return of_family


@functools.cache
def class_index() -> dict[str, list[str]]:
    """The dict from "0" ... "999" to (WordNet id, name) of ImageNet's classes; Keras's file is downloaded once."""
    with open(weights.fetch(CLASS_INDEX_FOLDER, CLASS_INDEX_FILE), encoding="utf-8") as file:
        return {index: tuple(entry) for index, entry in json.load(file).items()}


def decode_predictions(preds: TensorLike, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The likeliest classes of each picture, in words.

    Args:
        preds: array of shape (pictures, 1000).
        top: int, how many classes a picture.

    Returns:
        For each picture a list of `top` tuples (WordNet id, name, score), the highest score first.

    Raises:
        ValueError: for another shape: a model for other classes has no words here.

    Example:
        >>> import kerasish as keras
        >>> keras.applications.vgg16.decode_predictions(model.predict(picture), top=1)  # doctest: +SKIP
        [[('n02504458', 'African_elephant', 0.82)]]
    """
    if len(preds.shape) != 2 or preds.shape[1] != 1000:
        raise ValueError(
            "`preds` must be the predictions of an ImageNet model, of shape (pictures, 1000), got "
            f"{tuple(preds.shape)}. "
            "A model with other classes or include_top=False can't be decoded."
        )
    words = class_index()
    scores = ops.convert_to_numpy(preds)
    best = (row.argsort()[-top:][::-1] for row in scores)
    return [[(*words[str(i)], row[i]) for i in indices] for row, indices in zip(scores, best)]
