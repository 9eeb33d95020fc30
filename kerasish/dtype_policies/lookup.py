"""Policies by name and by config, and the default one."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import standardize_dtype
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.dtype_policies.dtype_policy import MIXED, DTypePolicy, _global, dtype_policy
from kerasish.dtype_policies.dtype_policy_map import DTypePolicyMap
from kerasish.typing import Config, CustomObjects


def set_dtype_policy(policy: Any) -> None:
    """Set the default policy, by a DTypePolicy or a name; None restores that of `floatx()`."""
    _global.policy = None if policy is None else get(policy)


def get(identifier: Any) -> Any:
    """A policy from None (the default one), a name, a policy or a config dict."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, (DTypePolicy, DTypePolicyMap)):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str) and identifier in MIXED:
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(standardize_dtype(identifier))
    except (ValueError, TypeError):
        raise ValueError(
            f"Can't interpret {identifier!r} as a dtype policy: expected a dtype, a policy's name or a DTypePolicy."
        ) from None


def serialize(policy: Any) -> Any:
    """The config of `policy`."""
    return serialize_keras_object(policy)


def deserialize(config: Config, custom_objects: CustomObjects = None) -> Any:
    """The policy that `serialize` described."""
    return deserialize_keras_object(config, custom_objects)
