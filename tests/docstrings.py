"""Docstrings in Google's form, taken apart."""

import inspect
import re

SECTIONS = (
    "Args",
    "Attributes",
    "Returns",
    "Yields",
    "Raises",
    "Example",
    "Examples",
    "Note",
    "Reference",
    "References",
)
_HEADING = re.compile(r"^([A-Z][\w ]+):$")


class Docstring:
    """The parts of a docstring.

    Attributes:
        summary: the first paragraph.
        sections: dict from a heading to its text, without the indentation.
        has_example: whether it holds a doctest.
    """

    def __init__(self, text):
        self.text = inspect.cleandoc(text or "")
        self.summary = self.text.split("\n\n")[0]
        self.has_example = ">>> " in self.text
        self.sections, body = {}, None
        for line in self.text.split("\n"):
            heading = _HEADING.match(line)
            if heading:
                body = self.sections.setdefault(heading[1], [])
            elif line and not line.startswith(" "):
                body = None
            elif body is not None:
                body.append(line.removeprefix("    "))

    @property
    def arguments(self):
        """(name, description) of each paragraph of `Args:`; the name is None where a paragraph begins with none."""
        found = []
        for line in self.sections.get("Args", []):
            if line and not line.startswith(" "):
                match = re.match(r"\*{0,2}(\w+): (.*)", line)
                found.append([match[1], match[2]] if match else [None, line])
            elif line and found:
                found[-1][1] += " " + line.strip()
        return [tuple(item) for item in found]


def parameters(item):
    """Names of what a class or function takes; those of `*args` and `**kwargs` stand in a second set.

    What `__init__` takes is what counts, where a class has a `__new__` that hands everything on.
    """
    hands_on = inspect.isclass(item) and "__new__" in vars(item) and "__init__" in vars(item)
    try:
        signature = inspect.signature(item.__init__.__get__(item) if hands_on else item)
    except ValueError:
        return [], set()
    variadic = {p.name for p in signature.parameters.values() if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    return [name for name in signature.parameters if name not in variadic], variadic


def faults(item, common=()):
    """What is wrong with the docstring of a class or function, as a list of sentences.

    Args:
        item: class or function.
        common: names of arguments that its base class explains, which it may leave out.
    """
    doc, (taken, variadic) = Docstring(item.__doc__), parameters(item)
    if not doc.text:
        return ["no docstring"]
    wrong = []
    if "\n" in doc.summary or not doc.summary.endswith((".", "?", "!")):
        wrong.append(f"the summary is not one line that ends with a period: {doc.summary[:80]!r}")
    for word in SECTIONS:
        if re.search(rf"(?m)^ *{word}: \S", doc.text):
            wrong.append(f"`{word}:` is a heading, its text goes below it, indented")
    named = [name for name, _ in doc.arguments]
    known = {*taken, *variadic, *common}
    for name, text in doc.arguments:
        if name is None:
            wrong.append(f"a paragraph of `Args:` begins with no name: {text[:60]!r}")
        elif name not in known:
            wrong.append(f"`Args:` explains {name!r}, which is no argument")
        for other in re.findall(r"[.;,] \*{0,2}(\w+): ", text):
            if other in known:
                wrong.append(f"{other!r} shares a paragraph with {name!r}")
    wrong += [f"{name!r} is explained twice" for name in {n for n in named if named.count(n) > 1}]
    wrong += [f"{name!r} is not explained" for name in taken if name not in named and name not in common]
    if not doc.has_example:
        wrong.append("no example")
    return wrong
