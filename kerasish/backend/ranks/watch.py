"""A thread in every rank that knows how far its rank is, tells the others, and ends those that hang.

A rank that waits for longer than the timeout asks all others, beside MPI, where they are. One of them hangs

- that is in no call of all ranks for longer than the timeout, or ten timeouts where it says that it does what takes its
  time (`pace`): it compiles, loads, or has not done the first step of an epoch;
- that does not answer, and is stopped by a signal; or does not answer for ten timeouts.

The ranks that wait end it, so that Open MPI tells them of a failed process, as if it had died by itself. Where Open MPI
was not asked to tolerate that, it would end all of them at once: they stop by themselves first, and end it last.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from kerasish.backend.ranks import pace
from kerasish.backend.ranks.places import place
from kerasish.backend.ranks.questions import Answers, ask

_LONGEST_PAUSE = 0.25  # seconds between two looks at the clock
_SURE = 2.0  # seconds without an answer
_TOLD = 10.0  # seconds in which MPI tells of a process that has ended


class Peer(NamedTuple):
    """Another rank: its number, its machine, its process, and the address where it answers."""

    rank: int
    place: str
    pid: int
    address: str


class Watch:
    """What one rank knows of itself and asks of the others. One a process, for all its Worlds.

    Args:
        timeout: seconds that a rank may keep the others waiting.
        tolerant: bool, whether Open MPI lets the ranks go on when one has ended.

    Attributes:
        timeout: as given.
        verdict: string, why this rank can't go on; None: it can.
        hung: list of the Peers that hang, where they were not ended.
    """

    def __init__(self, timeout: float, tolerant: bool) -> None:
        self.timeout, self._tolerant = timeout, tolerant
        self.verdict: str | None = None
        self.hung: list[Peer] = []
        self._rank, self._peers, self._place = 0, [], place()
        self._answers: Answers | None = None
        self._inside: dict[int, tuple[str, float]] = {}  # thread -> (call, since when)
        # The clock counts while this process runs: who was stopped, with all others or alone, has waited for nobody.
        self._now = self._left = self._looked = 0.0
        self._paces, self._parent = pace.changes(), os.getppid()
        self._seen: dict[tuple[str, str], float] = {}  # (address of a rank, what of it) -> since when

    def follow(self, rank: int, gather: Callable[[Any], list[Any]]) -> None:
        """Watch the ranks of a new World; all of them call it.

        Args:
            rank: int, this one's number. gather: the World's.
        """
        places = gather(self._place)
        if self._answers is None:
            self._answers = Answers(self._answer, everywhere=len(set(places)) > 1)
            threading.Thread(target=self._work, name="kerasish watch", daemon=True).start()
        cards = gather((self._place, os.getpid(), self._answers.address))
        self._peers = [Peer(number, *card) for number, card in enumerate(cards) if number != rank]
        self._rank, self.verdict, self.hung = rank, None, []

    @contextmanager
    def inside(self, what: str) -> Iterator[None]:
        """What stands in `with` is a call that all ranks make."""
        thread = threading.get_ident()
        around = self._inside.get(thread)
        self._inside[thread] = (what, self._now)
        try:
            yield
        finally:
            self._left = self._now
            if around is None:
                del self._inside[thread]
            else:
                self._inside[thread] = around

    # -- the end ------------------------------------------------------------------------------------------------

    def end_hung(self) -> None:
        """End the ranks that hang, when nothing is left to do."""
        for peer in self.hung:
            self._end(peer)

    def wait_for_first(self) -> None:
        """Wait until all ranks before this one have ended, but those that hang.

        The first ends all of them: of several that abort at once, Open MPI may hang.
        """
        until = time.monotonic() + pace.PATIENCE * self.timeout
        before = [peer for peer in self._peers if peer.rank < self._rank and peer not in self.hung]
        while any(self._asked(peer) is not _GONE for peer in before) and time.monotonic() < until:
            time.sleep(_LONGEST_PAUSE)

    # -- what it says -------------------------------------------------------------------------------------------

    def _answer(self, question):
        if question[0] == "end":
            return self._ends(question[1])
        waited = self._waited()
        out = 0.0 if waited is not None or self._paces != pace.changes() else self._now - self._left
        return {"waited": waited, "out": out, "allowed": pace.allowed()}

    def _ends(self, pid):
        """Whether it is this process, or one beside it, which is ended."""
        if pid in (os.getpid(), *(peer.pid for peer in self._peers if peer.place == self._place)):
            return _kill(pid)
        return False

    def _waited(self):
        """For how long this rank has been in a call; None: in none."""
        return max((self._now - since for _, since in list(self._inside.values())), default=None)

    # -- what it looks at ---------------------------------------------------------------------------------------

    def _work(self):
        pause, before = min(self.timeout / 8, _LONGEST_PAUSE), time.monotonic()
        while True:
            time.sleep(pause)
            if os.getppid() != self._parent:  # mpiexec is gone, and nobody asks for this process any more
                _kill(os.getpid())
            now = time.monotonic()
            self._now += min(now - before, 4 * pause)
            before = now
            if self._paces != pace.changes():
                self._paces, self._left = pace.changes(), self._now
            if self._now - self._looked > max(self.timeout / 8, len(self._peers) / 100):
                self._look()
                self._looked = self._now

    def _look(self):
        waited = self._waited()
        if waited is None:
            self._look_at_itself()
        elif waited > self.timeout and self.verdict is None:
            self._judge(waited)

    def _look_at_itself(self):
        """End this process where it hangs, others wait for it, and none of them was able to end it."""
        out = self._now - self._left
        if out < 2 * self.timeout * pace.allowed():
            return
        for peer in self._peers:
            said = self._asked(peer)
            if isinstance(said, dict) and (said["waited"] or 0.0) > self.timeout:
                if out > 2 * self.timeout * max(said["allowed"], pace.allowed()):
                    _kill(os.getpid())

    def _judge(self, waited):
        found = {peer: self._state(peer, waited) for peer in self._peers}
        hung = [peer for peer, state in found.items() if state == "hangs"]
        if hung and self._tolerant:
            for peer in hung:
                print(f"kerasish: rank {peer.rank} hangs, and is ended.", file=sys.stderr, flush=True)
                self._end(peer)
        elif hung:
            self.hung = hung
            self.verdict = f"Of them {_numbers(hung)} hang{'s' if len(hung) == 1 else ''}."
        elif "may come" in found.values():
            return
        elif gone := [peer for peer, state in found.items() if state == "gone"]:
            self.verdict = (
                f"Of them {_numbers(gone)} ha{'s' if len(gone) == 1 else 've'} ended, and `mpiexec`, which is to tell, "
                "does not: it may be stopped."
            )
        else:
            self.verdict = "None of them hangs, so they do other steps than this one, or messages are lost."

    def _state(self, peer, waited):
        """Whether a rank "hangs", "waits" as this one does, is "gone" without a word of MPI's, or "may come"."""
        said = self._asked(peer)
        if said is _GONE or (peer.address, "ended") in self._seen:
            return "may come" if self._since(peer, "gone") < _TOLD else "gone"
        if said is None:
            sure = self._since(peer, "silent") > min(_SURE, self.timeout)
            late = waited > self.timeout * pace.PATIENCE
            return "hangs" if sure and (late or peer.place == self._place and _is_stopped(peer.pid)) else "may come"
        for what in ("silent", "gone"):
            self._seen.pop((peer.address, what), None)
        if said["waited"] is not None:
            return "waits" if said["waited"] > self.timeout else "may come"
        return "hangs" if said["out"] > self.timeout * max(said["allowed"], pace.allowed()) else "may come"

    def _since(self, peer, what):
        """For how long this was seen of a rank."""
        return self._now - self._seen.setdefault((peer.address, what), self._now)

    def _asked(self, peer):
        """What a rank says of itself, None where it says nothing, _GONE where there is no such process."""
        try:
            return ask(peer.address, ["how far"])
        except ConnectionError:
            return _GONE
        except (OSError, ValueError):
            return None

    def _end(self, peer):
        self._seen[peer.address, "ended"] = self._now
        if peer.place == self._place:
            _kill(peer.pid)
            return
        for near in (peer, *(other for other in self._peers if other.place == peer.place and other != peer)):
            with suppress(OSError, ValueError):
                if ask(near.address, ["end", peer.pid]):
                    return


_GONE = object()


def _numbers(peers):
    return ", ".join(str(peer.rank) for peer in peers)


def _kill(pid):
    """Whether it was possible."""
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    return True


def _is_stopped(pid):
    """Whether a process of this machine was stopped by a signal, as Linux says; elsewhere time tells."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "Tt"
    except OSError:
        return False
