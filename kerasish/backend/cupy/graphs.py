"""The steps of a Program as one CUDA graph: recorded once, launched as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cupy

from kerasish.backend.cupy.blas import workspace_in_use

_FEW = 4  # steps: so few are launched as quickly by themselves


class Replay:
    """Runs steps one after the other, until they can be captured; then launches them as one graph.

    The first run compiles kernels and takes the memory that kernels work in, out of a pool that belongs to these steps
    alone: what a graph works on must be its own as long as it lives.

    Attributes:
        why: string, why the steps are not one graph; None where they are, or may be yet.
        failed_at: int, the step that can't be captured, or None.
    """

    def __init__(self, steps: Sequence[Callable[[], Any]], of: Sequence[Callable[[], Any]]) -> None:
        """`steps` do what the steps `of` a Program do; some of them several at once."""
        self._steps, self._of = tuple(steps), tuple(of)
        self._pool = cupy.cuda.MemoryPool()
        self._graph: Any = None
        self._keep: Any = None  # what the graph works in, beside its own
        self._warm = False
        self._card = cupy.cuda.Device()
        self.why: str | None = None if len(self._steps) >= _FEW else f"there are only {len(self._steps)} steps"
        self.failed_at: int | None = None

    @property
    def is_captured(self) -> bool:
        """Whether a run is one launch."""
        return self._graph is not None

    def __call__(self) -> None:
        with self._card:
            if cupy.cuda.get_current_stream().is_capturing():  # of a loop, whose steps another graph records as its own
                self._run()
                return
            if self._graph is None and self._warm and self.why is None:
                self._capture()
            if self._graph is not None:
                self._graph.launch()
                return
            self._run()
        self._warm = True

    def _run(self):
        with cupy.cuda.using_allocator(self._pool.malloc):
            for step in self._steps:
                step()

    def _capture(self):
        stream = cupy.cuda.Stream(non_blocking=True)
        done, error = 0, None
        with stream, cupy.cuda.using_allocator(self._pool.malloc):
            stream.begin_capture()
            try:
                for step in self._steps:
                    step()
                    done += 1
            except Exception as refused:  # whatever CUDA, CuPy or a library refuses: the steps run by themselves
                error = refused
            try:
                graph = stream.end_capture()
            except cupy.cuda.runtime.CUDARuntimeError as refused:
                error = error or refused
        if error is None:
            self._graph, self._keep = graph, workspace_in_use()
            self._pool.free_all_blocks(stream=cupy.cuda.get_current_stream())  # the first run's: pools keep by stream
        else:
            self.why, self.failed_at = f"{type(error).__name__}: {error}", self._place(done)

    def _place(self, done):
        """Which step of the Program is the first that the steps behind `done` of them do."""
        step = self._steps[min(done, len(self._steps) - 1)]
        first = (getattr(step, "keep", None) or [step])[0]
        return next((place for place, other in enumerate(self._of) if other is first), 0)

    def explained(self, names: Sequence[str]) -> str:
        """One sentence; `names` are the primitives of the steps."""
        if self.is_captured:
            return f"{len(self._of)} steps in {len(self._steps)} launches, launched as one CUDA graph"
        if self.why is None:
            return "launched step by step; captured as one CUDA graph in the second run"
        where = "" if self.failed_at is None else f" step {self.failed_at} ({names[self.failed_at]}):"
        return f"launched step by step, not as one CUDA graph:{where} {self.why}"
