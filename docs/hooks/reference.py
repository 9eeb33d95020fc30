"""A page for every public name, made from each package's `__all__` when the site is built.

Nothing is listed by hand. A public name without a docstring is an error, and so the build fails.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pathlib
import types

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = "kerasish"


def on_files(files, config):
    """MkDocs calls this when it has found the pages on disk: those of the reference join them."""
    spaces = namespaces(ROOT)
    owners, undocumented, pages = homes(spaces), [], {}
    for space, names in spaces.items():
        rows = []
        for name in names:
            value = getattr(importlib.import_module(space), name)
            summary = first_line(value)
            if not summary and not is_data(value):
                undocumented.append(f"{space}.{name}")
            pages[f"reference/{space}/{name}.md"] = page(space, name, value, owners)
            rows.append(f"| [`{name}`]({space}/{name}.md) | {table_text(summary or shown(value))} |")
        pages[f"reference/{space}.md"] = namespace_page(space, rows)
    if undocumented:
        raise PluginError("Public names without a docstring: " + ", ".join(undocumented))
    pages["reference/index.md"] = index_page(spaces)
    pages["contributing.md"] = from_the_repository("CONTRIBUTING.md")
    pages["testing.md"] = from_the_repository("tests/README.md")
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    reference = next(part for part in config.nav if "Reference" in part)
    reference["Reference"] = ["reference/index.md", *({space: f"reference/{space}.md"} for space in spaces)]
    return files


def namespaces(root):
    """{dotted name of a public package: its public names}, the root first, packages inside of packages after theirs."""
    found, waiting = {}, [root]
    while waiting:
        space = waiting.pop(0)
        module = importlib.import_module(space)
        names = public_names(module)
        inner = [name for name in names if isinstance(getattr(module, name), types.ModuleType)]
        found[space] = [name for name in names if name not in inner]
        waiting += [f"{space}.{name}" for name in inner if is_package_of(space, name)]
    return dict(sorted((space, names) for space, names in found.items() if names))


def is_package_of(space, name):
    """Whether `space.name` is imported by that name, and so has pages of its own."""
    return importlib.util.find_spec(f"{space}.{name}") is not None


def public_names(module):
    """What a package says is public; a module without `__all__` has no pages."""
    return sorted(getattr(module, "__all__", ()))


def homes(spaces):
    """{where an object is written: (package, name) of its page}: the shortest package that has it by its own name."""
    found = {}
    for space, names in spaces.items():
        for name in names:
            value = getattr(importlib.import_module(space), name)
            if not is_data(value) and value.__name__ == name:
                found.setdefault(home(value), (space, name))
    return found


def home(value):
    """The dotted place of a class or function in the sources; `applications/` stands at the top of the repository."""
    return f"{value.__module__}.{value.__qualname__}".replace("kerasish.applications.", "applications.")


def page(space, name, value, owners):
    """Markdown for one name: its docstring, or where the same object has it."""
    head = f"# {space}.{name}\n\nin [{space}](../{space}.md)\n\n"
    if is_data(value):
        return f"{head}```python\n{name} = {shown(value)}\n```\n"
    owner_space, owner_name = owners.get(home(value), (space, name))
    if (owner_space, owner_name) != (space, name):
        return f"{head}The same as [`{owner_space}.{owner_name}`](../{owner_space}/{owner_name}.md).\n"
    return f"{head}::: {home(value)}\n"


def namespace_page(space, rows):
    """Markdown for a package: what it is for, and a row a name."""
    module = importlib.import_module(space)
    text = inspect.getdoc(module) or ""
    return f"# {space}\n\n{text}\n\n| name | |\n|---|---|\n" + "\n".join(rows) + "\n"


def index_page(spaces):
    """Markdown for the first page of the reference."""
    rows = [
        f"| [`{space}`]({space}.md) | {len(names)} | {table_text(first_line(importlib.import_module(space)))} |"
        for space, names in spaces.items()
    ]
    count = sum(map(len, spaces.values()))
    return (
        f"# Reference\n\n{count:,} public names in {len(spaces)} packages.\n\n"
        "| package | names | |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def from_the_repository(path):
    """A page that stands beside the code, its links turned to the site's."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return text.replace("](docs/", "](").replace("](tests/README.md)", "](testing.md)")


def is_data(value):
    """Whether a public name is a plain value: a number, a string, a table."""
    return not (inspect.isclass(value) or callable(value))


def first_line(value):
    """The purpose, as the docstring's first paragraph says it; empty without a docstring of its own."""
    text = inspect.cleandoc(value.__doc__ or "") if not is_data(value) or inspect.ismodule(value) else ""
    return " ".join(text.split("\n\n")[0].split())


def shown(value):
    """A plain value in short."""
    text = repr(value)
    return text if len(text) < 100 else f"{text[:97]}..."


def table_text(text):
    """Text that does not end a cell of a table."""
    return text.replace("|", "\\|")
