"""Docstrings as the reference shows them: doctests become code, our own sections plain titles."""

from __future__ import annotations

import re
import textwrap

import griffe

# sections that griffe does not know, `Input shape:` or `Reference:`; it would draw a box around each
_OWN_SECTION = re.compile(r"^([A-Z][\w ]*):\n((?:(?:[ ]{4}.*)?\n)*(?:[ ]{4}.*))", re.MULTILINE)
_OF_GRIFFE = {"Args", "Returns", "Raises", "Yields", "Attributes", "Warns", "Examples"}


class Doctests(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_instance(self, *, obj: griffe.Object, **kwargs) -> None:
        """Runs for every module, class, function and attribute that was read."""
        if not obj.is_alias and obj.docstring is not None:
            obj.docstring.value = readable(obj.docstring.value)


def readable(text: str) -> str:
    """A docstring in griffe's words: a fence around each doctest, a bold title over each section of our own."""
    return _OWN_SECTION.sub(_titled, fenced(text))


def _titled(section: re.Match) -> str:
    title, body = section.groups()
    if title in _OF_GRIFFE:
        return section.group()
    return f"**{title}:**\n\n{textwrap.dedent(body)}"


def fenced(text: str) -> str:
    """Doctests, which Markdown would take for quotations, as code."""
    lines, out, index = text.split("\n"), [], 0
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
