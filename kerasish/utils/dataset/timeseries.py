"""Windows over a series of measurements."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.host_arrays import as_numpy
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike
from kerasish.utils.dataset.batched import BatchedDataset
from kerasish.utils.dataset.other_formats import in_format


@suggesting
def timeseries_dataset_from_array(
    data: TensorLike,
    targets: TensorLike | None,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str | None = None,
) -> Any:
    """Batches of windows over a series, cut out when they are needed.

    Window number i begins at `data[i * sequence_stride]` and holds `sequence_length` points, every `sampling_rate`-th
    of the series. Its target is `targets[i * sequence_stride]`: shift the targets, to predict what comes after.

    Args:
        data: the series, shape (steps, ...).
        targets: shape (steps, ...), or None for windows alone.
        sequence_length: points in a window.
        sequence_stride: steps from the begin of a window to that of the next.
        sampling_rate: steps from a point of a window to the next.
        batch_size: windows in a batch; None for single windows.
        shuffle: bool. Whether the order of windows is new in every epoch; else it is that of time.
        seed: int, of the order.
        start_index: the first step that is used; None: 0.
        end_index: the step before which the last window ends; None: all are used.
        format: None for a data set of kerasish; "tf" for a `tf.data.Dataset`, "grain" for a `grain.IterDataset`, where
            these are installed. (In Keras "tf" is the default.)

    Returns:
        A data set for `fit`, `evaluate` and `predict`, with `map`, `cache`, `prefetch`, `shuffle`, `take` and `skip`.
        It gives windows of shape (batch, sequence_length, ...), or pairs of these and targets of shape (batch, ...).

    Raises:
        ValueError: for wrong arguments, and where no window fits.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> series = np.arange(10)
        >>> windows = keras.utils.timeseries_dataset_from_array(series[:-3], series[3:], sequence_length=3)
        >>> x, y = windows[0]
        >>> x[0].tolist(), y[0].item(), len(x)
        ([0, 1, 2], 3, 5)
    """
    data = as_numpy(data)
    targets = None if targets is None else as_numpy(targets)
    for name, value in (
        ("sequence_length", sequence_length),
        ("sequence_stride", sequence_stride),
        ("sampling_rate", sampling_rate),
    ):
        if isinstance(value, bool) or not hasattr(value, "__index__") or not 0 < value < max(2, len(data) + 1):
            raise ValueError(
                f"`{name}` must be an integer from 1 to the number of steps in `data`, {len(data)}, got {value!r}."
            )
    start, end = _checked_bounds(start_index, end_index, len(data))
    reach = (sequence_length - 1) * sampling_rate + 1
    # As in Keras: windows end before `end`; of those with targets as many are made as there are targets.
    count = end - start - reach + 1
    if targets is not None:
        count = min(count, len(targets) - start)
    begins = np.arange(start, start + max(count, 0), sequence_stride)
    if not len(begins):
        raise ValueError(
            f"No window fits: {sequence_length} points, every {sampling_rate}-th step, span {reach} steps, and there "
            f"are {end - start}."
        )

    def read(number):
        begin = begins[number]
        window = data[begin : begin + reach : sampling_rate]
        return window if targets is None else (window, targets[begin])

    return in_format(BatchedDataset(read, len(begins), batch_size, shuffle, seed, makes_parts=True), format)


def _checked_bounds(start_index, end_index, steps):
    start = 0 if start_index is None else start_index
    end = steps if end_index is None else end_index
    if not 0 <= start < steps:
        raise ValueError(f"`start_index` must be from 0 to below the number of steps, {steps}, got {start_index!r}.")
    if not start < end <= steps:
        raise ValueError(
            f"`end_index` must be above `start_index` and at most the number of steps, {steps}, got {end_index!r}."
        )
    return start, end
