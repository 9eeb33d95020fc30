"""StringLookup."""

from __future__ import annotations

import codecs
from typing import Any

from kerasish.backend.numpy.text_runs import ended
from kerasish.backend.numpy.word_table import WordTable, worthwhile
from kerasish.backend.texts import is_text, text_array, texts_as
from kerasish.layers.preprocessing.lookup import Lookup
from kerasish.layers.preprocessing.vocabulary import ABSENT, Table
from kerasish.typing import Config


class StringLookup(Lookup):
    """Strings as their numbers in a vocabulary, or as vectors of them; with `invert` numbers as strings.

    It computes on the host: of a model with text among its inputs it is the part before the compiled step.

    Args:
        max_tokens: int, the largest vocabulary that `adapt` makes, special tokens included; None: all tokens.
        num_oov_indices: int, how many numbers unknown strings share, chosen by their hash; 0 refuses such.
        mask_token: string whose number is 0 with `output_mode="int"`, and which vectors leave out; None for none.
        oov_token: string, what stands for the unknown in the vocabulary, and for unknown numbers with `invert`.
        vocabulary: list or array of strings, or the path of a file with one a line; None where `adapt` is to find it.
        idf_weights: list of floats, the weight of each string of `vocabulary`, with `output_mode="tf_idf"`.
        invert: bool. Map numbers to strings.
        output_mode: "int" (numbers), "one_hot" (a vector for each string), "multi_hot" (1 for each string of the
            vocabulary that a sample holds), "count" (how often), "tf_idf" (the count times the weight).
        pad_to_max_tokens: bool. Make vectors `max_tokens` long even where the vocabulary is smaller.
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        encoding: string, of bytes among the inputs.
        name: string, by default the class name in snake_case, numbered.
        salt: int or two ints, for the hash of unknown strings.
        **kwargs: those of `Layer`: `dtype` (of the vectors; of the numbers where it is one of ints), ...

    Raises:
        ValueError: for a vocabulary with repeated strings, a file that does not exist, and arguments out of range.

    Input shape:
        strings, any shape; numbers with `invert`.

    Output shape:
        the shape of the inputs with "int"; (..., vocabulary) with "one_hot", (batch, vocabulary) else.

    >>> import kerasish as keras
    >>> layer = keras.layers.StringLookup(vocabulary=["cat", "dog"])
    >>> layer([["dog", "mouse"], ["cat", "dog"]]).tolist()
    [[2, 0], [1, 2]]
    """

    token_dtype = "string"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding: str = _known(encoding)
        self._table_of_bytes = self._table_of_words = None
        oov_method = kwargs.pop("oov_method", "floormod")  # that of ints; it stands in configs of Keras
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
        if hasattr(data, "dtype") and not is_text(data):
            raise ValueError(
                f"`{role or 'inputs'}` of {self.name!r} must be text, got numbers (dtype {data.dtype}). Use an "
                "`IntegerLookup` for numbers."
            )
        if checked and hasattr(data, "dtype"):
            return data
        return text_array(data, role or f"inputs of {self.name!r}")

    def _flat(self, tokens):
        """The tokens of an array as a list of str."""
        flat = tokens.ravel().tolist()
        if tokens.dtype.kind in "UT":
            return flat
        return [self._token(t) for t in flat] if any(t is not str for t in set(map(type, flat))) else flat

    def _token(self, item):
        return item.decode(self.encoding) if isinstance(item, bytes) else str(item)

    def bytes_table(self, others: dict[bytes, int]) -> Table:
        """The table of tokens as UTF-8, and of `others`; the unknown have one number."""
        self._check_ready()
        if self._table_of_bytes is None:
            mask = {} if self.mask_token is None else {self.mask_token.encode(): 0 if self._masked else -1}
            tokens = [token.encode() for token in self._tokens]
            self._table_of_bytes = Table(tokens, self._first, {**mask, **others})
        return self._table_of_bytes

    def word_table(self) -> WordTable:
        """The table of tokens that a native kernel reads."""
        self._check_ready()
        if self._table_of_words is None:
            numbers = dict(zip(self._tokens, range(self._first, self.vocabulary_size())))
            if self.mask_token is not None:
                numbers.setdefault(self.mask_token, 0 if self._masked else -1)
            self._table_of_words = WordTable([token.encode() for token in numbers], list(numbers.values()))
        return self._table_of_words

    def _numbers_of(self, tokens):
        alone = self.num_oov_indices == 1
        found = self._looked_up(tokens, int(self._masked) if alone else ABSENT) if worthwhile() else None
        if found is None:
            return super()._numbers_of(tokens)
        strange = [] if alone else (found == ABSENT).nonzero()[0]
        if len(strange):
            unknown = tokens.ravel()[strange]
            self._check_known(unknown.tolist())
            found[strange] = int(self._masked) + self._hashed_places(unknown)
        return found.reshape(tokens.shape)

    def _looked_up(self, tokens, unknown):
        """The numbers of tokens by the native kernel, flat; None for what it does not read as Python does."""
        table = self.word_table()
        if tokens.dtype.kind == "U":
            return table.of_rows(tokens, unknown)
        if self.encoding.lower() not in ("utf-8", "utf8"):
            return None
        try:
            run = ended(tokens)
            run.decode()
        except ValueError:  # a byte 0, or what is no UTF-8
            return None
        return table.of_run(run, unknown)

    def _set(self, tokens, idf):
        super()._set(tokens, idf)
        self._table_of_bytes = self._table_of_words = None

    def _places(self, tokens):
        return self._hashed_places(tokens).tolist()

    def _tokens_as(self, tokens, shape):
        return texts_as(tokens, shape)

    def get_config(self) -> Config:
        return {**super().get_config(), "encoding": self.encoding}


def _known(encoding):
    """An encoding that Python has."""
    try:
        codecs.lookup(encoding)
    except (LookupError, TypeError):
        raise ValueError(f'`encoding` must name one, such as "utf-8" or "latin-1"; got {encoding!r}.') from None
    return encoding
