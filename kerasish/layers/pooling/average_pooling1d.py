"""AveragePooling1D."""

from kerasish.layers.pooling.base_pooling import BasePooling


class AveragePooling1D(BasePooling):
    """The mean of each window. Padding does not count.

    Args:
        pool_size: an int. strides: likewise, None for `pool_size`. padding: "valid" or "same".
        data_format: "channels_last", "channels_first", or None for the global setting.

    Input: (batch, steps, channels). Output: the same axes, fewer windows than points.

    >>> import kerasish as keras
    >>> keras.layers.AveragePooling1D(2)(keras.ops.ones((2, 6, 3))).shape
    (2, 3, 3)
    """

    def __init__(self, pool_size, strides=None, padding="valid", data_format=None, name=None, **kwargs):
        super().__init__(1, "average", pool_size, strides, padding, data_format, name, **kwargs)
