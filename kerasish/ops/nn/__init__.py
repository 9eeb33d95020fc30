"""`keras.ops.nn`: what neural networks are made of."""

from kerasish.ops.nn.adaptive import adaptive_average_pool, adaptive_max_pool
from kerasish.ops.nn.attention import dot_product_attention
from kerasish.ops.nn.convolution import conv, conv_transpose, depthwise_conv, separable_conv
from kerasish.ops.nn.ctc import ctc_decode, ctc_loss
from kerasish.ops.nn.encode import multi_hot, one_hot
from kerasish.ops.nn.losses import binary_crossentropy, categorical_crossentropy, psnr, sparse_categorical_crossentropy
from kerasish.ops.nn.normalization import (
    batch_normalization,
    layer_normalization,
    moments,
    normalize,
    rms_normalization,
)
from kerasish.ops.nn.patches import depth_to_space, fold, space_to_depth, unfold
from kerasish.ops.nn.polar import polar
from kerasish.ops.nn.pooling import average_pool, max_pool
from kerasish.ops.nn.rectified import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    relu,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from kerasish.ops.nn.smooth import (
    celu,
    elu,
    gelu,
    glu,
    log_sigmoid,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    swish,
    tanh_shrink,
)
from kerasish.ops.nn.softmax import log_softmax, softmax, sparsemax

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "celu",
    "conv",
    "conv_transpose",
    "ctc_decode",
    "ctc_loss",
    "depth_to_space",
    "depthwise_conv",
    "dot_product_attention",
    "elu",
    "fold",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "layer_normalization",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "moments",
    "multi_hot",
    "normalize",
    "one_hot",
    "polar",
    "psnr",
    "relu",
    "relu6",
    "rms_normalization",
    "selu",
    "separable_conv",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "space_to_depth",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
    "unfold",
]
