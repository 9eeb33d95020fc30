"""A vocabulary: the tokens that a lookup knows, which number each has, and how one is counted, read and written."""

from __future__ import annotations

import json
import math
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any

from kerasish import ops
from kerasish.backend.variable import host_array

ABSENT = -2  # the number of what is not in a table, until it gets that of one of the unknown
FILE, EXACT = "vocabulary.txt", "vocabulary.json"  # the second where tokens hold line breaks


class Table:
    """Numbers of tokens, looked up many at a time.

    Args:
        tokens: the known ones, in order.
        first: int, the number of the first of them.
        others: dict from further tokens to their numbers.
    """

    def __init__(self, tokens: Sequence[Any], first: int, others: dict[Any, int] | None = None) -> None:
        self._numbers = {token: number for number, token in enumerate(tokens, first)}
        for token, number in (others or {}).items():
            self._numbers.setdefault(token, number)

    def numbers(self, tokens: Sequence[Any], unknown: int | Callable[[list[Any]], list[int]]) -> Any:
        """A host array of int64: the numbers of tokens.

        Args:
            tokens: sequence of tokens.
            unknown: the number of those that are not in the table, or a function from a list of them to their numbers.
        """
        if not callable(unknown):
            return host_array(self.extended(array("q"), tokens, unknown), "int64")
        found = array("q", map(self._numbers.get, tokens, repeat(ABSENT)))
        if ABSENT in found:
            strange = list(dict.fromkeys(token for token, number in zip(tokens, found) if number == ABSENT))
            given = dict(zip(strange, unknown(strange)))
            found = array("q", [given[t] if n == ABSENT else n for t, n in zip(tokens, found)])
        return host_array(found, "int64")

    def extended(self, out: array[int], tokens: Iterable[Any], unknown: int) -> array[int]:
        """`out` with the numbers of tokens behind what it holds."""
        out.extend(map(self._numbers.get, tokens, repeat(unknown)))
        return out


class TokenCounter:
    """How often tokens come, and in how many documents, over batches of data."""

    def __init__(self, documents: bool) -> None:
        self.by_document = documents  # whether to count in how many they are
        self.counts: Counter[Any] = Counter()
        self.document_counts: Counter[Any] = Counter()
        self.number_of_documents = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take in documents, each a sequence of tokens."""
        self.counts.update(chain.from_iterable(rows))
        self.number_of_documents += len(rows)
        if self.by_document:
            for row in rows:
                self.document_counts.update(set(row))

    def add_counts(self, counts: dict[Any, int], number_of_documents: int) -> None:
        """Take in how often tokens come in documents, where nobody asks in how many each is."""
        self.counts.update(counts)
        self.number_of_documents += number_of_documents

    def most_common(self, without: Iterable[Any], limit: int | None) -> list[Any]:
        """The tokens by falling count, and of one count by falling order of the tokens, as Keras has them."""
        for token in without:
            self.counts.pop(token, None)
        order = sorted(self.counts.items(), key=lambda item: (item[1], item[0]), reverse=True)
        return [token for token, _ in order[:limit]]

    def idf_weights(self, tokens: Sequence[Any]) -> list[float]:
        """Of each token log(1 + documents / (1 + documents with it))."""
        total = self.number_of_documents
        return [math.log(1 + total / (1 + self.document_counts[token])) for token in tokens]


def without_special_tokens(tokens: list[Any], special: list[Any], mask: Any) -> list[Any]:
    """A user's list of tokens without the special ones at its start.

    Raises:
        ValueError: for a mask token at another place, tokens that come twice, and an empty list.
    """
    if special and tokens[: len(special)] == special:
        tokens = tokens[len(special) :]
    if not tokens:
        raise ValueError("`vocabulary` must hold at least one token, got none.")
    if mask is not None and mask in tokens:
        raise ValueError(
            f"`vocabulary` holds the mask token {mask!r} at index {tokens.index(mask)}. Leave the special tokens out, "
            f"or begin the vocabulary with exactly {special}."
        )
    if len(set(tokens)) != len(tokens):
        twice = [token for token, count in Counter(tokens).items() if count > 1]
        raise ValueError(f"`vocabulary` must hold each token once; repeated: {twice[:8]}.")
    return tokens


def read_tokens(path: str) -> list[str]:
    """The lines of a file of tokens.

    Raises:
        ValueError: where there is no such file, and for an empty line.
    """
    if not os.path.isfile(path):
        raise ValueError(f"`vocabulary`: the file {path!r} does not exist.")
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if "" in lines:
        raise ValueError(f"`vocabulary`: line {lines.index('') + 1} of the file {path!r} is empty; a token needs text.")
    return lines


def write_asset(tokens: Sequence[Any], folder: str) -> None:
    """Write all tokens, special ones too, a line each as Keras reads them."""
    texts = [str(token) for token in tokens]
    with open(os.path.join(folder, FILE), "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(texts))
    if any("\n" in text or "\r" in text for text in texts):
        with open(os.path.join(folder, EXACT), "w", encoding="utf-8") as file:
            json.dump(texts, file)


def read_asset(folder: str | None) -> list[str] | None:
    """The tokens that `write_asset` wrote, or None where there are none."""
    if folder is None:
        return None
    for name, read in ((EXACT, json.loads), (FILE, lambda text: text.split("\n"))):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", newline="\n") as file:
                return list(read(file.read()))
    return None


def bags(rows: Any, numbers: Any, count: int, depth: int) -> Any:
    """How often each number stands in each row, (count, depth) of int32.

    Args:
        rows: host array or list of the row of each number.
        numbers: host array of ints below `depth`; what is negative is left out.
        count: int, how many rows there are.
        depth: int.
    """
    rows = host_array(rows, "int64")
    known = numbers >= 0
    if not known.all():
        rows, numbers = rows[known], numbers[known]
    places = ops.bincount(rows * depth + numbers, minlength=count * depth)
    return ops.reshape(places, (count, depth))
