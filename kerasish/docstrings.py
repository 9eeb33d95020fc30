"""What several things say about their arguments stands once, in the docstring of one of them.

The losses have `reduction`, the optimizers their clipping, the applications `include_top`: `help` shows it with each,
and the source says it in one place.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

Documented = TypeVar("Documented")

_ENTRY = re.compile(r"    (\*{0,2}\w+)[^:\n]*:")
_SECTIONS = ("Returns", "Yields", "Raises", "Example", "Reference")
_SECTION_AFTER_ARGS = re.compile(rf"^({'|'.join(_SECTIONS)}):$", re.MULTILINE)


def shares_arguments(*sources: Any, whole: bool = False) -> Callable[[Documented], Documented]:
    """Complete the `Args:` of a docstring with what others say about the parameters that it leaves out.

    Args:
        *sources: functions and classes with docstrings; the first that describes a parameter is taken.
        whole: bool. Take their further sections too (`Returns:`, `Raises:`, `Example:`, `Reference:`), where the
            docstring has none.

    Returns:
        A decorator of functions and classes, which puts the completed docstring in place, with the arguments in the
        order of the signature.

    Example:
        >>> from kerasish.docstrings import shares_arguments
        >>> class Base:
        ...     '''Something with a name.
        ...
        ...     Args:
        ...         name: string.
        ...     '''
        >>> @shares_arguments(Base)
        ... def scaled(factor, name=None):
        ...     '''A multiple.
        ...
        ...     Args:
        ...         factor: float.
        ...     '''
        >>> print(scaled.__doc__)
        A multiple.
        <BLANKLINE>
        Args:
            factor: float.
            name: string.
    """

    def complete(target):
        if target.__doc__:  # python -OO strips docstrings
            made = _Completed(target, sources, whole)
            target.__doc__ = made if isinstance(target, type) else made.text
        return target

    return complete


class _Completed:
    """The docstring of a class, which is put together when it is read: no start-up time goes into it."""

    def __init__(self, target, sources, whole):
        self._target, self._written, self._sources, self._whole = target, target.__doc__, sources, whole

    @cached_property
    def text(self):
        return _completed(self._target, self._written, self._sources, self._whole)

    def __get__(self, instance: Any, owner: type | None = None) -> str:
        return self.text


def _completed(target, written, sources, whole):
    text = inspect.cleandoc(written)
    before, entries, after = _parts(text)
    for source in sources:
        for name, entry in _parts(inspect.cleandoc(source.__doc__ or ""))[1].items():
            entries.setdefault(name, entry)
    wanted = [name for name in inspect.signature(target).parameters if name in entries]
    sections = {"Args": "\n".join(["Args:"] + [entries[name] for name in wanted])} if wanted else {}
    sections.update(_sections(after))
    for source in sources if whole else ():
        shared = _sections(_parts(inspect.cleandoc(source.__doc__ or ""))[2])
        for name in _SECTIONS:
            if name in shared:
                sections.setdefault(name, shared[name])
    return "\n\n".join([before, *(sections[name] for name in ("Args", *_SECTIONS) if name in sections)])


def _sections(text):
    """The text of each section behind `Args:`, its heading included."""
    starts = [*_SECTION_AFTER_ARGS.finditer(text)]
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {start[1]: text[start.start() : end].strip() for start, end in zip(starts, ends)}


def _parts(text):
    """What stands before `Args:`, its entries by the names of the parameters, and what stands behind."""
    if text.startswith("Args:\n"):
        text = "\n" + text
    before, found, rest = text.partition("\nArgs:\n")
    if not found:
        place = _SECTION_AFTER_ARGS.search(text)
        at = place.start() if place else len(text)
        return text[:at].strip(), {}, text[at:].strip()
    lines, entries, name = rest.split("\n"), {}, None
    for index, line in enumerate(lines):
        if line and not line.startswith(" "):
            return before.strip(), entries, "\n".join(lines[index:]).strip()
        start = _ENTRY.match(line)
        if start:
            name = start[1].lstrip("*")
            entries[name] = line
        elif name and line:
            entries[name] += "\n" + line
    return before.strip(), entries, ""
