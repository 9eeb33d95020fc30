"""Pictures changed at random on their way to a model: Keras 2's ImageDataGenerator."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend.deprecation import warn_renamed
from kerasish.backend.host_arrays import fetched
from kerasish.backend.settings import floatx, standardize_data_format
from kerasish.preprocessing.picture_file_iterators import DataFrameIterator, DirectoryIterator
from kerasish.preprocessing.picture_iterators import NumpyArrayIterator
from kerasish.preprocessing.picture_transforms import brighter_by, brighter_times, moved
from kerasish.suggestions import refuse_unknown, suggesting
from kerasish.typing import DTypeLike, PathLike, TensorLike

_EPSILON = 1e-6


class ImageDataGenerator:
    """Batches of pictures that are changed at random (Keras 2; today layers like `keras.layers.RandomFlip`).

    Random numbers are those of NumPy's global generator. Turning, moving, shearing and zooming needs SciPy.

    Args:
        featurewise_center: bool. Subtract the mean of the data that `fit` saw.
        samplewise_center: bool. Subtract each picture's mean.
        featurewise_std_normalization: bool. Divide by the standard deviation of the data that `fit` saw.
        samplewise_std_normalization: bool. Divide by each picture's standard deviation.
        zca_whitening: bool. Take correlations between pixels away, as `fit` found them.
        zca_epsilon: what keeps that from dividing by 0.
        rotation_range: the most degrees to turn by.
        width_shift_range: the most to move sideways: a share below 1, pixels from 1 on, an int for whole pixels, or a
            list of numbers to choose from.
        height_shift_range: the most to move up and down, in the same way.
        brightness_range: (least, most) factor, or None.
        shear_range: the most degrees to shear by.
        zoom_range: (least, most) factor, or a number for (1 - it, 1 + it).
        channel_shift_range: the most that is added.
        fill_mode: "constant", "nearest", "reflect" or "wrap": what stands outside of the picture.
        cval: value outside, for "constant".
        horizontal_flip: bool. Mirror half of the pictures.
        vertical_flip: bool. Turn half of the pictures upside down.
        rescale: factor, or None.
        preprocessing_function: function of a changed picture that returns one of the same shape.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        validation_split: share that is held out, for `subset`.
        interpolation_order: of the spline between points, 0 to 5.
        dtype: of the pictures; None: `floatx()`.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> changes = keras.preprocessing.image.ImageDataGenerator(horizontal_flip=True, rescale=1 / 255)
        >>> batches = changes.flow(np.ones((5, 8, 8, 3)), np.arange(5), batch_size=2)
        >>> x, y = next(batches)
        >>> x.shape, y.shape, len(batches)
        ((2, 8, 8, 3), (2,), 3)
    """

    @suggesting
    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: float | int | Sequence[float] = 0.0,
        height_shift_range: float | int | Sequence[float] = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: DTypeLike = None,
    ) -> None:
        warn_renamed("keras.preprocessing.image", "ImageDataGenerator", "keras.layers.RandomFlip and its likes")
        self.featurewise_center, self.samplewise_center = featurewise_center, samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range, self.channel_shift_range = (
            rotation_range,
            shear_range,
            channel_shift_range,
        )
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.zoom_range = _factors(zoom_range)
        self.brightness_range = _checked_brightness(brightness_range)
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function, self.dtype = rescale, preprocessing_function, dtype or floatx()
        self.data_format = standardize_data_format(data_format)
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` must be between 0 and 1, got {validation_split!r}.")
        self._validation_split = validation_split
        self.mean = self.std = self.zca_whitening_matrix = None
        self._settle_statistics()

    def _settle_statistics(self):
        """Of what excludes or needs one another, with a warning."""
        if self.zca_whitening and not self.featurewise_center:
            self.featurewise_center = True
            self._warn("`zca_whitening` needs `featurewise_center`, which is on now.")
        if self.zca_whitening and self.featurewise_std_normalization:
            self.featurewise_std_normalization = False
            self._warn("`zca_whitening` excludes `featurewise_std_normalization`, which is off now.")
        if self.featurewise_std_normalization and not self.featurewise_center:
            self.featurewise_center = True
            self._warn("`featurewise_std_normalization` needs `featurewise_center`, which is on now.")
        if self.samplewise_std_normalization and not self.samplewise_center:
            self.samplewise_center = True
            self._warn("`samplewise_std_normalization` needs `samplewise_center`, which is on now.")

    @staticmethod
    def _warn(text):
        warnings.warn(f"ImageDataGenerator: {text}", stacklevel=4)

    def flow(
        self,
        x: TensorLike,
        y: TensorLike | None = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: TensorLike | None = None,
        seed: int | None = None,
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Batches of changed pictures from an array, for `fit`, or one after the other without end.

        Args:
            x: pictures, shape (samples, ...) with 4 axes; or (pictures, list of further arrays).
            y: targets, or None.
            batch_size: samples in a batch.
            shuffle: bool. Whether the order is new in every epoch.
            sample_weight: weights of the samples, or None.
            seed: int, of order and transforms.
            save_to_dir: folder to which changed pictures are written, or None.
            save_prefix: how the names of these files begin.
            save_format: "png" or "jpeg".
            ignore_class_split: bool. Whether both parts may have different classes.
            subset: "training" or "validation", where the generator has a `validation_split`.
        """
        return NumpyArrayIterator(
            x,
            y,
            self,
            batch_size=batch_size,
            shuffle=shuffle,
            sample_weight=sample_weight,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            ignore_class_split=ignore_class_split,
            subset=subset,
            dtype=self.dtype,
        )

    def flow_from_directory(
        self,
        directory: PathLike,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Batches of changed pictures from a folder whose subfolders are classes.

        Args:
            directory: the folder.
            target_size: (height, width), to which pictures are resized.
            color_mode: "rgb", "rgba" or "grayscale".
            classes: list of the subfolders in the order of their numbers; None: sorted.
            class_mode: "categorical" for one-hot targets, "binary" or "sparse" for numbers, "input" for the pictures
                themselves, None for no targets.
            batch_size: pictures in a batch.
            shuffle: bool. Whether the order is new in every epoch.
            seed: int, of order and transforms.
            save_to_dir: folder to which changed pictures are written, or None.
            save_prefix: how the names of these files begin.
            save_format: "png" or "jpeg".
            follow_links: bool. Whether to go into folders behind symbolic links.
            subset: "training" or "validation", where the generator has a `validation_split`.
            interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
            keep_aspect_ratio: bool. Crop rather than distort.
        """
        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            data_format=self.data_format,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
            dtype=self.dtype,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: PathLike | None = None,
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
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **kwargs: Any,
    ) -> DataFrameIterator:
        """Batches of changed pictures whose paths and targets stand in a table.

        Args:
            dataframe: of pandas.
            directory: folder in which the paths begin; None: they are whole.
            x_col: name of the column of paths.
            y_col: name of the column of targets, or a list of names.
            weight_col: name of the column of weights, or None.
            target_size: (height, width), to which pictures are resized.
            color_mode: "rgb", "rgba" or "grayscale".
            classes: list of classes in the order of their numbers; None: sorted.
            class_mode: as in `flow_from_directory`; "raw" for the values of the column or columns, "multi_output" for
                a list of the columns.
            batch_size: pictures in a batch.
            shuffle: bool. Whether the order is new in every epoch.
            seed: int, of order and transforms.
            save_to_dir: folder to which changed pictures are written, or None.
            save_prefix: how the names of these files begin.
            save_format: "png" or "jpeg".
            subset: "training" or "validation", where the generator has a `validation_split`.
            interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
            validate_filenames: bool. Whether to leave out rows whose file is not there, with a warning.
            **kwargs: `keep_aspect_ratio`, and `drop_duplicates`, `has_ext` and `sort`, which have no effect any more.
        """
        keep = kwargs.pop("keep_aspect_ratio", False)
        for name in ("drop_duplicates", "has_ext", "sort"):
            kwargs.pop(name, None)
        refuse_unknown("flow_from_dataframe", kwargs, DataFrameIterator)
        return DataFrameIterator(
            dataframe,
            directory,
            self,
            x_col=x_col,
            y_col=y_col,
            weight_col=weight_col,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            data_format=self.data_format,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            subset=subset,
            interpolation=interpolation,
            keep_aspect_ratio=keep,
            validate_filenames=validate_filenames,
            dtype=self.dtype,
        )

    def _changed(self, picture):
        """A picture on its way into a batch."""
        parameters = self.get_random_transform(picture.shape)
        return self.standardize(self.apply_transform(picture, parameters))

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Rescale and normalize a picture, as the constructor says; `x` is written over.

        Args:
            x: array with 3 axes.
        """
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + _EPSILON
        if self.featurewise_center and self._has_seen_data(self.mean, "featurewise_center"):
            x -= self.mean
        if self.featurewise_std_normalization and self._has_seen_data(self.std, "featurewise_std_normalization"):
            x /= self.std + _EPSILON
        if self.zca_whitening and self._has_seen_data(self.zca_whitening_matrix, "zca_whitening"):
            x = (x.reshape(-1, x.size) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _has_seen_data(self, statistic, name):
        if statistic is None:
            self._warn(f"`{name}` needs statistics of the data: call `fit(x)` first.")
        return statistic is not None

    def get_random_transform(self, img_shape: Sequence[int], seed: int | None = None) -> dict[str, Any]:
        """Draw what is to be done to a picture.

        Args:
            img_shape: shape of the picture, 3 sizes.
            seed: int for NumPy's global generator, or None.

        Returns:
            Dict for `apply_transform`.
        """
        if seed is not None:
            np.random.seed(seed)
        draw = np.random.uniform
        theta = draw(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = draw(-self.shear_range, self.shear_range) if self.shear_range else 0
        zx, zy = (1, 1) if tuple(self.zoom_range) == (1, 1) else draw(self.zoom_range[0], self.zoom_range[1], 2)
        mirrored = (np.random.random() < 0.5) * self.horizontal_flip
        upside_down = (np.random.random() < 0.5) * self.vertical_flip
        added = draw(-self.channel_shift_range, self.channel_shift_range) if self.channel_shift_range else None
        brightness = None if self.brightness_range is None else draw(*self.brightness_range)
        return {
            "theta": theta,
            "tx": tx,
            "ty": ty,
            "shear": shear,
            "zx": zx,
            "zy": zy,
            "flip_horizontal": mirrored,
            "flip_vertical": upside_down,
            "channel_shift_intensity": added,
            "brightness": brightness,
        }

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Do to a picture what `get_random_transform` drew.

        Args:
            x: array with 3 axes.
            transform_parameters: dict with some of "theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal",
                "flip_vertical", "channel_shift_intensity" and "brightness".

        Returns:
            Array of the same shape.
        """
        rows, columns, channels = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        wanted = transform_parameters.get
        x = moved(
            x,
            wanted("theta", 0),
            wanted("tx", 0),
            wanted("ty", 0),
            wanted("shear", 0),
            wanted("zx", 1),
            wanted("zy", 1),
            rows,
            columns,
            channels,
            self.fill_mode,
            self.cval,
            self.interpolation_order,
        )
        if wanted("channel_shift_intensity") is not None:
            x = brighter_by(x, wanted("channel_shift_intensity"))
        if wanted("flip_horizontal", False):
            x = np.flip(x, columns)
        if wanted("flip_vertical", False):
            x = np.flip(x, rows)
        if wanted("brightness") is not None:
            x = brighter_times(x, wanted("brightness"), scale=False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Change a picture at random.

        Args:
            x: array with 3 axes.
            seed: int for NumPy's global generator, or None.

        Returns:
            Array of the same shape.
        """
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x: TensorLike, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Find the statistics that `featurewise_*` and `zca_whitening` need.

        Args:
            x: pictures, with 4 axes.
            augment: bool. Whether to change them at random first.
            rounds: how often, with `augment`.
            seed: int for NumPy's global generator, or None.
        """
        x = np.array(fetched(x), dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(f"`x` must be pictures, an array with 4 axes, got shape {x.shape}.")
        if x.shape[self.channel_axis] not in (1, 3, 4):
            self._warn(f"pictures have 1, 3 or 4 channels, but `x` has {x.shape[self.channel_axis]}.")
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.array([self.random_transform(picture) for _ in range(rounds) for picture in x], self.dtype)
        shape = [1, 1, 1]
        shape[self.channel_axis - 1] = x.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.mean(x, axis=(0, self.row_axis, self.col_axis)).reshape(shape)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=(0, self.row_axis, self.col_axis)).reshape(shape)
            x /= self.std + _EPSILON
        if self.zca_whitening:
            flat = x.reshape(len(x), -1)
            directions, sizes, _ = np.linalg.svd(flat.T, full_matrices=False)
            self.zca_whitening_matrix = (directions * (np.sqrt(len(x)) / (sizes + self.zca_epsilon))) @ directions.T


def _factors(zoom_range):
    if isinstance(zoom_range, (int, float)):
        return [1 - zoom_range, 1 + zoom_range]
    if len(zoom_range) == 2 and all(isinstance(value, (int, float)) for value in zoom_range):
        return list(zoom_range)
    raise ValueError(f"`zoom_range` must be a number or a pair (least, most), got {zoom_range!r}.")


def _checked_brightness(brightness_range):
    if brightness_range is None or isinstance(brightness_range, (tuple, list)) and len(brightness_range) == 2:
        return brightness_range
    raise ValueError(f"`brightness_range` must be a pair (least, most) or None, got {brightness_range!r}.")


def _shift(most, size):
    """Pixels to move by."""
    if np.ndim(most) == 0 and not most:
        return 0
    if np.ndim(most) or isinstance(most, (int, np.integer)):
        chosen = np.random.choice(most) * np.random.choice([-1, 1])
    else:
        chosen = np.random.uniform(-most, most)
    return chosen * size if np.max(most) < 1 else chosen
