"""What a graph needs in another process: memory of three kinds, and arguments that know where their addresses stand."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.compiler.program import Program
from kerasish.backend.numpy.blueprint import Blueprint
from kerasish.backend.numpy.library.device import LibraryDevice
from kerasish.backend.numpy.native.scratch import apart
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.team.assemble import Segment

WORKSPACE, WEIGHTS, WORDS, KERNEL = range(4)  # what an address among the arguments leads to
_LOWEST, _HIGHEST = 1 << 32, 1 << 47  # between which lie all addresses, and no size or number does


class Place(NamedTuple):
    """Where an input or output lies in the workspace."""

    shape: tuple[int, ...]
    dtype: str
    offset: int
    bytes: int


class Drawing(NamedTuple):
    """One graph, drawn.

    Attributes:
        inputs, outputs: lists of Places.
        words: int64 array of all arguments, then the table of steps. table: where in it that begins; rows: its length.
        moved: list of (place among the words, kind): the numbers there have the address of that kind of memory added;
            for KERNEL they are numbers of kernels.
        workspace: bytes of memory that steps write. initial: bytes with which it begins; the rest is zeros.
        weights: list of (place in the words, array of bytes): numbers among `moved` of kind WEIGHTS count from the
            array's own beginning.
        workers: among how many a step is shared at most. complaint: the offset of the number that steps set which
            can't go on, or -1.
    """

    inputs: list[Place]
    outputs: list[Place]
    words: np.ndarray[Any, Any]
    table: int
    rows: int
    moved: list[tuple[int, int]]
    workspace: int
    initial: bytes
    weights: list[tuple[list[int], np.ndarray[Any, Any]]]
    workers: int
    complaint: int


def draw(graph: Any, plan: Blueprint, refuse: Callable[[str, Any], None]) -> Drawing:
    """The Drawing of a TracedGraph.

    Args:
        graph: all its shapes are known.
        plan: the Blueprint that has its kernels; one for all graphs of a library.
        refuse: function of the name of a primitive and its nodes, which raises: there is no native step for it.
    """
    sketch = Blueprint(plan.target, plan.workers, plan.blas)
    with sketch, apart():
        device = LibraryDevice()
        program = Program(graph, device)
        steps = list(program.steps)
        for step, name, nodes in zip(steps, program.names, program.nodes):
            if not isinstance(step, NativeStep):
                refuse(name, nodes)
        outputs = [_whole(steps, array, device) for array in program.outputs]
        segment = Segment(steps or [_nothing(device)])
    for variable in graph.updates:
        sketch.region(device.held(variable).ctypes.data).is_state = True
    return _Layout(sketch, plan, segment).drawing(program.inputs, outputs)


def _whole(steps, array, device):
    """An output that lies in one piece, in memory that steps write."""
    if array.flags.c_contiguous:
        return array
    twin = device.buffer(array.shape, device.dtype_name(array))
    copying = copy_steps(twin, array)
    if copying is None:
        raise ValueError(f"An output of shape {array.shape} lies in too many pieces to be copied out.")
    steps += copying
    return twin


def _nothing(device):
    """A step for a graph without any."""
    one = device.buffer((1,), "int32")
    return copy_steps(device.buffer((1,), "int32"), one)[0]


class _Layout:
    """Where the regions of a sketch go."""

    def __init__(self, sketch, plan, segment):
        self.sketch, self.plan, self.segment = sketch, plan, segment
        self.size, self.initial, self.offsets, self.weights = 0, [], {}, {}

    def drawing(self, inputs, outputs):
        sketch, segment = self.sketch, self.segment
        sketch.region(0)  # they are in order now
        regions = [region for region in sketch.regions if region.is_words]
        places, count = {}, 0
        for region in regions:
            places[region.start] = count
            count += len(region.memory) // 8
        words = np.concatenate([*(r.memory.view(np.int64) for r in regions), segment.table.ravel()])
        for array in outputs:
            region = sketch.region(array.ctypes.data)
            if self._is_fixed(region):  # an output that never changes: it lies where the others are written
                region.is_state = True
        for state in (region for region in sketch.regions if region.is_state):
            self._workspace(state)
        self.fixed = [self._place(array) for array in (*inputs, *outputs)]
        found = {value: self._found(value, places) for value in np.unique(words[_is_address(words)]).tolist()}
        moved, weights = [], {}
        for place in np.flatnonzero(_is_address(words)).tolist():
            kind, target, number = found[int(words[place])]
            if kind == WORKSPACE:
                number += self._workspace(target)
            elif kind == WEIGHTS:
                weights.setdefault(id(target), ([], target.memory))[0].append(place)
            words[place] = number
            moved.append((place, kind))
        complaint = -1
        if sketch.complaints is not None:
            complaint = self._workspace(sketch.region(sketch.complaints.ctypes.data))
        initial = b"".join(region.memory.tobytes() for region in self.initial)
        own = self.fixed[: len(inputs)], self.fixed[len(inputs) :]
        return Drawing(
            *own, words, count, segment.rows, moved, self.size, initial, list(weights.values()), segment.workers,
            complaint,
        )  # fmt: skip

    def _found(self, value, places):
        """(kind, region, number) of an address."""
        kernel = self.sketch.kernel_at(value)
        if kernel is not None:
            source = self.sketch.sources[kernel]
            self.plan.kernel(source, source if isinstance(source, str) else source.key)
            return KERNEL, None, self.plan.number_of(source if isinstance(source, str) else source.key)
        region = self.sketch.region(value)
        if region is None:
            raise RuntimeError(f"An argument of a kernel leads to memory that nobody knows ({value:#x}).")
        if region.is_words:
            return WORDS, None, (places[region.start] + (value - region.start) // 8) * 8
        return WEIGHTS if self._is_fixed(region) else WORKSPACE, region, value - region.start

    @staticmethod
    def _is_fixed(region):
        """Whether it holds numbers that are known now: nothing has run, so only what never changes is there yet."""
        return not region.is_state and bool(region.memory.any())

    def _workspace(self, region):
        if region.start not in self.offsets:
            if region.is_state:
                self.initial.append(region)
            self.offsets[region.start] = self.size
            self.size += len(region.memory)
        return self.offsets[region.start]

    def _place(self, array):
        """The Place of an input or output."""
        region = self.sketch.region(array.ctypes.data)
        offset = self._workspace(region) + array.ctypes.data - region.start
        return Place(tuple(array.shape), array.dtype.name, offset, prod(array.shape) * array.itemsize)


def _is_address(words):
    return (words >= _LOWEST) & (words < _HIGHEST)
