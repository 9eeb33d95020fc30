"""Calling what a user wrote with the arguments that its signature takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1024)
def _parameters(function):
    """The parameters of `function`, or None where it does not say."""
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a function written in C may not say
        return None


def _known_parameters(function):
    """The parameters that a caller of `function` fills, or None where it does not say."""
    try:
        parameters = _parameters(getattr(function, "__func__", function))
    except TypeError:  # it can't be hashed
        parameters = _parameters.__wrapped__(getattr(function, "__func__", function))
    return parameters if parameters is None or not hasattr(function, "__func__") else parameters[1:]


def takes(function: Callable[..., Any], name: str, place: int | None = None) -> bool:
    """Whether `function` takes an argument called `name` by keyword, or one in that place (counted from 0).

    >>> takes(lambda x, training=False: x, "training"), takes(lambda x: x, "training")
    (True, False)
    """
    parameters = _known_parameters(function)
    return parameters is None or any(
        index == place
        or p.kind is p.VAR_POSITIONAL
        and place is not None
        or p.kind is p.VAR_KEYWORD
        or p.name == name
        and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        for index, p in enumerate(parameters)
    )


def call_with_accepted(function: Callable[..., Any], *args: Any, **offered: Any) -> Any:
    """`function(*args, ...)` with those of the `offered` arguments that it takes.

    They are passed by name. A parameter of another name is what stands in its place among the offered ones, if it has
    to be given or is None by default: Keras passes most by place.

    >>> call_with_accepted(lambda x, scale: x * scale, 2, scale=3, training=True)
    6
    >>> call_with_accepted(lambda a, b, w=None: (a, b, w), x=1, y=2, sample_weight=3, training=True)
    (1, 2, 3)
    """
    parameters = _known_parameters(function)
    if parameters is None:
        return function(*args, **offered)
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return function(*args, **offered)
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    args, by_name = list(args), {}
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    for place, (name, value) in enumerate(offered.items(), len(args)):
        if name in named:
            by_name[name] = value
        elif any(p.kind is p.VAR_POSITIONAL for p in parameters) and len(args) == place:
            args.append(value)
        elif (
            place < len(places)
            and places[place].name not in named & offered.keys()
            and places[place].default in (None, _NEEDED)
        ):
            if places[place].kind is inspect.Parameter.POSITIONAL_ONLY:
                args.append(value)
            else:
                by_name[places[place].name] = value
    return function(*args, **by_name)


def with_arguments(function: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """`function` as one of arguments called `names`, of which it is handed those that it takes.

    It is returned itself where it takes them all, in this order.

    >>> with_arguments(lambda epoch: epoch, "epoch", "logs")(3, {})
    3
    """
    parameters = _known_parameters(function)
    if parameters is None:
        return function
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p for p in places[len(names) :] if p.default is _NEEDED]
    if len(places) >= len(names) and not needed:
        return function
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return function
    return lambda *values: call_with_accepted(function, **dict(zip(names, values)))


_NEEDED = inspect.Parameter.empty
