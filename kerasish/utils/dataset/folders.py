"""Files of samples in a folder, a subfolder a class: which there are, their labels, and the two parts of a split."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kerasish import config
from kerasish.suggestions import did_you_mean
from kerasish.typing import PathLike


class FolderArguments(NamedTuple):
    """What the readers of folders have in common; see `image_dataset_from_directory`."""

    directory: PathLike
    labels: str | Sequence[int] | None
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool

    def checked(self) -> FolderArguments:
        """The arguments, after a look at what can be wrong before a file is read.

        Raises:
            ValueError: for a wrong one.
        """
        if self.label_mode not in ("int", "binary", "categorical", None):
            raise ValueError(
                f'`label_mode` must be "int", "binary", "categorical" or None, got {self.label_mode!r}.'
                f"{did_you_mean(self.label_mode, ['int', 'binary', 'categorical'])}"
            )
        is_list = isinstance(self.labels, (list, tuple, np.ndarray))
        if not is_list and self.labels not in ("inferred", None):
            raise ValueError(
                '`labels` must be "inferred", None, or a list or tuple of integers, one a file in the order of their '
                f"paths, got {self.labels!r}."
            )
        if self.class_names is not None and (is_list or self.labels is None):
            raise ValueError(
                '`class_names` can only be given with `labels="inferred"`, where subfolders have the names of classes, '
                f"got `labels={self.labels!r}`."
            )
        if is_list and not all(isinstance(label, (int, np.integer)) for label in self.labels):
            raise ValueError(f"`labels` must be integers, got {self.labels!r:.80}.")
        self._check_split()
        return self._replace(label_mode=None if self.labels is None else self.label_mode, seed=self._fixed_seed())

    def _check_split(self):
        split, subset = self.validation_split, self.subset
        if split is not None and not 0 < split < 1:
            raise ValueError(f"`validation_split` must be between 0 and 1, got {split!r}.")
        if (split or subset) and not (split and subset):
            raise ValueError(
                "`subset` and `validation_split` go together: give both, or neither, got "
                f"`validation_split={split!r}` and `subset={subset!r}`."
            )
        if subset not in ("training", "validation", "both", None):
            raise ValueError(f'`subset` must be "training", "validation", "both" or None, got {subset!r}.')
        if split and self.shuffle and self.seed is None:
            raise ValueError(
                "With `validation_split` and `shuffle=True`, give a `seed`, so that the training and the validation "
                "part share no file."
            )

    def _fixed_seed(self):
        return int(np.random.randint(1_000_000)) if self.seed is None else self.seed


class LabelledFiles(NamedTuple):
    """Files with the numbers of their classes.

    `paths` is a list, `labels` an int32 array (None where there are none), `class_names` a list or None.
    """

    paths: list[str]
    labels: np.ndarray | None
    class_names: list[str] | None

    def part(self, where: slice) -> LabelledFiles:
        """Some of the files."""
        return LabelledFiles(self.paths[where], None if self.labels is None else self.labels[where], self.class_names)


def files_in(arguments: FolderArguments, endings: Sequence[str]) -> LabelledFiles:
    """The files of a folder whose names have one of the endings, by path, or in an order drawn from the seed.

    Raises:
        ValueError: where there are none, or not as many as labels.
        FileNotFoundError: where there is no such folder.
    """
    folder = os.path.abspath(os.path.expanduser(os.fspath(arguments.directory)))
    if arguments.labels == "inferred":
        names = _class_names(folder, arguments.class_names)
        found = [files_below(os.path.join(folder, name), endings, arguments.follow_links) for name in names]
        paths = [path for each in found for path in each]
        labels = np.repeat(np.arange(len(names), dtype="int32"), [len(each) for each in found])
    else:
        names, paths = None, files_below(folder, endings, arguments.follow_links)
        labels = None if arguments.labels is None else np.asarray(arguments.labels, "int32")
        if labels is not None and len(labels) != len(paths):
            raise ValueError(
                f"`labels` must have one entry a file: {arguments.directory!r} holds {len(paths)} files that end in "
                f"{', '.join(endings)}, got {len(labels)} labels."
            )
    if not paths:
        raise ValueError(
            f"No files that end in {', '.join(endings)} were found in {arguments.directory!r}"
            + (", in subfolders that are classes." if arguments.labels == "inferred" else ".")
        )
    if arguments.label_mode == "binary" and len(_kinds(names, labels)) != 2:
        raise ValueError(
            f'`label_mode="binary"` needs 2 classes, but there are {len(_kinds(names, labels))}: '
            f"{_kinds(names, labels)!r:.200}. "
        )
    if names is None and labels is not None:
        names = [str(kind) for kind in _kinds(names, labels)]
    if arguments.verbose:
        _say(f"Found {len(paths)} files" + ("." if names is None else f" belonging to {len(names)} classes."))
    if arguments.shuffle:
        order = np.random.RandomState(arguments.seed).permutation(len(paths))
        paths = [paths[i] for i in order]
        labels = None if labels is None else labels[order]
    return LabelledFiles(paths, labels, names)


def parts_of(files: LabelledFiles, arguments: FolderArguments) -> list[LabelledFiles]:
    """The part (or for `subset="both"` the two parts) of the files that the arguments ask for."""
    if not arguments.validation_split:
        return [files]
    held_out = int(arguments.validation_split * len(files.paths))
    border = len(files.paths) - held_out
    parts = {"training": slice(None, border), "validation": slice(border, None)}
    wanted = list(parts) if arguments.subset == "both" else [arguments.subset]
    if arguments.verbose:
        for name in wanted:
            _say(f"Using {len(range(len(files.paths))[parts[name]])} files for {name}.")
    chosen = [files.part(parts[name]) for name in wanted]
    for name, part in zip(wanted, chosen):
        if not part.paths:
            raise ValueError(
                f"The {name} part has no file: {len(files.paths)} files, `validation_split="
                f"{arguments.validation_split}`."
            )
    return chosen


def encoded_labels(files: LabelledFiles, label_mode: str | None) -> np.ndarray | None:
    """Labels as `label_mode` wants them: int32 numbers, float32 0 and 1 of shape (files, 1), or one-hot."""
    if label_mode is None or files.labels is None:
        return None
    if label_mode == "binary":
        return files.labels.astype("float32")[:, None]
    if label_mode == "categorical":
        return np.eye(len(files.class_names), dtype="float32")[files.labels]
    return files.labels


def _class_names(folder, given):
    found = sorted(entry for entry in os.listdir(folder) if os.path.isdir(os.path.join(folder, entry)))
    if given is None:
        return found
    if set(given) != set(found):
        raise ValueError(
            f"`class_names` must be the names of the subfolders, in an order of your own: {found!r:.300}, got "
            f"{list(given)!r:.300}."
        )
    return list(given)


def files_below(folder: str, endings: Sequence[str], follow_links: bool) -> list[str]:
    """The paths of the files in a folder, and in those below it, whose names have one of the endings; sorted."""
    found = []
    for place, _, names in sorted(os.walk(folder, followlinks=follow_links)):
        found += [os.path.join(place, name) for name in sorted(names) if name.lower().endswith(tuple(endings))]
    return found


def _kinds(names, labels):
    return names if names is not None else sorted({int(label) for label in labels})


def _say(text):
    if config.is_interactive_logging_enabled():
        print(text)
