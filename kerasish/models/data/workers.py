"""Work ahead of the training loop: calls in a pool whose results keep their order, and an iterator run on a thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any


def ordered_map(executor: Any, function: Callable[..., Any], items: Any, ahead: Any) -> Iterator[Any]:
    """Yield `function(item)` for every item in order, with up to `ahead` calls running or waiting to be fetched.

    Args:
        executor: a concurrent.futures.Executor, shut down when the iteration ends or is given up: calls not begun are
            cancelled, running ones are awaited. An exception of a call is raised where its result is due.
    """
    pending = deque()
    try:
        for item in items:
            pending.append(executor.submit(function, item))
            if len(pending) >= ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def prefetch(iterable: Any, depth: int = 1) -> Iterator[Any]:
    """Yield what `iterable` yields, with up to `depth` items made ahead on a background thread.

    An exception raised by `iterable` is raised here, in its turn. The thread ends with the iteration, also when this
    is given up (`close()`): it is asked to stop and awaited.
    """
    ready, free, stopped = SimpleQueue(), Semaphore(depth), []

    def work():
        iterator = iter(iterable)
        try:
            while free.acquire() and not stopped:
                ready.put(("item", next(iterator)))
        except StopIteration:
            ready.put(("end", None))
        except BaseException as error:
            ready.put(("error", error))
        finally:
            if hasattr(iterator, "close"):
                iterator.close()

    thread = Thread(target=work, name="kerasish-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "end":
                return
            if kind == "error":
                raise value
            free.release()
            yield value
    finally:
        stopped.append(True)
        free.release()
        thread.join()
