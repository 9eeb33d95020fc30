"""Layers over time."""

from kerasish.layers.rnn.time_distributed import TimeDistributed
