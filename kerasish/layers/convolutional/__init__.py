"""Convolutions."""

from kerasish.layers.convolutional.conv1d import Conv1D
from kerasish.layers.convolutional.conv2d import Conv2D
from kerasish.layers.convolutional.conv3d import Conv3D

Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
