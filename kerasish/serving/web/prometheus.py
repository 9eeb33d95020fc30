"""Figures for Prometheus."""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_OF_ALL = "PROMETHEUS_MULTIPROC_DIR"  # where the processes of one server put their figures together


class Prometheus:
    """An observer of `Figures`, and the text that Prometheus reads.

    Args:
        service: Service, whose queue and memory are looked at when somebody reads.
    """

    content_type: bytes = CONTENT_TYPE_LATEST.encode()

    def __init__(self, service: Any) -> None:
        self._service = service
        self._registry = registry = CollectorRegistry()
        model = ["model", "version"]

        def made(kind, name, text, labels, **more):
            return kind(f"kerasish_serving_{name}", text, labels, registry=registry, **more)

        live = {"multiprocess_mode": "livesum"}
        self._requests = made(Counter, "requests", "Requests answered.", [*model, "method", "status"])
        self._latency = made(
            Histogram, "request_seconds", "Time to answer a request.", [*model, "method"], buckets=_SECONDS
        )
        self._rows = made(Histogram, "batch_rows", "Rows of requests in a batch.", model, buckets=_ROWS)
        self._filled = made(Counter, "filling_rows", "Rows computed only to fill a batch up.", model)
        self._computing = made(Counter, "computing_seconds", "Time spent computing batches.", model)
        self._events = made(Counter, "versions", "Versions that came and went.", ["model", "event"])
        self._loading = made(Histogram, "load_seconds", "Time to load and warm up a version.", ["model"])
        self._queue = made(Gauge, "queue_rows", "Rows that wait.", [], **live)
        self._memory = made(Gauge, "memory_bytes", "Weights and compiled programs in memory.", [], **live)
        self._children: dict[Any, Any] = {}

    def request(self, name: str, version: int, method: str, status: int, seconds: float) -> None:
        """A request has ended."""
        key = (name, version, method, status)
        found = self._children.get(key)
        if found is None:  # looking them up by labels takes longer than counting
            found = self._children[key] = (self._requests.labels(*key), self._latency.labels(*key[:3]))
        found[0].inc()
        found[1].observe(seconds)

    def batch(self, name: str, version: int, rows: int, computed: int, seconds: float) -> None:
        """A batch was computed."""
        key = (name, version)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = tuple(
                metric.labels(*key) for metric in (self._rows, self._filled, self._computing)
            )
        found[0].observe(rows)
        found[1].inc(computed - rows)
        found[2].inc(seconds)

    def event(self, what: str, name: str, version: int, seconds: float) -> None:
        """A version came or went."""
        self._events.labels(name, what).inc()
        if what == "load":
            self._loading.labels(name).observe(seconds)

    def text(self) -> bytes:
        """What Prometheus reads: of this process, or of all where several answer behind one port."""
        self._queue.set(self._service.pool.waiting())
        self._memory.set(self._service.registry.bytes())
        if _OF_ALL not in os.environ:
            return generate_latest(self._registry)
        from prometheus_client import multiprocess  # start-up time: of servers with several processes

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        return generate_latest(registry)
