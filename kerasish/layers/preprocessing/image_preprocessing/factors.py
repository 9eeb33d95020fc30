"""How strong a change is: checked bounds, and numbers drawn between them, one a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops, random
from kerasish.layers.base.arguments import WrongType
from kerasish.scalars import is_number
from kerasish.typing import AnyTensor


def checked_factor(value: Any, name: str, bounds: tuple[float, float], low: float | None = None) -> tuple[float, float]:
    """(lower, upper) of a number or a pair of numbers.

    Args:
        value: number, or a list or tuple of two.
        name: string, the argument's name in errors.
        bounds: the least and the largest number that is allowed.
        low: the lower end where a single number is given; None for the number's negative, as far as the bounds allow.

    Raises:
        WrongType: a ValueError, naming the argument.
    """
    if is_number(value) and bounds[0] <= value <= bounds[1]:
        size = abs(value)
        return (max(-size, bounds[0]) if low is None else low), size
    if (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and all(is_number(v) for v in value)
        and max(value) >= bounds[0]
        and min(value) <= bounds[1]
    ):
        lower, upper = sorted(value)
        if bounds[0] <= lower and upper <= bounds[1]:
            return lower, upper
    raise WrongType(f"`{name}` must be a number or two numbers from {bounds[0]} to {bounds[1]}, got {value!r}.")


def checked_range(value: Any, name: str = "value_range") -> Sequence[float]:
    """Two numbers, between which the values of pictures are. Raises ValueError naming the argument."""
    if (
        not isinstance(value, (list, tuple))
        or len(value) != 2
        or not all(is_number(v) for v in value)
        or not value[0] < value[1]
    ):
        raise ValueError(f"`{name}` must be two numbers, the smaller first, got {value!r}.")
    return value


def one_each(batch: Any, bounds: tuple[float, float], seed: Any, dtype: str) -> AnyTensor:
    """One number a picture, (batch,), drawn evenly between two bounds."""
    return random.uniform((batch,), bounds[0], bounds[1], dtype=dtype, seed=seed)


def chosen(batch: Any, bounds: tuple[float, float], seed: Any) -> AnyTensor:
    """Which pictures change, bool (batch,): each with a probability of its own, drawn between two bounds."""
    chance = one_each(batch, bounds, seed, "float32") if bounds[0] != bounds[1] else bounds[0]
    return ops.less(random.uniform((batch,), dtype="float32", seed=seed), chance)


def to_either_side(x: AnyTensor, seed: Any) -> AnyTensor:
    """The numbers, of which each keeps or changes its sign by chance."""
    return ops.where(ops.less(random.uniform(x.shape, dtype="float32", seed=seed), 0.5), -x, x)


def over_pixels(x: AnyTensor) -> AnyTensor:
    """(batch,) as (batch, 1, 1, 1)."""
    return ops.reshape(x, (-1, 1, 1, 1))


def rescaled(images: AnyTensor, given: Sequence[float], wanted: Sequence[float]) -> AnyTensor:
    """Values of one range in another."""
    if tuple(given) == tuple(wanted):
        return images
    return (images - given[0]) * ((wanted[1] - wanted[0]) / (given[1] - given[0])) + wanted[0]
