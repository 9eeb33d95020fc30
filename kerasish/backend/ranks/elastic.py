"""Who starts ranks, and starts them again: in another number where that is wanted, and when they were lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kerasish.backend.ranks import descendants
from kerasish.backend.ranks.questions import Answers
from kerasish.backend.ranks.wanted import Places

_INTERVAL = 1.0  # seconds between two looks at what is wanted
_PAUSE = 1.0  # seconds before what has failed is started again
_ENDS = 5.0  # seconds in which mpiexec ends its ranks
_GRACE = 20.0  # seconds in which ranks end by themselves: a cluster that takes a machine back gives about 30
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_LEAVE_TIME = {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}  # who types Ctrl-C does not want to wait


class Ended(Exception):
    """A signal ends all of it."""


@contextmanager
def supervising(answer: Callable[[list[Any]], Any], everywhere: bool) -> Iterator[str]:
    """A scope in which ranks may ask, at the address that it gives. Behind it nothing of them is left.

    Args:
        answer: function of a question, as `Answers` takes it.
        everywhere: bool, whether ranks run on other machines.

    Raises:
        Ended: where a signal comes that ends programs.
    """
    descendants.adopt()
    before = {name: signal.signal(getattr(signal, name), _end) for name in _SIGNALS if hasattr(signal, name)}
    answers = Answers(answer, everywhere)
    try:
        yield answers.address
    finally:
        for name in before:
            signal.signal(getattr(signal, name), signal.SIG_IGN)  # all ends already
        answers.close()
        descendants.end_all()
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def run_once(start: Callable[[str], subprocess.Popen[bytes]], everywhere: bool = False) -> int:
    """Start ranks and wait for their end; returns the exit code.

    Open MPI that tolerates faults ends with 0 where all ranks have died, or ended by an error: so it is not 0 where
    ranks have met and none of them said that it came to the end of the program.

    Args:
        start: function of an address, that starts `mpiexec` and returns its Popen.
        everywhere: bool, whether ranks run on other machines.
    """
    told = set()

    def answer(question):
        told.add(question[0])
        return True

    try:
        with supervising(answer, everywhere) as address:
            code = _code_of(start(address))
    except Ended as ended:
        return 128 + ended.args[0]
    if code == 0 and "begun" in told and "done" not in told:
        _say("no rank came to the end of the program.")
        return 1
    return 128 - code if code < 0 else code


class Elastic:
    """Ranks that are started as often as need be.

    Args:
        start: function of Places and of an address, that starts `mpiexec` and returns its Popen; the ranks ask at the
            address whether they are to leave.
        wanted: function that returns the Places wanted now, or None where nothing is known.
        least, most: ints, how many ranks there may be.
        max_restarts: int, how often ranks that were lost are replaced.
        everywhere: bool, whether ranks run on other machines.

    Attributes:
        restarts: int, how often that was so far.
    """

    def __init__(
        self,
        start: Callable[[Places, str], subprocess.Popen[bytes]],
        wanted: Callable[[], Places | None],
        least: int,
        most: int,
        max_restarts: int,
        everywhere: bool = False,
    ) -> None:
        self._start, self._wanted, self._least, self._most = start, wanted, least, most
        self._max_restarts, self._everywhere, self.restarts = max_restarts, everywhere, 0
        self._running = Places(0)
        self._why = "wanted"  # or "restart": why the ranks are told to leave
        self._left: str | None = None  # why they have left, as agreed
        self._done = False  # whether they have said that their program is at its end

    def run(self) -> int:
        """Start the ranks until their program is done; returns its exit code. Nothing of them is left behind."""
        try:
            with supervising(self._answer, self._everywhere) as address:
                return self._until_done(address)
        except Ended as ended:
            return 128 + ended.args[0]

    def _until_done(self, address):
        while True:
            places = self._enough()
            code = self._run_once(places, address)
            descendants.end_all()  # ranks of an mpiexec that was killed
            if self._left == "restart" or self._left is None and (code or not self._done):
                self.restarts += 1
            if self._left is None:
                if self._done and not code:
                    return 0
                how = f"mpiexec ended with {code}" if code else "no rank came to the end of the program"
                if self.restarts > self._max_restarts:
                    _say(f"{how}, for the last time: `--max-restarts` is {self._max_restarts}.")
                    return 128 - code if code < 0 else code or 1
                _say(f"{how}; start {self.restarts} of at most {self._max_restarts} again follows.")
                time.sleep(_PAUSE)

    def _enough(self):
        """The Places to start on, when there are enough."""
        waits = False
        while (places := self._now()) is None:
            if not waits:
                _say(f"waits for places for {self._least} ranks.")
            waits = True
            time.sleep(_INTERVAL)
        return places

    def _now(self):
        """The Places that are wanted; None where they are too few, or unknown."""
        found = self._wanted()
        if found is None or found.count < self._least:
            return None
        return found._replace(count=min(found.count, self._most))

    def _run_once(self, places, address):
        """Start mpiexec and wait for its end; returns its exit code."""
        self._running, self._left, self._done = places, None, False
        _say(f"starts {places.count} rank{'s' * (places.count > 1)}{' on ' + places.hosts if places.hosts else ''}.")
        return _code_of(self._start(places, address))

    def _answer(self, question):
        """What the first rank is told behind an epoch, or tells: that all have left as agreed."""
        if question[0] == "left":
            self._left = self._why
            return True
        if question[0] == "begun":
            return True
        if question[0] == "done":
            self._done = True
            return True
        size = question[1]
        wanted = self._now() or self._running
        self._why = "wanted" if wanted != self._running else "restart"
        if wanted == self._running and (size >= wanted.count or self.restarts >= self._max_restarts):
            return "stay"
        _say(f"now {size} train and {wanted.count} are wanted: what is done is kept, and all start again.")
        return "leave"


def _code_of(process):
    """The exit code of an `mpiexec`, when it has ended."""
    try:
        return process.wait()
    except Ended as ended:
        if ended.args[0] in _LEAVE_TIME:
            _let_ranks_end(process, ended.args[0])
        process.terminate()  # it ends its ranks, on other machines too
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDS)
        raise


def _let_ranks_end(process, number):
    """Hand a signal on to the ranks of this machine, and wait for them: mpiexec gives them a fifth of a second."""
    descendants.tell_all(number, but=process.pid)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)


def _end(number, frame):
    raise Ended(number)


def _say(text):
    print(f"kerasish launch: {text}", file=sys.stderr, flush=True)
