"""What one hyperparameter may be."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """The values that one hyperparameter may have.

    Args:
        name: string.

        kind: "int", "float", "choice", "boolean" or "fixed".

        default: the value where nobody chooses one.

        low: number, the least of an int or float.

        high: number, the greatest.

        step: number, the distance between neighbours; None for any.

        log: whether a search draws the logarithm evenly.

        choices: tuple of what a choice is among.

    Example:
        >>> from kerasish.tuning import Parameter
        >>> Parameter("units", "int", 8, low=8, high=64, step=8).read("16")
        16
    """

    name: str
    kind: str
    default: Any
    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()

    def read(self, value: Any) -> Any:
        """A value that somebody gave, checked; text, as of a flag, becomes what it says.

        Args:
            value: the value, or its text.

        Raises:
            ValueError: for what the hyperparameter may not be.
        """
        try:
            found = self._number(value) if self.kind in ("int", "float") else self._one_of(value)
        except (TypeError, ValueError, OverflowError):
            found = None
        if found is None:
            raise ValueError(f"The hyperparameter `{self.name}` must be {self.described()}, got {value!r}.")
        return found

    def described(self) -> str:
        """The values in words."""
        if self.kind in ("choice", "fixed"):
            return f"one of {', '.join(map(repr, self.choices))}"
        if self.kind == "boolean":
            return "true or false"
        steps = f" in steps of {self.step}" if self.step not in (None, 1) else ""
        return f"{'an int' if self.kind == 'int' else 'a float'} from {self.low} to {self.high}{steps}"

    def facts(self) -> dict[str, Any]:
        """A dict of plain data, without what does not apply."""
        told = {"name": self.name, "kind": self.kind, "default": self.default}
        return told | {
            name: value for name, value in asdict(self).items() if value not in (None, (), False) and name not in told
        }

    def _number(self, value):
        number = float(value)
        if isinstance(value, bool) or not self.low <= number <= self.high:  # False for NaN
            return None
        if self.kind == "float":
            return number
        if number != int(number) or (int(number) - self.low) % (self.step or 1):
            return None
        return int(number)  # services that know floats alone say "64.0"

    def _one_of(self, value):
        if self.kind == "boolean":
            return _WORDS.get(str(value).strip().lower())
        for choice in self.choices:
            same = type(choice) is type(value) and choice == value
            if same or isinstance(value, str) and (str(choice) == value or _same_number(choice, value)):
                return choice
        return None


def _same_number(choice, text):
    if isinstance(choice, bool) or not isinstance(choice, (int, float)):
        return False
    try:
        return math.isclose(float(text), choice, rel_tol=1e-12)
    except ValueError:
        return False
