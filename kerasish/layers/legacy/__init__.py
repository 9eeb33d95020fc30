"""Layers of Keras 1 and 2 that Keras 3 does not have: programs and files still hold them."""

from kerasish.layers.legacy.cudnn_gru import CuDNNGRU
from kerasish.layers.legacy.cudnn_lstm import CuDNNLSTM
from kerasish.layers.legacy.highway import Highway
from kerasish.layers.legacy.locally_connected1d import LocallyConnected1D
from kerasish.layers.legacy.locally_connected2d import LocallyConnected2D
from kerasish.layers.legacy.maxout_dense import MaxoutDense
from kerasish.layers.legacy.merge import Merge, merge
from kerasish.layers.legacy.parametric_softplus import ParametricSoftplus
from kerasish.layers.legacy.srelu import SReLU
from kerasish.layers.legacy.thresholded_relu import ThresholdedReLU

__all__ = [
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
