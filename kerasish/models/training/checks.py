"""What is refused before a training step changes anything."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import config, losses, tree
from kerasish.losses import SparseCategoricalCrossentropy, sparse_categorical_crossentropy
from kerasish.models.data.columns import as_rows
from kerasish.typing import Arrays

if TYPE_CHECKING:
    from kerasish.models.model import Model

_ROWS_AT_ONCE = 65536  # labels may lie in a file


def check_epochs(epochs: int, initial_epoch: int) -> None:
    """Raise ValueError for numbers of epochs that make no sense."""
    for name, value in (("epochs", epochs), ("initial_epoch", initial_epoch)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"`{name}` must be an int >= 0, got {value!r}.")


def limited_epochs(epochs: int) -> int:
    """`epochs`, or fewer where `keras.config.max_epochs()` says so, with a warning."""
    most = config.max_epochs()
    if most is None or epochs <= most:
        return epochs
    warnings.warn(
        f"`epochs` is limited to {most}, as `keras.config.max_epochs()` says (`set_max_epochs`, or the environment "
        "variable KERAS_MAX_EPOCHS).",
        stacklevel=3,
    )
    return most


def check_validation(data: Any, frequency: Any) -> None:
    """Raise ValueError for arguments of `fit` that no validation can be made of."""
    if isinstance(frequency, (bool, str)) or (isinstance(frequency, (int, float, np.number)) and frequency < 1):
        raise ValueError(
            f"`validation_freq` must be an int from 1 (validate every so many epochs) or a list of epochs, got "
            f"{frequency!r}. To train without validation, leave out `validation_data`."
        )
    if isinstance(data, tuple) and len(data) > 3 and not hasattr(data, "num_batches"):
        raise ValueError(
            f"`validation_data` must be (x, y) or (x, y, sample_weight), got a tuple of {len(data)}. Several inputs "
            "or outputs are a list or a dict in the place of `x` or `y`."
        )


def check_labels(model: Model, y: Arrays) -> None:
    """Check that labels of sparse crossentropies are classes of their outputs.

    Raises:
        ValueError: naming the range.
    """
    if y is not None:
        for check in _label_checks(model):
            check(y)


def label_checks(model: Model, y: Arrays) -> list[Callable[[Arrays], None]]:
    """What is left to check of labels batch by batch: all where the batches bring them, nothing of a `y` in arrays.

    Raises:
        ValueError: as `check_labels`, for the latter.
    """
    check_labels(model, y)
    return _label_checks(model) if y is None else []


def _label_checks(model):
    """Functions of `y`, one for each sparse crossentropy."""
    compiled = model._compile_loss
    if compiled is None or compiled.losses is None:
        return []
    checks = []
    for index, loss in enumerate(compiled.losses):
        classes = compiled.outputs.flat[index].shape[-1] if compiled.outputs.flat[index].shape else None
        if _is_sparse(loss) and classes is not None:
            checks.append(_label_check(compiled.outputs, index, classes, getattr(loss, "ignore_class", None)))
    return checks


def has_labels(model: Model) -> bool:
    """Whether the targets of the model's losses are class numbers."""
    given = None if model._compile_loss is None else tree.flatten(model._compile_loss._given)
    return bool(given) and all(_is_sparse(losses.get(loss)) for loss in given if loss is not None)


def _is_sparse(loss):
    return loss is sparse_categorical_crossentropy or (
        isinstance(loss, SparseCategoricalCrossentropy) or getattr(loss, "fn", None) is sparse_categorical_crossentropy
    )


def _label_check(outputs, index, classes, ignored):
    def check(y):
        if y is None:
            return
        labels = outputs.match(y, "y")[index]
        if labels is None:
            return
        if type(labels) is np.ndarray:
            check_part(labels)
            return
        rows = as_rows(labels if hasattr(labels, "shape") else np.asarray(labels), "y")
        for start in range(0, rows.shape[0], _ROWS_AT_ONCE):
            check_part(rows.read(slice(start, min(start + _ROWS_AT_ONCE, rows.shape[0]))))

    def check_part(labels):
        if labels.size == 0 or labels.dtype.kind not in "iuf":
            return
        low, high = labels.min(), labels.max()
        if low >= 0 and high < classes:
            return
        if ignored is not None:
            kept = labels[labels != ignored]
            if kept.size == 0 or (kept.min() >= 0 and kept.max() < classes):
                return
        unknown = int(np.isnan(labels).sum()) if labels.dtype.kind == "f" else 0
        if unknown:
            raise ValueError(
                f"Labels of the output {outputs.labels[index]!r} must be classes from 0 to {classes - 1}, and "
                f"{unknown} of {labels.size} are NaN. Leave these rows out, or give them a class that `ignore_class` "
                "of the loss names."
            )
        raise ValueError(
            f"Labels of the output {outputs.labels[index]!r} must be classes from 0 to {classes - 1} (the output has "
            f"{classes} columns), got values from "
            f"{low} to {high}. Widen the last layer, or number the classes from 0."
        )

    return check
