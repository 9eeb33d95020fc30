"""Pieces of data sets, dicts of columns of equal length: cut, joined, drawn from a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

Columns = dict[str, Any]


def length(piece: Columns) -> int:
    """The number of rows."""
    return len(next(iter(piece.values()))) if piece else 0


def rows(piece: Columns, where: Any) -> Columns:
    """The rows `where`, a slice or an array of places."""
    return {name: column[where] for name, column in piece.items()}


def joined(pieces: list[Columns]) -> Columns:
    """The rows of all pieces. Raises ValueError where they differ in their columns."""
    if len(pieces) == 1:
        return pieces[0]
    for piece in pieces:
        if piece.keys() != pieces[0].keys():
            raise ValueError(f"The files differ in their columns: {', '.join(pieces[0])} and {', '.join(piece)}.")
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def regrouped(pieces: Iterable[Columns], size: int, drop_remainder: bool) -> Iterator[Columns]:
    """The same rows in pieces of `size`; the last may be smaller, or is left out."""
    waiting, count = [], 0
    for piece in pieces:
        waiting.append(piece)
        count += length(piece)
        if count < size:
            continue
        whole, done = joined(waiting), 0
        while count - done >= size:
            yield rows(whole, slice(done, done + size))
            done += size
        waiting, count = [rows(whole, slice(done, count))], count - done
    if count and not drop_remainder:
        yield joined(waiting)


def drawn(pieces: Iterator[Columns], window: int, generator: np.random.Generator) -> Iterator[Columns]:
    """The same rows in random order: each is drawn from the `window` rows that were read last and not drawn yet.

    Rows that come take the places of rows that were drawn, many at once.
    """
    kept = None
    with closing(pieces):
        for piece in regrouped(pieces, max(1, window // 4), False):
            if kept is None or length(kept) < window:
                kept = piece if kept is None else joined([kept, piece])
                if length(kept) <= window:
                    continue
                piece, kept = rows(kept, slice(window, None)), rows(kept, slice(window))
            places = generator.choice(window, length(piece), replace=False)
            came = rows(kept, places)
            kept = _replaced(kept, places, piece)
            yield came
    if kept is not None:
        yield rows(kept, generator.permutation(length(kept)))


def _replaced(kept, places, piece):
    if kept.keys() != piece.keys():
        joined([kept, piece])  # raises
    for name, column in kept.items():
        wider = np.result_type(column, piece[name]) if column.dtype != piece[name].dtype else column.dtype
        column = kept[name] = column.astype(wider) if wider != column.dtype or not column.flags.writeable else column
        column[places] = piece[name]
    return kept


def padded(column: Any, shape: tuple[Any, ...], dtype: Any, fill: Any) -> Any:
    """An array of all rows of a column of arrays that differ in size; shorter ones end in `fill`.

    Args:
        column: object array of arrays, each with as many axes as `shape`.
        shape: of one row; None where rows differ.
        dtype: of the result.
        fill: number or text.
    """
    sizes = [
        max((row.shape[axis] for row in column), default=0) if size is None else size for axis, size in enumerate(shape)
    ]
    whole = np.full((len(column), *sizes), fill, dtype)
    for place, row in enumerate(column):
        whole[(place, *map(slice, row.shape))] = row
    return whole


def of_objects(values: list[Any]) -> Any:
    """An object array of one axis, whatever the values are."""
    column = np.empty(len(values), object)
    for place, value in enumerate(values):
        column[place] = value
    return column
