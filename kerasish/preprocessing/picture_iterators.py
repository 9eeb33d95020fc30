"""Batches of pictures that an ImageDataGenerator changes: what all have in common, and those from arrays."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator as PythonIterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import forks
from kerasish.backend.host_arrays import as_numpy, fetched
from kerasish.backend.settings import floatx, standardize_data_format
from kerasish.typing import DTypeLike, PathLike, TensorLike
from kerasish.utils.image_io import array_to_img
from kerasish.utils.py_dataset import PyDataset

if TYPE_CHECKING:
    from kerasish.preprocessing.image_data_generator import ImageDataGenerator

ENDINGS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")


class Iterator(PyDataset):
    """Batches by number, and one after the other without end (Keras 2; the base of the picture iterators).

    A subclass writes `_get_batches_of_transformed_samples(index_array)`.

    Args:
        n: how many samples there are.
        batch_size: samples in a batch.
        shuffle: bool. Whether the order is new in every epoch.
        seed: int, of order and transforms; None takes NumPy's global generator as it is.

    Example:
        >>> from kerasish.preprocessing.image import Iterator
        >>> class Numbers(Iterator):
        ...     def _get_batches_of_transformed_samples(self, index_array):
        ...         return index_array
        >>> [batch.tolist() for _, batch in zip(range(3), Numbers(3, 2, False, None))]
        [[0, 1], [2], [0, 1]]
    """

    white_list_formats = ENDINGS

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        super().__init__()
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = forks.lock()
        self.index_array = None
        self.index_generator = self._flow_index()

    def _set_index_array(self):
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _seed_batch(self):
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if index >= len(self):
            raise ValueError(f"Batch {index} was asked for, but there are {len(self)}.")
        self._seed_batch()
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        return self._get_batches_of_transformed_samples(
            self.index_array[self.batch_size * index : self.batch_size * (index + 1)]
        )

    def on_epoch_end(self) -> None:
        self._set_index_array()

    def reset(self) -> None:
        """Begin anew with the first batch."""
        self.batch_index = 0

    def _flow_index(self):
        self.reset()
        while True:
            self._seed_batch()
            if self.batch_index == 0:
                self._set_index_array()
            start = 0 if self.n == 0 else (self.batch_index * self.batch_size) % self.n
            self.batch_index = self.batch_index + 1 if self.n > start + self.batch_size else 0
            self.total_batches_seen += 1
            yield self.index_array[start : start + self.batch_size]

    def __iter__(self) -> PythonIterator[Any]:
        return self

    def __next__(self) -> Any:
        with self.lock:
            indices = next(self.index_generator)
        return self._get_batches_of_transformed_samples(indices)

    next = __next__

    def _get_batches_of_transformed_samples(self, index_array):
        raise NotImplementedError(f"{type(self).__name__} must define `_get_batches_of_transformed_samples`.")


class SavedPictures:
    """Where changed pictures are written, to be looked at."""

    def __init__(self, folder, prefix, file_format, data_format):
        self.folder, self.prefix, self.file_format, self.data_format = folder, prefix, file_format, data_format

    def write(self, pictures, numbers):
        if not self.folder:
            return
        for picture, number in zip(pictures, numbers):
            image = array_to_img(picture, self.data_format, scale=True)
            name = f"{self.prefix}_{number}_{np.random.randint(10**7)}.{self.file_format}"
            image.save(os.path.join(self.folder, name))


class NumpyArrayIterator(Iterator):
    """Batches of pictures from an array (Keras 2; see `ImageDataGenerator.flow`).

    Args:
        x: pictures, shape (samples, ...) with 4 axes; or (pictures, list of further arrays).
        y: targets, or None.
        image_data_generator: which changes the pictures.
        batch_size: samples in a batch.
        shuffle: bool. Whether the order is new in every epoch.
        sample_weight: weights of the samples, or None.
        seed: int, of order and transforms.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        save_to_dir: folder to which changed pictures are written, or None.
        save_prefix: how the names of these files begin.
        save_format: "png" or "jpeg".
        subset: "training" or "validation", where the generator has a `validation_split`.
        ignore_class_split: bool. Whether both parts may have different classes.
        dtype: of the pictures; None: `floatx()`.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> from kerasish.preprocessing.image import ImageDataGenerator, NumpyArrayIterator
        >>> batches = NumpyArrayIterator(np.ones((5, 4, 4, 3)), np.arange(5), ImageDataGenerator(), batch_size=2)
        >>> batches[0][0].shape, len(batches)
        ((2, 4, 4, 3), 3)
    """

    def __init__(
        self,
        x: TensorLike,
        y: TensorLike | None,
        image_data_generator: ImageDataGenerator,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: TensorLike | None = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: DTypeLike = None,
    ) -> None:
        self.dtype = dtype or floatx()
        further = []
        if isinstance(x, (tuple, list)):
            further = [as_numpy(part) for part in (x[1] if isinstance(x[1], list) else [x[1]])]
            x = x[0]
        x, y, sample_weight = fetched(x), fetched(y), fetched(sample_weight)
        for name, part in [("x", part) for part in further] + [("y", y), ("sample_weight", sample_weight)]:
            if part is not None and len(part) != len(x):
                raise ValueError(f"`{name}` must have one entry a picture, {len(x)}, got {len(part)}.")
        if subset is not None:
            if subset not in ("training", "validation"):
                raise ValueError(f'`subset` must be "training" or "validation", got {subset!r}.')
            border = int(len(x) * image_data_generator._validation_split)
            kinds = [] if y is None else [np.unique(part) for part in (y[:border], y[border:])]
            if kinds and not ignore_class_split and not np.array_equal(*kinds):
                raise ValueError(
                    "The training and the validation part have different classes. Shuffle the data first, or pass "
                    "`ignore_class_split=True`."
                )
            part = slice(None, border) if subset == "validation" else slice(border, None)
            x, further = x[part], [each[part] for each in further]
            y = None if y is None else y[part]
        self.x, self.x_misc = np.asarray(x, dtype=self.dtype), further
        if self.x.ndim != 4:
            raise ValueError(f"`x` must be pictures, an array with 4 axes, got shape {self.x.shape}.")
        data_format = standardize_data_format(data_format)
        channels = self.x.shape[3 if data_format == "channels_last" else 1]
        if channels not in (1, 3, 4):
            warnings.warn(
                f"Pictures have 1, 3 or 4 channels, but `x` has shape {self.x.shape} (data format {data_format!r}), "
                f"{channels} channels.",
                stacklevel=3,
            )
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.image_data_generator, self.data_format = image_data_generator, data_format
        self._saved = SavedPictures(save_to_dir, save_prefix, save_format, data_format)
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array):
        pictures = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        for row, index in zip(pictures, index_array):
            row[...] = self.image_data_generator._changed(self.x[index].astype(self.dtype))
        self._saved.write(pictures, index_array)
        inputs = [pictures, *(part[index_array] for part in self.x_misc)] if self.x_misc else pictures
        if self.y is None:
            return inputs
        weights = () if self.sample_weight is None else (self.sample_weight[index_array],)
        return (inputs, self.y[index_array], *weights)
