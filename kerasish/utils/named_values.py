"""Settings of a program, by name."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from kerasish.suggestions import did_you_mean


class Config:
    """Named values, read and set as attributes or as in a dict, until they are frozen.

    Args:
        **kwargs: the first values.

    Example:
        >>> import kerasish as keras
        >>> config = keras.utils.Config(learning_rate=0.1, momentum=0.9)
        >>> config.seed = 123
        >>> config["momentum"], config.seed, list(config)
        (0.9, 123, ['learning_rate', 'momentum', 'seed'])
        >>> config.freeze()
        >>> config.seed = 1
        Traceback (most recent call last):
        ...
        ValueError: The config is frozen: 'seed' can't change. Call `unfreeze()` first.
    """

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_values", kwargs)
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether values can't change."""
        return self._frozen

    def freeze(self) -> None:
        """Let no value change from here on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Let values change again."""
        object.__setattr__(self, "_frozen", False)

    def as_dict(self) -> dict[str, Any]:
        """The values by name, in a dict of their own."""
        return dict(self._values)

    def to_json(self) -> str:
        """The values as JSON."""
        return json.dumps(self._values)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._values.keys()

    def values(self) -> ValuesView[Any]:
        """The values."""
        return self._values.values()

    def items(self) -> ItemsView[str, Any]:
        """Pairs of names and values."""
        return self._values.items()

    def get(self, *args: Any) -> Any:
        """A value, or what else was given where there is none of that name.

        Args:
            *args: the name, and what to return where it is not there (None unless given).
        """
        return self._values.get(*args)

    def pop(self, *args: Any) -> Any:
        """Take a value out.

        Args:
            *args: the name, and what to return where it is not there.
        """
        self._refuse_frozen(args[0] if args else "")
        return self._values.pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several values.

        Args:
            *args: a dict.
            **kwargs: further values.
        """
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def __getattr__(self, name: str) -> Any:
        values = vars(self).get("_values", {})  # none yet in a copy that is being made
        if name in values:
            return values[name]
        raise AttributeError(f"Unknown attribute: {name!r}.{did_you_mean(name, values)}")

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._values:
            raise AttributeError(f"Unknown attribute: {name!r}.{did_you_mean(name, self._values)}")
        del self[name]

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._refuse_frozen(name)
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        self._refuse_frozen(name)
        del self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Config {self._values}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._values})

    def _refuse_frozen(self, name):
        if self._frozen:
            raise ValueError(f"The config is frozen: {name!r} can't change. Call `unfreeze()` first.")
