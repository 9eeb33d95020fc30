"""The numbers of a TensorFlow.js model: what its manifest says of them, and the shards in which they lie.

Reference:
    `WeightsManifestConfig` in tfjs-core/src/io/types.ts of TensorFlow.js.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from math import prod
from typing import Any

import numpy as np

from kerasish.files.weights_store import StoredTensor, fill
from kerasish.scalars import is_size
from kerasish.typing import TensorLike

_DTYPES = {"float32": 4, "int32": 4, "bool": 1, "uint8": 1, "complex64": 8, "float16": 2, "uint16": 2}
_QUANTIZED = ("uint8", "uint16", "float16")


class TfjsTensor(StoredTensor):
    """One array: its place in the joined shards of a group, and how it is to be read.

    Attributes:
        name: what the manifest calls it.
        stored: string, the dtype of the bytes.
    """

    def __init__(self, name: str, shape: tuple[int, ...], dtype: str, group: _Group, quantization: Any) -> None:
        self.name, self.shape, self.dtype, self._group = name, shape, dtype, group
        self.stored, self._scale, self._min = _quantized(quantization, dtype, name)
        self.where = f"the weight {name!r}"
        self.count = prod(shape)
        self.size = self.count * _DTYPES[self.stored]
        self.offset = 0

    def read(self) -> Any:
        values = np.frombuffer(self._group.read(self.offset, self.size), f"<{np.dtype(self.stored).str[1:]}")
        if self._scale is not None:
            values = values.astype("float32") * np.float32(self._scale) + np.float32(self._min)
            values = np.round(values) if self.dtype != "float32" else values
        return values.astype(self.dtype, copy=False).reshape(self.shape)


class TfjsSource:
    """A TfjsTensor as the readers of older files take arrays: with a name, a shape, and an order."""

    order = 0

    def __init__(self, tensor: TfjsTensor) -> None:
        self._tensor = tensor
        self.name, self.shape = tensor.name, tensor.shape

    @property
    def leaf(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    def read(self) -> Any:
        """The numbers, as a NumPy array."""
        return self._tensor.read()

    def probe(self) -> None:
        """Nothing can fail any more: there are as many bytes as numbers."""

    def fill(self, variable: TensorLike) -> None:
        """Set `variable`."""
        fill(variable, self._tensor)


class _Group:
    """Shards, read as if they were one."""

    def __init__(self, files: list[Any]) -> None:
        self._files = [(file, os.fstat(file.fileno()).st_size) for file in files]
        self.size = sum(size for _, size in self._files)

    def read(self, offset: int, size: int) -> bytes:
        """Bytes from there."""
        parts = []
        for file, length in self._files:
            if size and offset < length:
                file.seek(offset)
                part = file.read(min(size, length - offset))
                parts.append(part)
                size -= len(part)
                offset = length
            offset -= length
        return b"".join(parts)


def tensors_of(manifest: Any, folder: str, stack: ExitStack) -> list[TfjsTensor]:
    """The arrays that a manifest lists, in its order, without those of an optimizer.

    Raises:
        ValueError: for one that is damaged, speaks of files that are not beside it, or of more or less bytes than
            these have.
    """
    if not isinstance(manifest, list):
        raise ValueError("The `weightsManifest` of the model must be a list.")
    found, names = [], set()
    for entry in manifest:
        paths, weights = _lists(entry)
        group = _Group([_opened(folder, path, names, stack) for path in paths])
        place = 0
        for item in weights:
            tensor = _tensor(item, group)
            tensor.offset = place
            place += tensor.size
            if item.get("group") != "optimizer":
                found.append(tensor)
        twice = sorted(name for name, count in Counter(tensor.name for tensor in found).items() if count > 1)
        if twice:
            raise ValueError(f"The `weightsManifest` lists the weight {twice[0]!r} twice.")
        if place != group.size:
            raise ValueError(f"The files {paths} should have {place} bytes, as their manifest says, not {group.size}.")
    return found


def _lists(entry):
    paths, weights = (entry.get("paths"), entry.get("weights")) if isinstance(entry, dict) else (None, None)
    if not isinstance(paths, list) or not isinstance(weights, list) or not all(isinstance(w, dict) for w in weights):
        raise ValueError("A group of the `weightsManifest` must have lists of `paths` and `weights`.")
    return paths, weights


def _opened(folder, name, names, stack):
    """A shard: a file of its own, in the folder itself."""
    if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", "..") or "\\" in name:
        raise ValueError(f"The `weightsManifest` names {name!r}, which is no file beside it.")
    if name in names:
        raise ValueError(f"The `weightsManifest` names {name!r} twice.")
    names.add(name)
    path = os.path.join(folder, name)
    if os.path.islink(path):
        raise ValueError(f"{path!r} is a link: it is refused. Put the file itself into its place.")
    if not os.path.isfile(path):
        raise ValueError(f"File not found: {path!r}, a part of the model.")
    return stack.enter_context(open(path, "rb"))


def _tensor(item: Mapping[str, Any], group: _Group) -> TfjsTensor:
    name, shape, dtype = item.get("name"), item.get("shape"), item.get("dtype")
    if not isinstance(name, str) or not isinstance(shape, list) or not all(is_size(size) for size in shape):
        raise ValueError(f"The `weightsManifest` has a weight of which it says {str(dict(item))[:200]}.")
    if dtype not in _DTYPES:
        raise ValueError(f"The weight {name!r} is of dtype {dtype!r}, which no weight of a layer is here.")
    return TfjsTensor(name, tuple(shape), dtype, group, item.get("quantization"))


def _quantized(quantization, dtype, name):
    """(dtype of the bytes, scale, minimum); no scale where the numbers lie there as they are."""
    if quantization is None:
        return dtype, None, None
    given = quantization if isinstance(quantization, dict) else {}
    stored, scale, low = given.get("dtype"), given.get("scale"), given.get("min")
    if stored == "float16" and dtype == "float32":
        return stored, None, None
    if stored not in _QUANTIZED[:2] or not all(isinstance(value, (int, float)) for value in (scale, low)):
        raise ValueError(f"The weight {name!r} is quantized in a way that is not known: {str(quantization)[:200]}.")
    return stored, float(scale), float(low)
