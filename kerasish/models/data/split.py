"""Cut validation data off the end of the training data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.models.data import structure
from kerasish.models.data.columns import as_rows


def train_validation_split(arrays: Sequence[Any], validation_split: float) -> tuple[Any, ...]:
    """Split `arrays` into a first part for training and a last part for validation, before any shuffling.

    Args:
        arrays: nested structure of arrays with the same number of samples, such as `(x, y, sample_weight)`; None stays
            None.
        validation_split: fraction of the samples for validation, between 0 and 1.

    Returns:
        `(train, validation)`, each nested as `arrays`. NumPy arrays are views; sparse matrices and arrays in files come
        as objects that `make_data` takes.

    Raises:
        ValueError: for a fraction outside, data that are no arrays, or too few samples for two parts.

    Example:
        >>> import numpy as np
        >>> from kerasish.models.data import train_validation_split
        >>> train_validation_split((np.arange(5), None), 0.4)
        ((array([0, 1, 2]), None), (array([3, 4]), None))
    """
    if not 0 < validation_split < 1:
        raise ValueError(f"`validation_split` must lie between 0 and 1, got {validation_split!r}.")
    labels = ("x", "y", "sample_weight")
    if isinstance(arrays, tuple) and len(arrays) <= len(labels):
        named = list(zip(labels, arrays))
    else:
        named, arrays = [("x", arrays)], None
    named = [(name, structure.settle(data, name)) for name, data in named]
    try:
        named = [(name, structure.map_leaves(as_rows, data, name)) for name, data in named]
    except ValueError as error:
        message = f"`validation_split` works for arrays only; otherwise pass `validation_data`. {error}"
        raise ValueError(message) from error
    columns = [(name, rows.shape) for label, data in named for name, rows in structure.leaves(data, label)]
    if not columns:
        raise ValueError("`validation_split` was given, but there are no arrays to split.")
    samples = structure.check_same_length(columns)
    # floor of samples * (1 - split), as Keras rounds.
    cut = int(samples * (1.0 - validation_split))
    if cut in (0, samples):
        raise ValueError(
            f"`validation_split={validation_split}` of {samples} samples leaves {cut} for training and {samples - cut} "
            "for validation. Provide more data, or another `validation_split`."
        )
    parts = []
    for start, stop in ((0, cut), (cut, samples)):
        part = [
            structure.map_leaves(lambda rows, _, start=start, stop=stop: rows.part(start, stop), data, name)
            for name, data in named
        ]
        parts.append(part[0] if arrays is None else tuple(part))
    return parts[0], parts[1]
