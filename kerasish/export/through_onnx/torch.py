"""A program of torch.export (.pt2)."""

from __future__ import annotations

from typing import Any

from kerasish.export.through_onnx.between import as_onnx
from kerasish.optional import needed

_OPEN = 2  # what stands for an open size in the example that torch traces


def export(model: Any, path: str, signature: Any, **options: Any) -> None:
    """Write a model for PyTorch: the package onnx2torch makes a module of its ONNX, and torch exports that.

    Args:
        model: the model.
        path: string, that ends in ".pt2".
        signature: Signature.
        **options: those of the ONNX export.

    Raises:
        ImportError: where torch or onnx2torch is not installed.
    """
    why = "Export to PyTorch goes through ONNX and needs two packages: `pip install torch onnx2torch`."
    torch, onnx2torch = needed("torch", why), needed("onnx2torch", why)
    if not path.endswith(".pt2"):
        raise ValueError(f"`filepath` must end in '.pt2' for format='torch', got {path!r}.")
    with as_onnx(model, signature, **options) as between:
        module = onnx2torch.convert(between).eval()
    examples = tuple(
        torch.zeros([_OPEN if n is None else n for n in spec.shape], dtype=getattr(torch, spec.dtype))
        for spec in signature.flat
    )
    torch.export.save(torch.export.export(module, examples), path)
