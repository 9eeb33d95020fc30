"""Cropping1D."""

from kerasish.layers.reshaping.base_edges import EdgeLayer


class Cropping1D(EdgeLayer):
    """Points cut off around (steps).

    Args:
        cropping: an int or a pair.

    Raises: ValueError when nothing would be left.

    >>> import kerasish as keras
    >>> keras.layers.Cropping1D(1)(keras.ops.ones((2, 5, 1))).shape
    (2, 3, 1)
    """

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(1, cropping, "cropping", "channels_last", **kwargs)

    def call(self, inputs):
        around = self.around()
        if any(
            size is not None and before + after >= size
            for size, (before, after) in zip(inputs.shape, around)
            if before or after
        ):
            raise ValueError(
                f"{self.name!r}: `cropping`={self.cropping} leaves nothing of inputs of shape {tuple(inputs.shape)}."
            )
        return inputs[tuple(slice(before, -after if after else None) for before, after in around)]
