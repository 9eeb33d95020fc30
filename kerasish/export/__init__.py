"""`keras.export`: models as files for other programs. `model.export` is the short way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.export.archive import ExportArchive
else:
    __getattr__, __dir__ = lazy(__name__, {"kerasish.export.archive": "ExportArchive"})

__all__ = ["ExportArchive"]
