"""A pass's table of local rules, which its functions enter themselves into.

    RULES = Rules()

    @RULES.of("cast")
    def _cast_of_cast(node, rewriter):
        ...

A rule is a function `(node, rewriter) -> Tensor or None`: what may stand for the one output of `node`. Rules of one
primitive are tried in the order in which they are written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.primitives.traits import Traits


class Rules:
    """The rules of one pass."""

    def __init__(self) -> None:
        self._rows = []

    def of(self, name: str) -> Callable[[Callable], Callable]:
        """Decorator: the rule below is about the primitive `name`."""
        return self._entered(lambda operation: operation.name == name)

    def having(self, fact: Callable[[Traits], Any], first: bool = False) -> Callable[[Callable], Callable]:
        """Decorator: the rule below is about the primitives of whose traits `fact` is true.

        `first`: it is tried before those of all passes that are not.
        """
        return self._entered(lambda operation: fact(operation.traits), first)

    def _entered(self, concerns, first=False):
        def enter(rule):
            self._rows.append((concerns, first, rule))
            return rule

        return enter

    def about(self, operation: Any, first: bool) -> list[Callable]:
        """The rules that concern a primitive: those that come first, or the others."""
        return [rule for concerns, comes_first, rule in self._rows if comes_first is first and concerns(operation)]
