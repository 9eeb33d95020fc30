"""ZeroPadding3D."""

from kerasish import ops
from kerasish.layers.reshaping.base_edges import EdgeLayer


class ZeroPadding3D(EdgeLayer):
    """Zeros around (depth, height, width).

    Args:
        padding: an int, 3 ints, or 3 pairs (before, after). data_format: "channels_last", "channels_first", or None for
            the global setting.

    >>> import kerasish as keras
    >>> keras.layers.ZeroPadding3D(1)(keras.ops.ones((2, 3, 3, 3, 1))).shape
    (2, 5, 5, 5, 1)
    """

    def __init__(self, padding=((1, 1), (1, 1), (1, 1)), data_format=None, **kwargs):
        super().__init__(3, padding, "padding", data_format, **kwargs)

    def call(self, inputs):
        return ops.pad(inputs, self.around())
