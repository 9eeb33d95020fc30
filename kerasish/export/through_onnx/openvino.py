"""OpenVINO's IR: a .xml and a .bin."""

from __future__ import annotations

from typing import Any

from kerasish.export.through_onnx.between import as_onnx
from kerasish.optional import needed


def export(model: Any, path: str, signature: Any, **options: Any) -> None:
    """Write a model for OpenVINO; the package reads it from ONNX.

    Args:
        model: the model.
        path: string, that ends in ".xml".
        signature: Signature.
        **options: those of the ONNX export.

    Raises:
        ImportError: where the package openvino is not installed.
    """
    openvino = needed("openvino", "Export to OpenVINO needs the package openvino: `pip install openvino`.")
    if not path.endswith(".xml"):
        raise ValueError(f"`filepath` must end in '.xml' for format='openvino', got {path!r}.")
    with as_onnx(model, signature, **options) as between:
        openvino.save_model(openvino.convert_model(between), path, compress_to_fp16=False)
