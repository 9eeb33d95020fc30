"""What was found in a file: its layers, by the config that it carries, and its weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.suggestions import did_you_mean
from kerasish.typing import DTypeLike, ShapeLike, TensorLike

if TYPE_CHECKING:
    from kerasish.layers.base.layer import Layer

_BLOCK = 1 << 20  # numbers of a weight that are looked at together


class StoredArray:
    """One weight in a file.

    Args:
        name: what it is called there.
        shape: tuple of ints.
        dtype: string.
        read: function that gives the values as a NumPy array.
        layer: name of the layer that it belongs to, where the file says so.
        parts: function of a number of elements, that gives the values by parts.
        itemsize: bytes of one number.
        is_numeric: whether it holds numbers at all: no text, and not nothing.
    """

    def __init__(
        self,
        name: str,
        shape: ShapeLike,
        dtype: DTypeLike,
        read: Any,
        layer: Layer = None,
        parts: Any = None,
        itemsize: int = 4,
        is_numeric: bool = True,
    ) -> None:
        self.is_numeric = is_numeric
        self.name: str = name
        self.shape: tuple[int | None, ...] = tuple(shape)
        self.dtype: DTypeLike = dtype
        self.layer: Any = layer
        self.read = read
        self.count = prod(self.shape)
        self.bytes = self.count * itemsize
        self._parts = parts

    def parts(self) -> Iterator[Any]:
        """The values as NumPy arrays, some at a time."""
        if self._parts is None or self.count <= _BLOCK:
            yield self.read()
        else:
            yield from self._parts(_BLOCK)

    def statistics(self) -> Any:
        """Dict of min, mean, max and std, the share of zeros, and how many numbers are NaN and infinite.

        The first four are of the numbers that are not NaN, and None where there are none.
        """
        total = Moments()
        for part in self.parts():
            total.add(np.asarray(part))
        return total.result()


class Moments:
    """Statistics of numbers that come in parts.

    Means and squares are merged by Chan, Golub and LeVeque's formula, which loses no digits.
    """

    def __init__(self) -> None:
        self.count = self.zeros = self.nan = self.infinite = 0
        self.mean = self.squares = 0.0
        self.low = self.high = None

    def add(self, values: TensorLike) -> None:
        """Count the numbers of one array."""
        if values.dtype.kind == "c":
            values = np.abs(values)
        values = values.reshape(-1).astype("float64")
        missing = np.isnan(values)
        self.nan += int(missing.sum())
        values = values[~missing]
        self.zeros += int((values == 0).sum())
        if not values.size:
            return
        self.low = float(values.min()) if self.low is None else min(self.low, float(values.min()))
        self.high = float(values.max()) if self.high is None else max(self.high, float(values.max()))
        finite = values[np.isfinite(values)]
        self.infinite += values.size - finite.size
        if finite.size:
            mean, squares = float(finite.mean()), float(((finite - finite.mean()) ** 2).sum())
            count = self.count + finite.size
            away = mean - self.mean
            self.squares += squares + away * away * self.count * finite.size / count
            self.mean += away * finite.size / count
            self.count: int = count

    def result(self) -> Any:
        """Dict of what `StoredArray.statistics` tells; mean and std are those of the finite numbers."""
        everything = self.count + self.infinite + self.nan
        return {
            "min": self.low,
            "mean": self.mean if self.count else None,
            "max": self.high,
            "std": (self.squares / self.count) ** 0.5 if self.count else None,
            "zeros": self.zeros / everything if everything else 0.0,
            "nan": self.nan,
            "inf": self.infinite,
        }


class Report:
    """What a file holds.

    Attributes:
        path: of the file. format: string. facts: dict of what it says about itself. layers: list of dicts, as
            `configs.layers_of` gives them.
        weights: list of StoredArrays.
    """

    def __init__(
        self, path: str, format: Any, facts: Any = None, layers: Sequence[Any] = (), weights: Any = ()
    ) -> None:
        self.path: str = path
        self.format: Any = format
        self.facts: dict[Any, Any] = dict(facts or {})
        self.layers: list[Any] = list(layers)
        self.weights: list[Any] = list(weights)

    def totals(self) -> tuple[Any, ...]:
        """(parameters of the model, bytes of them), the state of optimizer and metrics left out."""
        kept = [weight for weight in self.weights if not is_of_training(weight.name)]
        return sum(weight.count for weight in kept), sum(weight.bytes for weight in kept)

    def find(self, name: str) -> Any:
        """The weight called `name`; its name's end will do where only one ends so.

        Raises ValueError that suggests the nearest names.
        """
        exact = [weight for weight in self.weights if weight.name == name]
        found = exact or [weight for weight in self.weights if weight.name.endswith(f"/{name.lstrip('/')}")]
        if len(found) == 1:
            return found[0]
        names = [weight.name for weight in self.weights]
        if found:
            raise ValueError(
                f"{self.path!r} has {len(found)} weights whose names end in {name!r}: "
                f"{', '.join(repr(weight.name) for weight in found[:5])}."
            )
        raise ValueError(f"{self.path!r} has no weight {name!r}.{did_you_mean(name, names, count=3, cutoff=0.4)}")

    def parameters_of(self) -> Any:
        """For each of `layers` the number of parameters in the file, or None where it can't be told which are its."""
        counts = {}
        for weight in self.weights:
            if is_of_training(weight.name):
                continue
            parts = weight.name.split("/")
            for end in range(1, len(parts) + 1):
                place = "/".join(parts[:end])
                counts[place] = counts.get(place, 0) + weight.count
        by_name = {}
        for weight in self.weights:
            if weight.layer is not None:
                by_name[weight.layer] = by_name.get(weight.layer, 0) + weight.count
        names = Counter(layer["name"] for layer in self.layers)
        result = []
        for layer in self.layers:
            named = by_name and names[layer["name"]] == 1 and layer["depth"] == 0
            count = by_name.get(layer["name"], 0) if named else counts.get(layer["place"], 0)
            result.append(count if self.weights and (count or not layer["wrapped"]) else None)
        return result


def is_of_training(name: str) -> bool:
    """Whether a weight's name says that it is no parameter of the model, but the state of an optimizer or a metric."""
    parts = name.split("/")
    return parts[0] in ("optimizer", "optimizer_weights", "metrics", "keras_api") or ".OPTIMIZER_SLOT" in parts
