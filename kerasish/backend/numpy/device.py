"""The CPU device: arrays are `numpy.ndarray`, kernels are NumPy calls."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import kernel_cache as cache
from kerasish.backend.device import Device
from kerasish.backend.numpy import aligned, communication, kernels, native, steps, team
from kerasish.backend.numpy.eager import shortcuts
from kerasish.backend.numpy.fused.bind import bind as fused
from kerasish.backend.numpy.fused.replay import Replayer
from kerasish.backend.numpy.steps.epilogue import attach_epilogue
from kerasish.backend.numpy.team import assemble, set_size
from kerasish.typing import DTypeLike, IntOrInts, ShapeLike, TensorLike

_NAMES = {
    np.dtype(name): name
    for name in (
        "bool",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "int8",
        "int16",
        "int32",
        "int64",
        "float8_e4m3fn",
        "float8_e5m2",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    )
}


class NumpyDevice(Device):
    """NumPy on the CPU."""

    name = "numpy"
    fuses = True
    replayer = Replayer

    def __init__(self) -> None:
        self.kernels, self.views = kernels.load()
        self.shortcuts = shortcuts(self.kernels)
        self._dtypes = {name: dtype for dtype, name in _NAMES.items()}

    def _dtype(self, name):
        if name not in self._dtypes:
            raise TypeError(f"No op computes with values of dtype {name!r}. Use one of {', '.join(self._dtypes)}.")
        return self._dtypes[name]

    def empty(self, shape: ShapeLike, dtype: DTypeLike) -> Any:
        return np.empty(shape, self._dtypes[dtype] if dtype in self._dtypes else self._dtype(dtype))

    def buffer(self, shape: ShapeLike, dtype: DTypeLike) -> Any:
        return aligned.empty(shape, self._dtypes[dtype] if dtype in self._dtypes else self._dtype(dtype))

    def from_host(self, array: TensorLike) -> Any:
        return np.array(array)

    def to_host(self, array: TensorLike) -> Any:
        return np.array(array)

    def fetch(self, array: TensorLike) -> Any:
        return array

    def is_array(self, value: TensorLike) -> bool:
        return isinstance(value, np.ndarray) or (isinstance(value, np.generic) and not isinstance(value, float))

    def copy_into(self, target: TensorLike, source: Any) -> None:
        np.copyto(target, source, casting="unsafe")

    write = copy_into

    def copy(self, array: TensorLike) -> Any:
        return array.copy()

    def may_share(self, x: TensorLike, y: TensorLike) -> bool:
        return np.may_share_memory(x, y)

    def carve(self, size: IntOrInts, places: Any) -> list[Any]:
        arena = aligned.empty((size,), "uint8")
        return [self._carved(arena, offset, shape, self._dtypes[dtype]) for offset, shape, dtype in places]

    def addends(self) -> int | None:
        return communication.addends()

    def seen_by_ranks(self, node: Any) -> Any:
        memory = getattr(self.kernels.get(node.operation.name), "seen_by_ranks", None)
        return None if memory is None else memory(node)

    @staticmethod
    def _carved(arena, offset, shape, dtype):
        return np.ndarray(shape, dtype, buffer=arena, offset=offset)

    def running(self) -> Any:
        """NaN and infinity flow through models as on every other backend: without NumPy's warnings."""
        return np.errstate(all="ignore")

    def part(self, array: TensorLike, index: int) -> Any:
        return array[index : index + 1].reshape(array.shape[1:])

    def dtype_name(self, array: TensorLike) -> Any:
        try:
            return _NAMES[array.dtype]
        except KeyError:
            return array.dtype.name

    def bind(self, name: str, out: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        if name == "fused":
            return fused(out, inputs, attributes["group"])
        native = steps.make(name, out, inputs, attributes)
        if native is not None:
            return native
        kernel = self.kernels[name]
        prepare = getattr(kernel, "prepare", None)
        if prepare is not None:
            return prepare(out, *inputs, **attributes)
        return partial(kernel, out, *inputs, **attributes)

    def follow(self, steps: int, bound: Any) -> Any:
        if not isinstance(bound, list) or len(bound) != 1 or not isinstance(bound[0], native.NativeStep) or not steps:
            return False
        return len(attach_epilogue([steps[-1]], bound[0])) == 1

    def assemble(self, steps: int) -> Any:
        return assemble(steps)

    def describe(self) -> list[str]:
        return [f"CPU, {team.size()} thread(s), NumPy {np.__version__}"]

    def set_num_threads(self, number: int) -> Any:
        return set_size(number)

    def clear_kernel_cache(self) -> None:
        cache.clear()
