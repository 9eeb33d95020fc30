"""Layers of Keras 1 and 2 that Keras 3 does not have (`keras.legacy.layers`)."""

from kerasish.layers.legacy import (
    CuDNNGRU,
    CuDNNLSTM,
    Highway,
    LocallyConnected1D,
    LocallyConnected2D,
    MaxoutDense,
    Merge,
    ParametricSoftplus,
    SReLU,
    ThresholdedReLU,
    merge,
)
from kerasish.layers.normalization import BatchNormalization

__all__ = [
    "BatchNormalization",
    "CuDNNGRU",
    "CuDNNLSTM",
    "Highway",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "MaxoutDense",
    "Merge",
    "ParametricSoftplus",
    "SReLU",
    "ThresholdedReLU",
    "merge",
]
