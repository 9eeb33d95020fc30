"""`model.export`: which format is written where."""

from __future__ import annotations

import importlib
import os
from typing import Any

from kerasish.suggestions import did_you_mean

FORMATS = {  # name -> module, whose `export(model, filepath, signature, **options)` writes it
    "onnx": "kerasish.export.onnx.api",
    "c": "kerasish.export.c.api",
    "tfjs": "kerasish.files.tfjs.writing",
    "openvino": "kerasish.export.through_onnx.openvino",
    "torch": "kerasish.export.through_onnx.torch",
}
ELSEWHERE = {  # formats of Keras that kerasish does not write -> what to do
    "tf_saved_model": "A SavedModel holds functions of TensorFlow, which nothing here makes. Save the model "
    "(`model.save('model.keras')`), load it with Keras on TensorFlow and export it there; or export it with "
    "`format='onnx'`, which most servers run.",
    "litert": "LiteRT's converter takes functions of TensorFlow, which nothing here makes. Save the model "
    "(`model.save('model.keras')`), load it with Keras on TensorFlow and export it there.",
}


def export_model(
    model: Any,
    filepath: Any,
    format: str = "tf_saved_model",
    verbose: bool | None = None,
    input_signature: Any = None,
    **options: Any,
) -> None:
    """Write a model for other programs; the arguments are those of `Model.export`."""
    from kerasish.export.signatures import signature_of  # start-up time: a format that is refused needs none

    home = FORMATS.get(format)
    if home is None:
        raise ValueError(_refusal(format))
    writer = importlib.import_module(home)
    writer.export(model, os.fspath(filepath), signature_of(model, input_signature), **options)
    if verbose:
        print(f"Saved {model.name!r} as {format} to {os.fspath(filepath)!r}.")


def _refusal(name):
    if name in ELSEWHERE:
        return f"kerasish does not write format={name!r}. {ELSEWHERE[name]}"
    hint = did_you_mean(str(name), FORMATS)
    return f"`format` must be one of {', '.join(map(repr, FORMATS))}, got {name!r}.{hint}"
