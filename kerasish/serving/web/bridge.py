"""Between the event loop, where requests are read, and the pool, where they are computed."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

from kerasish.serving.heart.servable import Servable
from kerasish.serving.heart.work import Work
from kerasish.serving.service import Service


class Bridge:
    """Asks the pool and waits for its answer, on one event loop.

    Models that take a millisecond are computed on the loop itself, behind all requests that lie ready: handing them to
    a thread and back would take longer, and Python's lock is not fought for. Those that come meanwhile are the next
    batch.

    Args:
        service: Service. loop: the running event loop.
    """

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self._service, self.loop = service, loop
        self._thread = threading.get_ident()
        self._scheduled: set[Servable] = set()
        self._ended: deque[tuple[asyncio.Future[Work], Work]] = deque()
        self._waking = False

    async def ask(self, servable: Servable, arrays: Sequence[Any], timeout: float | None = None) -> Work:
        """The Work of a request, ended. The lease of the servable ends with it."""
        future = self.loop.create_future()
        quick = self._service.is_quick(servable, arrays)
        self._service.begin(servable, arrays, partial(self._done, future), timeout, wake=not quick)
        if quick and servable not in self._scheduled:
            self._scheduled.add(servable)
            self.loop.call_soon(self._run, servable)
        return await future

    def _run(self, servable):
        wait = self._service.pool.run_one(only=servable)
        if wait is None:
            self._scheduled.discard(servable)
        elif wait:
            self.loop.call_later(wait, self._run, servable)
        else:  # what came is read first
            self.loop.call_soon(self._run, servable)

    def _done(self, future, work):
        if threading.get_ident() == self._thread:
            if not future.done():
                future.set_result(work)
            return
        self._ended.append((future, work))
        if not self._waking:  # one call for a whole batch
            self._waking = True
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self):
        self._waking = False
        while self._ended:
            future, work = self._ended.popleft()
            if not future.done():
                future.set_result(work)
