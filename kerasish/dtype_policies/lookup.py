"""Policies by name and by config, and the default one."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import standardize_dtype
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.dtype_policies.dtype_policy import MIXED, DTypePolicy, _global, dtype_policy
from kerasish.dtype_policies.dtype_policy_map import DTypePolicyMap
from kerasish.later import comes_later
from kerasish.suggestions import suggesting
from kerasish.typing import Config, CustomObjects


@suggesting
def set_dtype_policy(policy: DTypePolicy | str | None) -> None:
    """Set the policy that layers take when they are told none.

    Args:
        policy: DTypePolicy or its name; None restores that of `floatx()`.

    Raises:
        ValueError: for an unknown name.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_dtype_policy("mixed_float16")
        >>> keras.layers.Dense(2).compute_dtype
        'float16'
        >>> keras.config.set_dtype_policy(None)
    """
    _global.policy = None if policy is None else get(policy)


def get(identifier: Any) -> DTypePolicy | DTypePolicyMap:
    """A policy from whatever names one.

    Args:
        identifier: None (the default policy), string, policy or config dict.

    Returns:
        DTypePolicy.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.dtype_policies.get("mixed_bfloat16").compute_dtype
        'bfloat16'
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, (DTypePolicy, DTypePolicyMap)):
        return identifier
    if isinstance(identifier, dict):
        found = deserialize(identifier)
        if isinstance(found, (DTypePolicy, DTypePolicyMap)):
            return found
        raise ValueError(f"Can't interpret {identifier!r} as a dtype policy: it is no config of one.")
    if isinstance(identifier, str) and identifier in MIXED:
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(standardize_dtype(identifier))
    except (ValueError, TypeError):
        expected = "expected a dtype, a policy's name or a DTypePolicy."
        raise ValueError(
            f"Can't interpret {identifier!r} as a dtype policy: {comes_later(identifier) or expected}"
        ) from None


def serialize(dtype_policy: DTypePolicy | DTypePolicyMap) -> Config:
    """The config of a policy, as plain data.

    Args:
        dtype_policy: DTypePolicy.

    Returns:
        Dict.

    Example:
        >>> import kerasish as keras
        >>> keras.dtype_policies.serialize(keras.dtype_policies.DTypePolicy("float16"))["config"]
        {'name': 'float16'}
    """
    return serialize_keras_object(dtype_policy)


def deserialize(config: Config, custom_objects: CustomObjects = None) -> DTypePolicy | DTypePolicyMap:
    """The policy that `serialize` described.

    Args:
        config: dict, as `serialize` gives it.
        custom_objects: dict from name to class.

    Returns:
        DTypePolicy.

    Example:
        >>> import kerasish as keras
        >>> config = keras.dtype_policies.serialize(keras.dtype_policies.DTypePolicy("float16"))
        >>> keras.dtype_policies.deserialize(config).name
        'float16'
    """
    return deserialize_keras_object(config, custom_objects)
