"""The package `onnx`, which is imported when a model is exported, and its words for dtypes."""

from __future__ import annotations

from typing import Any, NamedTuple

from kerasish.optional import needed


def onnx_module() -> Any:
    """The module `onnx`. Raises ImportError, which says what to type, where it is missing."""
    return needed("onnx", "Export to ONNX needs the package onnx: `pip install onnx`.")


class OnnxDtype(NamedTuple):
    """A dtype as ONNX numbers it, and as NumPy knows it."""

    code: int
    numpy: Any


def onnx_dtype(name: str) -> OnnxDtype:
    """What a dtype is called in ONNX.

    Raises:
        ValueError: for one that it does not have.
    """
    code = getattr(onnx_module().TensorProto, {"float32": "FLOAT", "float64": "DOUBLE"}.get(name, name.upper()), None)
    if code is None:
        raise ValueError(f"ONNX has no dtype {name!r}.")
    return OnnxDtype(code, onnx_module().helper.tensor_dtype_to_np_dtype(code))
