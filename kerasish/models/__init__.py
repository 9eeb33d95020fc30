"""Models: Functional, Sequential, Model; cloning, saving and loading them (`keras.models`)."""

from __future__ import annotations

from typing import Any

from kerasish.models.cloning import clone_model
from kerasish.models.functional import Functional
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
]


def __getattr__(name: str) -> Any:
    """What opens files: imported when it is used, for start-up time."""
    if name in ("save_model", "load_model", "model_from_json"):
        from kerasish.files import saving_api  # start-up time: most scripts open no file

        return getattr(saving_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
