"""Models: Functional, Sequential, Model; cloning, saving and loading them (`keras.models`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy
from kerasish.models.cloning import clone_model
from kerasish.models.functional import Functional
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential

# what opens files stands above the models
if TYPE_CHECKING:
    from kerasish.files.saving_api import load_model, model_from_json, save_model
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.files.saving_api": "load_model model_from_json save_model",
        },
    )

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]
