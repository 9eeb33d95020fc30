"""The rows of a batch that one of several processes computes, made without the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class PartOfBatch(tuple):
    """(x, y, sample_weight) of a process's rows of a batch.

    Attributes:
        total: int, rows of the whole batch.
        share: the Share that says which of them are here; None where each process computes all.
    """

    total: int
    share: Any
    _make: Callable[[slice], Any]

    @classmethod
    def made(cls, make: Callable[[slice], Any], total: int, share: Any) -> PartOfBatch:
        """The part that a share says.

        Args:
            make: function of a slice of the batch's rows that gives (x, y, sample_weight) of these.
            total: int, rows of the whole batch.
            share: Share, or None for all rows.
        """
        part = cls(make(slice(0, total) if share is None else slice(share.start, share.stop)))
        part.total, part.share, part._make = total, share, make
        return part

    def of(self, share: Any) -> PartOfBatch:
        """The part of the same batch that another share says; this one where it says the same.

        Args:
            share: Share, or None for all rows.
        """
        if share is self.share or None not in (share, self.share) and share.name == self.share.name:
            return self
        return self.made(self._make, self.total, share)
