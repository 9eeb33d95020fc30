"""From the arguments of a reader of folders to data sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.utils.dataset.batched import BatchedDataset
from kerasish.utils.dataset.folders import FolderArguments, LabelledFiles, encoded_labels, files_in, parts_of
from kerasish.utils.dataset.other_formats import in_format


def folder_dataset(
    arguments: FolderArguments,
    endings: Sequence[str],
    read_file: Callable[[str], Any],
    format: str | None,
    stack: Callable[[list[Any]], Any] = np.stack,
    workers: int = 1,
    makes_parts: bool = True,
) -> Any:
    """The data set, or for `subset="both"` the list of two, of the files in a folder.

    Args:
        arguments: what the user said.
        endings: of the names of files that are read.
        read_file: function of a path that returns a sample.
        format: None, "tf" or "grain".
        stack: function that makes a batch of a list of samples.
        workers: threads that read.
        makes_parts: bool. Whether `stack` makes rows of one shape whatever the others are.
    """
    arguments = arguments.checked()
    parts = parts_of(files_in(arguments, endings), arguments)
    made = [in_format(_dataset(part, arguments, read_file, stack, workers, makes_parts), format) for part in parts]
    return made if arguments.subset == "both" else made[0]


def _dataset(files: LabelledFiles, arguments, read_file, stack, workers, makes_parts):
    labels = encoded_labels(files, arguments.label_mode)

    def read(index):
        sample = read_file(files.paths[index])
        return sample if labels is None else (sample, labels[index])

    def collate(samples):
        if labels is None:
            return stack(samples)
        inputs, targets = zip(*samples)
        return stack(list(inputs)), np.stack(targets)

    dataset = BatchedDataset(
        read, len(files.paths), arguments.batch_size, arguments.shuffle, arguments.seed, collate, workers, makes_parts
    )
    dataset.file_paths, dataset.class_names = files.paths, files.class_names
    return dataset
