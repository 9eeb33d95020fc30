"""The GPU device: arrays are `cupy.ndarray`, a Program's step is one CUDA graph where it can be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import (
    cards,
    conv,
    graphs,
    groups,
    joins,
    kernels,
    linalg,
    memory,
    replay,
    row_moves,
    transfers,
)
from kerasish.backend.cupy.cudnn import attention, convolution
from kerasish.backend.cupy.float8 import as_bytes
from kerasish.backend.cupy.fused import replay_source
from kerasish.backend.device import Device
from kerasish.typing import DTypeLike, Shape, ShapeLike, TensorLike

_NAMES = (
    "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float8_e4m3fn float8_e5m2 float16 bfloat16 float32 float64 "
    "complex64 complex128"
).split()
_CUDA_IN_DLPACK = 2


class CupyDevice(Device):
    """CuPy on an NVIDIA GPU."""

    name = "cupy"
    kind = "gpu"
    updates_together = True
    replays = True
    computes_halves = frozenset(("matmul", *conv.GATHERED))
    lowerings = attention.LOWERINGS

    def __init__(self) -> None:
        self.kernels, self.views = kernels.load()
        self.fuses = os.environ.get("KERASISH_GPU_FUSION", "1") != "0"
        self._machine = groups.Machine()
        self._dtypes = {name: np.dtype(name) for name in _NAMES}

    def replayer(self, missed: Any, buffers: Any) -> replay.Replayer:
        """What brings rows of a table up to date."""
        return replay.Replayer(missed, buffers, self._machine)

    def can_replay(self, missed: Any) -> bool:
        return replay_source.can_print(missed)

    def _dtype(self, name):
        if name not in self._dtypes:
            raise TypeError(f"No op computes with values of dtype {name!r}. Use one of {', '.join(self._dtypes)}.")
        return self._dtypes[name]

    def empty(self, shape: ShapeLike, dtype: DTypeLike) -> Any:
        dtype = self._dtype(dtype)
        try:
            return cupy.empty(shape, dtype)
        except cupy.cuda.memory.OutOfMemoryError:
            return memory.allocated(partial(cupy.empty, shape, dtype))

    def from_host(self, array: TensorLike) -> Any:
        array = np.asarray(array)
        self._dtype(array.dtype.name)
        made = self.empty(array.shape, array.dtype.name)
        transfers.write(made, array)
        return made

    def to_host(self, array: TensorLike) -> Any:
        return transfers.to_host(array)

    def is_array(self, value: TensorLike) -> bool:
        return isinstance(value, cupy.ndarray)

    def copy_into(self, target: TensorLike, source: Any) -> None:
        if target.shape != source.shape:
            raise ValueError(f"copy_into: shapes {target.shape} and {source.shape} differ.")
        self.kernels["cast"](target, source, target.dtype.name)

    def write(self, target: TensorLike, value: TensorLike) -> None:
        if self.is_array(value):
            self.copy_into(target, value)
        else:
            transfers.write(target, value)

    def may_share(self, x: TensorLike, y: TensorLike) -> bool:
        return cupy.may_share_memory(x, y)

    def carve(self, size: int, places: Sequence[tuple[int, Shape, str]]) -> list[Any]:
        arena = self.empty((max(1, size),), "uint8")
        return [cupy.ndarray(shape, self._dtypes[dtype], arena.data + offset) for offset, shape, dtype in places]

    def running(self) -> Any:
        return memory.saying_what_to_do()

    def part(self, array: TensorLike, index: int) -> Any:
        return array[index : index + 1].reshape(array.shape[1:])

    def dtype_name(self, array: TensorLike) -> str:
        return array.dtype.name

    def copy(self, array: TensorLike) -> Any:
        if array.device.id != cupy.cuda.Device().id:
            return as_bytes(array).copy().view(array.dtype)  # which comes over from the other card
        twin = self.empty(array.shape, array.dtype.name)
        cupy.copyto(as_bytes(twin), as_bytes(array))
        return twin

    def bind(self, name: str, out: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        if name == "fused":
            return self._machine.bind(attributes["group"], out if isinstance(out, tuple) else (out,), inputs)
        if name == "matmul":
            return linalg.Step(out, inputs, attributes)
        if name in conv.GATHERED:
            return conv.bound(name, out, inputs, attributes)
        if name == "concatenate":
            moved = joins.joined(out, inputs, **attributes)
        else:
            moved = row_moves.bound(name, out, inputs, attributes)
        return moved if moved is not None else partial(self.kernels[name], out, *inputs, **attributes)

    def scratch(self, node: Any) -> int:
        name = node.operation.name
        if name in conv.GATHERED:
            return convolution.workspace(node)
        return attention.workspace(node) if name in attention.LOWERINGS else 0

    def work_in(self, bound: Any, memory: Any) -> None:
        bound.workspace = memory

    def follow(self, steps: Any, bound: Any) -> bool:
        binding = getattr(bound[0], "binding", None) if isinstance(bound, list) and len(bound) == 1 else None
        if binding is None or not steps or not isinstance(steps[-1], (convolution.Step, linalg.Step)):
            return False
        followed = steps[-1].follow(binding.group, binding.given)
        if followed:
            self._machine.forget(bound[0])
        return followed

    def assemble(self, steps: Any) -> Any:
        return graphs.Replay(self._machine.joined(row_moves.merged(steps)), steps)

    def attention_hindrance(self, operands: Sequence[Any], **attributes: Any) -> str | None:
        return attention.hindrance(operands, **attributes)

    def adopt(self, value: Any) -> Any:
        place = getattr(value, "__dlpack_device__", None)
        if place is None or place()[0] != _CUDA_IN_DLPACK:
            return None
        return cupy.from_dlpack(value)

    def card(self, index: int) -> Any:
        if index >= cupy.cuda.runtime.getDeviceCount():
            raise IndexError(index)
        return cupy.cuda.Device(index)

    def describe(self) -> list[str]:
        return cards.described()

    def synchronize(self) -> None:
        cupy.cuda.get_current_stream().synchronize()
