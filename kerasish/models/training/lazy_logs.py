"""Logs of a batch: numbers that are fetched from the device when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasish.backend.device import device
from kerasish.backend.graph import Tensor


class LazyLogs(dict):
    """A dict of floats; each stays on the device until it is read. Callbacks may use and change it as any dict."""

    def __getitem__(self, key: Any) -> Any:
        value = dict.__getitem__(self, key)
        if not isinstance(value, float):
            value = fetched(value)
            dict.__setitem__(self, key, value)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return self[key] if key in self else default

    def __iter__(self) -> Iterator[Any]:
        return dict.__iter__(self)

    def keys(self) -> Any:
        """The names."""
        return dict.keys(self)

    def values(self) -> list[Any]:
        """The values, fetched."""
        return [self[key] for key in self]

    def items(self) -> list[Any]:
        """(name, value) pairs, fetched."""
        return [(key, self[key]) for key in self]

    def pop(self, key: Any, *default: Any) -> Any:
        """Take out and return the value of `key`."""
        value = self.get(key, *default) if key in self or default else self[key]
        dict.pop(self, key, None)
        return value

    def copy(self) -> dict[str, Any]:
        """A plain dict of the fetched values."""
        return dict(self.items())

    def __repr__(self) -> str:
        return repr(self.copy())


def fetched(value: Any) -> Any:
    """A device scalar as a float; an array as a NumPy array; other things as they are."""
    if isinstance(value, Tensor) and value.has_value:
        value = value.value
    on = device()
    if on.is_array(value):
        host = on.to_host(value)
        return float(host) if host.ndim == 0 else host
    return float(value) if isinstance(value, (int, float)) else value
