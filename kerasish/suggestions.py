"""What a misspelled name was probably meant to be, for messages of errors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


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


def suggesting(function: AnyFunction) -> AnyFunction:
    """The function or constructor, whose error for an argument that it does not take says which may have been meant.

    >>> @suggesting
    ... def load(path, weights=None): ...
    >>> load("a.keras", weigths=None)
    Traceback (most recent call last):
    TypeError: load() got an unexpected keyword argument 'weigths'. Did you mean `weights`?
    """
    is_constructor = function.__name__ == "__init__"

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            name_the_nearest(error, function, type(args[0]) if is_constructor and args else function, kwargs)
            raise

    return wrapped


def name_the_nearest(error: TypeError, function: Any, owner: Any, given: Iterable[str]) -> None:
    """Complete Python's error for a call of `function` with an argument that it does not take, or without one.

    Args:
        error: what was raised.
        function: what was called.
        owner: whose arguments may have been meant: the function, or the class of a constructor.
        given: the names of the arguments that were given by name.
    """
    text = str(error.args[0]) if error.args else ""
    called, unexpected, name = text.partition("got an unexpected keyword argument ")
    if not unexpected:
        called, lacks, absent = text.partition("missing ")
    if not (unexpected or lacks) or "Did you mean" in text:
        return
    if not function.__qualname__.endswith(called.strip().removesuffix("()")):
        return  # of a call further inside
    known = _arguments_of(owner)
    if unexpected:
        hint = did_you_mean(name.strip("'"), known, quoted=in_backticks)
    else:
        unknown = [each for each in given if each not in known]
        hints = [did_you_mean(each, absent.split("'")[1::2], quoted=in_backticks) for each in unknown]
        hint = "".join(dict.fromkeys(hints))
        text += f", got {', '.join(map(repr, unknown))}" if hint else ""
    if hint:
        error.args = (f"{text}.{hint}", *error.args[1:])


def install(extra: str) -> str:
    """How to install an optional part, from the package index or in a clone.

    >>> install("plot")
    'pip install "kerasish[plot]" (in a clone: pip install -e ".[plot]")'
    """
    return f'pip install "kerasish[{extra}]" (in a clone: pip install -e ".[{extra}]")'
