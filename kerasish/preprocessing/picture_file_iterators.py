"""Batches of pictures that an ImageDataGenerator changes: from folders, and by tables of paths."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.settings import floatx, standardize_data_format
from kerasish.preprocessing.picture_iterators import ENDINGS, Iterator, SavedPictures
from kerasish.typing import DTypeLike, PathLike
from kerasish.utils.dataset.folders import files_below
from kerasish.utils.image_io import img_to_array, load_img

if TYPE_CHECKING:
    from kerasish.preprocessing.image_data_generator import ImageDataGenerator

_CLASS_MODES = ("categorical", "binary", "sparse", "input", None)
_TABLE_MODES = (*_CLASS_MODES, "raw", "multi_output")
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class _FileIterator(Iterator):
    """What iterators over files have in common: pictures from `filepaths`, targets by `class_mode`."""

    def _set_pictures(self, generator, target_size, color_mode, data_format, saved, subset, interpolation, keep, dtype):
        if color_mode not in _CHANNELS:
            raise ValueError(f'`color_mode` must be "rgb", "rgba" or "grayscale", got {color_mode!r}.')
        self.image_data_generator, self.target_size = generator, tuple(target_size)
        self.color_mode, self.data_format = color_mode, standardize_data_format(data_format)
        self.interpolation, self.keep_aspect_ratio, self.subset = interpolation, keep, subset
        self.dtype, self._saved = dtype or floatx(), SavedPictures(*saved, self.data_format)
        channels = (_CHANNELS[color_mode],)
        first = self.data_format == "channels_first"
        self.image_shape = (*channels, *self.target_size) if first else (*self.target_size, *channels)
        self.split = None
        if subset is not None:
            share = generator._validation_split if generator else 0.0
            if subset not in ("training", "validation"):
                raise ValueError(f'`subset` must be "training" or "validation", got {subset!r}.')
            self.split = (0, share) if subset == "validation" else (share, 1)

    def _get_batches_of_transformed_samples(self, index_array):
        pictures = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for row, index in zip(pictures, index_array):
            image = load_img(
                self.filepaths[index], self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio
            )
            picture = img_to_array(image, self.data_format)
            row[...] = self.image_data_generator._changed(picture) if self.image_data_generator else picture
        self._saved.write(pictures, index_array)
        targets = self._targets(index_array, pictures)
        if targets is None:
            return pictures
        weights = () if self.sample_weight is None else (self.sample_weight[index_array],)
        return (pictures, targets, *weights)

    def _targets(self, indices, pictures):
        if self.class_mode == "input":
            return pictures.copy()
        if self.class_mode in ("binary", "sparse"):
            return np.asarray([self.labels[i] for i in indices], self.dtype)
        if self.class_mode == "categorical":
            targets = np.zeros((len(indices), len(self.class_indices)), self.dtype)
            for row, index in zip(targets, indices):
                row[self.labels[index]] = 1.0  # a number, or a list of numbers
            return targets
        if self.class_mode == "multi_output":
            return [output[indices] for output in self.labels]
        return self.labels[indices] if self.class_mode == "raw" else None


def _part(items, split):
    return items if split is None else items[int(split[0] * len(items)) : int(split[1] * len(items))]


class DirectoryIterator(_FileIterator):
    """Batches of pictures from a folder whose subfolders are classes (Keras 2).

    See `ImageDataGenerator.flow_from_directory`.

    Args:
        directory: the folder.
        image_data_generator: which changes the pictures.
        target_size: (height, width), to which pictures are resized.
        color_mode: "rgb", "rgba" or "grayscale".
        classes: list of the subfolders in the order of their numbers; None: sorted.
        class_mode: "categorical", "binary", "sparse", "input" or None.
        batch_size: pictures in a batch.
        shuffle: bool. Whether the order is new in every epoch.
        seed: int, of order and transforms.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        save_to_dir: folder to which changed pictures are written, or None.
        save_prefix: how the names of these files begin.
        save_format: "png" or "jpeg".
        follow_links: bool. Whether to go into folders behind symbolic links.
        subset: "training" or "validation", where the generator has a `validation_split`.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: bool. Crop rather than distort.
        dtype: of the pictures; None: `floatx()`.

    Example:
        >>> import kerasish as keras, os
        >>> from kerasish.preprocessing.image import DirectoryIterator, ImageDataGenerator
        >>> os.makedirs("shapes/dot")
        >>> keras.utils.save_img("shapes/dot/1.png", keras.ops.ones((4, 4, 3)))
        >>> batches = DirectoryIterator("shapes", ImageDataGenerator(), target_size=(8, 8))
        Found 1 images belonging to 1 classes.
        >>> batches[0][0].shape
        (1, 8, 8, 3)
    """

    def __init__(
        self,
        directory: PathLike,
        image_data_generator: ImageDataGenerator,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: DTypeLike = None,
    ) -> None:
        if data_format is None and image_data_generator is not None:
            data_format = image_data_generator.data_format
        saved = (save_to_dir, save_prefix, save_format)
        self._set_pictures(
            image_data_generator,
            target_size,
            color_mode,
            data_format,
            saved,
            subset,
            interpolation,
            keep_aspect_ratio,
            dtype,
        )
        if class_mode not in _CLASS_MODES:
            raise ValueError(f"`class_mode` must be one of {_CLASS_MODES}, got {class_mode!r}.")
        self.directory, self.class_mode, self.sample_weight = os.fspath(directory), class_mode, None
        if not classes:
            classes = sorted(n for n in os.listdir(directory) if os.path.isdir(os.path.join(directory, n)))
        self.class_indices = {name: number for number, name in enumerate(classes)}
        self.num_classes = len(classes)
        numbers, self.filenames = [], []
        for name in classes:
            folder = os.path.join(self.directory, name)
            found = _part(files_below(folder, ENDINGS, follow_links), self.split)
            numbers += [self.class_indices[name]] * len(found)
            self.filenames += [os.path.join(name, os.path.relpath(path, folder)) for path in found]
        self.classes = self.labels = np.array(numbers, "int32")
        self.samples = len(self.filenames)
        self.filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)


class DataFrameIterator(_FileIterator):
    """Batches of pictures whose paths and targets stand in a table (Keras 2).

    See `ImageDataGenerator.flow_from_dataframe`.

    Args:
        dataframe: of pandas.
        directory: folder in which the paths begin; None: they are whole.
        image_data_generator: which changes the pictures.
        x_col: name of the column of paths.
        y_col: name of the column of targets, or a list of names.
        weight_col: name of the column of weights, or None.
        target_size: (height, width), to which pictures are resized.
        color_mode: "rgb", "rgba" or "grayscale".
        classes: list of classes in the order of their numbers; None: sorted.
        class_mode: "categorical", "binary", "sparse", "input", "raw", "multi_output" or None.
        batch_size: pictures in a batch.
        shuffle: bool. Whether the order is new in every epoch.
        seed: int, of order and transforms.
        data_format: "channels_last" or "channels_first".
        save_to_dir: folder to which changed pictures are written, or None.
        save_prefix: how the names of these files begin.
        save_format: "png" or "jpeg".
        subset: "training" or "validation", where the generator has a `validation_split`.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: bool. Crop rather than distort.
        dtype: of the pictures; None: `floatx()`.
        validate_filenames: bool. Whether to leave out rows whose file is not there, with a warning.

    Example:
        >>> import kerasish as keras, pandas
        >>> from kerasish.preprocessing.image import DataFrameIterator, ImageDataGenerator
        >>> keras.utils.save_img("dot.png", keras.ops.ones((4, 4, 3)))
        >>> table = pandas.DataFrame({"filename": ["dot.png"], "class": ["dot"]})
        >>> batches = DataFrameIterator(table, ".", ImageDataGenerator(), target_size=(8, 8))
        Found 1 validated image filenames belonging to 1 classes.
        >>> batches[0][1].tolist()
        [[1.0]]
    """

    def __init__(
        self,
        dataframe: Any,
        directory: PathLike | None = None,
        image_data_generator: ImageDataGenerator | None = None,
        x_col: str = "filename",
        y_col: str | Sequence[str] = "class",
        weight_col: str | None = None,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = "channels_last",
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: DTypeLike = "float32",
        validate_filenames: bool = True,
    ) -> None:
        saved = (save_to_dir, save_prefix, save_format)
        self._set_pictures(
            image_data_generator,
            target_size,
            color_mode,
            data_format,
            saved,
            subset,
            interpolation,
            keep_aspect_ratio,
            dtype,
        )
        self.class_mode, self.directory = class_mode, os.fspath(directory or "")
        _check_table(dataframe, x_col, y_col, weight_col, class_mode, classes)
        table = dataframe.copy()
        if validate_filenames:
            table = self._with_files(table, x_col)
        kinds = class_mode in ("categorical", "binary", "sparse")
        if kinds:
            table, classes = _with_classes(table, y_col, classes)
            self.class_indices = {name: number for number, name in enumerate(classes)}
        table = _part(table, self.split)
        self._read_targets(table, y_col)
        self.filenames = table[x_col].tolist()
        self.sample_weight = table[weight_col].values if weight_col else None
        self.samples = len(self.filenames)
        self.filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        of_classes = f" belonging to {len(self.class_indices)} classes" if kinds else ""
        print(f"Found {self.samples} {'' if not validate_filenames else 'validated '}image filenames{of_classes}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _with_files(self, table, x_col):
        whole = table[x_col].map(lambda name: os.path.join(self.directory, name))
        is_there = whole.map(lambda path: path.lower().endswith(ENDINGS) and os.path.isfile(path)).astype(bool)
        if not is_there.all():
            warnings.warn(
                f"Found {int((~is_there).sum())} invalid image filename(s) in x_col={x_col!r}. These filename(s) will "
                "be ignored.",
                stacklevel=4,
            )
        return table[is_there]

    def _read_targets(self, table, y_col):
        if self.class_mode in ("categorical", "binary", "sparse"):
            numbers = self.class_indices
            self.classes = self.labels = [
                [numbers[name] for name in entry] if isinstance(entry, (list, tuple)) else numbers[entry]
                for entry in table[y_col]
            ]
        elif self.class_mode == "raw":
            self.labels = table[y_col].values
        elif self.class_mode == "multi_output":
            self.labels = [np.array(table[name].tolist()) for name in y_col]


def _check_table(table, x_col, y_col, weight_col, class_mode, classes):
    if class_mode not in _TABLE_MODES:
        raise ValueError(f"`class_mode` must be one of {_TABLE_MODES}, got {class_mode!r}.")
    if class_mode == "multi_output" and not isinstance(y_col, (list, tuple)):
        raise TypeError(f'`y_col` must be a list of names for `class_mode="multi_output"`, got {y_col!r}.')
    if not table[x_col].map(lambda value: isinstance(value, str)).all():
        raise TypeError(f"The column `x_col`={x_col!r} must hold paths, strings.")
    if class_mode in ("binary", "sparse") and not table[y_col].map(lambda value: isinstance(value, str)).all():
        raise TypeError(f"The column `y_col`={y_col!r} must hold strings for `class_mode={class_mode!r}`.")
    if class_mode == "binary" and len(classes or table[y_col].unique()) != 2:
        raise ValueError('`class_mode="binary"` needs 2 classes.')
    if class_mode == "categorical":
        if not table[y_col].map(lambda value: isinstance(value, (str, list, tuple))).all():
            raise TypeError(f"The column `y_col`={y_col!r} must hold strings, lists or tuples.")
    if weight_col and not np.issubdtype(table[weight_col].dtype, np.number):
        raise TypeError(f"The column `weight_col`={weight_col!r} must hold numbers.")


def _with_classes(table, y_col, classes):
    """(the rows whose classes are among the given, the classes in the order of their numbers)."""
    if classes and len(set(classes)) != len(classes):
        raise ValueError(f"`classes` has a name twice: {list(classes)!r:.200}.")
    known = set(classes or ())

    def kept(entry):
        if not known:
            return entry
        return [name for name in entry if name in known] if isinstance(entry, (list, tuple)) else entry in known

    if known:
        is_list = table[y_col].map(lambda entry: isinstance(entry, (list, tuple)))
        table = table.assign(**{y_col: [kept(e) if lists else e for e, lists in zip(table[y_col], is_list)]})
        table = table[[bool(kept(entry)) for entry in table[y_col]]]
        return table, list(classes)
    names = {n for entry in table[y_col] for n in (entry if isinstance(entry, (list, tuple)) else [entry])}
    return table, sorted(names)
