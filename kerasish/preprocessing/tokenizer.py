"""Words numbered by how often they occur: Keras 2's Tokenizer."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasish.backend.deprecation import renamed, warn_renamed
from kerasish.preprocessing.words import FILTERS, words_of
from kerasish.suggestions import did_you_mean, refuse_unknown
from kerasish.typing import Config

_MODES = ("binary", "count", "tfidf", "freq")
_TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


class Tokenizer:
    """Texts as sequences of word numbers, 1 the most frequent (Keras 2; today `keras.layers.TextVectorization`).

    0 is no word: it is free for padding.

    Args:
        num_words: numbers stay below it, rarer words are left out (or are `oov_token`). None keeps all.
        filters: string of the characters that count as `split`.
        lower: bool. Whether to write all in small letters.
        split: what stands between words.
        char_level: bool. Number characters, rather than words.
        oov_token: word that stands for unknown and rare ones; it has number 1. None leaves them out.
        analyzer: function that splits a text in another way.
        **kwargs: `document_count`, and `nb_words`, an old spelling of `num_words`.

    Attributes:
        word_index: dict from word to number.
        index_word: dict from number to word.
        word_counts: dict from word to how often it occurred, in the order of first occurrence.
        word_docs: dict from word to the number of texts that have it.
        document_count: how many texts there were.

    Example:
        >>> import kerasish as keras
        >>> tokenizer = keras.preprocessing.text.Tokenizer()
        >>> tokenizer.fit_on_texts(["The cat sat.", "The cat ran."])
        >>> tokenizer.texts_to_sequences(["the cat sat", "a dog sat"])
        [[1, 2, 3], [3]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Sequence[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        warn_renamed("keras.preprocessing.text", "Tokenizer", "keras.layers.TextVectorization")
        num_words = renamed("Tokenizer", kwargs, {"nb_words": "num_words"}).pop("num_words", num_words)
        self.document_count = kwargs.pop("document_count", 0)
        refuse_unknown("Tokenizer", kwargs, Tokenizer)
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: dict[str, int] = defaultdict(int)
        self.index_docs: dict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def fit_on_texts(self, texts: Iterable[str | Sequence[str]]) -> None:
        """Learn words.

        Args:
            texts: strings, or lists of words.
        """
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        by_frequency = sorted(self.word_counts, key=self.word_counts.get, reverse=True)
        known = by_frequency if self.oov_token is None else [self.oov_token, *by_frequency]
        self.word_index = {word: number for number, word in enumerate(known, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Learn in how many sequences each number occurs, for `sequences_to_matrix` with "tfidf".

        Args:
            sequences: lists of word numbers.
        """
        self.document_count += len(sequences)
        for sequence in sequences:
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable[str | Sequence[str]]) -> list[list[int]]:
        """Texts as lists of word numbers.

        Args:
            texts: strings, or lists of words.

        Returns:
            A list of integers for each.
        """
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[str | Sequence[str]]) -> Iterator[list[int]]:
        """As `texts_to_sequences`, one by one.

        Args:
            texts: strings, or lists of words.

        Yields:
            A list of integers for each.
        """
        unknown = self.word_index.get(self.oov_token)
        for text in texts:
            numbers = []
            for word in self._words(text):
                number = self.word_index.get(word)
                if number is not None and not self._is_rare(number):
                    numbers.append(number)
                elif unknown is not None:
                    numbers.append(unknown)
            yield numbers

    def sequences_to_texts(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """Lists of word numbers as texts, with spaces between words.

        Args:
            sequences: lists of word numbers.

        Returns:
            A string for each.
        """
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Sequence[int]]) -> Iterator[str]:
        """As `sequences_to_texts`, one by one.

        Args:
            sequences: lists of word numbers.

        Yields:
            A string for each.
        """
        unknown = self.word_index.get(self.oov_token)
        for sequence in sequences:
            words = []
            for number in sequence:
                word = self.index_word.get(number)
                if word is not None and not self._is_rare(number):
                    words.append(word)
                elif unknown is not None:
                    words.append(self.index_word[unknown])
            yield " ".join(words)

    def texts_to_matrix(self, texts: Iterable[str | Sequence[str]], mode: str = "binary") -> np.ndarray:
        """Texts as rows of a matrix with a column a word.

        Args:
            texts: strings, or lists of words.
            mode: "binary", "count", "freq" or "tfidf".

        Returns:
            float64 array of shape (texts, `num_words` or the number of words + 1).
        """
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """Lists of word numbers as rows of a matrix with a column a word.

        Args:
            sequences: lists of word numbers.
            mode: "binary" for 0 and 1, "count" for how often the word occurs, "freq" for its share of the text, "tfidf"
                for (1 + log count) * log(1 + texts / (1 + texts with the word)).

        Returns:
            float64 array of shape (sequences, `num_words` or the number of words + 1).

        Raises:
            ValueError: for another `mode`, and before the tokenizer has seen texts.
        """
        if mode not in _MODES:
            raise ValueError(
                f"`mode` must be one of {', '.join(map(repr, _MODES))}, got {mode!r}.{did_you_mean(mode, _MODES)}"
            )
        if not self.num_words and not self.word_index:
            raise ValueError("How many words are there? Give `num_words`, or call `fit_on_texts` first.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError('`mode="tfidf"` needs counts of texts: call `fit_on_texts` or `fit_on_sequences` first.')
        matrix = np.zeros((len(sequences), self.num_words or len(self.word_index) + 1))
        for row, sequence in zip(matrix, sequences):
            for number, count in Counter(n for n in sequence if n < len(row)).items():
                row[number] = self._entry(mode, number, count, len(sequence))
        return matrix

    def _entry(self, mode, number, count, length):
        if mode == "tfidf":
            texts_with = self.index_docs.get(number, 0)
            return (1 + np.log(count)) * np.log(1 + self.document_count / (1 + texts_with))
        return {"binary": 1, "count": count, "freq": count / length}[mode]

    def get_config(self) -> Config:
        """What is needed to make the tokenizer again; tables are JSON.

        Returns:
            Dict.
        """
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: json.dumps(getattr(self, name)) for name in _TABLES},
        }

    def to_json(self, **kwargs: Any) -> str:
        """The tokenizer as JSON, which `tokenizer_from_json` reads.

        Args:
            **kwargs: for `json.dumps`.

        Returns:
            String.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)

    def _words(self, text):
        if self.char_level or isinstance(text, list):
            if self.lower:
                return [part.lower() for part in text] if isinstance(text, list) else text.lower()
            return text
        if self.analyzer is not None:
            return self.analyzer(text)
        return words_of(text, self.filters, self.lower, self.split)

    def _is_rare(self, number):
        return bool(self.num_words) and number >= self.num_words


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The Tokenizer that its `to_json` wrote (Keras 2).

    Args:
        json_string: the JSON.

    Returns:
        Tokenizer.

    Raises:
        ValueError: for JSON that is none of a Tokenizer.

    Example:
        >>> import kerasish as keras
        >>> tokenizer = keras.preprocessing.text.Tokenizer()
        >>> tokenizer.fit_on_texts(["yes no yes"])
        >>> keras.preprocessing.text.tokenizer_from_json(tokenizer.to_json()).word_index
        {'yes': 1, 'no': 2}
    """
    try:
        config = dict(json.loads(json_string)["config"])
        tables = {name: json.loads(config.pop(name)) for name in _TABLES}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"`json_string` must be what `Tokenizer.to_json` wrote, got {json_string!r:.80}.") from error
    for name in ("index_docs", "index_word"):
        tables[name] = {int(number): value for number, value in tables[name].items()}
    tokenizer = Tokenizer(**config)
    vars(tokenizer).update(tables)
    return tokenizer
