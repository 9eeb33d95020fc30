"""HashedCrossing."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.numpy.text_hashes import crossed, fingerprints
from kerasish.backend.texts import is_text
from kerasish.layers.base.arguments import one_of, positive
from kerasish.layers.preprocessing.categories import encoded, encoded_shape
from kerasish.layers.preprocessing.host_layer import HostLayer, applied, on_host
from kerasish.ops.convert import dtype_of
from kerasish.typing import Config, DTypeLike, Shape


class HashedCrossing(HostLayer):
    """Several columns of categories as one: the bin into which the hash of the values of a row falls.

    Args:
        num_bins: int, how many bins there are.
        output_mode: "int" (the bin's number) or "one_hot" (a vector).
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        name: string, by default the class name in snake_case, numbered.
        dtype: dtype of the output; int64 with "int" when None.
        **kwargs: `trainable`, which changes nothing.

    Raises:
        ValueError: for `num_bins` below 1, and another mode.

    Input shape:
        list of two or more tensors of strings or ints, each (), (batch,) or (batch, 1).

    Output shape:
        the shape of one input with "int", (batch, num_bins) with "one_hot".

    >>> import kerasish as keras
    >>> layer = keras.layers.HashedCrossing(num_bins=5)
    >>> layer((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102])).tolist()
    [1, 4, 1, 1, 3]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        mode = one_of(output_mode, ("int", "one_hot"), "output_mode")
        super().__init__(name=name, dtype="int64" if dtype is None and mode == "int" else dtype, **kwargs)
        self.num_bins: int = positive(num_bins, "num_bins")
        self.output_mode, self.sparse = mode, bool(sparse)

    def _taken(self, inputs):
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(
                f"{self.name!r} must be called on a list or tuple of at least two tensors, got {inputs!r:.200}."
            )
        columns = [on_host(x, f"inputs of {self.name!r}") for x in inputs]
        self._check(columns)
        return columns

    def _check(self, columns):
        shapes = [tuple(x.shape) for x in columns]
        if any(len(shape) != len(shapes[0]) or len(shape) > 2 or shape[1:] not in ((), (1,)) for shape in shapes):
            raise ValueError(
                f"The inputs of {self.name!r} must all have shape (), (batch,) or (batch, 1), got {shapes}."
            )
        if len({shape[0] for shape in shapes if shape and shape[0] is not None}) > 1:
            raise ValueError(f"The inputs of {self.name!r} must have equal shapes, got {shapes}.")
        floats = [dtype_of(x) for x in columns if not is_text(x) and is_float_dtype(dtype_of(x))]
        if floats:
            raise ValueError(f"The inputs of {self.name!r} must be ints or text, got {floats[0]}. Convert them first.")

    def call(self, inputs: Any) -> Any:
        bins = applied(self._bins_of, list(inputs), inputs[0].shape, "int64")
        if self.output_mode == "int":
            return ops.cast(bins, self.compute_dtype)
        return encoded(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def _bins_of(self, *columns):
        hashes = crossed([_column(x.ravel()) for x in columns])
        return (hashes % self.num_bins).astype("int64").reshape(columns[0].shape)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return encoded_shape(input_shape[0], self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        return KerasTensor(self.compute_output_shape([x.shape for x in inputs]), self.compute_dtype)

    def get_config(self) -> Config:
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }


def _column(values):
    """Strings by their fingerprints, ints as they are."""
    if not is_text(values):
        return values.astype("int64")
    return fingerprints(values)
