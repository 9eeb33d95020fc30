"""Texts in a folder, a subfolder a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.scalars import positive_integer
from kerasish.suggestions import suggesting
from kerasish.typing import PathLike
from kerasish.utils.dataset.folders import FolderArguments
from kerasish.utils.dataset.read_folder import folder_dataset


@suggesting
def text_dataset_from_directory(
    directory: PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str | None = None,
    verbose: bool = True,
) -> Any:
    """Batches of the texts in a folder whose subfolders are classes.

    The files `folder/good/a.txt` and `folder/bad/b.txt` give texts with the labels 1 and 0.

    Args:
        directory: the folder.
        labels: "inferred" from the subfolders; None for none; or a list of integers, one a file in the order of paths,
            where subfolders mean nothing.
        label_mode: "int" for int32 numbers of shape (batch,), "binary" for float32 0 and 1 of shape (batch, 1),
            "categorical" for one-hot float32 of shape (batch, classes), None for no labels.
        class_names: list of the subfolders in the order of their numbers; None: sorted.
        batch_size: texts in a batch; None for single texts.
        max_length: how many bytes of a text are kept; None for all. (A character that is cut is left out.)
        shuffle: bool. Whether the order is new in every epoch; else it is that of the paths.
        seed: int, of the order, and of what is held out.
        validation_split: share of the files to hold out, between 0 and 1.
        subset: "training", "validation", or "both" for a list of two data sets; with `validation_split`.
        follow_links: bool. Whether to go into folders behind symbolic links.
        format: None for a data set of kerasish; "tf" for a `tf.data.Dataset`, "grain" for a `grain.IterDataset`, where
            these are installed. (In Keras "tf" is the default.)
        verbose: bool. Whether to print how many files and classes there are.

    Returns:
        A data set (for `subset="both"` a list of two) for `fit`, `evaluate` and `predict`, with `class_names` and
        `file_paths`, and with `map`, `cache`, `prefetch`, `shuffle`, `take` and `skip`. It gives arrays of strings of
        shape (batch,), or pairs of these and labels.

    Raises:
        ValueError: for wrong arguments, where there are no texts, and for a text that is not UTF-8, when it is read.

    Example:
        >>> import kerasish as keras, os
        >>> for name, text in (("bad", "no"), ("good", "yes")):
        ...     os.makedirs(f"reviews/{name}")
        ...     _ = open(f"reviews/{name}/1.txt", "w").write(text)
        >>> reviews = keras.utils.text_dataset_from_directory("reviews", shuffle=False, verbose=False)
        >>> texts, labels = reviews[0]
        >>> texts.tolist(), labels.tolist()
        (['no', 'yes'], [0, 1])
    """
    positive_integer(max_length, "max_length", optional=True)
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

    def read(path):
        with open(path, "rb") as file:
            data = file.read() if max_length is None else file.read(max_length)
        try:
            return np.str_(data.decode("utf-8", "strict" if max_length is None else "ignore"))
        except UnicodeDecodeError as error:
            raise ValueError(f"The text {path!r} is not UTF-8: {error}.") from error

    return folder_dataset(arguments, (".txt",), read, format, stack=np.array)
