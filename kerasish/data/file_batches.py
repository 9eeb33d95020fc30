"""Batches from files: what all kinds of files share, from paths to `(x, y)`."""

from __future__ import annotations

import glob
import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from kerasish.data import columns as col
from kerasish.models.data.workers import prefetch
from kerasish.scalars import integer_from
from kerasish.typing import PathLike

Columns = dict[str, Any]


class FileBatches:
    """Batches from files, for `fit`, `evaluate` and `predict` as `x`: the base of `TFRecordBatches` and others.

    Each time it is iterated over it reads the files anew, in pieces, so that memory holds the shuffle window, a piece
    of each open file and the batches made ahead, whatever the files' size. A thread reads; what goes wrong there is
    raised in the loop, and the thread ends with the loop. The order depends on `seed` and on the number of the pass.

    A subclass writes `read(path)`, which yields pieces of a file: dicts from names to arrays of equal length.

    Args:
        paths: path, pattern ("data/*.csv") or list of those; or an iterator of paths, such as `arriving_files`, for one
            pass.
        inputs: which columns make `x`. None: all but the others, a dict. A name: that column alone. A list of names:
            these columns side by side, an array of shape (batch, names).
        label: name of the column that makes `y`, or a list of names for a dict; None gives no targets.
        weight: name of the column of sample weights, or None.
        batch_size: int, rows a batch.
        shuffle: int, rows of the window that each row is drawn from; 0 keeps the order of the files. Files come in
            random order too where it is not 0 (and `paths` no iterator).
        interleave: int, how many files are read in turn, a piece each. Of an iterator of paths one is read to its end
            before the next is asked for, which may not be there yet.
        drop_remainder: whether a last batch that is smaller is left out.
        transform: function from a batch's dict of columns to what is yielded, in place of `inputs`, `label` and
            `weight`.
        ahead: int, batches that are made ahead.
        seed: int, of the shuffling; None draws one from Python's `random`, which `keras.utils.set_random_seed` sets.

    Raises:
        ValueError: for arguments out of range; in the loop, for names that no file has.
        FileNotFoundError: where a path or pattern fits no file.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from kerasish.data import FileBatches
        >>> class NumbersInLines(FileBatches):
        ...     def read(self, path):
        ...         yield {"number": np.loadtxt(path, ndmin=1)}
        >>> with tempfile.NamedTemporaryFile("w") as file:
        ...     _ = file.write("1\\n2\\n3\\n"), file.flush()
        ...     [batch.tolist() for batch, in NumbersInLines(file.name, inputs="number", batch_size=2)]
        [[1.0, 2.0], [3.0]]
    """

    def __init__(
        self,
        paths: PathLike | Iterable[PathLike],
        inputs: str | list[str] | None = None,
        label: str | list[str] | None = None,
        weight: str | None = None,
        batch_size: int = 32,
        shuffle: int = 0,
        interleave: int = 1,
        drop_remainder: bool = False,
        transform: Callable[[Columns], Any] | None = None,
        ahead: int = 2,
        seed: int | None = None,
    ) -> None:
        self._batch_size = integer_from(batch_size, "batch_size", 1)
        self._shuffle = integer_from(shuffle, "shuffle", 0)
        self._interleave = integer_from(interleave, "interleave", 1)
        self._ahead = integer_from(ahead, "ahead", 0)
        if transform is not None and (inputs, label, weight) != (None, None, None):
            raise ValueError("`transform` makes the batches: leave out `inputs`, `label` and `weight`.")
        self._paths = _paths(paths)
        self._pack = transform or _Packer(inputs, label, weight)
        self._drop_remainder = bool(drop_remainder)
        self._seed, self._passes = seed, 0

    def read(self, path: str) -> Iterator[Columns]:
        """The rows of one file, in pieces.

        Args:
            path: string.

        Returns:
            An iterator of dicts from names to arrays, all of one length along the first axis.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `read(self, path)`, a generator of pieces.")

    def finish(self, batch: Columns) -> Columns:
        """The columns of a batch as they are yielded; a place for what needs the whole batch, such as padding."""
        return batch

    def __iter__(self) -> Iterator[Any]:
        batches = self._batches()
        return prefetch(batches, self._ahead) if self._ahead else batches

    def _batches(self):
        generator = self._next_generator() if self._shuffle else None
        pieces = self._interleaved(generator)
        if generator is not None:
            pieces = col.drawn(pieces, self._shuffle, generator)
        with closing(pieces):
            for batch in col.regrouped(pieces, self._batch_size, self._drop_remainder):
                yield self._pack(self.finish(batch))

    def _next_generator(self):
        if self._seed is None:
            self._seed = random.getrandbits(63)
        self._passes += 1
        return np.random.default_rng((self._seed, self._passes - 1))

    def _interleaved(self, generator):
        """Pieces of up to `interleave` files in turn; a file that ends makes room for the next."""
        paths = self._paths
        if generator is not None and isinstance(paths, list):
            paths = [paths[place] for place in generator.permutation(len(paths))]
        at_once = self._interleave if isinstance(paths, list) else 1
        waiting, running = iter(paths), []
        try:
            while True:
                while len(running) < at_once and (path := next(waiting, None)) is not None:
                    running.append(self.read(os.fspath(path)))
                if not running:
                    return
                for file in list(running):
                    piece = next(file, None)
                    if piece is None:
                        running.remove(file)
                    else:
                        yield piece
        finally:
            for file in running:
                file.close()


class _Packer:
    """`(x, y, sample_weight)`, or fewer, from a batch's columns."""

    def __init__(self, inputs, label, weight):
        self._inputs, self._label, self._weight = inputs, label, weight
        targets = label if isinstance(label, (list, tuple)) else [label]
        self._others = {name for name in (*targets, weight) if name is not None}

    def __call__(self, batch):
        named = {*self._others, *([self._inputs] if isinstance(self._inputs, str) else self._inputs or ())}
        for name in named - batch.keys():
            raise ValueError(f"No column is named {name!r}. There are: {', '.join(map(repr, batch))}.")
        if self._inputs is None:
            x = {name: column for name, column in batch.items() if name not in self._others}
        elif isinstance(self._inputs, str):
            x = batch[self._inputs]
        else:
            x = np.column_stack([batch[name] for name in self._inputs])
        if self._label is None:
            return (x,) if self._weight is None else (x, None, batch[self._weight])
        y = batch[self._label] if isinstance(self._label, str) else {name: batch[name] for name in self._label}
        return (x, y) if self._weight is None else (x, y, batch[self._weight])


def _paths(paths):
    """A list of files that exist; an iterator as it is."""
    if hasattr(paths, "__next__"):
        return paths
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    found = []
    for path in map(os.fspath, given):
        files = [path] if os.path.isfile(path) else sorted(glob.glob(path))
        files = [file for file in files if os.path.isfile(file)]
        if not files:
            raise FileNotFoundError(f"`paths`: no file fits '{path}'.")
        found += files
    if not found:
        raise ValueError("`paths` must name at least one file, got none.")
    return found
