"""`keras.preprocessing.sequence`: sequences of different lengths, and what Keras 2 had for words and series."""

from kerasish.preprocessing.timeseries_generator import TimeseriesGenerator
from kerasish.preprocessing.word_pairs import make_sampling_table, skipgrams
from kerasish.utils.sequence import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]
