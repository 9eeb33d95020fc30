"""All layers (`keras.layers`), a family a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.layers.activations import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
    from kerasish.layers.attention import AdditiveAttention, Attention, GroupQueryAttention, MultiHeadAttention
    from kerasish.layers.base import InputSpec, Layer
    from kerasish.layers.convolutional import (
        Conv1D,
        Conv1DTranspose,
        Conv2D,
        Conv2DTranspose,
        Conv3D,
        Conv3DTranspose,
        Convolution1D,
        Convolution1DTranspose,
        Convolution2D,
        Convolution2DTranspose,
        Convolution3D,
        Convolution3DTranspose,
        Deconvolution2D,
        Deconvolution3D,
        DepthwiseConv1D,
        DepthwiseConv2D,
        SeparableConv1D,
        SeparableConv2D,
        SeparableConvolution1D,
        SeparableConvolution2D,
    )
    from kerasish.layers.core import (
        Dense,
        EinsumDense,
        Embedding,
        Identity,
        Input,
        InputLayer,
        Lambda,
        Masking,
        ReversibleEmbedding,
        Wrapper,
    )
    from kerasish.layers.merging import (
        Add,
        Average,
        Concatenate,
        Dot,
        Maximum,
        Minimum,
        Multiply,
        Subtract,
        add,
        average,
        concatenate,
        dot,
        maximum,
        merge,
        minimum,
        multiply,
        subtract,
    )
    from kerasish.layers.normalization import (
        BatchNormalization,
        GroupNormalization,
        LayerNormalization,
        RMSNormalization,
        SpectralNormalization,
        UnitNormalization,
    )
    from kerasish.layers.pooling import (
        AdaptiveAveragePooling1D,
        AdaptiveAveragePooling2D,
        AdaptiveAveragePooling3D,
        AdaptiveMaxPooling1D,
        AdaptiveMaxPooling2D,
        AdaptiveMaxPooling3D,
        AveragePooling1D,
        AveragePooling2D,
        AveragePooling3D,
        AvgPool1D,
        AvgPool2D,
        AvgPool3D,
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalAveragePooling3D,
        GlobalAvgPool1D,
        GlobalAvgPool2D,
        GlobalAvgPool3D,
        GlobalMaxPool1D,
        GlobalMaxPool2D,
        GlobalMaxPool3D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
        GlobalMaxPooling3D,
        MaxPool1D,
        MaxPool2D,
        MaxPool3D,
        MaxPooling1D,
        MaxPooling2D,
        MaxPooling3D,
    )
    from kerasish.layers.preprocessing import (
        CategoryEncoding,
        CenterCrop,
        Discretization,
        Normalization,
        Pipeline,
        Rescaling,
        Resizing,
    )
    from kerasish.layers.regularization import (
        ActivityRegularization,
        AlphaDropout,
        Dropout,
        GaussianDropout,
        GaussianNoise,
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
    )
    from kerasish.layers.reshaping import (
        Cropping1D,
        Cropping2D,
        Cropping3D,
        Flatten,
        Permute,
        RepeatVector,
        Reshape,
        UpSampling1D,
        UpSampling2D,
        UpSampling3D,
        ZeroPadding1D,
        ZeroPadding2D,
        ZeroPadding3D,
    )
    from kerasish.layers.rnn import (
        GRU,
        LSTM,
        RNN,
        Bidirectional,
        GRUCell,
        LSTMCell,
        SimpleRNN,
        SimpleRNNCell,
        StackedRNNCells,
        TimeDistributed,
    )
    from kerasish.layers.serialization import deserialize, serialize
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.layers.activations": "Activation ELU LeakyReLU PReLU ReLU Softmax",
            "kerasish.layers.attention": "AdditiveAttention Attention GroupQueryAttention MultiHeadAttention",
            "kerasish.layers.base": "InputSpec Layer",
            "kerasish.layers.convolutional": (
                "Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Convolution1D "
                "Convolution1DTranspose Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose "
                "Deconvolution2D Deconvolution3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D "
                "SeparableConvolution1D SeparableConvolution2D"
            ),
            "kerasish.layers.core": "Dense EinsumDense Embedding Identity Input InputLayer Lambda Masking "
            "ReversibleEmbedding Wrapper",
            "kerasish.layers.merging": (
                "Add Average Concatenate Dot Maximum Minimum Multiply Subtract add average concatenate dot maximum "
                "merge minimum multiply subtract"
            ),
            "kerasish.layers.normalization": (
                "BatchNormalization GroupNormalization LayerNormalization RMSNormalization SpectralNormalization "
                "UnitNormalization"
            ),
            "kerasish.layers.pooling": (
                "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
                "AdaptiveMaxPooling2D AdaptiveMaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D "
                "AvgPool1D AvgPool2D AvgPool3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
                "GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D "
                "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D MaxPool1D MaxPool2D MaxPool3D MaxPooling1D "
                "MaxPooling2D MaxPooling3D"
            ),
            "kerasish.layers.preprocessing": (
                "CategoryEncoding CenterCrop Discretization Normalization Pipeline Rescaling Resizing"
            ),
            "kerasish.layers.regularization": (
                "ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout1D "
                "SpatialDropout2D SpatialDropout3D"
            ),
            "kerasish.layers.reshaping": (
                "Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector Reshape UpSampling1D UpSampling2D "
                "UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D"
            ),
            "kerasish.layers.rnn": (
                "Bidirectional GRU GRUCell LSTM LSTMCell RNN SimpleRNN SimpleRNNCell StackedRNNCells TimeDistributed"
            ),
            "kerasish.layers.serialization": "deserialize serialize",
        },
    )

__all__ = [
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Deconvolution2D",
    "Deconvolution3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "ELU",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GRU",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "LSTM",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "RMSNormalization",
    "RNN",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "ReversibleEmbedding",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "merge",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]
