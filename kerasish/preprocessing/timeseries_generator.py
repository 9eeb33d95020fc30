"""Windows over a series, by batch number: Keras 2's TimeseriesGenerator."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kerasish.backend.deprecation import warn_renamed
from kerasish.backend.host_arrays import fetched
from kerasish.typing import Config, TensorLike
from kerasish.utils.py_dataset import PyDataset


class TimeseriesGenerator(PyDataset):
    """Batches of windows over a series (Keras 2; today `keras.utils.timeseries_dataset_from_array`).

    The target of a window is that of the step behind it.

    Args:
        data: the series, shape (steps, ...).
        targets: shape (steps, ...).
        length: steps that a window spans.
        sampling_rate: steps from a point of a window to the next.
        stride: steps from the begin of a window to that of the next.
        start_index: the first step that is used.
        end_index: the last step that is used; None: the last of the series.
        shuffle: bool. Whether each batch is drawn at random, with replacement.
        reverse: bool. Whether the points of a window come in reverse order.
        batch_size: windows in a batch.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> batches = keras.preprocessing.sequence.TimeseriesGenerator(np.arange(6), np.arange(6), 3, batch_size=2)
        >>> x, y = batches[0]
        >>> x.tolist(), y.tolist(), len(batches)
        ([[0, 1, 2], [1, 2, 3]], [3, 4], 2)
    """

    def __init__(
        self,
        data: TensorLike,
        targets: TensorLike,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        warn_renamed("keras.preprocessing.sequence", "TimeseriesGenerator", "keras.utils.timeseries_dataset_from_array")
        super().__init__()
        data, targets = fetched(data), fetched(targets)
        if len(data) != len(targets):
            raise ValueError(f"`data` and `targets` must have the same length, got {len(data)} and {len(targets)}.")
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride, self.batch_size = sampling_rate, stride, batch_size
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse = shuffle, reverse
        if self.start_index > self.end_index:
            raise ValueError(
                f"No window fits: `start_index + length` is {self.start_index}, `end_index` is {self.end_index}."
            )

    def __len__(self) -> int:
        reach = self.batch_size * self.stride
        return (self.end_index - self.start_index + reach) // reach

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if self.shuffle:
            ends = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            ends = range(first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride)
        windows = np.array([self.data[end - self.length : end : self.sampling_rate] for end in ends])
        return windows[:, ::-1] if self.reverse else windows, np.array([self.targets[end] for end in ends])

    def get_config(self) -> Config:
        """What is needed to make the generator again; the series is JSON.

        Returns:
            Dict.
        """
        arrays = {name: _as_json(name, getattr(self, name)) for name in ("data", "targets")}
        names = "length sampling_rate stride start_index end_index shuffle reverse batch_size".split()
        return {**arrays, **{name: getattr(self, name) for name in names}}

    def to_json(self, **kwargs: Any) -> str:
        """The generator as JSON.

        Args:
            **kwargs: for `json.dumps`.

        Returns:
            String.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def _as_json(name, values):
    try:
        return json.dumps(values.tolist() if isinstance(values, np.ndarray) else values)
    except TypeError as error:
        raise TypeError(f"`{name}` can't be written as JSON: {error}.") from error
