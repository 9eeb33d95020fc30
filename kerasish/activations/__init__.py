"""`keras.activations`: functions that layers put their outputs through."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from kerasish.activations import earlier
from kerasish.activations.along_axis import glu, log_softmax, softmax, sparsemax
from kerasish.activations.rectified import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    relu,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from kerasish.activations.smooth import (
    celu,
    elu,
    exponential,
    gelu,
    log_sigmoid,
    mish,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    tanh,
    tanh_shrink,
)
from kerasish.configs.catalog import Catalog
from kerasish.configs.registration import get_registered_name
from kerasish.lazy import says_what_is_missing
from kerasish.typing import Config, CustomObjects

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

swish = silu
hard_swish = hard_silu

CATALOG = Catalog(
    "activation",
    [
        celu,
        elu,
        exponential,
        gelu,
        glu,
        hard_shrink,
        hard_sigmoid,
        hard_silu,
        hard_tanh,
        leaky_relu,
        linear,
        log_sigmoid,
        log_softmax,
        mish,
        relu,
        relu6,
        selu,
        sigmoid,
        silu,
        soft_shrink,
        softmax,
        softplus,
        softsign,
        sparse_plus,
        sparse_sigmoid,
        sparsemax,
        squareplus,
        tanh,
        tanh_shrink,
        threshold,
    ],
    aliases={"swish": silu, "hard_swish": hard_silu},
)


def get(identifier: Any) -> Callable[..., Any]:
    """An activation from None (`linear`), a name, a config dict, a class, or any callable (a function, a layer).

    Args:
        identifier: None, string, dict, class or callable.

    Returns:
        A function of one tensor.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.get("relu") is keras.activations.relu
        True
    """
    if earlier.is_hard_sigmoid(identifier):
        return earlier.hard_sigmoid
    return linear if identifier is None else CATALOG.get(identifier)


def serialize(activation: Callable[..., Any]) -> str | Config:
    """The name of a built-in activation; the config dict of a function or layer of the user's.

    Args:
        activation: function or layer.

    Returns:
        String or dict.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.serialize(keras.activations.swish)
        'silu'
    """
    if isinstance(activation, types.FunctionType) and CATALOG.objects.get(activation.__name__) is activation:
        return activation.__name__
    if activation is earlier.hard_sigmoid:
        return earlier.hard_sigmoid_config()
    config = CATALOG.serialize(activation)
    if isinstance(activation, types.FunctionType) and isinstance(config.get("config"), str):
        return {**config, "config": get_registered_name(activation)}
    return config


def deserialize(config: str | Config, custom_objects: CustomObjects = None) -> Callable[..., Any]:
    """The activation that `serialize` described, or that has that name.

    Args:
        config: string, or dict as `serialize` gives it.
        custom_objects: dict from name to function.

    Returns:
        A function of one tensor.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.deserialize("tanh") is keras.activations.tanh
        True
    """
    return earlier.hard_sigmoid if earlier.is_hard_sigmoid(config) else CATALOG.deserialize(config, custom_objects)


__getattr__ = says_what_is_missing(__name__)
