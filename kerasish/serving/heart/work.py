"""One request for a model, from its arrays to its results."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any


class Work:
    """Rows that wait to be computed.

    Args:
        servable: the Servable that is to compute them; it can't leave before `finish`.
        arrays: list of arrays, in the order of the signature's inputs.
        deadline: float, by the pool's clock; what waits longer is refused.
        done: function of this Work, called once from whichever thread ends it; it must be quick and not raise.

    Attributes:
        outputs: list of arrays, or None while there are none.
        error: the exception in their place.
        rows: int.
    """

    __slots__ = ("arrays", "arrived", "deadline", "done", "error", "outputs", "rows", "servable", "shapes")

    def __init__(self, servable: Any, arrays: Sequence[Any], deadline: float, done: Callable[[Work], None]) -> None:
        self.servable, self.arrays, self.deadline, self.done = servable, arrays, deadline, done
        self.rows: int = arrays[0].shape[0]
        self.shapes: Any = tuple([array.shape[1:] for array in arrays])
        self.arrived: float = 0.0
        self.outputs: list[Any] | None = None
        self.error: BaseException | None = None

    def finish(self, outputs: list[Any] | None, error: BaseException | None = None) -> None:
        """Give the results, or why there are none, to who waits for them."""
        self.outputs, self.error = outputs, error
        self.servable.leave()
        self.done(self)

    def result(self) -> list[Any]:
        """The outputs. Raises the error in their place."""
        if self.error is not None:
            raise self.error
        return self.outputs  # type: ignore[return-value]


class Waiter:
    """A `done` for callers who wait on their own thread."""

    def __init__(self) -> None:
        self._ended = threading.Event()

    def __call__(self, work: Work) -> None:
        self._ended.set()

    def wait(self) -> None:
        """Until the Work has ended."""
        self._ended.wait()
