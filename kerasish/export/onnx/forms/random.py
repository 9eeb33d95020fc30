"""Random bits: a file that answers alike each time draws none."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.forms.words import primitive


@primitive("philox")
def philox(g: Any, key: Any, shape: Any) -> Any:
    """Refused."""
    where = f"Layer {g.file.scope!r}" if g.file.scope else "What is exported"
    raise ValueError(
        f"{where} draws random numbers, whose generator ONNX does not have. Draw them in the program that runs the "
        "file, and make them an input of the model."
    )
