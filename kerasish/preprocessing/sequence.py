"""`keras.preprocessing.sequence`: sequences of different lengths."""

from kerasish.utils.sequence import pad_sequences as pad_sequences
