"""Texts as lists of words, and words as numbers by hashing: Keras 2's functions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend.deprecation import warn_renamed

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_HOME = "keras.preprocessing.text"


def text_to_word_sequence(input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text, without punctuation (Keras 2; today `keras.layers.TextVectorization` does this).

    Args:
        input_text: the text.
        filters: string of the characters that count as `split`.
        lower: bool. Whether to write all in small letters.
        split: what stands between words.

    Returns:
        List of strings.

    Example:
        >>> import kerasish as keras
        >>> keras.preprocessing.text.text_to_word_sequence("The cat, the mat.")
        ['the', 'cat', 'the', 'mat']
    """
    warn_renamed(_HOME, "text_to_word_sequence", "keras.layers.TextVectorization")
    return words_of(input_text, filters, lower, split)


def words_of(text: str, filters: str, lower: bool, split: str) -> list[str]:
    """As `text_to_word_sequence`, without its warning."""
    if lower:
        text = text.lower()
    text = text.translate({ord(character): split for character in filters})
    return [word for word in text.split(split) if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Sequence[str]] | None = None,
) -> list[int]:
    """The words of a text as numbers below `n`, by Python's `hash` (Keras 2; today `keras.layers.Hashing`).

    Words may share a number, and the numbers are others in the next process: for stable ones take `hashing_trick` with
    "md5".

    Args:
        input_text: the text.
        n: the numbers go from 1 to n - 1.
        filters: string of the characters that count as `split`.
        lower: bool. Whether to write all in small letters.
        split: what stands between words.
        analyzer: function that splits the text in another way.

    Returns:
        List of integers.

    Example:
        >>> import kerasish as keras
        >>> numbers = keras.preprocessing.text.one_hot("the cat the mat", 50)
        >>> numbers[0] == numbers[2], max(numbers) < 50
        (True, True)
    """
    warn_renamed(_HOME, "one_hot", "keras.layers.Hashing")
    return _hashed(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: str | Callable[[str], int] | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Sequence[str]] | None = None,
) -> list[int]:
    """The words of a text as numbers below `n` (Keras 2; today `keras.layers.Hashing`).

    Args:
        text: the text.
        n: the numbers go from 1 to n - 1.
        hash_function: "md5", which gives the same numbers everywhere; a function from a word to an integer; or None for
            Python's `hash`.
        filters: string of the characters that count as `split`.
        lower: bool. Whether to write all in small letters.
        split: what stands between words.
        analyzer: function that splits the text in another way.

    Returns:
        List of integers.

    Example:
        >>> import kerasish as keras
        >>> keras.preprocessing.text.hashing_trick("the cat the mat", 50, "md5")
        [43, 32, 43, 29]
    """
    warn_renamed(_HOME, "hashing_trick", "keras.layers.Hashing")
    function = {None: hash, "md5": _md5}.get(hash_function, hash_function)
    return _hashed(text, n, function, filters, lower, split, analyzer)


def _hashed(text, n, function, filters, lower, split, analyzer):
    words = words_of(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [int(function(word) % (n - 1) + 1) for word in words]


def _md5(word: Any) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)
