"""Sounds in a folder, a subfolder a class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.scalars import positive_integer
from kerasish.suggestions import suggesting
from kerasish.typing import PathLike
from kerasish.utils.dataset.folders import FolderArguments
from kerasish.utils.dataset.read_folder import folder_dataset
from kerasish.utils.dataset.sounds import read_wav


@suggesting
def audio_dataset_from_directory(
    directory: PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Batches of the sounds (.wav) in a folder whose subfolders are classes, read by threads while a model trains.

    The files `folder/bark/a.wav` and `folder/meow/b.wav` give sounds with the labels 0 and 1.

    Args:
        directory: the folder.
        labels: "inferred" from the subfolders; None for none; or a list of integers, one a file in the order of paths,
            where subfolders mean nothing.
        label_mode: "int" for int32 numbers of shape (batch,), "binary" for float32 0 and 1 of shape (batch, 1),
            "categorical" for one-hot float32 of shape (batch, classes), None for no labels.
        class_names: list of the subfolders in the order of their numbers; None: sorted.
        batch_size: sounds in a batch; None for single sounds.
        sampling_rate: points a second to which sounds are resampled; None: as they are.
        output_sequence_length: how many points a sound has: longer ones are cut, shorter ones end in zeros. None: as
            many as the longest of its batch.
        ragged: bool. Give each sound its own length: a batch is then an array of arrays.
        shuffle: bool. Whether the order is new in every epoch; else it is that of the paths.
        seed: int, of the order, and of what is held out.
        validation_split: share of the files to hold out, between 0 and 1.
        subset: "training", "validation", or "both" for a list of two data sets; with `validation_split`.
        follow_links: bool. Whether to go into folders behind symbolic links.
        verbose: bool. Whether to print how many files and classes there are.

    Returns:
        A data set (for `subset="both"` a list of two) for `fit`, `evaluate` and `predict`, with `class_names` and
        `file_paths`, and with `map`, `cache`, `prefetch`, `shuffle`, `take` and `skip`. It gives float32 sounds of
        shape (batch, points, channels), values -1 to 1, or pairs of these and labels.

    Raises:
        ValueError: for wrong arguments, where there are no sounds, and for a file that is no sound, when it is read.

    Example:
        >>> import kerasish as keras, os, wave
        >>> os.makedirs("sounds/silence")
        >>> with wave.open("sounds/silence/1.wav", "wb") as file:
        ...     file.setparams((1, 2, 8000, 0, "NONE", ""))
        ...     file.writeframes(bytes(200))
        >>> sounds = keras.utils.audio_dataset_from_directory("sounds", verbose=False)
        >>> sounds[0][0].shape, sounds.class_names
        ((1, 100, 1), ['silence'])
    """
    if ragged and output_sequence_length is not None:
        raise ValueError("`ragged=True` and `output_sequence_length` exclude each other: one length for all, or none.")
    positive_integer(sampling_rate, "sampling_rate", optional=True)
    positive_integer(output_sequence_length, "output_sequence_length", optional=True)
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
        sound = read_wav(path, sampling_rate)
        return sound if output_sequence_length is None else _of_length(sound, output_sequence_length)

    stack = _side_by_side if ragged else _padded
    workers, alike = min(4, os.cpu_count() or 1), output_sequence_length is not None and not ragged
    return folder_dataset(arguments, (".wav",), read, None, stack, workers, makes_parts=alike)


def _of_length(sound, length):
    return np.pad(sound[:length], ((0, max(0, length - len(sound))), (0, 0)))


def _padded(sounds):
    longest = max(map(len, sounds))
    if len({sound.shape[1] for sound in sounds}) > 1:
        raise ValueError("The sounds of a batch have different numbers of channels: they can't be put together.")
    return np.stack([_of_length(sound, longest) for sound in sounds])


def _side_by_side(sounds):
    batch = np.empty(len(sounds), object)
    for position, sound in enumerate(sounds):
        batch[position] = sound
    return batch
