"""IntegerLookup."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.host_arrays import fetched
from kerasish.backend.texts import is_text
from kerasish.backend.variable import host_array
from kerasish.layers.preprocessing.lookup import Lookup
from kerasish.ops import convert_to_numpy
from kerasish.typing import Config


class IntegerLookup(Lookup):
    """Ints as their numbers in a vocabulary, or as vectors of them; with `invert` the other way.

    Args:
        max_tokens: int, the largest vocabulary that `adapt` makes, special tokens included; None: all tokens.
        num_oov_indices: int, how many numbers unknown ints share; 0 refuses such.
        mask_token: int whose number is 0 with `output_mode="int"`, and which vectors leave out; None for none.
        oov_token: int, what stands for the unknown in the vocabulary, and for unknown numbers with `invert`.
        vocabulary: list or array of ints, or the path of a file with one a line; None where `adapt` is to find it.
        vocabulary_dtype: "int64".
        idf_weights: list of floats, the weight of each int of `vocabulary`, with `output_mode="tf_idf"`.
        invert: bool. Map numbers to the ints of the vocabulary.
        output_mode: "int" (numbers), "one_hot" (a vector for each int), "multi_hot" (1 for each int of the vocabulary
            that a sample holds), "count" (how often), "tf_idf" (the count times the weight).
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        pad_to_max_tokens: bool. Make vectors `max_tokens` long even where the vocabulary is smaller.
        oov_method: how unknown ints share several numbers: "floormod", by their remainder, or "farmhash", by their
            hash.
        salt: int or two ints, for "farmhash".
        name: string, by default the class name in snake_case, numbered.
        **kwargs: those of `Layer`: `dtype` (of the vectors; of the numbers where it is one of ints), ...

    Raises:
        ValueError: for a vocabulary with repeated ints, a file that does not exist, and arguments out of range.

    Input shape:
        ints, any shape.

    Output shape:
        the shape of the inputs with "int"; (..., vocabulary) with "one_hot", (batch, vocabulary) else.

    >>> import kerasish as keras
    >>> layer = keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])
    >>> layer([[12, 1138, 42], [42, 36, 12]]).tolist()
    [[1, 3, 0], [0, 2, 1]]
    """

    token_dtype = "int64"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ValueError(f"`vocabulary_dtype` must be 'int64', got {vocabulary_dtype!r}.")
        if salt is not None and oov_method != "farmhash":
            raise ValueError(f"`salt` goes with oov_method='farmhash', got oov_method={oov_method!r}.")
        self.vocabulary_dtype: str = vocabulary_dtype
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            sparse,
            pad_to_max_tokens,
            oov_method,
            salt,
            name=name,
            **kwargs,
        )

    def _as_tokens(self, data, role=None, checked=False):
        data = fetched(data)
        array = data if hasattr(data, "tolist") else convert_to_numpy(data) if role is None else list(data)
        if role is not None:
            return host_array([self._token(item) for item in array], "int64")
        if is_text(array):
            raise ValueError(
                f"The inputs of {self.name!r} must be ints, got text. Use a `StringLookup` for text, or convert it: "
                "`.astype(int)`."
            )
        return convert_to_numpy(array).astype("int64")

    def update_state(self, data: Any) -> None:
        """Take in one batch of ints; `adapt` calls it."""
        numbers = convert_to_numpy(data) if not is_text(data) else data
        if numbers.size and not is_text(numbers) and is_float_dtype(numbers.dtype):
            raise ValueError(f"`data` of {self.name!r} must be ints, got floats. Cast them, or use a `Discretization`.")
        super().update_state(numbers)

    def _flat(self, tokens):
        return tokens.astype("int64").ravel().tolist()

    def _token(self, item):
        try:
            return int(item)
        except (TypeError, ValueError):
            raise ValueError(f"`vocabulary` of {self.name!r} must hold ints, got {item!r}.") from None

    def _places(self, tokens):
        if self.oov_method == "floormod":
            return [token % self.num_oov_indices for token in tokens]
        return self._hashed_places([str(token) for token in tokens]).tolist()

    def _tokens_as(self, tokens, shape):
        return host_array(tokens, "int64").reshape(shape)

    def get_config(self) -> Config:
        return {**super().get_config(), "vocabulary_dtype": self.vocabulary_dtype}
