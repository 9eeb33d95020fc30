"""A data set of ours as one of tf.data or of Grain, where those are installed."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import tree
from kerasish.optional import needed
from kerasish.suggestions import did_you_mean
from kerasish.utils.dataset.batched import BatchedDataset


def in_format(dataset: BatchedDataset, format: str | None) -> Any:
    """The data set in the format that the user asks for.

    Args:
        dataset: ours.
        format: None for ours, "tf" for a `tf.data.Dataset`, "grain" for a `grain.IterDataset`.

    Raises:
        ValueError: for another format.
        ImportError: where the library is not installed.
    """
    if format is None:
        return dataset
    if format not in _WRITERS:
        raise ValueError(
            f'`format` must be None (batches of ours), "tf" or "grain", got {format!r}.'
            f"{did_you_mean(format, list(_WRITERS))}"
        )
    made = _WRITERS[format](dataset)
    for name in ("class_names", "file_paths"):
        if hasattr(dataset, name):
            setattr(made, name, getattr(dataset, name))
    return made


def _library(name, format):
    """The library: named, so that nothing of ours depends on it."""
    return needed(
        name,
        f'`format="{format}"` needs {name}, which is not installed: pip install {name}. Without `format` the data set '
        "needs nothing.",
    )


def _as_tf(dataset):
    tf = _library("tensorflow", "tf")

    def spec(part):
        shape = part.shape if dataset.batch_size is None else (None, *part.shape[1:])
        return tf.TensorSpec(shape, tf.string if _is_text(part) else part.dtype)

    def batches():
        for batch in dataset:
            yield tree.map_structure(lambda part: np.asarray(part, object) if _is_text(part) else part, batch)

    signature = tree.map_structure(lambda part: spec(np.asarray(part)), dataset[0])
    made = tf.data.Dataset.from_generator(batches, output_signature=signature)
    made = made.apply(tf.data.experimental.assert_cardinality(len(dataset)))
    return made.prefetch(tf.data.AUTOTUNE)


def _is_text(part):
    return np.asarray(part).dtype.kind in "UTO"


class _Samples:
    """What Grain reads: samples by number."""

    def __init__(self, dataset):
        self._dataset = dataset.unbatch()
        self._dataset.shuffles, self._dataset._order = False, self._dataset._samples

    def __len__(self):
        return len(self._dataset)

    def __getitem__(self, index):
        return self._dataset[int(index)]


def _as_grain(dataset):
    grain = _library("grain", "grain")
    made = grain.MapDataset.source(_Samples(dataset))
    if dataset.shuffles:
        made = made.shuffle(seed=dataset._seed)
    made = made.to_iter_dataset()
    return made if dataset.batch_size is None else made.batch(dataset.batch_size)


_WRITERS = {"tf": _as_tf, "grain": _as_grain}
