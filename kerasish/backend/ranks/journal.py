"""What the ranks have done together, counted: behind a loss nobody makes again what another one is through with.

All ranks make the same calls in the same order. Where a call gets something from all of them, it can be through on one
rank only when every other one has begun it. So, when one is lost, others may be a call ahead, wherever in the program
that is: back in a `fit` behind a callback's `evaluate`, or in the next epoch. Who is behind takes from them what the
call gave, and goes on to where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend.ranks.faults import RankFault, RankLost
from kerasish.backend.ranks.recovery import Recovery, recover


class Gone(LookupError):
    """What a call gave is not there any more. Raised by what a Journal is given to tell it."""


class Journal:
    """How many calls of all ranks this one is through with, and what the last of them gave.

    Attributes:
        done: int, that number.
    """

    def __init__(self) -> None:
        self.done = 0
        self._given: dict[int, Callable[[], Any]] = {}  # by number, of the calls that another rank may still be in
        self._told: dict[int, Any] = {}  # what calls gave on other ranks, that this one is still to make

    def made(
        self,
        call: Callable[[], Any],
        recovered: Callable[[], Any],
        given: Callable[[Any], Callable[[], Any]] | None = None,
        take: Callable[[Any], Any] | None = None,
        meets: bool = True,
    ) -> Any:
        """What a call of all ranks gives: made here, and again where a rank is lost; or as others say that it gave.

        Args:
            call: function without arguments that makes it, and may raise RankLost.
            recovered: function without arguments that is called then: it calls `recover`.
            given: function of what the call gave here, that returns a function which says that to other ranks, as a
                value that pickles; it may raise Gone. None: the value itself is said.
            take: function of what another rank has said, that returns what the call gives here.
            meets: whether this rank gets something from every other one; of a broadcast it does not.
        """
        while self.done not in self._told:
            try:
                value = call()
                break
            except RankLost:
                recovered()
        else:
            value = self._told.pop(self.done)
            value = value if take is None else take(value)
        if meets:
            self._given.clear()  # all have begun this one: they are through with those before
        self._given[self.done] = (lambda: value) if given is None else given(value)
        self.done += 1
        return value

    def recover(self, min_workers: int = 1) -> Recovery:
        """Make a World of the ranks that are left, and tell those that are behind what they lack.

        Args:
            min_workers: how many ranks are to be left at least.

        Returns:
            Recovery.

        Raises:
            RankFault: as the function `recover`, or where nobody has any more what another one lacks.
        """
        while True:
            recovery = recover(self.done, min_workers)
            if recovery.all_agree:
                return recovery
            is_newest = recovery.world.rank == recovery.newest
            try:
                said = recovery.world.broadcast(
                    self._since(recovery.oldest_step) if is_newest else None, recovery.newest
                )
            except RankLost:  # one more, meanwhile
                continue
            if said is None:
                raise RankFault(
                    f"A process was lost, and of the others one is behind by {recovery.step - recovery.oldest_step} "
                    "calls, which nobody can tell it any more."
                )
            self._told = {
                number: value for number, value in enumerate(said, recovery.oldest_step) if number >= self.done
            }
            return recovery

    def _since(self, first: int) -> Sequence[Any] | None:
        """What the calls from that one on gave; None where that is not known any more."""
        try:
            return [self._given[number]() for number in range(first, self.done)]
        except LookupError:
            return None


journal = Journal()  # this process's
