"""What a misspelled name was probably meant to be, for messages of errors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any


def nearest(name: Any, known: Iterable[Any], count: int = 1, cutoff: float = 0.6) -> list[str]:
    """At most `count` of the strings among `known` that are spelled like `name`, the nearest first.

    Args:
        name: what was given; anything that is no string counts as it is printed.
        known: the names that there are; what is no string is left out.
        count: how many to return at most.
        cutoff: between 0 and 1, how alike they must be.

    >>> nearest("adm", ["Adam", "SGD"])
    ['Adam']
    """
    import difflib  # start-up time: it is needed for errors alone

    name, known = str(name), [entry for entry in known if isinstance(entry, str)]
    found = difflib.get_close_matches(name, known, n=count, cutoff=cutoff)
    if found:
        return found
    lowered = {entry.lower(): entry for entry in known}
    return [lowered[key] for key in difflib.get_close_matches(name.lower(), lowered, n=count, cutoff=cutoff)]


def did_you_mean(
    name: Any,
    known: Iterable[Any],
    count: int = 1,
    cutoff: float = 0.6,
    quoted: Callable[[str], str] = repr,
    otherwise: str = "",
) -> str:
    """The end of a message: " Did you mean 'a' or 'b'?", or `otherwise` where no name is near.

    Args:
        name, known, count, cutoff: as of `nearest`.
        quoted: how a name is shown.
        otherwise: what to say where no name is near.

    >>> did_you_mean("adm", ["Adam", "SGD"])
    " Did you mean 'Adam'?"
    """
    near = nearest(name, known, count, cutoff)
    return f" Did you mean {' or '.join(map(quoted, near))}?" if near else otherwise


def in_backticks(name: str) -> str:
    """`name` as an argument is shown."""
    return f"`{name}`"


def refuse_unknown(owner: str, unknown: Iterable[str], function: Any, error: type[Exception] = TypeError) -> None:
    """Raise `error` where there are arguments that nobody takes, naming the nearest that somebody does.

    Args:
        owner: what was called, as the message names it.
        unknown: the names of the arguments that were left over.
        function: what was called; or a class, whose constructors' arguments count up to the topmost.
        error: the kind of error.

    >>> def fit(x, epochs=1, **kwargs): refuse_unknown("fit", kwargs, fit)
    >>> fit(1, epohcs=2)
    Traceback (most recent call last):
    TypeError: `fit` got unknown arguments: 'epohcs'. Did you mean `epochs`?
    """
    unknown = list(unknown)
    if unknown:
        known = _arguments_of(function)
        hints = [did_you_mean(name, known, quoted=in_backticks) for name in unknown]
        raise error(f"`{owner}` got unknown arguments: {', '.join(map(repr, unknown))}.{''.join(dict.fromkeys(hints))}")


def _arguments_of(function):
    """The names of the arguments of a function, or of all constructors of a class."""
    import inspect  # start-up time: it is needed for errors alone

    calls = (
        [vars(c)["__init__"] for c in function.__mro__ if "__init__" in vars(c)] if isinstance(function, type) else []
    )
    names = {}
    for call in calls or [function]:
        try:
            parameters = inspect.signature(call).parameters.values()
        except (TypeError, ValueError):  # written in C
            continue
        names.update({p.name: None for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)})
    names.pop("self", None)
    return list(names)


class SuggestsArguments:
    """A class whose constructors, those of subclasses too, name the nearest argument where one is misspelled."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            # By `setattr`, which editors do not follow: they shall read the constructor itself.
            setattr(cls, "__init__", suggesting(vars(cls)["__init__"]))  # noqa: B010


def suggesting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method `function`, whose error for an argument that it does not take says which may have been meant."""

    @functools.wraps(function)
    def wrapped(self, *args, **kwargs):
        with naming_the_nearest(function, type(self) if function.__name__ == "__init__" else function):
            return function(self, *args, **kwargs)

    return wrapped


class naming_the_nearest:
    """Inside, Python's error for an unknown argument of `function` names the nearest of those of `owner`."""

    def __init__(self, function: Callable[..., Any], owner: Any) -> None:
        self.function, self.owner = function, owner

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        text = str(error.args[0]) if isinstance(error, TypeError) and error.args else ""
        before, found, name = text.partition("got an unexpected keyword argument ")
        called = before.strip().removesuffix("()")
        if found and "Did you mean" not in text and called.endswith(self.function.__qualname__):
            hint = did_you_mean(name.strip("'"), _arguments_of(self.owner), quoted=in_backticks)
            error.args = (f"{text}.{hint}", *error.args[1:])


def install(extra: str) -> str:
    """How to install an optional part, from the package index or in a clone.

    >>> install("plot")
    'pip install "kerasish[plot]" (in a clone: pip install ".[plot]")'
    """
    return f'pip install "kerasish[{extra}]" (in a clone: pip install ".[{extra}]")'
