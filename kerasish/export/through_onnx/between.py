"""The file of ONNX that stands between a model and another format."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerasish.export.onnx.api import export


@contextmanager
def as_onnx(model: Any, signature: Any, **options: Any) -> Iterator[str]:
    """The path of a file with the model as ONNX, which is there within `with`.

    Args:
        model, signature, **options: as for `onnx.api.export`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        export(model, path, signature, **options)
        yield path
