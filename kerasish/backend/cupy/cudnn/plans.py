"""Which of its kernels cuDNN takes for a graph: asked once, and kept in memory and on disk.

By its heuristics; with `KERASISH_CUDNN_AUTOTUNE=1` the fastest of the first that they name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

import cupy

from kerasish import forks
from kerasish.backend import kernel_cache
from kerasish.backend.cupy.blas import tf32
from kerasish.backend.cupy.cudnn.library import frontend, handle, version

ALIGNMENT = 16  # bytes: where tensors begin, as the frontend tells cuDNN
_ALIGNED = 256  # bytes: where memory to work in begins
_TRIED, _TIMED = 8, 5  # plans that are timed, and runs of each
_plans: dict[Any, Any] = {}
_lock = forks.lock()


class Plan:
    """A graph, and the kernels for it.

    Args:
        graph: a `cudnn.pygraph` that is built.
    """

    def __init__(self, graph: Any) -> None:
        self._graph, self._bytes = graph, graph.get_workspace_size()

    @property
    def bytes(self) -> int:
        """How large an array it works in, wherever that begins."""
        return self._bytes and self._bytes + _ALIGNED

    def run(self, arrays: dict[int, Any], workspace: Any = None) -> None:
        """Compute; `arrays` are by the uids of the graph's tensors. Without a `workspace` memory is taken meanwhile."""
        if workspace is None or workspace.size < self.bytes:
            workspace = _workspace(self.bytes)
        place = -(-workspace.data.ptr // _ALIGNED) * _ALIGNED
        self._graph.execute(_places(arrays), place, handle=handle())


def _places(arrays):
    return {uid: array.data.ptr for uid, array in arrays.items()}


def _workspace(size):
    return cupy.empty((max(1, size),), "uint8")


def plan(key: Any, describe: Callable[[Any, Any], Any]) -> Plan | None:
    """The Plan for a graph; None where cuDNN has none.

    Args:
        key: what tells the graph from all others; its `repr` must say all of it.
        describe: function of the package and an empty `pygraph` that fills it, and returns a dict from uids to
            functions that make an array for it.
    """
    key = f"{version()} {'tf32' if tf32() else 'float32'} {_autotunes()} {key!r}"
    if key not in _plans:
        with _lock:
            if key not in _plans:
                _plans[key] = _found(key, describe)
    return _plans[key]


def _autotunes():
    return os.environ.get("KERASISH_CUDNN_AUTOTUNE", "0").lower() not in ("0", "off", "false", "")


def _found(key, describe):
    cudnn = frontend()
    place = hashlib.sha256(version().encode()).hexdigest()[:16], hashlib.sha256(key.encode()).hexdigest()[:32]
    kept = kernel_cache.load(*place)
    if kept is not None:
        graph = _empty(cudnn)
        try:
            graph.deserialize(handle(), kept)
            return Plan(graph)
        except (RuntimeError, ValueError):  # of a library that says it is the same and is not: planned anew
            pass
    graph = _empty(cudnn)
    try:
        arrays = describe(cudnn, graph)
        _plan(cudnn, graph)
        if _autotunes():
            _take_the_fastest(graph, arrays)
        else:
            graph.build_plans(cudnn.build_plan_policy.HEURISTICS_CHOICE)
    except (cudnn.cudnnGraphNotSupportedError, NotImplementedError):
        return None
    kernel_cache.store(*place, bytes(graph.serialize()))
    return Plan(graph)


def _empty(cudnn):
    kind = cudnn.data_type.FLOAT
    return cudnn.pygraph(intermediate_data_type=kind, compute_data_type=kind, handle=handle())


def _plan(cudnn, graph):
    graph.validate()
    graph.build_operation_graph()
    graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
    if not tf32():
        graph.deselect_numeric_notes([cudnn.numerical_note.DOWN_CONVERT_INPUTS])
    graph.check_support()


def _take_the_fastest(graph, arrays):
    """Build the plan that took the least time on arrays of its own."""
    made = {uid: make() for uid, make in arrays.items()}
    times = {}
    for index in range(min(_TRIED, graph.get_execution_plan_count())):
        try:
            graph.build_plan_at_index(index)
            times[index] = _seconds(graph, index, made)
        except RuntimeError:  # one that its heuristics name and that then declines, or needs too much memory
            continue
    graph.build_plan_at_index(min(times, key=times.__getitem__, default=0))


def _seconds(graph, index, arrays):
    workspace = _workspace(graph.get_workspace_size_plan_at_index(index))
    begin, end = cupy.cuda.Event(), cupy.cuda.Event()
    for run in range(_TIMED + 1):
        if run == 1:
            begin.record()
        graph.execute_plan_at_index(_places(arrays), workspace.data.ptr, index, handle=handle())
    end.record()
    end.synchronize()
    return cupy.cuda.get_elapsed_time(begin, end)
