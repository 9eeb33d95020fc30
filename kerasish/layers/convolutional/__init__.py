"""Convolutions."""

from kerasish.layers.convolutional.conv1d import Conv1D
from kerasish.layers.convolutional.conv1d_transpose import Conv1DTranspose
from kerasish.layers.convolutional.conv2d import Conv2D
from kerasish.layers.convolutional.conv2d_transpose import Conv2DTranspose
from kerasish.layers.convolutional.conv3d import Conv3D
from kerasish.layers.convolutional.conv3d_transpose import Conv3DTranspose
from kerasish.layers.convolutional.depthwise_conv1d import DepthwiseConv1D
from kerasish.layers.convolutional.depthwise_conv2d import DepthwiseConv2D
from kerasish.layers.convolutional.separable_conv1d import SeparableConv1D
from kerasish.layers.convolutional.separable_conv2d import SeparableConv2D

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
]

Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution1DTranspose, Convolution2DTranspose, Convolution3DTranspose = (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
Deconvolution2D, Deconvolution3D = Conv2DTranspose, Conv3DTranspose  # Keras 1's names
