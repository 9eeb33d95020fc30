"""DTypePolicy, and the one that layers take when they are told none."""

from __future__ import annotations

import threading

from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.settings import floatx
from kerasish.later import comes_later
from kerasish.suggestions import suggesting
from kerasish.typing import Config

MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_global = threading.local()


class DTypePolicy:
    """The compute and variable dtype of a layer, by a name.

    Args:
        name: string, a dtype such as "float32", or "mixed_float16" or "mixed_bfloat16", which compute in half precision
            on float32 weights.

    Raises:
        TypeError: for a name that is no string.
        ValueError: for an unknown name.

    Example:
        >>> import kerasish as keras
        >>> policy = keras.dtype_policies.DTypePolicy("mixed_float16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('float16', 'float32')
    """

    _public_module = "keras"

    @suggesting
    def __init__(self, name: str | None = None) -> None:
        name = floatx() if name is None else name
        if not isinstance(name, str):
            raise TypeError(f"`name` must be a string such as 'float32' or 'mixed_float16', got {name!r}.")
        self._name = name
        if name in MIXED:
            self._compute_dtype, self._variable_dtype = MIXED[name], "float32"
        else:
            try:
                self._compute_dtype = self._variable_dtype = standardize_dtype(name)
            except ValueError:
                expected = f"expected a dtype such as 'float32', or one of {', '.join(MIXED)}."
                raise ValueError(f"Unknown dtype policy {name!r}: {comes_later(name) or expected}") from None

    @property
    def name(self) -> str:
        """The policy's name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype in which a layer computes."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of a layer's weights."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> None:
        """None: quantized policies come with a later release."""
        return None

    def get_config(self) -> Config:
        """The name, as a config dict.

        Returns:
            Dict.
        """
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: Config) -> DTypePolicy:
        """The policy that `get_config` describes.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            DTypePolicy.
        """
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


FloatDTypePolicy = DTypePolicy


def dtype_policy() -> DTypePolicy:
    """The policy that layers take when they are told none.

    Returns:
        DTypePolicy.

    Example:
        >>> import kerasish as keras
        >>> keras.config.dtype_policy().name
        'float32'
    """
    chosen = getattr(_global, "policy", None)
    return chosen if chosen is not None else DTypePolicy(floatx())
