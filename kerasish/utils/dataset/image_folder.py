"""Pictures in a folder, a subfolder a class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.settings import standardize_data_format
from kerasish.suggestions import did_you_mean, suggesting
from kerasish.typing import PathLike
from kerasish.utils.dataset.folders import FolderArguments
from kerasish.utils.dataset.picture_sizes import INTERPOLATIONS, resized
from kerasish.utils.dataset.read_folder import folder_dataset
from kerasish.utils.image_io import img_to_array, load_img

_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


@suggesting
def image_dataset_from_directory(
    directory: PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Sequence[int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str | None = None,
    verbose: bool = True,
) -> Any:
    """Batches of the pictures in a folder whose subfolders are classes, read by threads while a model trains.

    The files `folder/cat/a.jpg` and `folder/dog/b.png` give pictures with the labels 0 and 1. Files that end in .bmp,
    .gif (the first picture), .jpeg, .jpg and .png are read, in subfolders of the classes' folders, too.

    Args:
        directory: the folder.
        labels: "inferred" from the subfolders; None for none; or a list of integers, one a file in the order of paths,
            where subfolders mean nothing.
        label_mode: "int" for int32 numbers of shape (batch,), "binary" for float32 0 and 1 of shape (batch, 1),
            "categorical" for one-hot float32 of shape (batch, classes), None for no labels.
        class_names: list of the subfolders in the order of their numbers; None: sorted.
        color_mode: "grayscale", "rgb" or "rgba": 1, 3 or 4 channels.
        batch_size: pictures in a batch; None for single pictures.
        image_size: (height, width), to which pictures are resized.
        shuffle: bool. Whether the order is new in every epoch; else it is that of the paths.
        seed: int, of the order, and of what is held out.
        validation_split: share of the files to hold out, between 0 and 1.
        subset: "training", "validation", or "both" for a list of two data sets; with `validation_split`.
        interpolation: "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or "mitchellcubic".
        follow_links: bool. Whether to go into folders behind symbolic links.
        crop_to_aspect_ratio: bool. Take the largest middle part that has the proportions of `image_size`, rather than
            distort.
        pad_to_aspect_ratio: bool. Put black bars around the picture, rather than distort.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        format: None for a data set of kerasish; "tf" for a `tf.data.Dataset`, "grain" for a `grain.IterDataset`, where
            these are installed. (In Keras "tf" is the default.)
        verbose: bool. Whether to print how many files and classes there are.

    Returns:
        A data set (for `subset="both"` a list of two) for `fit`, `evaluate` and `predict`, with `class_names` and
        `file_paths`, and with `map`, `cache`, `prefetch`, `shuffle`, `take` and `skip`. It gives float32 pictures of
        shape (batch, height, width, channels), values 0 to 255, or pairs of these and labels.

    Raises:
        ValueError: for wrong arguments, and where there are no pictures.
        OSError: for a file that is no picture, when it is read.

    Example:
        >>> import kerasish as keras, os
        >>> for name in ("cat", "dog"):
        ...     os.makedirs(f"pets/{name}")
        ...     keras.utils.save_img(f"pets/{name}/1.png", keras.ops.ones((8, 6, 3)))
        >>> pets = keras.utils.image_dataset_from_directory("pets", image_size=(4, 4), shuffle=False)
        Found 2 files belonging to 2 classes.
        >>> images, labels = pets[0]
        >>> images.shape, labels.tolist(), pets.class_names
        ((2, 4, 4, 3), [0, 1], ['cat', 'dog'])
    """
    if color_mode not in _CHANNELS:
        raise ValueError(
            f'`color_mode` must be "grayscale", "rgb" or "rgba", got {color_mode!r}.'
            f"{did_you_mean(color_mode, _CHANNELS)}"
        )
    if interpolation.lower() not in INTERPOLATIONS:
        raise ValueError(
            f"`interpolation` must be one of {', '.join(map(repr, INTERPOLATIONS))}, got {interpolation!r}."
        )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be true.")
    read = partial(
        _read_picture,
        color_mode=color_mode,
        size=_checked_size(image_size),
        interpolation=interpolation.lower(),
        fit=_cropped if crop_to_aspect_ratio else _padded if pad_to_aspect_ratio else resized,
        first=standardize_data_format(data_format) == "channels_first",
    )
    arguments = FolderArguments(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
    )
    return folder_dataset(arguments, _ENDINGS, read, format, workers=min(4, os.cpu_count() or 1))


def _checked_size(image_size):
    try:
        height, width = (int(n) for n in image_size)
    except (TypeError, ValueError):
        height = width = 0
    if height < 1 or width < 1:
        raise ValueError(f"`image_size` must be (height, width) in pixels, got {image_size!r}.")
    return height, width


def _read_picture(path, color_mode, size, interpolation, fit, first):
    image = load_img(path, color_mode)
    if image.mode not in ("L", "RGB", "RGBA"):  # grey of more than 8 bits, which `load_img` keeps
        image = image.convert("L")
    picture = fit(img_to_array(image, "channels_last", "float32"), size, interpolation)
    return np.ascontiguousarray(picture.transpose(2, 0, 1)) if first else picture


def _cropped(picture, size, interpolation):
    """The largest middle part that has the proportions of `size`, resized."""
    height, width = picture.shape[:2]
    rows, columns = min(height, width * size[0] // size[1]), min(width, height * size[1] // size[0])
    top, left = (height - rows) // 2, (width - columns) // 2
    return resized(picture[top : top + rows, left : left + columns], size, interpolation)


def _padded(picture, size, interpolation):
    """The picture, resized to fit into `size`, between black bars; by the roundings of TensorFlow."""
    sizes, target = np.float32(picture.shape[:2]), np.float32(size)
    exact = sizes / np.max(sizes / target)
    rows, columns = (max(1, int(n)) for n in exact)
    top, left = (max(0, int(n)) for n in (target - exact) / 2)
    inner = resized(picture, (rows, columns), interpolation)
    return np.pad(inner, ((top, size[0] - rows - top), (left, size[1] - columns - left), (0, 0)))
