"""Tables of which some rows are behind: the steps that gave them no gradient are yet to be done.

Adam, momentum or weight decay change every row of an embedding table in every step, also where a row gets no gradient.
A Program that trains such a table (`compiler/sparse_rows.py`) does that for a row when the row is next needed: the
steps it missed are done one after the other, on the row alone, with the numbers (the learning rate, ...) that each of
them had. What comes out is what the dense update gives.

While rows are behind, the memory of the table and its slots is hidden from everyone else: who reads the buffer of such
a Variable, or runs another Program that reads it, first brings all rows up to date (`RowsBehind.open`, `.settle`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from kerasish import forks

_hidden: WeakSet[RowsBehind] = WeakSet()


class RowsBehind:
    """A table and its slots, whose rows miss the same steps.

    Args:
        variables: Variables of equal shape. key: what tells one kind of missed step from another. replayer: what the
            device makes of the missed steps, with `settle()`, `restart()` and `abandon()`.
    """

    def __init__(self, variables: Sequence[Any], key: str, replayer: Any) -> None:
        self.variables = tuple(variables)
        self.key = key
        self.replayer = replayer
        self._buffers: list[Any] | None = None  # those that are hidden
        self._lock = forks.reentrant_lock()

    @classmethod
    def of(cls, variables: Sequence[Any], key: str, make: Any) -> RowsBehind:
        """The one that these variables have, or a new one, with the replayer that the function `make` gives."""
        found = variables[0]._behind
        if found is not None and found.key == key and found.variables == tuple(variables):
            return found
        return cls(variables, key, make([variable._buffer for variable in variables]))

    def __enter__(self) -> RowsBehind:
        """One step of a Program that trains the table: the rows that are behind are this object's affair."""
        self._lock.acquire()
        for variable in self.variables:
            other = variable._behind
            if other is not self:
                if other is not None:
                    other.open()
                self.open()
                variable._behind = self
        if self._buffers is None:
            self.replayer.restart()
            self._buffers = [variable._buffer for variable in self.variables]
            for variable in self.variables:
                del vars(variable)["_buffer"]
            _hidden.add(self)
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self.replayer.abandon()
        self._lock.release()

    def settle(self) -> None:
        """Bring all rows up to date; the memory stays hidden."""
        with self._lock:
            self.replayer.settle()

    def open(self) -> None:
        """Bring all rows up to date and show the memory: anything may be written to it from now on."""
        with self._lock:
            if self._buffers is not None:
                self.replayer.settle()
                _hidden.discard(self)
                for variable, buffer in zip(self.variables, self._buffers):
                    variable._buffer = buffer
                self._buffers = None


def settle_others(own: Sequence[RowsBehind], read: Any, written: Any) -> None:
    """Before a Program runs: bring up to date what it touches and does not look after itself.

    Args:
        own: those that it trains. read, written: the Variables that it reads and writes, dicts or sets.
    """
    for rows in list(_hidden):
        if rows in own:
            continue
        if any(variable in written for variable in rows.variables):
            rows.open()
        elif any(variable in read for variable in rows.variables):
            rows.settle()


def are_hidden() -> bool:
    """Whether any rows are behind."""
    return bool(_hidden.data)
