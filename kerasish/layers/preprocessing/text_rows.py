"""Texts to rows of tokens: what `TextVectorization` does before it looks them up.

Tokens are bytes of UTF-8 and letters those of ASCII, as in TensorFlow, whose numbers models out of Keras expect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from kerasish.backend.numpy.text_runs import BETWEEN

PUNCTUATION = b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
_LOWER = bytes(range(256)).lower()
STANDARDIZED: dict[str | None, tuple[bytes | None, bytes]] = {  # what bytes become, which are taken out
    "lower_and_strip_punctuation": (_LOWER, PUNCTUATION),
    "lower": (_LOWER, b""),
    "strip_punctuation": (None, PUNCTUATION),
}
_AT_ONCE = 500  # texts


def standardized(texts: Sequence[bytes], how: str | None) -> Sequence[bytes]:
    """Texts in lower case, without punctuation, or as they are.

    Args:
        texts: list of bytes.
        how: a key of `STANDARDIZED`, or None.
    """
    if how is None:
        return texts
    table, taken_out = STANDARDIZED[how]
    together = BETWEEN.join(texts)  # one call for all of them
    if together.count(BETWEEN) == len(texts) - 1:
        return together.translate(table, taken_out).split(BETWEEN)
    return [text.translate(table, taken_out) for text in texts]


@lru_cache
def kinds_of_bytes(how: str | None) -> tuple[bytes, bytes]:
    """Of each byte whether it is taken out (0), between words (1) or of a word (2); and what it becomes."""
    table, taken_out = (None, b"") if how is None else STANDARDIZED[how]
    kinds = bytearray([2] * 256)
    for byte in b" \t\n\r\v\f":
        kinds[byte] = 1
    for byte in taken_out:
        kinds[byte] = 0
    return bytes(kinds), table or bytes(range(256))


def marked_words(texts: Sequence[Any], how: str | None) -> Iterator[list[bytes]]:
    """The words of texts in a row, `BETWEEN` behind those of each text, some texts at a time.

    It makes few objects that live long, and so stays in the processor's cache.

    Args:
        texts: list of str and bytes.
        how: a key of `STANDARDIZED`, or None.

    Raises:
        ValueError: for a text that holds the byte 0.
    """
    table, taken_out = (None, b"") if how is None else STANDARDIZED[how]
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]
        try:
            together = " \0 ".join(part).encode()
        except TypeError:
            together = b" \0 ".join([text.encode() if isinstance(text, str) else text for text in part])
        if together.count(BETWEEN) != len(part) - 1:
            raise ValueError("A text holds the byte 0.")
        words = together.translate(table, taken_out).split()
        words.append(BETWEEN)
        yield words


def split_at_whitespace(texts: Sequence[bytes]) -> list[list[bytes]]:
    """The words of each text."""
    return [text.split() for text in texts]


def split_characters(texts: Sequence[bytes]) -> list[list[bytes]]:
    """The characters of each text."""
    return [[character.encode() for character in text.decode("utf-8", "replace")] for text in texts]


SPLIT: dict[str, Callable[[Sequence[bytes]], list[list[bytes]]]] = {
    "whitespace": split_at_whitespace,
    "character": split_characters,
}


def with_ngrams(rows: Sequence[Sequence[bytes]], sizes: Sequence[int]) -> list[list[bytes]]:
    """Rows of all runs of so many tokens, those of the first size first.

    Args:
        rows: list of lists of tokens.
        sizes: ints, how many tokens make one.
    """
    return [[b" ".join(row[at : at + size]) for size in sizes for at in range(len(row) - size + 1)] for row in rows]


def rows_of(ragged: Any, count: int) -> list[list[Any]]:
    """What a user's `split` returned, as a list of lists of str or bytes.

    Args:
        ragged: list of lists, array with one more axis, or ragged tensor of another library.
        count: int, how many rows there must be.
    """
    if hasattr(ragged, "to_list"):
        ragged = ragged.to_list()
    elif hasattr(ragged, "numpy"):
        ragged = ragged.numpy()
    if hasattr(ragged, "tolist"):
        ragged = ragged.tolist()
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in ragged]
    if len(rows) != count or any(isinstance(row, (str, bytes)) for row in rows):
        raise ValueError(
            f"`split` must return a list of tokens for each of the {count} texts, got {len(rows)} items such as "
            f"{rows[0] if rows else None!r}."
        )
    return rows
