"""Frameworks that may be installed, imported when a layer asks for one; and whether a file may run code of theirs."""

from __future__ import annotations

import importlib
from typing import Any

from kerasish.backend import Variable
from kerasish.configs import serialization
from kerasish.layers.base.layer import Layer


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


def weight_of(layer: Layer, array: Any, trainable: bool, name: str, **options: Any) -> Variable:
    """A new weight of a layer that begins as a NumPy array.

    Args:
        layer: the layer.
        array: NumPy array, whose shape and dtype the weight has.
        trainable: bool.
        name: string.
        **options: further ones of `add_weight`.
    """
    dtype = str(array.dtype)
    return layer.add_weight(
        array.shape, lambda shape, dtype=None: array, dtype=dtype, trainable=trainable, name=name, **options
    )


def code_is_refused(safe_mode: bool | None) -> bool:
    """Whether `from_config` may not run what its config holds.

    Args:
        safe_mode: as `from_config` was given it; None for what the load around says.
    """
    return serialization.safe_mode() if safe_mode is None else safe_mode is not False
