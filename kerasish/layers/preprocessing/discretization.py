"""Discretization."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.backend.graph import KerasTensor
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.layers.preprocessing.categories import checked_mode, checked_sparse, encoded, encoded_shape
from kerasish.layers.preprocessing.quantile_summary import QuantileSummary
from kerasish.typing import Config, DTypeLike, ShapeLike


class Discretization(DataLayer):
    """Numbers as the bins that they fall into; the edges are given, or `adapt` finds them in data.

    Args:
        bin_boundaries: list of rising floats, the edges; n edges make n + 1 bins. A number at an edge falls into the
            bin above it.
        num_bins: int, how many bins `adapt` is to make, each with about as many numbers; in place of `bin_boundaries`.
        epsilon: float, the error that the edges of `adapt` may have, as a share of the numbers.
        output_mode: "int" (the bin's number), "one_hot" (a vector for each number), "multi_hot" (1 for each bin that a
            sample falls into) or "count" (how often it does).
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        dtype: dtype of the vectors.
        name: string, by default the class name in snake_case, numbered.

    Raises:
        ValueError: unless one of `bin_boundaries` and `num_bins` is given, and for edges that do not rise.

    >>> import kerasish as keras
    >>> keras.layers.Discretization([0.0, 1.0])([[-1.5, 0.0, 3.4]]).tolist()
    [[0, 1, 2]]
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if (bin_boundaries is None) == (num_bins is None):
            raise ValueError(
                f"One of `bin_boundaries` and `num_bins` must be given, got bin_boundaries={bin_boundaries!r} and "
                f"num_bins={num_bins!r}."
            )
        if num_bins is not None and (isinstance(num_bins, bool) or not isinstance(num_bins, int) or num_bins < 1):
            raise ValueError(f"`num_bins` must be an int >= 1, got {num_bins!r}.")
        if not 0 < epsilon < 1:
            raise ValueError(f"`epsilon` must be a number between 0 and 1, got {epsilon!r}.")
        self.output_mode: str = checked_mode(output_mode)
        self.sparse: bool = checked_sparse(sparse, self.output_mode)
        self.bin_boundaries: list[float] | None = None if bin_boundaries is None else _rising(bin_boundaries)
        self.num_bins, self.epsilon = num_bins, epsilon
        self._summary = QuantileSummary(epsilon)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find the edges of `num_bins` bins of about the same size. What was found before is forgotten.

        Args:
            data: array or tensor; or an iterable of batches (a list, a generator, a data set) of arrays.
            steps: int, how many batches of an iterable to read; None: all.

        Raises:
            ValueError: where `bin_boundaries` were given, for no numbers, and for text.
        """
        if self.num_bins is None:
            raise ValueError(
                f"{self.name!r} was made with `bin_boundaries`, so it can't `adapt`. Give `num_bins` in their place."
            )
        self.reset_state()
        whole = hasattr(data, "shape") and hasattr(data, "dtype")
        for batch in [data] if whole else itertools.islice(data, steps):
            self.update_state(batch)
        if not len(self._summary):
            raise ValueError("`data` holds no numbers; `adapt` needs at least one.")
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take in one batch of numbers; `adapt` calls it."""
        numbers = ops.convert_to_tensor(data)
        if "string" in str(ops.dtype(numbers)):
            raise ValueError(f"`data` of {self.name!r} must be numbers, got text. Number it with a `StringLookup`.")
        if all(numbers.shape):
            self._summary.add(numbers)

    def finalize_state(self) -> None:
        """Make the edges of what was taken in; `adapt` calls it."""
        if self.num_bins is not None:
            self.bin_boundaries = self._summary.boundaries(self.num_bins)

    def reset_state(self) -> None:
        """Forget what was taken in; `adapt` calls it."""
        self._summary = QuantileSummary(self.epsilon)

    @property
    def output_dtype(self) -> str:
        """The dtype of what comes out: int32 for the bins' numbers."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise ValueError(f"{self.name!r} has no bins yet: call `adapt(data)` first, or give `bin_boundaries`.")
        bins = ops.digitize(ops.convert_to_tensor(inputs), self.bin_boundaries)
        return encoded(bins, self.output_mode, len(self.bin_boundaries) + 1, self.output_dtype)

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        bins = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        return encoded_shape(input_shape, self.output_mode, bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.output_dtype)

    def load_own_variables(self, store: Any) -> None:
        """Nothing is kept among the weights; files of earlier versions hold a summary that is not needed."""

    def restore_summary(self, values: list[float], weights: list[float]) -> None:
        """Make the edges of what a file of TensorFlow holds: values, and how many numbers each stands for."""
        self._summary.take(list(zip(values, weights)))
        self.finalize_state()

    def get_config(self) -> Config:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """The layer that `get_config` describes: after `adapt` it holds both the number of bins and their edges."""
        found = config.get("bin_boundaries") if config.get("num_bins") is not None else None
        layer = super().from_config({**config, "bin_boundaries": None} if found is not None else config)
        if found is not None:
            layer.bin_boundaries = _rising(found)
        return layer


def _rising(edges):
    """Edges may be equal, and the bin between them empty: `adapt` finds such where many numbers are the same."""
    edges = [float(edge) for edge in edges]
    if not edges or any(not low <= high for low, high in itertools.pairwise(edges)):
        raise ValueError(f"`bin_boundaries` must be rising numbers, at least one, got {edges}.")
    return edges
