"""Steps without gradient that only multiply, so that many of them are one product.

Momenta and means decay by a constant; weight decay multiplies by a number of each step. A row whose momenta have died
away does nothing else any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish.backend.graph import Tensor
from kerasish.entries import entering


class Multiple(NamedTuple):
    """`by` times the old value."""

    by: float


class ClosedForm:
    """What a row does in which all that a gradient left behind has died away.

    Attributes:
        decays: list with an entry a table and slot: a slot's factor of each step; None for what is trained.
        factor: function of the step's scalars (a list of floats) that gives the factor of what is trained.
    """

    def __init__(self, decays: list[float | None], factor: Callable[[list[float]], float]) -> None:
        self.decays, self.factor = decays, factor


def closed_form(replay: Any) -> ClosedForm | None:
    """The ClosedForm of a Replay; None where steps do more than multiply."""
    if replay.fresh is None or len(replay.olds) != len(replay.slots) + 1:
        return None
    decays: list[float | None] = [None] * len(replay.olds)
    for place in replay.slots:
        found = _multiplier(replay.usual, replay.usual.new[place], replay.olds[place])({})
        if found is None or not 0 <= found < 1:
            return None
        decays[place] = found
    (trained,) = set(range(len(replay.olds))) - set(replay.slots)
    multiplier = _multiplier(replay.fresh, replay.fresh.new[trained], replay.olds[trained])

    def factor(numbers: list[float]) -> float | None:
        return multiplier(dict(zip(replay.scalars, numbers)))

    return None if factor([0.5] * len(replay.scalars)) is None else ClosedForm(decays, factor)


def _multiplier(change, new, old):
    """A function of the scalars' numbers that says by which one `old` is multiplied to give `new`.

    It gives None where that is not all. It is called in each step of a training.
    """
    if new is None:
        return lambda numbers: 1.0
    made_by = {node.outputs[0]: node for node in change.nodes}

    def value(x, numbers):
        x = change.meaning(x)
        if x is old:
            return Multiple(1.0)
        if not isinstance(x, Tensor):
            return x
        if x in numbers:
            return numbers[x]
        rule = _RULES.get(made_by[x].operation.name) if x in made_by else None
        if rule is None:
            return None
        operands = [value(y, numbers) for y in made_by[x].inputs]
        return None if any(operand is None for operand in operands) else rule(*operands)

    def multiple(numbers):
        found = value(new, numbers)
        return found.by if isinstance(found, Multiple) else None

    return multiple


_RULES: dict[str, Any] = {}
_rule = entering(_RULES)  # the function below, of operands that are numbers or Multiples, is about that primitive


@_rule("add")
def _add(x, y, sign=1):
    both = [isinstance(operand, Multiple) for operand in (x, y)]
    if all(both):
        return Multiple(x.by + sign * y.by)
    if not any(both):
        return x + sign * y
    if both[0]:
        return x if y == 0 else None
    return Multiple(sign * y.by) if x == 0 else None


@_rule("subtract")
def _subtract(x, y):
    return _add(x, y, -1)


@_rule("multiply")
def _multiply(x, y):
    if isinstance(x, Multiple) and isinstance(y, Multiple):
        return None
    if isinstance(x, Multiple):
        return Multiple(x.by * y)
    return Multiple(x * y.by) if isinstance(y, Multiple) else x * y


@_rule("divide")
def _divide(x, y):
    return None if isinstance(y, Multiple) or y == 0 else _multiply(x, 1 / y)


@_rule("negative")
def _negative(x):
    return _multiply(x, -1.0)


@_rule("identity")
@_rule("stop_gradient")
def _same(x):
    return x
