"""Processes that search in one study together."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from kerasish.backend.device import backend, device, set_backend, set_num_threads
from kerasish.tuning.worker import work

if TYPE_CHECKING:
    from kerasish.tuning.study import Study

_PATIENCE = 60.0  # seconds that processes have to end their step, when they are told to
_IDLE_DEATHS = 8  # in a row, of processes that had not begun a trial: they are not started again for ever
_THREADS = ("KERASISH_NUM_THREADS", "OMP_NUM_THREADS")


def search(study: Study, trials: int, count: int, until: float, verbose: int) -> None:
    """Try trials in `count` processes until there are enough.

    One that dies (for lack of memory, say) is started again, as its trial is, up to a number of times.

    Raises: RuntimeError with the traceback of a trial that failed, or where processes die before they begin one.
    """
    # Forked, they share the data and need not find the trial's function in a module. No driver of a card bears that.
    forked = sys.platform == "linux" and device().kind == "cpu"
    context: Any = multiprocessing.get_context("fork" if forked else "spawn")

    def started():
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_main, args=(study, trials, count, until, verbose, backend(), theirs))
        process.start()
        theirs.close()
        return process, mine

    crew, idle, begun = [started() for _ in range(count)], 0, len(study.optuna.trials)
    try:
        while crew:
            multiprocessing.connection.wait([process.sentinel for process, _ in crew])
            for process, pipe in list(crew):
                if process.is_alive():
                    continue
                crew.remove((process, pipe))
                _raise_what_came(pipe)
                if process.exitcode:
                    before, begun = begun, len(study.optuna.trials)
                    idle = idle + 1 if begun == before else 0
                    if idle == _IDLE_DEATHS:
                        raise RuntimeError(
                            f"{idle} processes in a row died before they began a trial, the last with exit code "
                            f"{process.exitcode}: what they printed tells why."
                        )
                    crew.append(started())
    finally:
        _end(crew)


def _raise_what_came(pipe):
    with pipe, contextlib.suppress(EOFError):
        text = pipe.recv()
        raise RuntimeError(f"A trial failed in another process:\n{text}")


def _end(crew):
    """Tell processes to end; those that do not, or a second Ctrl-C, are killed: the next search mends that."""
    until = time.monotonic() + _PATIENCE
    try:
        for process, _ in crew:
            process.terminate()
        for process, _ in crew:
            process.join(max(0.0, until - time.monotonic()))
    finally:
        for process, pipe in crew:
            process.kill()
            process.join()
            pipe.close()


def _main(study, trials, count, until, verbose, device_name, pipe):
    """What one process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: the parent tells, by the other
    signal.signal(signal.SIGTERM, _interrupt)
    parent = multiprocessing.parent_process()
    try:
        set_backend(device_name)
        if device().kind == "cpu" and not any(os.environ.get(name) for name in _THREADS):
            set_num_threads(max(1, set_num_threads(1) // count))
        work(study, trials, until, lambda: parent is None or parent.is_alive(), verbose)
    except KeyboardInterrupt:
        pass
    except BaseException:
        pipe.send(traceback.format_exc())


def _interrupt(number, frame):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
