"""TextVectorization."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any

from kerasish import ops
from kerasish.backend.graph import KerasTensor, Tensor
from kerasish.backend.numpy.ragged_rows import padded, with_row_numbers
from kerasish.backend.numpy.text_runs import BETWEEN, ended
from kerasish.backend.numpy.word_table import worthwhile
from kerasish.backend.texts import fixed_width, is_text, text_array, texts_as
from kerasish.backend.variable import host_array
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.arguments import one_of
from kerasish.layers.preprocessing import text_rows
from kerasish.layers.preprocessing.host_layer import HostLayer, applied
from kerasish.layers.preprocessing.lookup import batches
from kerasish.layers.preprocessing.string_lookup import StringLookup
from kerasish.suggestions import did_you_mean
from kerasish.typing import Config, Shape, ShapeLike

PADDING, END = b"", -3  # a token, and the number of what marks the end of a text
UTF8 = ("utf-8", "utf8")


class TextVectorization(HostLayer):
    """Texts as the numbers of their words in a vocabulary, or as a vector of them.

    A text is standardized, split into tokens, and these are looked up. It computes on the host: of a model with text
    among its inputs it is the part before the compiled step.

    Args:
        max_tokens: int, the largest vocabulary that `adapt` makes, special tokens included; None: all tokens.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a function from an array of
            strings to one. Letters are those of ASCII.
        split: "whitespace", "character", None, or a function from an array of strings to a list of lists of them.
        ngrams: int, up to how many tokens in a row make further ones; or a tuple of the very numbers.
        output_mode: "int" (the tokens' numbers, 0 behind the end), "one_hot" (a vector for each token), "multi_hot" (1
            for each token of the vocabulary that a text holds), "count" (how often), "tf_idf" (the count times the
            token's weight).
        output_sequence_length: int, to how many tokens texts are cut or filled up with "int"; None: the longest of the
            batch.
        pad_to_max_tokens: bool. Make vectors `max_tokens` long even where the vocabulary is smaller.
        vocabulary: list or array of strings, or the path of a file with one a line; None where `adapt` is to find it.
        idf_weights: list of floats, the weight of each string of `vocabulary`, with `output_mode="tf_idf"`.
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        ragged: accepted with "int"; the rows are filled up with 0.
        encoding: string, of bytes among the inputs.
        name: string, by default the class name in snake_case, numbered.
        **kwargs: those of `Layer`: `dtype` (of the vectors; of the numbers where it is one of ints), ...

    Raises:
        ValueError: for a vocabulary with repeated strings, a file that does not exist, and arguments out of range.

    Input shape:
        strings (batch,) or (batch, 1); one string.

    Output shape:
        (batch, tokens) with "int", (batch, tokens, vocabulary) with "one_hot", (batch, vocabulary) else.

    >>> import kerasish as keras
    >>> layer = keras.layers.TextVectorization()
    >>> layer.adapt(["The cat sat.", "The dog!"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'the', 'sat', 'dog', 'cat']
    >>> layer(["the cat flew", "Dog"]).tolist()
    [[2, 5, 1], [4, 0, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable[..., Any] | None = "lower_and_strip_punctuation",
        split: str | Callable[..., Any] | None = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        known_size = kwargs.pop("vocabulary_size", None)
        super().__init__(name=name, **kwargs)
        self.standardize = _named(standardize, tuple(text_rows.STANDARDIZED), "standardize")
        self.split = _named(split, tuple(text_rows.SPLIT), "split")
        self._sizes = _checked_ngrams(ngrams)
        self._lookup_layer: StringLookup = StringLookup(
            max_tokens=max_tokens,
            mask_token="",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            encoding=encoding,
            vocabulary_size=known_size,
            dtype=kwargs.get("dtype"),
            name=self.name,  # what its messages speak of
        )
        self.output_mode: str = self._lookup_layer.output_mode
        self.ngrams, self.ragged, self.sparse = ngrams, bool(ragged), bool(sparse)
        self.max_tokens, self.pad_to_max_tokens, self.encoding = max_tokens, bool(pad_to_max_tokens), encoding
        self.output_sequence_length: int | None = _checked_length(output_sequence_length, self.output_mode)
        if ragged and self.output_mode != "int":
            raise ValueError(f"`ragged=True` goes with output_mode='int', got output_mode={output_mode!r}.")

    # -- the vocabulary -----------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Make the vocabulary of the tokens in data, the most frequent first. What was found before is forgotten.

        Args:
            data: array, tensor, list or column of texts; or an iterable of batches of them (a generator, a data set).
            batch_size: accepted; arrays are read as a whole.
            steps: int, how many batches of an iterable to read; None: all.

        Raises:
            ValueError: where the constructor was given a `vocabulary`, for no data, and for data that are no text.
        """
        self.reset_state()
        for batch in batches(data, steps):
            self.update_state(batch)
        self._lookup_layer.check_counted()
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take in one batch of texts; `adapt` calls it."""
        texts = _texts(data, self.name)
        counts = None if self.output_mode == "tf_idf" else self._counts_of_words(texts)
        if counts is not None:
            self._lookup_layer.count_tokens({word.decode("utf-8"): n for word, n in counts.items()}, texts.size)
            return
        rows, _ = self._rows(texts)
        self._lookup_layer.count_rows([[token.decode("utf-8") for token in row] for row in rows])

    def _counts_of_words(self, texts):
        """How often each word comes; None where plain words are not what is counted."""
        if not self._is_plain(texts):
            return None
        counts = Counter()
        try:
            for words in text_rows.marked_words(texts.ravel().tolist(), self.standardize):
                counts.update(words)
        except ValueError:
            return None
        del counts[BETWEEN]
        return counts

    def finalize_state(self) -> None:
        """Make the vocabulary of what was taken in; `adapt` calls it."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget what was taken in; `adapt` calls it."""
        self._lookup_layer.reset_state()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the vocabulary to a list of tokens.

        Args:
            vocabulary: list or array of tokens, with the special ones in front or without them; or the path of a file
                with a token a line, without the special ones.
            idf_weights: list or array of floats, the weight of each token; with output_mode="tf_idf" alone.

        Raises:
            ValueError: for tokens that come twice, an empty list, more than `max_tokens`, a file that does not exist,
                and weights that do not fit.
        """
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The tokens in the order of their numbers.

        Args:
            include_special_tokens: bool, whether "" (the padding) and the token of the unknown are among them.

        Returns:
            List of strings.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of tokens, the special ones included."""
        return self._lookup_layer.vocabulary_size()

    # -- the computation ----------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        if isinstance(inputs, Tensor) and is_text(inputs):
            return applied(self._vectorized, [inputs], self.compute_output_shape(inputs.shape), self.output_dtype)
        return self._vectorized(_texts(inputs, self.name))

    def _vectorized(self, texts):
        marked = self._marked_numbers(texts)
        if marked is not None:
            return self._from_marked(marked)
        rows, shape = self._rows(texts)
        if not self._makes_rows:
            numbers = self._numbers(list(chain.from_iterable(rows))).reshape(shape)
            return self._cut(numbers) if self.output_mode == "int" else self._lookup_layer._encoded(numbers)
        vectors = self._matrix(rows) if self.output_mode in ("int", "one_hot") else self._bags(rows)
        alone = len(shape) == 0 or (self.split is None and len(shape) == 1)
        return ops.reshape(vectors, tuple(vectors.shape)[1:]) if alone else vectors

    def _marked_numbers(self, texts):
        """The numbers of the words of all texts in a row, `END` behind each text; None where that is not the way."""
        if not self._is_plain(texts):
            return None
        if worthwhile():
            return self._numbers_by_kernel(texts)
        table = self._lookup_layer.bytes_table({BETWEEN: END})
        numbers, unknown = array("q"), 1 if self.output_mode == "int" else 0
        try:
            for words in text_rows.marked_words(texts.ravel().tolist(), self.standardize):
                table.extended(numbers, words, unknown)
        except ValueError:
            return None
        return host_array(numbers, "int64")

    def _numbers_by_kernel(self, texts):
        table, how = self._lookup_layer.word_table(), text_rows.kinds_of_bytes(self.standardize)
        unknown = 1 if self.output_mode == "int" else 0
        if texts.dtype.kind == "U":
            return table.words_of_rows(texts, how, unknown, END)
        try:
            return table.words_of_run(ended(texts), how, unknown, END)
        except ValueError:
            return None

    def _is_plain(self, texts):
        """Whether texts are to be split into single words and nothing else."""
        plain = self.split == "whitespace" and self.ngrams is None and not callable(self.standardize)
        one_each = texts.ndim == 1 or texts.ndim == 2 and texts.shape[1] == 1
        return plain and one_each and texts.size > 0 and self.encoding.lower() in UTF8

    def _from_marked(self, numbers):
        if self.output_mode in ("int", "one_hot"):
            return self._as_output(
                padded(numbers, END, self.output_sequence_length, fill=0 if self.output_mode == "int" else -1)
            )
        rows, known = with_row_numbers(numbers, END)
        return self._lookup_layer.bags(rows, known, int((numbers == END).sum()))

    @property
    def _makes_rows(self):
        """Whether there are several tokens for a text, or for a row of tokens."""
        return self.split is not None or self.ngrams is not None

    def _rows(self, texts):
        """A list of lists of tokens for an array of texts, and the shape of what was split."""
        if callable(self.standardize):
            given = fixed_width(texts, self.encoding)
            texts = text_array(self.standardize(given), "the result of `standardize`")
        if self.split is not None and texts.ndim > 1:
            if texts.shape[-1] != 1 or texts.ndim > 2:
                raise ValueError(
                    f"{self.name!r} splits texts of shape (batch,) or (batch, 1), got shape {texts.shape}. Give "
                    "`split=None` for text that is split already."
                )
            texts = texts[:, 0]
        flat = self._as_bytes(texts)
        if not callable(self.standardize):
            flat = text_rows.standardized(flat, self.standardize)
        if callable(self.split):
            given = fixed_width(texts_as(list(flat), (len(flat),)), "utf-8")
            rows = [self._as_bytes(row) for row in text_rows.rows_of(self.split(given), len(flat))]
        elif self.split is not None:
            rows = text_rows.SPLIT[self.split](flat)
        else:
            width = texts.shape[-1] if texts.ndim else 1
            rows = [flat[at : at + width] for at in range(0, len(flat), max(width, 1))]
        return rows if self._sizes is None else text_rows.with_ngrams(rows, self._sizes), texts.shape

    def _as_bytes(self, texts):
        """UTF-8 of texts, str or bytes in the encoding of the layer, as a list."""
        flat = texts.ravel().tolist() if hasattr(texts, "ravel") else texts
        if self.encoding.lower() in UTF8:
            return [text.encode() if isinstance(text, str) else text for text in flat]
        return [(text if isinstance(text, str) else text.decode(self.encoding)).encode() for text in flat]

    def _numbers(self, tokens):
        unknown = 1 if self.output_mode == "int" else 0
        return self._lookup_layer.bytes_table({BETWEEN: END}).numbers(tokens, unknown)

    def _matrix(self, rows):
        """Rows of numbers, filled up to one length; or of vectors."""
        length = self.output_sequence_length
        width = max(map(len, rows), default=0) if length is None else length
        flat = []
        for row in rows:
            missing = width - len(row)
            flat += row[:width] if missing < 0 else row
            if missing > 0:
                flat += [PADDING] * missing
        return self._as_output(self._numbers(flat).reshape((len(rows), width)))

    def _as_output(self, numbers):
        if self.output_mode == "int":
            return ops.cast(numbers, self.output_dtype)
        return ops.one_hot(numbers, self._lookup_layer._known_depth(), dtype=self.output_dtype)

    def _cut(self, numbers):
        """Numbers of tokens that are not split, along their last axis of the length that is asked for."""
        length = self.output_sequence_length
        if length is None or not numbers.shape:
            return ops.cast(numbers, self.output_dtype)
        numbers = numbers[..., :length]
        padding = [(0, 0)] * (numbers.ndim - 1) + [(0, length - numbers.shape[-1])]
        return ops.cast(ops.pad(numbers, padding), self.output_dtype)

    def _bags(self, rows):
        numbers = self._numbers(list(chain.from_iterable(rows)))
        at = array("q", chain.from_iterable(repeat(place, len(row)) for place, row in enumerate(rows)))
        return self._lookup_layer.bags(host_array(at, "int64"), numbers, len(rows))

    @property
    def output_dtype(self) -> str:
        """The dtype of what comes out: int64 for numbers, where the layer was not given another dtype of ints."""
        return self._lookup_layer.output_dtype

    def compute_output_shape(self, input_shape: ShapeLike) -> Shape:
        shape, length = tuple(input_shape), self.output_sequence_length
        if not self._makes_rows:
            found = self._lookup_layer.compute_output_shape(shape)
            return found if self.output_mode != "int" or length is None or not found else (*found[:-1], length)
        batch, depth = shape[:1], self._lookup_layer._depth
        if self.output_mode == "int":
            return (*batch, length)
        return (*batch, None, depth) if self.output_mode == "one_hot" else (*batch, depth)

    def compute_output_spec(self, inputs: Any) -> Any:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.output_dtype)

    # -- files --------------------------------------------------------------------------------------------------

    def save_own_variables(self, store: Any) -> None:
        """Weights of tokens are kept among the model's weights."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """Take the weights of tokens, where the file has them; `load_assets` brings the tokens."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: str) -> None:
        """Write the vocabulary that `adapt` found into a folder; one that was given is part of the config."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: str | None) -> None:
        """Read the vocabulary that `save_assets` wrote; None where a file holds none."""
        self._lookup_layer.load_assets(dir_path)

    def get_config(self) -> Config:
        lookup = self._lookup_layer.get_config()
        return {
            **super().get_config(),
            "max_tokens": self.max_tokens,
            "standardize": _serialized(self.standardize),
            "split": _serialized(self.split),
            "ngrams": self.ngrams,
            "output_mode": self.output_mode,
            "output_sequence_length": self.output_sequence_length,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "vocabulary": lookup["vocabulary"],
            "idf_weights": lookup["idf_weights"],
            "encoding": self.encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        config = dict(config)
        for key in ("standardize", "split"):
            if isinstance(config.get(key), dict):
                config[key] = deserialize_keras_object(config[key])
        if isinstance(config.get("ngrams"), list):
            config["ngrams"] = tuple(config["ngrams"])
        path = config.get("vocabulary")
        if not isinstance(path, str):
            return super().from_config(config)
        layer = super().from_config({**config, "vocabulary": None, "idf_weights": None})
        layer._lookup_layer._refused_path = path  # a config must not choose which files are read
        return layer


def _texts(data, name):
    if hasattr(data, "dtype") and not is_text(data):
        raise ValueError(f"The inputs of {name!r} must be text, got numbers (dtype {data.dtype}).")
    return text_array(data, f"inputs of {name!r}")


def _serialized(function):
    return serialize_keras_object(function) if callable(function) else function


def _named(value, choices, name):
    """A name in today's spelling, a function, or None. Raises ValueError naming the argument."""
    if value is None or callable(value):
        return value
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"`{name}` must be one of {', '.join(map(repr, choices))}, a function or None, got {value!r}."
            f"{did_you_mean(value, choices)}"
        )
    return one_of(value, choices, name)


def _checked_ngrams(ngrams: Any) -> Sequence[int] | None:
    """The sizes of the runs of tokens, or None for single tokens alone. Raises ValueError naming the argument."""
    if ngrams is None:
        return None
    sizes = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) and not isinstance(ngrams, bool) else ngrams
    good = isinstance(sizes, tuple) and sizes and all(isinstance(n, int) and n > 0 for n in sizes)
    if not good:
        raise ValueError(f"`ngrams` must be an int > 0, a tuple of them, or None, got {ngrams!r}.")
    return sizes


def _checked_length(length, output_mode):
    if length is None:
        return None
    if output_mode != "int":
        raise ValueError(f"`output_sequence_length` goes with output_mode='int', got output_mode={output_mode!r}.")
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        raise ValueError(f"`output_sequence_length` must be an int >= 0 or None, got {length!r}.")
    return length
