"""What can go wrong between ranks, and the waiting that notices it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from kerasish.backend.ranks.watch import Watch

_SPIN = 200e-6  # seconds in which most messages arrive: asked for without a pause
_LONGEST_NAP = 1e-3
_FAILURES = ("ERR_PROC_FAILED", "ERR_PROC_FAILED_PENDING", "ERR_REVOKED")
_UNNAMED = ("ERR_OTHER", "ERR_INTERN")  # as which they come at times, of a call that is under way in several steps


class RankFault(RuntimeError):
    """The ranks can't go on as they are."""


class RankLost(RankFault):
    """Another rank has died. Where Open MPI was asked to tolerate that, the others can go on without it."""


class TooFewRanks(RankFault):
    """Fewer ranks are left than are needed. `recovery` says who and how far they are."""

    def __init__(self, message: str, recovery: Any) -> None:
        super().__init__(message)
        self.recovery = recovery


class RankTimeout(RankFault):
    """Another rank has not answered in time: it hangs, or does something else than this one."""


def finish(mpi: Any, comm: Any, begin: Callable[[], Any], what: str, watch: Watch | None) -> None:
    """Begin what `begin` begins and wait until it is done, without keeping the processor from others.

    Open MPI's own waiting asks again and again: on a machine with as many ranks as cores it takes the time of those
    that compute.

    Args:
        mpi: the module `mpi4py.MPI`.
        comm: the communicator of the call.
        begin: function without arguments that makes a call which does not wait, and returns its request.
        what: string, what is waited for, for messages.
        watch: the Watch that says when to give it up; None for never.

    Raises:
        RankLost: another rank has died, or has said that one has.
        RankTimeout: the others have not come in time, and could not be ended or done without.
    """
    try:
        with nullcontext() if watch is None else watch.inside(what):
            _wait(begin(), what, watch)
    except mpi.Exception as error:
        raise_as_fault(mpi, comm, error, what)


def _wait(request, what, watch):
    began = time.perf_counter()
    while not request.Test():
        if watch is not None and watch.verdict is not None:
            raise RankTimeout(
                f"`{what}` has waited {watch.timeout:g} s for the other ranks. {watch.verdict} `timeout` of "
                "`kerasish.backend.ranks.start` says how long to wait."
            )
        waited = time.perf_counter() - began
        if waited > _SPIN:
            time.sleep(min(waited / 8, _LONGEST_NAP))


def raise_as_fault(mpi: Any, comm: Any, error: Any, what: str) -> NoReturn:
    """Raise RankLost where an exception of MPI's says that a rank is gone, else the exception itself."""
    kind = error.Get_error_class()
    if kind in _numbers(mpi, _FAILURES) or kind in _numbers(mpi, _UNNAMED) and _is_broken(comm):
        raise RankLost(f"Another rank died before `{what}` was done.") from error
    raise error


def _numbers(mpi, names):
    return [getattr(mpi, name) for name in names if hasattr(mpi, name)]


def _is_broken(comm):
    """Whether a rank of a communicator is gone, or one that saw that has revoked it."""
    try:
        return comm.Is_revoked() or comm.Get_failed().Get_size() > 0
    except (AttributeError, NotImplementedError):  # this MPI tolerates no faults
        return False
