"""Which names nodes read, and which nodes lead to what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def names_read(nodes: Iterable[Any]) -> Iterator[str]:
    """The names that nodes read, those inside their bodies too."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from names_read(attribute.g.node)
                yield from (x.name for x in attribute.g.output)


def needed(nodes: list[Any], wanted: Iterable[str]) -> list[Any]:
    """The nodes that lead to the names that are wanted, in their order."""
    wanted, kept = set(wanted), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(names_read([node]))
    return kept[::-1]
