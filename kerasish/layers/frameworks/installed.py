"""Frameworks that may be installed, imported when a layer asks for one; and whether a file may run code of theirs."""

from __future__ import annotations

import importlib
from typing import Any

from kerasish.configs import serialization


def framework(module: str, layer: str, package: str) -> Any:
    """A module of a framework.

    Args:
        module: name of the module.
        layer: name of the layer that needs it, for the message.
        package: what to install.

    Raises:
        ImportError: it is not installed; the message says what to do.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"`keras.layers.{layer}` computes by {module.partition('.')[0]}, which can't be imported ({error}): "
            f"`pip install {package}`.",
            name=module,
        ) from error


def code_is_refused(safe_mode: bool | None) -> bool:
    """Whether `from_config` may not run what its config holds.

    Args:
        safe_mode: as `from_config` was given it; None for what the load around says.
    """
    return serialization.safe_mode() if safe_mode is None else safe_mode is not False
