"""Hashing."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import is_int_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.numpy.text_hashes import fingerprints, keyed_hashes
from kerasish.backend.texts import is_text
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.categories import checked_mode, checked_sparse, encoded, encoded_shape
from kerasish.layers.preprocessing.host_layer import HostLayer, applied
from kerasish.layers.preprocessing.salts import checked_salt
from kerasish.typing import Config, Shape, ShapeLike


class Hashing(HostLayer):
    """Strings or ints as the bins into which their hashes fall; no vocabulary is needed.

    The hash is FarmHash64's fingerprint; with `salt` SipHash-2-4 under it. Ints are hashed as their decimal digits.

    Args:
        num_bins: int, how many bins there are.
        mask_value: string or int that falls into bin 0, which is its own then; None for none.
        salt: int or two ints, the key of the hash.
        output_mode: "int" (the bin's number), "one_hot" (a vector for each value), "multi_hot" (1 for each bin that a
            sample falls into) or "count" (how often it does).
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        **kwargs: those of `Layer`: `name`, `dtype` (of the output; int64 with "int"), ...

    Raises:
        ValueError: for `num_bins` below 1, another kind of `salt`, and a dtype of floats with "int".

    Input shape:
        strings or ints, any shape.

    Output shape:
        the shape of the inputs with "int"; (..., num_bins) with "one_hot", (batch, num_bins) else.

    Reference:
        https://github.com/google/farmhash; https://www.aumasson.jp/siphash/siphash.pdf

    >>> import kerasish as keras
    >>> keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).tolist()
    [[1], [0], [1], [1], [2]]
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: str | int | None = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        mode = checked_mode(output_mode)
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if mode == "int" else None
        super().__init__(**kwargs)
        if mode == "int" and not is_int_dtype(self.compute_dtype):
            raise ValueError(f"`dtype` must be one of ints with output_mode='int', got {self.compute_dtype!r}.")
        self.num_bins: int = positive(num_bins, "num_bins")
        self.salt: list[int] | None = checked_salt(salt)
        self.mask_value, self.output_mode = mask_value, mode
        self.sparse: bool = checked_sparse(sparse, mode)

    def call(self, inputs: Any) -> Any:
        bins = applied(self._bins_of, [inputs], inputs.shape, "int64")
        return encoded(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def _bins_of(self, values):
        self._check_mask(is_text(values))
        hashes = hashed(values, self.salt)
        if self.mask_value is None or self.num_bins == 1:
            return (hashes % self.num_bins).astype("int64").reshape(values.shape)
        bins = (hashes % (self.num_bins - 1)).astype("int64") + 1
        bins[self._masked(values, hashes)] = 0
        return bins.reshape(values.shape)

    def _masked(self, values, hashes):
        """The places of the mask among values; of text those of its hash, looked at once more."""
        mask, flat = self.mask_value, values.ravel()
        if not is_text(values):
            return flat == mask
        either = (mask.encode(), mask) if isinstance(mask, str) else (mask,)
        like = (hashes == hashed([mask], self.salt)).nonzero()[0]
        return [place for place, item in zip(like, flat[like].tolist()) if item in either]

    def _check_mask(self, text):
        if self.mask_value is not None and isinstance(self.mask_value, (str, bytes)) != text:
            kind, other = ("text", "a number") if text else ("numbers", "text")
            raise TypeError(
                f"The inputs of {self.name!r} are {kind}, but its `mask_value` {self.mask_value!r} is {other}."
            )

    def compute_output_shape(self, input_shape: ShapeLike) -> Shape:
        return encoded_shape(input_shape, self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def hashed(values: Any, salt: Any) -> Any:
    """The hashes of a host array of strings, ints or bools, or of a list of strings, flat, as uint64."""
    kind = getattr(values, "dtype", None)
    if kind == "bool":
        values = [str(value).lower() for value in values.ravel().tolist()]
    elif kind is not None and not is_text(values):
        values = values.astype("int64")
    return fingerprints(values) if salt is None else keyed_hashes(values, salt)
