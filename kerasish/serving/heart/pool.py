"""The threads that compute batches, fair between models."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Any

from kerasish import forks
from kerasish.serving.heart.work import Work
from kerasish.serving.refusals import Failed, Refusal, Unavailable


class Pool:
    """Threads that take batches from the queues of all models.

    The next batch is that of the model which has had the least time to compute: one that is slow, or asked for much,
    leaves the others their share. A model that was idle has no claim on the time in which it did not ask.

    Args:
        threads: int. With 0 nobody computes but who calls `run_one`: tests, and the event loop of a server.
        clock: function that gives seconds.
        observe: function of (servable, works, rows computed, seconds), called behind each batch.
    """

    def __init__(
        self, threads: int, clock: Callable[[], float] = time.monotonic, observe: Callable[..., None] | None = None
    ) -> None:
        self.clock = clock
        self._observe = observe or (lambda *_: None)
        self._turn = Condition(forks.lock())
        self._busy: dict[Any, None] = {}  # servables whose queue is not empty, in the order in which they came
        self._least = 0.0  # of the time that those served last have had
        self._ends = self._hurried = False
        self._threads = [Thread(target=self._work, name=f"kerasish-serving-{i}", daemon=True) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Work, wake: bool = True) -> None:
        """Queue a request, which its servable has been entered for.

        Args:
            wake: whether a thread is to look at it; False where the caller sees to it by `run_one`.

        Raises:
            Busy: where its model's queue is full. Unavailable: where the server ends. The servable is left then.
        """
        with self._turn:
            queue = work.servable.queue
            try:
                if self._ends:
                    raise Unavailable("The server is ending: ask another one.")
                queue.put(work, self.clock())
            except Refusal:
                work.servable.leave()
                raise
            if work.servable not in self._busy:
                queue.spent = max(queue.spent, self._least)
                self._busy[work.servable] = None
            if wake:
                self._turn.notify()

    def run_one(self, only: Any = None) -> float | None:
        """Compute the next batch that is due, if there is one, on the calling thread.

        Args:
            only: a servable, to leave the others to the threads.

        Returns:
            0.0 where a batch was computed; seconds until the next one is due; None where nothing waits.
        """
        with self._turn:
            wait, servable, works = self._next(only)
        if works:
            self._compute(servable, works)
        return wait

    def waiting(self) -> int:
        """The rows that wait, of all models."""
        with self._turn:
            return sum(servable.queue.waiting for servable in self._busy)

    def hurry(self) -> None:
        """Let no request wait for others any more, since the server is about to end."""
        with self._turn:
            self._hurried = True
            self._turn.notify_all()

    def stop(self, patience: float = 30.0) -> None:
        """Compute what waits, refuse what comes, and end the threads.

        Args:
            patience: float, seconds after which what still waits is refused.
        """
        self._ends = True
        self.hurry()
        until = time.monotonic() + patience
        if not self._threads:
            while self.run_one() is not None and time.monotonic() < until:
                pass
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._turn:
            left = [work for servable in self._busy for work in servable.queue.drop()]
            self._busy.clear()
        for work in left:
            work.finish(None, Unavailable("The server ended before the request's turn came."))

    def _next(self, only):
        """(seconds to wait, servable, works), with the lock held; works are empty where nothing is due."""
        now, soonest, chosen = self.clock(), None, None
        for servable in self._busy:
            if only is not None and servable is not only:
                continue
            due = servable.queue.due(self._hurried)
            if due > now:
                soonest = due if soonest is None else min(soonest, due)
            elif chosen is None or servable.queue.spent < chosen.queue.spent:
                chosen = servable
        if chosen is None:
            return (None if soonest is None else soonest - now), None, ()
        works = chosen.queue.take(now)
        self._least = max(self._least, chosen.queue.spent)
        if not chosen.queue.waiting:
            del self._busy[chosen]
        elif only is None:  # another thread may take the next
            self._turn.notify()
        return 0.0, chosen, works

    def _work(self):
        while True:
            with self._turn:
                wait, servable, works = self._next(None)
                if wait != 0.0:
                    if self._ends and wait is None:
                        return
                    self._turn.wait(wait)
                    continue
            if works:
                self._compute(servable, works)
            servable = works = None  # a version that leaves is not held by an idle thread

    def _compute(self, servable, works):
        began = self.clock()
        try:
            results, rows = servable.compute(works)
        except Refusal as error:
            self._failed(works, error)
            return
        except Exception as error:
            self._failed(works, Failed(f"The model {servable.name!r} failed: {type(error).__name__}: {error}"))
            return
        seconds = self.clock() - began
        servable.queue.spent += seconds
        self._observe(servable, works, rows, seconds)
        for work, outputs in zip(works, results):
            work.finish(outputs)

    def _failed(self, works, error):
        """Nobody's request is lost for another's: where several were computed together, each is tried alone."""
        if len(works) == 1:
            works[0].finish(None, error)
            return
        for work in works:
            self._compute(work.servable, [work])
