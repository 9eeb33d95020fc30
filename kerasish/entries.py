"""Tables that functions enter themselves in, by the names of what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def entering(table: dict[str, Any], prefix: str = "") -> Callable[..., Callable[[Function], Function]]:
    """A decorator that takes names, and enters the function below it in `table` under each.

    Args:
        table: dict.
        prefix: string, what stands before each name in the table.

    Example:
        >>> from kerasish.entries import entering
        >>> kernels = {}
        >>> kernel = entering(kernels)
        >>> @kernel("square", "power_of_two")
        ... def square(x):
        ...     return x * x
        >>> kernels["power_of_two"](3)
        9
    """

    def named(*names: str) -> Callable[[Function], Function]:
        def enter(function: Function) -> Function:
            table.update(dict.fromkeys((prefix + name for name in names), function))
            return function

        return enter

    return named
