"""Pairs of words that stand near each other, and pairs that don't: Keras 2's functions for word2vec."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from kerasish.backend.deprecation import warn_renamed

_EULER = 0.577  # as many digits as Keras takes


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Sequence[float] | None = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list]:
    """Pairs of words that stand near each other, and as many random pairs (Keras 2).

    Random numbers are those of Python's `random`.

    Args:
        sequence: list of word numbers; 0 is no word.
        vocabulary_size: word numbers are below it.
        window_size: how far apart the words of a pair stand at most.
        negative_samples: how many random pairs come to each true one.
        shuffle: bool. Whether the pairs come in random order.
        categorical: bool. Labels [0, 1] and [1, 0] rather than 1 and 0.
        sampling_table: for each word number the probability that its pairs are kept; see `make_sampling_table`.
        seed: int, of the order.

    Returns:
        `(couples, labels)`: a list of [word, other word], and a list of 1 for true pairs, 0 for random ones.

    Example:
        >>> import kerasish as keras
        >>> couples, labels = keras.preprocessing.sequence.skipgrams([1, 2, 3], 4, window_size=1, shuffle=False)
        >>> couples[:4], labels
        ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1, 0, 0, 0, 0])
    """
    warn_renamed("keras.preprocessing.sequence", "skipgrams", "a loop of your own")
    couples = []
    for at, word in enumerate(sequence):
        if not word or sampling_table is not None and sampling_table[word] < random.random():
            continue
        near = range(max(0, at - window_size), min(len(sequence), at + window_size + 1))
        couples += [[word, sequence[other]] for other in near if other != at and sequence[other]]
    true, random_pair = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels = [true] * len(couples)
    if negative_samples > 0:
        words = [word for word, _ in couples]
        random.shuffle(words)
        count = int(len(couples) * negative_samples)
        couples += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [random_pair] * count
    if shuffle:
        seed = random.randint(0, 10_000_000) if seed is None else seed
        for pairs in (couples, labels):
            random.seed(seed)
            random.shuffle(pairs)
    return couples, labels


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """How likely the pairs of each word are kept, from its rank: the rarer, the likelier (Keras 2).

    Args:
        size: number of words, ordered by frequency.
        sampling_factor: the smaller, the fewer frequent words.

    Returns:
        float64 array of shape (size,).

    Example:
        >>> import kerasish as keras
        >>> keras.preprocessing.sequence.make_sampling_table(3).round(5).tolist()
        [0.00315, 0.00315, 0.00548]

    Reference:
        T. Mikolov et al., Distributed representations of words and phrases, https://arxiv.org/abs/1310.4546, with
        frequencies by Zipf's law.
    """
    warn_renamed("keras.preprocessing.sequence", "make_sampling_table", "a line of your own")
    rank = np.arange(size)
    rank[:1] = 1
    inverse_frequency = rank * (np.log(rank) + _EULER) + 0.5 - 1 / (12 * rank)
    kept = sampling_factor * inverse_frequency
    return np.minimum(1, kept / np.sqrt(kept))
