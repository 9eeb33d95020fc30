"""Docstrings as the reference shows them: doctests become code, `Example:` what griffe calls Examples."""

from __future__ import annotations

import re

import griffe

_SINGULAR = re.compile(r"^Example:\s*$", re.MULTILINE)


class Doctests(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_instance(self, *, obj: griffe.Object, **kwargs) -> None:
        """Runs for every module, class, function and attribute that was read."""
        if not obj.is_alias and obj.docstring is not None:
            obj.docstring.value = readable(obj.docstring.value)


def readable(text: str) -> str:
    """The docstring with a fence around each doctest."""
    lines, out, index = _SINGULAR.sub("Examples:", text).split("\n"), [], 0
    while index < len(lines):
        if not lines[index].lstrip().startswith(">>>"):
            out.append(lines[index])
            index += 1
            continue
        indent = lines[index][: len(lines[index]) - len(lines[index].lstrip())]
        end = index
        while end < len(lines) and lines[end].strip():
            end += 1
        out += [f"{indent}```pycon", *lines[index:end], f"{indent}```"]
        index = end
    return "\n".join(out)
