"""StringLookup, 100,000 words.

The layer by itself: the numbers of words among 10,000.
"""

from benchmarks.workloads.layer_alone import LayerAlone
from benchmarks.workloads.texts import drawn_words, some_words

BATCH = 100_000
STEPS = 1
MEASURES = ("predict",)


def build(keras):
    return LayerAlone(keras.layers.StringLookup(vocabulary=some_words(10_000)))


def data(rng, samples):
    return drawn_words(rng, samples), None
