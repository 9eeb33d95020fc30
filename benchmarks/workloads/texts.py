"""Made-up texts, and a layer that is measured as models are."""

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


class LayerAlone:
    """A layer with the words of a model that the worker uses."""

    def __init__(self, layer):
        self._layer = layer

    def count_params(self):
        return 0

    def predict(self, x, batch_size, verbose):
        return numpy.asarray(self._layer(x))
