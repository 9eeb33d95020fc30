"""What a server may be told, in one place: of batches for each model, and of the whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from kerasish.suggestions import did_you_mean


@dataclass(frozen=True)
class Batching:
    """How requests for one model are computed together; TensorFlow Serving's names.

    Args:
        max_batch_size: int, the most rows computed at once; None lets warming up find it (see `heart/warming.py`).
        batch_timeout_micros: int, microseconds that the first request of a batch waits for others. With 0 a batch is
            what has come while the one before was computed: full when there are many clients, and nobody waits.
        allowed_batch_sizes: tuple of ints in rising order, to the next of which a batch is filled up, and which are
            compiled beforehand; None for the powers of two.
        max_queued_rows: int, rows that may wait; what comes beyond is refused with 429.

    Raises:
        ValueError: for what is no such number, and for sizes that don't rise to `max_batch_size`.

    Example:
        >>> from kerasish.serving import Batching
        >>> Batching(max_batch_size=16, batch_timeout_micros=500).max_queued_rows
        1024
    """

    max_batch_size: int | None = None
    batch_timeout_micros: int = 0
    allowed_batch_sizes: tuple[int, ...] | None = None
    max_queued_rows: int = 1024

    def __post_init__(self) -> None:
        _check_count("max_batch_size", self.max_batch_size, 1, optional=True)
        _check_count("batch_timeout_micros", self.batch_timeout_micros, 0)
        _check_count("max_queued_rows", self.max_queued_rows, 1)
        sizes = self.allowed_batch_sizes
        if sizes is None:
            return
        if not isinstance(sizes, (list, tuple)) or not sizes:
            raise ValueError(f"`allowed_batch_sizes` must be a list of numbers of rows, got {sizes!r}.")
        for size in sizes:
            _check_count("allowed_batch_sizes", size, 1)
        object.__setattr__(self, "allowed_batch_sizes", tuple(sizes))
        if list(sizes) != sorted(set(sizes)):
            raise ValueError(f"`allowed_batch_sizes` must rise from one to the next, got {list(sizes)}.")
        if self.max_batch_size is not None and sizes[-1] != self.max_batch_size:
            raise ValueError(
                f"The last of `allowed_batch_sizes` must be `max_batch_size` ({self.max_batch_size}), got {sizes[-1]}."
            )


@dataclass(frozen=True)
class ModelOptions:
    """What `serving.json` in a model's folder may say.

    Args:
        versions: "all", or the number of the newest versions that are served, or a list of versions.
        labels: dict from label ("stable", "canary") to version.
        batching: Batching; in the file its arguments stand beside the others.

    Raises:
        ValueError: for what is no such number, or no dict of labels.

    Example:
        >>> from kerasish.serving import ModelOptions
        >>> ModelOptions(versions=2, labels={"stable": 7}).labels["stable"]
        7
    """

    versions: Any = 1
    labels: Mapping[str, int] = field(default_factory=dict)
    batching: Batching = field(default_factory=Batching)

    def __post_init__(self) -> None:
        if isinstance(self.versions, (list, tuple)):
            for version in self.versions:
                _check_count("versions", version, 0)
        elif self.versions != "all":
            _check_count("versions", self.versions, 1)
        if not isinstance(self.labels, Mapping):
            raise ValueError(f"`labels` must be a dict from label to version, got {self.labels!r}.")
        for label, version in self.labels.items():
            _check_count(f"labels[{label!r}]", version, 0)


def model_options(folder: str, defaults: ModelOptions) -> ModelOptions:
    """What `serving.json` in `folder` says, on top of `defaults`; these alone where there is no such file.

    Raises:
        ValueError: for a file that can't be read, an unknown name or a bad value.
    """
    path = os.path.join(folder, "serving.json")
    try:
        with open(path, encoding="utf-8") as file:
            said = json.load(file)
    except FileNotFoundError:
        return defaults
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} can't be read: {error}") from error
    if not isinstance(said, dict):
        raise ValueError(f"{path} must hold an object, got {type(said).__name__}.")
    of_batches = {option.name for option in fields(Batching)}
    known = of_batches | {"versions", "labels"}
    for name in said:
        if name not in known:
            raise ValueError(f"{path}: there is no option {name!r}.{did_you_mean(name, sorted(known))}")
    try:
        batching = replace(defaults.batching, **{name: said.pop(name) for name in list(said) if name in of_batches})
        return replace(defaults, batching=batching, **said)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _check_count(name: str, value: Any, least: int, optional: bool = False) -> None:
    if optional and value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"`{name}` must be a whole number from {least}, got {value!r}.")
