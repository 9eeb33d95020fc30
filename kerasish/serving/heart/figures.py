"""What happened, counted: for the status page, and for who listens (Prometheus)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_KEPT = 2_000  # requests whose latency is kept for the quantiles


@dataclass
class OfModel:
    """Figures of one model.

    Attributes:
        requests: int. refused: int, those that were not answered. batches: int. rows: int. computed: int, rows with
            those that only filled a batch up.
        latencies: deque of seconds.
    """

    requests: int = 0
    refused: int = 0
    batches: int = 0
    rows: int = 0
    computed: int = 0
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def quantile(self, share: float) -> float | None:
        """Seconds within which `share` of the latest requests were answered; None where there were none."""
        ordered = sorted(self.latencies.copy())
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


class Figures:
    """Counts what happens, and passes it on.

    Args:
        observers: objects with methods `request(name, version, method, status, seconds)`, `batch(name, version, rows,
            computed, seconds)` and `event(what, name, version, seconds)`.
    """

    def __init__(self, observers: Sequence[Any] = ()) -> None:
        self.observers = list(observers)
        self._events: deque[tuple[str, str, int, float]] = deque(maxlen=_KEPT)
        self.models: dict[str, OfModel] = {}

    def join(self, observer: Any) -> None:
        """Tell one more observer, from now on; and what came and went before, for that it needs."""
        for said in list(self._events):
            observer.event(*said)
        self.observers.append(observer)

    def of(self, name: str) -> OfModel:
        """The figures of a model."""
        return self.models.setdefault(name, OfModel())

    def request(self, name: str, version: int, method: str, status: int, seconds: float) -> None:
        """A request for a model that there is has ended."""
        figures = self.of(name)
        figures.requests += 1
        figures.refused += status != 200
        figures.latencies.append(seconds)
        for observer in self.observers:
            observer.request(name, version, method, status, seconds)

    def batch(self, servable: Any, works: Sequence[Any], computed: int, seconds: float) -> None:
        """A batch was computed."""
        rows = sum([work.rows for work in works])
        figures = self.of(servable.name)
        figures.batches += 1
        figures.rows += rows
        figures.computed += computed
        for observer in self.observers:
            observer.batch(servable.name, servable.version, rows, computed, seconds)

    def event(self, what: str, name: str, version: int, seconds: float) -> None:
        """A version came or went: "load", "fail", "unload", "rest"."""
        self._events.append((what, name, version, seconds))
        for observer in self.observers:
            observer.event(what, name, version, seconds)
