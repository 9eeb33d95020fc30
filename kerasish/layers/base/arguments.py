"""Constructor arguments that many layers share, checked in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.scalars import is_number
from kerasish.suggestions import did_you_mean
from kerasish.typing import IntOrInts


class WrongType(ValueError, TypeError):
    """An argument is not of the type that is asked for: Keras raises now a TypeError, now a ValueError for that."""


def sizes(value: IntOrInts, rank: int, name: str, allow_zero: bool = False) -> tuple[int, ...]:
    """An int or a tuple of `rank` ints as a tuple. Raises ValueError naming the argument."""
    numbers = (
        (value,) * rank
        if isinstance(value, int) and not isinstance(value, bool)
        else tuple(value)
        if isinstance(value, (list, tuple))
        else None
    )
    least = 0 if allow_zero else 1
    if (
        numbers is None
        or len(numbers) != rank
        or any(isinstance(n, bool) or not isinstance(n, int) or n < least for n in numbers)
    ):
        kind = "an int" if rank == 1 else f"an int or {rank} ints"
        raise _error(numbers is None)(f"`{name}` must be {kind} >= {least}, got {value!r}.")
    return numbers


def positive(value: int, name: str) -> int:
    """An int > 0. Raises ValueError naming the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value <= 0:
        raise _error(not is_number(value))(f"`{name}` must be an int > 0, got {value!r}.")
    return int(value)


def _error(wrong_type):
    return WrongType if wrong_type else ValueError


def one_of(value: str, choices: Sequence[str], name: str) -> str:
    """`value` in lower case, if it is one of `choices`. Raises ValueError that suggests the nearest."""
    if isinstance(value, str) and value.lower() in choices:
        return value.lower()
    hint = did_you_mean(value, choices)
    known = ", ".join(map(repr, choices))
    raise _error(not isinstance(value, str))(f"`{name}` must be one of {known}, got {value!r}.{hint}")


def renamed(name: str) -> property:
    """A property that is the attribute `name` under another name, to be read and set."""
    return property(lambda self: getattr(self, name), lambda self, value: setattr(self, name, value))


def not_offered(**arguments: Any) -> None:
    """Raise ValueError naming arguments of Keras that are accepted only as None."""
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(f"`{name}` is not offered here: leave it None, got {value!r}.")


def fraction(value: float, name: str) -> float:
    """A number from 0 to 1. Raises ValueError naming the argument."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise _error(not is_number(value))(f"`{name}` must be a number from 0 to 1, got {value!r}.")
    return value


def serialized(layer: Any, kinds: Any) -> dict[str, Any]:
    """Config entries of attributes that are objects.

    `kinds` maps attribute names to the module whose `serialize` is used.
    """
    return {name: module.serialize(getattr(layer, name)) for name, module in kinds.items()}
