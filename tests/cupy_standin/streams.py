"""Streams, events, captured graphs and cards of the stand-in.

Work runs at once, in the order in which it is launched, so that numbers are right; whether a card would have to run it
in that order is what the clocks say (`order.py`).
"""

import contextlib
import itertools
import math
import threading

import numpy as np

from tests.cupy_standin import order

CARDS = 2
_keys = itertools.count(16)
_local = threading.local()
_host = {}  # what the host has waited for
RELAXED, GLOBAL, THREAD_LOCAL = 2, 0, 1


class CUDARuntimeError(RuntimeError):
    """As `cupy_backends.cuda.api.runtime.CUDARuntimeError`."""

    def __init__(self, name, text):
        super().__init__(f"{name}: {text}")
        self.name = name


def _unsupported():
    return CUDARuntimeError("cudaErrorStreamCaptureUnsupported", "operation not permitted when stream is capturing")


class Stream:
    """As `cupy.cuda.Stream`."""

    null = None

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        self.key = 0 if null else next(_keys)
        self.ptr = self.key
        self.is_non_blocking = non_blocking
        self.device_id = device_id()
        self._seen, self._pending = {}, []
        self._recorded = self._mode = None
        self._invalid = False
        _streams.append(self)

    def is_capturing(self):
        return self._recorded is not None

    def __enter__(self):
        _local.__dict__.setdefault("stack", []).append(current())
        _local.stream = self
        return self

    def __exit__(self, *error):
        _local.stream = _local.stack.pop()

    def use(self):
        _local.stream = self
        return self

    def synchronize(self):
        self._refuse_host()
        order.merge(_host, self._seen)
        _settle(self)

    @property
    def done(self):
        self._refuse_host()
        return True

    def _refuse_host(self):
        if self.is_capturing():
            self._invalid = True
            raise _unsupported()

    def record(self, event=None):
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event):
        order.merge(self._seen, event._seen)

    def begin_capture(self, mode=None):
        if self.key == 0:
            raise _unsupported()
        self._recorded, self._invalid, self._mode = [], False, RELAXED if mode is None else mode

    def end_capture(self):
        if not self.is_capturing():
            raise CUDARuntimeError("cudaErrorIllegalState", "the stream is not capturing")
        recorded, self._recorded = self._recorded, None
        if self._invalid:
            raise CUDARuntimeError("cudaErrorStreamCaptureInvalidated", "operation failed due to a previous error")
        return Graph(recorded)

    def _sees(self):
        order.merge(self._seen, _host)
        if self.key == 0:
            for stream in _streams:
                if not stream.is_non_blocking:
                    order.merge(self._seen, stream._seen)
        elif not self.is_non_blocking:
            order.merge(self._seen, Stream.null._seen)
        self._seen[self.key] = tick = self._seen.get(self.key, 0) + 1
        return tick

    def _touch(self, reads, writes):
        tick = self._sees()
        for block in reads:
            block.marks.read(self._seen, self.key, tick)
        for block in writes:
            block.marks.write(self._seen, self.key, tick)


_streams = []


class Event:
    """As `cupy.cuda.Event`."""

    def __init__(self, block=False, disable_timing=False, interprocess=False):
        self._seen, self._stream = {}, None

    def record(self, stream=None):
        stream = stream or current()
        stream._refuse_host()
        self._seen, self._stream = dict(stream._seen), stream

    def synchronize(self):
        order.merge(_host, self._seen)
        if self._stream is not None:
            _settle(self._stream)

    @property
    def done(self):
        return True


def get_elapsed_time(start_event, end_event):
    """Milliseconds."""
    return 1.0


class Graph:
    """Recorded work. It holds no memory: what the pool gave to others meanwhile is written over, as on a card."""

    def __init__(self, recorded):
        self._recorded, self.launches = recorded, 0

    def launch(self, stream=None):
        stream = stream or current()
        stream._refuse_host()  # a graph is no step of another: CUDA refuses it while it captures
        self.launches += 1
        COUNTS["launches"] += 1
        for work, reads, writes in self._recorded:
            stream._touch(reads, writes)
            work()

    def upload(self, stream=None):
        pass

    def __len__(self):
        return len(self._recorded)


COUNTS = {"launches": 0, "kernels": 0, "bytes": 0}
_only_counted = []


@contextlib.contextmanager
def counting():
    """A context in which kernels and libraries are ordered and counted, and compute nothing: memory stays as it was."""
    _only_counted.append(True)
    try:
        yield COUNTS
    finally:
        _only_counted.pop()


def is_counting():
    return bool(_only_counted)


def compute(work, reads=(), writes=(), moved=None):
    """As `launch`, for the work of kernels and libraries."""
    launch(_nothing if _only_counted else work, reads, writes, moved)


def _nothing():
    pass


def launch(work, reads=(), writes=(), moved=None):
    """Run `work`, or record it, on the current stream.

    Args:
        reads, writes: arrays. moved: int, bytes of both; None: that all of them have.
    """
    stream, card = current(), device_id()
    for array in (*reads, *writes):
        if array._block.device != card:
            raise CUDARuntimeError(
                "cudaErrorInvalidValue", f"an array of card {array._block.device} is used on card {card}"
            )
    COUNTS["kernels"] += 1
    COUNTS["bytes"] += sum(map(bytes_of, [*reads, *writes])) if moved is None else moved
    reads, writes = [a._block for a in reads], [a._block for a in writes]
    if stream.is_capturing():
        stream._recorded.append((work, reads, writes))
        return
    if stream.key == 0 and any(s.is_capturing() and not s.is_non_blocking for s in _streams):
        raise _unsupported()
    COUNTS["launches"] += 1
    stream._touch(reads, writes)
    work()


def bytes_of(array):
    """Of the numbers that an array has; those that it repeats are read once."""
    hidden = array._hidden
    return hidden.itemsize * math.prod(n for n, stride in zip(hidden.shape, hidden.strides) if stride or not n)


def refuse_library(name):
    """CuPy calls no library of linear algebra on a stream that is capturing."""
    if current().is_capturing():
        raise NotImplementedError(f"calling {name} API during stream capture is currently unsupported")


def refuse_host():
    """The host waits for the current stream."""
    current()._refuse_host()


def refuse_malloc():
    """Fresh memory, while anything is being captured: only in relaxed mode."""
    for stream in _streams:
        if stream.is_capturing() and stream._mode != RELAXED:
            stream._invalid = True
            raise _unsupported()


def pinned_copy(stream, source):
    """Note that a copy out of page-locked memory `source` is on its way: nobody may write there until it is done."""
    stream._pending.append((source, source.copy()))


def _settle(stream):
    pending, stream._pending = stream._pending, []
    for source, was in pending:
        if not np.array_equal(source, was, equal_nan=source.dtype.kind == "f"):
            raise order.RaceError("Page-locked memory was written while a copy of it to the card was on its way.")


def current():
    """The current stream of this thread."""
    stream = getattr(_local, "stream", None)
    return stream if stream is not None else Stream.null


def get_current_stream():
    return current()


def device_id():
    return getattr(_local, "device", 0)


class Device:
    """As `cupy.cuda.Device`."""

    def __init__(self, device=None):
        self.id = device_id() if device is None else int(device)
        if not 0 <= self.id < CARDS:
            raise CUDARuntimeError("cudaErrorInvalidDevice", "invalid device ordinal")

    def __enter__(self):
        _local.__dict__.setdefault("cards", []).append(device_id())
        _local.device = self.id
        return self

    def __exit__(self, *error):
        _local.device = _local.cards.pop()

    def use(self):
        _local.device = self.id

    def synchronize(self):
        for stream in _streams:
            stream.synchronize()

    @property
    def compute_capability(self):
        return "90"

    @property
    def mem_info(self):
        return (1 << 33, 1 << 34)

    def __int__(self):
        return self.id


Stream.null = Stream(null=True)
