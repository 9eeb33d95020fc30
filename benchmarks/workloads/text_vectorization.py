"""TextVectorization, 100,000 texts of 5 to 15 words.

The layer by itself: lower case, no punctuation, words, their numbers among 10,000, rows of 16.
"""

from benchmarks.workloads.layer_alone import LayerAlone
from benchmarks.workloads.texts import some_texts, some_words

BATCH = 100_000
STEPS = 1
MEASURES = ("predict",)


def build(keras):
    layer = keras.layers.TextVectorization(output_sequence_length=16, vocabulary=some_words(10_000))
    return LayerAlone(layer)


def data(rng, samples):
    return some_texts(rng, samples), None
