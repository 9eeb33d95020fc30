"""DTypePolicyMap: a policy for each layer of a model, by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from kerasish.configs.serialization import deserialize_keras_object
from kerasish.dtype_policies.dtype_policy import DTypePolicy, dtype_policy
from kerasish.suggestions import suggesting
from kerasish.typing import Config, CustomObjects


class DTypePolicyMap(MutableMapping):
    """A mapping from layer paths to policies.

    Args:
        default_policy: DTypePolicy or its name, for paths that are not in the map; None for the global policy.
        policy_map: dict from path to DTypePolicy.

    Raises:
        ValueError: when `default_policy` is a DTypePolicyMap.

    Example:
        >>> import kerasish as keras
        >>> policies = keras.dtype_policies.DTypePolicyMap()
        >>> policies["encoder/dense"] = keras.dtype_policies.DTypePolicy("float16")
        >>> policies["encoder/dense"].name, policies["other"].name
        ('float16', 'float32')
    """

    _public_module = "keras.dtype_policies"

    @suggesting
    def __init__(
        self, default_policy: DTypePolicy | str | None = None, policy_map: Mapping[str, DTypePolicy] | None = None
    ) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError("`default_policy` can't be a DTypePolicyMap itself.")
        self._default = default_policy
        self._policies = dict(policy_map or {})

    @property
    def name(self) -> str:
        """A description of the map."""
        return "map_" + self.default_policy.name

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that are not in the map."""
        return self._default or dtype_policy()

    @property
    def compute_dtype(self) -> str:
        """The dtype in which a layer computes."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of a layer's weights."""
        return self.default_policy.variable_dtype

    def __getitem__(self, path: str) -> Any:
        return self._policies.get(path, self.default_policy)

    def __setitem__(self, path: str, policy: Any) -> None:
        if not isinstance(policy, DTypePolicy):
            raise TypeError(f"A policy must be a DTypePolicy, got {policy!r}.")
        self._policies[path] = policy

    def __delitem__(self, path: str) -> None:
        del self._policies[path]

    def __contains__(self, path: str) -> bool:
        return path in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._policies)

    def get_config(self) -> Config:
        """The default policy and the map, as config dicts.

        Returns:
            Dict.
        """
        return {"default_policy": self._default, "policy_map": dict(self._policies)}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> DTypePolicyMap:
        """The map that `get_config` describes.

        Args:
            config: dict, as `get_config` gives it.
            custom_objects: dict from name to class.

        Returns:
            DTypePolicyMap.
        """
        config = deserialize_keras_object(config, custom_objects)
        return cls(**config)
