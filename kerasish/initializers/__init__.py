"""`keras.initializers`: the first values of weights."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.configs.catalog import Catalog
from kerasish.initializers.constants import Constant, Identity, Ones, Zeros
from kerasish.initializers.fourier import STFT
from kerasish.initializers.initializer import Initializer
from kerasish.initializers.orthogonality import Orthogonal
from kerasish.initializers.random_draws import RandomNormal, RandomUniform, TruncatedNormal
from kerasish.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from kerasish.lazy import says_what_is_missing
from kerasish.typing import Config, CustomObjects, InitializerLike

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFT",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "zeros",
]

constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
identity = IdentityInitializer = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
orthogonal = OrthogonalInitializer = Orthogonal
random_normal = normal = RandomNormal
random_uniform = uniform = RandomUniform
stft = STFTInitializer = STFT
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
zeros = Zeros

CATALOG = Catalog(
    "initializer",
    [
        Constant,
        GlorotNormal,
        GlorotUniform,
        HeNormal,
        HeUniform,
        Identity,
        Initializer,
        LecunNormal,
        LecunUniform,
        Ones,
        Orthogonal,
        RandomNormal,
        RandomUniform,
        STFT,
        TruncatedNormal,
        VarianceScaling,
        Zeros,
    ],
    aliases={
        "IdentityInitializer": Identity,
        "OrthogonalInitializer": Orthogonal,
        "STFTInitializer": STFT,
        "normal": RandomNormal,
        "one": Ones,
        "uniform": RandomUniform,
        "zero": Zeros,
    },
)


def get(identifier: Any) -> Any:
    """An initializer from None, a name ("he_normal", "HeNormal"), a config dict, a class, a function, or an array.

    Args:
        identifier: None, string, dict, class, callable or array.

    Returns:
        An initializer (or a function of a shape and a dtype), or None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.get("ones")((2,)).tolist()
        [1.0, 1.0]
    """
    if hasattr(identifier, "shape") and hasattr(identifier, "dtype"):
        return _given_values(identifier)
    return CATALOG.get(identifier)


def _given_values(values):
    """An initializer that gives exactly `values`."""

    def initialize(shape, dtype=None):
        if tuple(shape) != tuple(values.shape):
            raise ValueError(
                f"The initializer is an array of shape {tuple(values.shape)}; the weight needs {tuple(shape)}."
            )
        return ops.cast(values, standardize_dtype(dtype))

    return initialize


def serialize(initializer: InitializerLike) -> Any:
    """The config of an initializer, as plain data.

    Args:
        initializer: Initializer.

    Returns:
        Dict, or the name of a function.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.serialize(keras.initializers.Constant(2.0))["config"]
        {'value': 2.0}
    """
    return CATALOG.serialize(initializer)


def deserialize(config: str | Config, custom_objects: CustomObjects = None) -> Any:
    """The initializer that `serialize` described, or that has that name.

    Args:
        config: string, or dict as `serialize` gives it.
        custom_objects: dict from name to class or function.

    Returns:
        Initializer.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.deserialize({"class_name": "Constant", "config": {"value": 2.0}}).value
        2.0
    """
    return CATALOG.deserialize(config, custom_objects)


__getattr__ = says_what_is_missing(__name__)
