"""Texts as lists of word numbers, 1 the most frequent: what `imdb` and `reuters` do with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


def marked(texts: Iterable[Sequence[int]], start_char: int | None, index_from: int | None) -> list[list[int]]:
    """Texts whose words are moved up by `index_from`, with `start_char` in front.

    Args:
        texts: lists of word numbers.
        start_char: number of the mark; None for no mark.
        index_from: added to every number; None or 0 to leave them.
    """
    shift = index_from or 0
    front = [] if start_char is None else [start_char]
    return [[*front, *(word + shift for word in text)] for text in texts]


def without_long(maxlen: int, texts: Sequence[list[int]], labels: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """The texts of fewer than `maxlen` words, with their labels.

    Raises:
        ValueError: where none is left.
    """
    kept = [(text, label) for text, label in zip(texts, labels) if len(text) < maxlen]
    if not kept:
        raise ValueError(f"After filtering for sequences shorter than `maxlen`={maxlen}, no sequence was kept.")
    return [text for text, _ in kept], [label for _, label in kept]


def limited(texts: Sequence[list[int]], num_words: int | None, skip_top: int, oov_char: int | None) -> list[list[int]]:
    """Texts in which words that are too rare or too frequent are replaced by `oov_char`, or left out where it is None.

    Args:
        texts: lists of word numbers.
        num_words: words have numbers below it; None or 0: below the largest that there is, as in Keras.
        skip_top: words have at least this number.
        oov_char: what stands for other words.
    """
    if not num_words:
        num_words = max(max(text) for text in texts)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < num_words] for text in texts]
    return [[word if skip_top <= word < num_words else oov_char for word in text] for text in texts]


def as_objects(texts: Sequence[list[int]]) -> np.ndarray:
    """An array of lists, shape (texts,)."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array
