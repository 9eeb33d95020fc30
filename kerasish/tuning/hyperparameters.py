"""The hyperparameters of a model-building function, which says what they may be where it asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kerasish.suggestions import SuggestsArguments, did_you_mean
from kerasish.tuning.parameter import Parameter

_SAMPLINGS = (None, "linear", "log")


class HyperParameters(SuggestsArguments):
    """What a model-building function asks for its numbers, and so says which there are.

    Its methods are those of Keras Tuner's object of this name, so that a function written for that one runs as it is.
    A name that is asked for twice has one value. A `Study` chooses values; else they are those that are given.

    Args:
        given: dict from names to values, or to their texts, as a command line has them; None or what is missing there:
            the defaults.

    Attributes:
        space: dict from the names that were asked for to what they may be, a `Parameter` each.
        values: dict from the same names to the values.

    Raises:
        ValueError: when a value is asked for that was given and may not be.

    Example:
        >>> from kerasish.tuning import HyperParameters
        >>> hp = HyperParameters({"units": "32"})
        >>> hp.Int("units", 8, 64, step=8), hp.Choice("activation", ["relu", "tanh"])
        (32, 'relu')
    """

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self.given = dict(given or {})
        self.space: dict[str, Parameter] = {}
        self.values: dict[str, Any] = {}
        self._inactive = False

    def Int(
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = None,
        default: int | None = None,
    ) -> int:
        """A whole number.

        Args:
            name: string.
            min_value: int, the least.
            max_value: int, the greatest.
            step: int, the distance between neighbours; None for 1.
            sampling: "linear", or "log" for what has magnitudes; None for "linear".
            default: int; None for the least.
        """
        return self._ask(_ranged(name, "int", min_value, max_value, 1 if step is None else step, sampling, default))

    def Float(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = None,
        default: float | None = None,
    ) -> float:
        """A number.

        Args:
            name: string.
            min_value: float, the least.
            max_value: float, the greatest.
            step: float, the distance between neighbours; None for any.
            sampling: "linear", or "log" for what has magnitudes, such as learning rates; None for "linear".
            default: float; None for the least.
        """
        return self._ask(_ranged(name, "float", float(min_value), float(max_value), step, sampling, default))

    def Choice(self, name: str, values: Sequence[Any], ordered: bool | None = None, default: Any = None) -> Any:
        """One of several values.

        Args:
            name: string.
            values: list of strings, numbers or bools.
            ordered: taken for Keras Tuner's sake, and not looked at.
            default: one of them; None for the first.
        """
        if not values:
            raise ValueError(f"`values` of the hyperparameter `{name}` must hold something to choose from.")
        parameter = Parameter(name, "choice", values[0], choices=tuple(values))
        return self._ask(_with_default(parameter, default))

    def Boolean(self, name: str, default: bool = False) -> bool:
        """True or False.

        Args:
            name: string.
            default: bool.
        """
        return self._ask(Parameter(name, "boolean", bool(default)))

    def Fixed(self, name: str, value: Any) -> Any:
        """A value that is not searched for, but kept beside the others.

        Args:
            name: string.
            value: the value.
        """
        return self._ask(Parameter(name, "fixed", value, choices=(value,)))

    def get(self, name: str) -> Any:
        """The value of a hyperparameter that was asked for before.

        Args:
            name: string.

        Raises:
            KeyError: where it was not.
        """
        if name not in self.values:
            raise KeyError(f"No hyperparameter {name!r} was asked for.{did_you_mean(name, self.values)}")
        return self.values[name]

    @contextmanager
    def conditional_scope(self, parent_name: str, parent_values: Any) -> Iterator[None]:
        """What is asked for within has its default, and is not searched for, where another one has other values.

        A plain `if` does the same without asking.

        Args:
            parent_name: string, the name of the other one.
            parent_values: list of the values with which those within count.
        """
        wanted = list(parent_values) if isinstance(parent_values, (list, tuple)) else [parent_values]
        before = self._inactive
        self._inactive = before or self.get(parent_name) not in wanted
        try:
            yield
        finally:
            self._inactive = before

    def unused(self) -> list[str]:
        """The names that were given a value and never asked for."""
        return [name for name in self.given if name not in self.space]

    def _ask(self, parameter):
        name = parameter.name
        if self._inactive:
            return parameter.default
        if name in self.space:
            if self.space[name] != parameter:
                raise ValueError(
                    f"The hyperparameter `{name}` was {self.space[name].described()} when it was first asked for, and "
                    f"is now {parameter.described()}. Give one of them another name."
                )
            return self.values[name]
        self.values[name] = parameter.default if parameter.kind == "fixed" else self._chosen(parameter)
        self.space[name] = parameter
        return self.values[name]

    def _chosen(self, parameter):
        """The value of a hyperparameter that is asked for the first time."""
        return parameter.read(self.given[parameter.name]) if parameter.name in self.given else parameter.default


def _ranged(name, kind, low, high, step, sampling, default):
    if sampling not in _SAMPLINGS:
        raise ValueError(f"`sampling` of the hyperparameter `{name}` must be 'linear' or 'log', got {sampling!r}.")
    if not low <= high:
        raise ValueError(f"`min_value` of the hyperparameter `{name}` is above `max_value`: {low} and {high}.")
    if step is not None and not step > 0:
        raise ValueError(f"`step` of the hyperparameter `{name}` must be above 0, got {step!r}.")
    log = sampling == "log"
    if log and (low <= 0 or step not in (None, 1)):
        raise ValueError(
            f"`sampling='log'` of the hyperparameter `{name}` needs a `min_value` above 0, and no `step`, got "
            f"min_value={low}, step={step}."
        )
    if kind == "int" and any(value != int(value) for value in (low, high, step)):
        raise ValueError(
            f"The bounds and the step of the hyperparameter `{name}` must be ints, got {(low, high, step)}."
        )
    return _with_default(Parameter(name, kind, low, low, high, step, log), default)


def _with_default(parameter, default):
    if default is None:
        return parameter
    return Parameter(**{**vars(parameter), "default": parameter.read(default)})
