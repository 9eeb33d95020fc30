"""Weights of quantized layers of Keras 3 as the numbers that they stand for.

int8: a scale for each output (of an embedding each row), by which the numbers were multiplied. int4: two numbers a
byte, the lower half first, and the same scales, or for groups of inputs a scale and a zero: (number - zero) * scale.
float8: the numbers themselves, and the history of their largest. GPTQ and AWQ: rows of outputs, two to a byte where
four bits are enough, with a scale and a zero for each output and group of inputs, the group of each input, and of AWQ
what each input was multiplied by; the bias stands before them. (Learned by looking at files that Keras 3.12 to 3.15
write.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_INT8, _INT4, _FLOAT8, _GPTQ, _AWQ = 2, 4, 7, 4, 5  # arrays of a layer without bias


class _Whole:
    """The numbers that several tensors stand for, as one StoredTensor."""

    def __init__(self, parts: list[Any], shape: tuple[int, ...], compute: Callable[..., Any]) -> None:
        self.shape, self.dtype, self.where = shape, "float32", parts[0].where
        self._parts, self._compute = parts, compute

    def read_into(self, array: Any) -> bool:
        """False: the numbers are computed."""
        return False

    def check(self) -> None:
        """Raise ValueError where a part can't be read."""
        for part in self._parts:
            part.check()

    def read(self) -> Any:
        """The numbers, as a NumPy array."""
        return self._compute(*[part.read() for part in self._parts]).astype("float32").reshape(self.shape)


def dequantized(layer: Any, variables: list[Any], tensors: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tensors of a layer with its kernel in floats; `tensors` themselves where the layer was not quantized.

    Args:
        layer: the layer, which is not quantized.
        variables: what it keeps, the kernel first.
        tensors: dict from "0", "1", ... to StoredTensors.
    """
    count = len(variables)
    are_numbered = all(str(number) in tensors for number in range(len(tensors)))
    if not are_numbered or not 0 < count < len(tensors) or type(layer).__name__ not in _KINDS:
        return tensors
    kernel, first = variables[0], tensors["0"]
    extra = [tensors[str(number)] for number in range(count, len(tensors))]
    others = {str(number): tensors[str(number)] for number in range(1, count)}
    shape = tuple(kernel.shape)
    calibrated = _calibrated(layer, shape, count, tensors)
    if calibrated is not None:
        return calibrated
    if first.dtype == "int8" and len(extra) == _INT8 - 1 and tuple(first.shape) == shape:
        return {"0": _Whole([first, *extra], shape, _by_scale(layer)), **others}
    if first.dtype == "int8" and len(extra) == _INT8 - 1 and len(first.shape) == 2:
        return {"0": _Whole([first, *extra], shape, _by_channels(layer, shape)), **others}
    if first.dtype == "int8" and len(extra) == _INT4 - 1 and len(first.shape) == 2:
        return {"0": _Whole([first, *extra], shape, _by_groups(layer, shape)), **others}
    if len(extra) == _FLOAT8 - 1 and tuple(first.shape) == shape:
        return {"0": first, **others}
    return tensors


def lost_zeros(layer: Any, variables: list[Any], tensors: Mapping[str, Any]) -> str | None:
    """What to say of a layer whose numbers can't be known, since its file lacks their zeros; None for any other.

    Args:
        layer, variables, tensors: as of `dequantized`.
    """
    parts = _calibrated_parts(layer, len(variables), tensors)
    if parts is None or len(parts) < 3 or _is_zero(parts[2]):
        return None
    return (
        "it is quantized by GPTQ or AWQ, and the file lacks the zero points: Keras 3.14 and 3.15 leave them out when "
        "they save, and can't open such a file themselves. Save the model before `quantize`, or by Keras 3.13"
    )


def _calibrated_parts(layer, count, tensors):
    """The packed numbers of a layer that GPTQ or AWQ quantized, and what belongs to them; None for any other layer."""
    if type(layer).__name__ not in ("Dense", "EinsumDense") or not 0 < count < len(tensors):
        return None
    found = [tensors.get(str(number)) for number in range(count - 1, len(tensors))]
    return None if None in found or found[0].dtype != "uint8" else found


def _is_zero(tensor):
    return tensor.dtype == "uint8"


def _calibrated(layer, shape, count, tensors):
    """The tensors of a layer that GPTQ or AWQ quantized; None for any other, and where something is missing."""
    parts = _calibrated_parts(layer, count, tensors)
    if parts is None or len(parts) not in (_GPTQ, _AWQ) or not _is_zero(parts[2]):
        return None
    inputs, outputs = _matrix(layer, shape)

    def compute(packed, scale, zero, *others):
        groups = np.floor(others[-1]).astype("int64")
        quanta = packed if len(packed) == outputs else _pairs(packed.T).T[:outputs]
        values = (quanta.astype("int32") - zero[:, groups].astype("int32")) * scale[:, groups]
        multiplied = others[0] if len(others) == 2 else np.ones(inputs, "float32")
        return _as_kernel(layer, shape, (values / multiplied).T)

    others = {str(number + 1): tensors[str(number)] for number in range(count - 1)}
    return {"0": _Whole(parts, shape, compute), **others}


def _by_scale(layer):
    def compute(quanta, scale):
        return quanta / _aligned(layer, quanta.shape, scale)

    return compute


def _aligned(layer, shape, scale):
    """The scales, with axes of 1 where the kernel has inputs."""
    if type(layer).__name__ == "EinsumDense":
        kernel, outputs = _letters(layer)
        kept = [letter for letter in outputs if letter in kernel]
        sizes = [shape[kernel.index(letter)] for letter in kept]
        by_letter = scale.reshape(sizes).transpose(sorted(range(len(kept)), key=lambda i: kernel.index(kept[i])))
        return by_letter.reshape([size if letter in kept else 1 for letter, size in zip(kernel, shape)])
    return scale[:, None] if _is_embedding(layer) and scale.ndim == 1 else scale


def _by_channels(layer, shape):
    def compute(packed, scale):
        quanta = _unpacked(packed, _matrix(layer, shape)[1])
        scale = scale.reshape(-1)
        return _as_kernel(layer, shape, quanta / (scale[:, None] if _is_embedding(layer) else scale))

    return compute


def _by_groups(layer, shape):
    def compute(packed, scale, zero, groups):
        quanta = _unpacked(packed, _matrix(layer, shape)[1])
        places = groups.astype("int64")
        if _is_embedding(layer):  # its columns are the inputs of what reads it
            return (quanta - zero[:, places].astype("int32")) * scale[:, places]
        return _as_kernel(layer, shape, (quanta - zero[places].astype("int32")) * scale[places])

    return compute


def _as_kernel(layer, shape, values):
    """A matrix of inputs and outputs as the layer has it."""
    if type(layer).__name__ != "EinsumDense":
        return values
    kernel, outputs = _letters(layer)
    order = sorted(range(len(kernel)), key=lambda axis: kernel[axis] in outputs)  # inputs before outputs
    return values.reshape([shape[axis] for axis in order]).transpose(np.argsort(order))


def _matrix(layer, shape):
    """(rows, columns) of the kernel as it was packed: inputs and outputs."""
    if type(layer).__name__ == "EinsumDense":
        kernel, outputs = _letters(layer)
        sizes = [[size for letter, size in zip(kernel, shape) if (letter in outputs) == kept] for kept in (False, True)]
        return int(np.prod(sizes[0])), int(np.prod(sizes[1]))
    return shape


def _unpacked(packed, columns):
    """Whole numbers from -8 to 7, two a byte."""
    halves = _pairs(packed)
    return np.where(halves > 7, halves - 16, halves)[:, :columns]


def _pairs(packed):
    """Whole numbers from 0 to 15, two a byte, the lower half first."""
    halves = np.stack([packed.astype("uint8") & 15, packed.astype("uint8") >> 4], axis=-1).astype("int32")
    return halves.reshape(len(packed), -1)


def _letters(layer):
    """The letters of an EinsumDense's kernel, and those of its outputs."""
    inputs, outputs = layer.equation.replace(" ", "").replace("...", "").split("->")
    return inputs.split(",")[1], outputs


def _is_embedding(layer):
    return "Embedding" in type(layer).__name__


_KINDS = ("Dense", "EinsumDense", "Embedding", "ReversibleEmbedding")
