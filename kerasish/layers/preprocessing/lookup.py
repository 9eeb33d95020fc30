"""What `StringLookup` and `IntegerLookup` share: a layer that turns tokens into their numbers in a vocabulary."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.backend import context
from kerasish.backend.dtypes import is_int_dtype
from kerasish.backend.graph import KerasTensor, Tensor
from kerasish.backend.numpy.text_hashes import fingerprints, keyed_hashes
from kerasish.backend.texts import is_text
from kerasish.backend.variable import host_array
from kerasish.layers.base.arguments import one_of
from kerasish.layers.preprocessing import vocabulary as words
from kerasish.layers.preprocessing.categories import VECTORS, checked_mode, checked_sparse, encoded, encoded_shape
from kerasish.layers.preprocessing.host_layer import HostLayer, applied
from kerasish.layers.preprocessing.salts import checked_salt
from kerasish.typing import Config, Shape, ShapeLike

MODES = ("int", *VECTORS, "tf_idf")


class Lookup(HostLayer):
    """Base of the lookups; a subclass says what tokens are.

    The vocabulary is the mask token (with `output_mode="int"`, where there is one), `num_oov_indices` places for
    unknown tokens, and the tokens. It is given, or `adapt` makes it of data.
    """

    token_dtype: str  # of a subclass: "string" or "int64"

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        sparse: bool,
        pad_to_max_tokens: bool,
        oov_method: str,
        salt: Any,
        **kwargs: Any,
    ) -> None:
        known_size = kwargs.pop("vocabulary_size", None)
        super().__init__(**kwargs)
        self.output_mode: str = checked_mode(output_mode, MODES)
        self.sparse: bool = checked_sparse(sparse, self.output_mode)
        check_sizes(max_tokens, num_oov_indices, pad_to_max_tokens)
        if invert and self.output_mode != "int":
            raise ValueError(f"`output_mode` must be 'int' where `invert` is True, got {output_mode!r}.")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ValueError(f"`idf_weights` goes with output_mode='tf_idf', got output_mode={output_mode!r}.")
        self.oov_method: str = one_of(oov_method, ("floormod", "farmhash"), "oov_method")
        self.salt: list[int] | None = checked_salt(salt)
        self.invert, self.max_tokens, self.num_oov_indices = bool(invert), max_tokens, num_oov_indices
        self.mask_token, self.oov_token, self.pad_to_max_tokens = mask_token, oov_token, bool(pad_to_max_tokens)
        self._size_when_saved: int | None = known_size
        self._tokens: list[Any] | None = None  # without the special ones
        self._idf: list[float] | None = None  # of all, the unknown ones first
        self._counter = self._table = self._refused_path = self._given = self._given_idf = None
        if isinstance(vocabulary, str) and context.current().safe_mode is not None:
            self._refused_path = vocabulary  # a file of a model must not choose which files of this machine are read
        elif vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
            self._given, self._given_idf = list(self._tokens), self._idf and self._idf[self.num_oov_indices :]
        elif idf_weights is not None:
            raise ValueError("`idf_weights` goes with `vocabulary`: give both, or neither and call `adapt`.")

    # -- the vocabulary -----------------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Make the vocabulary of the tokens in data, the most frequent first. What was found before is forgotten.

        Args:
            data: array, tensor, list or column of a data frame; or an iterable of batches of them (a generator, a data
                set).
            steps: int, how many batches of an iterable to read; None: all.

        Raises:
            ValueError: where the constructor was given a `vocabulary`, for no data, and for data of another kind.
        """
        self.reset_state()
        for batch in batches(data, steps):
            self.update_state(batch)
        self.check_counted()
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take in one batch of tokens; `adapt` calls it."""
        tokens = self._as_tokens(data)
        flat, shape = self._flat(tokens), tuple(tokens.shape)
        width = shape[-1] if len(shape) > 1 else 1
        self.count_rows([flat[start : start + width] for start in range(0, len(flat), max(width, 1))])

    def count_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take in documents, each a sequence of tokens."""
        self._open_counter().add(rows)

    def count_tokens(self, counts: dict[Any, int], number_of_documents: int) -> None:
        """Take in how often tokens come in documents."""
        self._open_counter().add_counts(counts, number_of_documents)

    def check_counted(self) -> None:
        """Raise ValueError where nothing was taken in."""
        if self._counter is not None and not self._counter.number_of_documents:
            raise ValueError("`data` is empty; `adapt` needs at least one token.")

    def _open_counter(self):
        self._check_open()
        if self._counter is None:
            self._counter = words.TokenCounter(self.output_mode == "tf_idf")
        return self._counter

    def _check_open(self):
        if self._given is not None:
            raise ValueError(
                f"Can't adapt {self.name!r}, which was made with a `vocabulary`. Leave that out to have one found in "
                "data."
            )

    def finalize_state(self) -> None:
        """Make the vocabulary of what was taken in; `adapt` calls it."""
        if self._given is not None or self._counter is None:
            return
        room = None if self.max_tokens is None else self.max_tokens - self._first
        tokens = self._counter.most_common({self.mask_token, self.oov_token}, room)
        idf = self._counter.idf_weights(tokens) if self.output_mode == "tf_idf" else None
        self._set(tokens, idf)
        self._counter = None

    def reset_state(self) -> None:
        """Forget what was taken in; `adapt` calls it."""
        if self._given is None:
            self._counter = words.TokenCounter(self.output_mode == "tf_idf")

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
        if self.output_mode == "tf_idf" and idf_weights is None:
            raise ValueError("`idf_weights` must be given with `vocabulary` where `output_mode` is 'tf_idf'.")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ValueError(f"`idf_weights` goes with output_mode='tf_idf', got output_mode={self.output_mode!r}.")
        if isinstance(vocabulary, str):
            if self.output_mode == "tf_idf":
                raise ValueError("`vocabulary` must be a list where `output_mode` is 'tf_idf', got the path of a file.")
            given = [self._token(line) for line in words.read_tokens(vocabulary)]
            tokens = words.without_special_tokens(given, [], self.mask_token)
        else:
            given = [self._token(item) for item in self._flat(self._as_tokens(vocabulary, "vocabulary"))]
            tokens = words.without_special_tokens(given, self._special_tokens, self.mask_token)
        if self.invert and self.oov_token in tokens:
            raise ValueError(f"`vocabulary` holds the token of the unknown, {self.oov_token!r}: leave it out.")
        size = self._first + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                f"`vocabulary` makes {size} tokens with the special ones; `max_tokens` is {self.max_tokens}."
            )
        self._set(tokens, None if idf_weights is None else _checked_idf(idf_weights, given, tokens))

    def _set(self, tokens, idf):
        self._tokens, self._table, self._refused_path = tokens, None, None
        if idf is not None:
            unknown = idf[: -len(tokens)] if len(idf) > len(tokens) else None
            known = idf[len(idf) - len(tokens) :]
            mean = sum(known) / len(known) if known else 1.0
            self._idf = [*(unknown or [mean] * self.num_oov_indices), *known]

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their numbers.

        Args:
            include_special_tokens: bool, whether those of masks and of the unknown are among them.

        Returns:
            List of strings or ints.
        """
        return [*(self._special_tokens if include_special_tokens else ()), *(self._tokens or ())]

    def vocabulary_size(self) -> int:
        """The number of tokens, the special ones included."""
        return self._first + len(self._tokens or ())

    @property
    def _masked(self):
        """Whether the mask token has a number: 0."""
        return self.mask_token is not None and self.output_mode == "int"

    @property
    def _special_tokens(self):
        return [*([self.mask_token] if self._masked else []), *([self.oov_token] * self.num_oov_indices)]

    @property
    def _first(self):
        """The number of the first token that is not special."""
        return self._masked + self.num_oov_indices

    @property
    def _depth(self):
        """The length of vectors, or None where there is no vocabulary yet."""
        if self.pad_to_max_tokens and self.max_tokens is not None:
            return self.max_tokens
        return self.vocabulary_size() if self._tokens is not None else self._size_when_saved

    # -- the computation ----------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        if self.invert:
            inputs = inputs if isinstance(inputs, Tensor) else ops.convert_to_tensor(self._checked_numbers(inputs))
            return applied(self._tokens_of, [inputs], inputs.shape, self.token_dtype)
        if not isinstance(inputs, Tensor):
            inputs = self._as_tokens(inputs, checked=True)  # `_taken` has looked at each item of an array
        numbers = applied(self._numbers_of, [inputs], inputs.shape, "int64")
        return self._encoded(numbers)

    def _checked_numbers(self, inputs):
        if is_text(inputs):
            raise ValueError(f"The inputs of {self.name!r} must be numbers, as `invert` is True, got text.")
        return inputs

    def _numbers_of(self, tokens):
        """The numbers of an array of tokens; -1 for masked ones where they have no number."""
        return self.numbers(self._flat(tokens)).reshape(tokens.shape)

    def numbers(self, tokens: Sequence[Any]) -> Any:
        """A host array of the numbers of a flat sequence of tokens."""
        self._check_ready()
        if self._table is None:
            mask = {} if self.mask_token is None else {self.mask_token: 0 if self._masked else -1}
            self._table = words.Table(self._tokens, self._first, mask)
        return self._table.numbers(tokens, int(self._masked) if self.num_oov_indices == 1 else self._unknown)

    def _unknown(self, tokens):
        """The numbers of tokens that are not in the vocabulary."""
        self._check_known(tokens)
        return [int(self._masked) + place for place in self._places(tokens)]

    def _check_known(self, tokens):
        """Refuse tokens that are not in the vocabulary where there is no number for such."""
        if not self.num_oov_indices:
            raise ValueError(
                f"{self.name!r} has `num_oov_indices=0`, so all its inputs must be in the vocabulary; these are not: "
                f"{tokens[:8]}. Give it `num_oov_indices=1`."
            )

    def _hashed_places(self, texts):
        """A host array: which of the numbers of the unknown texts have."""
        hashes = fingerprints(texts) if self.salt is None else keyed_hashes(texts, self.salt)
        return (hashes % self.num_oov_indices).astype("int64")

    def _tokens_of(self, numbers):
        self._check_ready()
        known = self.get_vocabulary()
        size, unknown = len(known), self.oov_token
        flat = numbers.astype("int64").ravel().tolist()
        return self._tokens_as([known[n] if 0 <= n < size else unknown for n in flat], numbers.shape)

    def _check_ready(self):
        if self._tokens is not None:
            return
        if self._refused_path is not None:
            raise ValueError(
                f"The vocabulary of {self.name!r} is named by its config as the file {self._refused_path!r}, which is "
                "not read because a file of a model says so. Read it yourself: "
                f"`model.get_layer({self.name!r}).set_vocabulary(path)`."
            )
        raise ValueError(f"{self.name!r} has no vocabulary yet: give `vocabulary`, or call `adapt(data)` first.")

    def _encoded(self, numbers):
        """Numbers of tokens as `output_mode` has them."""
        if self.output_mode == "int":
            return ops.cast(numbers, self.output_dtype)
        depth = self._known_depth()
        traced, rank = isinstance(numbers, Tensor), len(numbers.shape)
        if traced or self.output_mode == "one_hot" or rank > 2:
            mode = "count" if self.output_mode == "tf_idf" else self.output_mode
            return self._weighted(encoded(numbers, mode, depth, self.output_dtype))
        count = numbers.shape[0] if rank == 2 else 1
        width = numbers.size // max(count, 1)
        rows = list(itertools.chain.from_iterable(itertools.repeat(row, width) for row in range(count)))
        vectors = self.bags(rows, numbers.reshape(-1), count)
        return vectors if rank == 2 else ops.reshape(vectors, (depth,))

    def _known_depth(self):
        depth = self._depth
        if depth is None:
            self._check_ready()
        return depth

    def bags(self, rows: Any, numbers: Any, count: int) -> Any:
        """Vectors of output mode "multi_hot", "count" or "tf_idf", (count, depth).

        Args:
            rows: the row of each number.
            numbers: flat host array of numbers of tokens.
            count: int, how many rows there are.
        """
        counts = words.bags(rows, numbers, count, self._known_depth())
        if self.output_mode == "multi_hot":
            return ops.cast(ops.greater(counts, 0), self.output_dtype)
        return self._weighted(ops.cast(counts, self.output_dtype))

    def _weighted(self, vectors):
        if self.output_mode != "tf_idf":
            return vectors
        self._check_ready()
        idf = [*self._idf, *[0.0] * (self._known_depth() - len(self._idf))]
        return vectors * ops.convert_to_tensor(host_array(idf, vectors.dtype))

    @property
    def output_dtype(self) -> str:
        """The dtype of what comes out: int64 for numbers, where the layer was not given another dtype of ints."""
        if self.invert:
            return self.token_dtype
        if self.output_mode != "int":
            return self.compute_dtype
        return self.compute_dtype if is_int_dtype(self.compute_dtype) else "int64"

    def compute_output_shape(self, input_shape: ShapeLike) -> Shape:
        return encoded_shape(input_shape, "count" if self.output_mode == "tf_idf" else self.output_mode, self._depth)

    def compute_output_spec(self, inputs: Any) -> Any:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.output_dtype)

    # -- files --------------------------------------------------------------------------------------------------

    def save_own_variables(self, store: Any) -> None:
        """Weights of tokens are kept among the model's weights."""
        if self.output_mode == "tf_idf" and self._given is None and self._idf is not None:
            store["idf_weights"] = host_array(self._idf, "float32")

    def load_own_variables(self, store: Any) -> None:
        """Take the weights of tokens, where the file has them; `load_assets` brings the tokens."""
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            self._idf = [float(weight) for weight in store["idf_weights"][:]]

    def save_assets(self, dir_path: str) -> None:
        """Write the vocabulary that `adapt` found into a folder; one that was given is part of the config."""
        if self._given is None and self._tokens is not None:
            words.write_asset(self.get_vocabulary(), dir_path)

    def load_assets(self, dir_path: str | None) -> None:
        """Read the vocabulary that `save_assets` wrote; None where a file holds none."""
        texts = words.read_asset(dir_path)
        if texts is not None and self._given is None:
            self._set([self._token(text) for text in texts[self._first :]], None)

    def restore_tokens(self, tokens: list[Any], idf_weights: list[float] | None) -> None:
        """Take the tokens, without special ones, that a file of TensorFlow holds, and the weights of all numbers."""
        self._set([self._token(token) for token in tokens], idf_weights)

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """The layer that `get_config` describes; a path in place of a vocabulary is not read."""
        path = config.get("vocabulary")
        if not isinstance(path, str):
            return super().from_config(config)
        layer = super().from_config({**config, "vocabulary": None, "idf_weights": None})
        layer._refused_path = path
        return layer

    def get_config(self) -> Config:
        found = self._given
        if found is None and context.current().without_assets:
            found = self._tokens
        idf = self._given_idf if found is self._given else self._idf and self._idf[self.num_oov_indices :]
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "idf_weights": idf,
            "vocabulary": found and list(found),
            "vocabulary_size": self.vocabulary_size() if self._tokens is not None else self._size_when_saved,
            "oov_method": self.oov_method,
            "salt": self.salt,
        }


def batches(data: Any, steps: int | None) -> Any:
    """The batches of what `adapt` is given: an array alone, or what an iterable yields, the inputs of pairs."""
    if hasattr(data, "dtype") or hasattr(data, "to_numpy") or _is_scalar(data):
        yield data
        return
    for batch in itertools.islice(data, steps):
        yield batch[0] if isinstance(batch, tuple) else batch


def _is_scalar(data):
    """Whether nested lists hold plain strings or numbers, and so are one array; an empty one is."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (str, bytes, int, float, list, tuple))


def check_sizes(max_tokens: Any, num_oov_indices: Any, pad_to_max_tokens: Any) -> None:
    """Raise ValueError naming the argument that is out of range."""
    if max_tokens is not None and (isinstance(max_tokens, bool) or not isinstance(max_tokens, int) or max_tokens < 2):
        raise ValueError(f"`max_tokens` must be an int > 1 or None, got {max_tokens!r}.")
    if pad_to_max_tokens and max_tokens is None:
        raise ValueError("`pad_to_max_tokens=True` needs `max_tokens`, the length to which vectors are filled up.")
    if isinstance(num_oov_indices, bool) or not isinstance(num_oov_indices, int) or num_oov_indices < 0:
        raise ValueError(f"`num_oov_indices` must be an int >= 0, got {num_oov_indices!r}.")


def _checked_idf(weights, given, tokens):
    weights = [float(weight) for weight in ops.convert_to_numpy(weights).tolist()]
    if len(weights) != len(given):
        raise ValueError(
            f"`idf_weights` must hold a weight for each token of `vocabulary`: {len(given)} tokens, {len(weights)} "
            "weights."
        )
    return weights
