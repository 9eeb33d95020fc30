"""Made-up texts."""

import numpy

WORDS = 20_000


def some_words(count):
    """The `count` most frequent words."""
    return [f"word{number}" for number in range(count)]


def drawn_words(rng, count):
    """An array of words, the n-th most frequent about n times as rare as the first."""
    weights = 1.0 / numpy.arange(1, WORDS + 1)
    return numpy.array(some_words(WORDS))[rng.choice(WORDS, count, p=weights / weights.sum())]


def some_texts(rng, count):
    """An array of texts that begin with a capital and end with a full stop."""
    lengths = rng.integers(5, 16, count)
    words = iter(drawn_words(rng, int(lengths.sum())).tolist())
    return numpy.array([" ".join(next(words) for _ in range(length)).capitalize() + "." for length in lengths])
