"""Concatenate and `concatenate`."""

from kerasish import ops, tree
from kerasish.layers.merging.base_merge import Merge


class Concatenate(Merge):
    """A list of tensors joined along `axis` (an int).

    Raises: ValueError when the other axes differ.

    >>> import kerasish as keras
    >>> keras.layers.Concatenate()([keras.ops.ones((2, 3)), keras.ops.ones((2, 4))]).shape
    (2, 7)
    """

    old_arguments = {"concat_axis": "axis"}

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def check_shapes(self, shapes):
        if len(shapes) == 1 and isinstance(shapes[0], (list, tuple)):
            return
        super().check_shapes(shapes)

    def _broadcast(self, shapes, name):
        ranks = {len(shape) for shape in shapes}
        rank = max(ranks)
        axis = self.axis % rank if -rank <= self.axis < rank else None
        if len(ranks) > 1 or axis is None:
            raise ValueError(f"{name}: the inputs must have one number of axes, which includes axis {self.axis}; their shapes are {list(shapes)}.")
        for i in range(rank):
            sizes = {shape[i] for shape in shapes} - {None}
            if i != axis and len(sizes) > 1:
                raise ValueError(f"{name}: the inputs must have matching shapes except for axis {self.axis}; their shapes are {list(shapes)}.")

    def call(self, inputs):
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A Concatenate layer is called on a list of inputs, got {inputs!r}.")
        return ops.concatenate(list(inputs), axis=self.axis)

    def compute_mask(self, inputs, mask=None):
        """The masks joined likewise; an input without one counts as unmasked."""
        masks = tree.flatten(mask) if mask is not None else []
        if all(m is None for m in masks):
            return None
        whole = []
        for x, m in zip(inputs, masks):
            if m is None:
                whole.append(ops.ones_like(x, dtype="bool"))
            else:
                m = ops.reshape(m, (*m.shape, *[1] * (len(x.shape) - len(m.shape))))
                whole.append(ops.broadcast_to(m, ops.shape(x)))
        return ops.all(ops.concatenate(whole, axis=self.axis), axis=-1, keepdims=False)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}


def concatenate(inputs, axis=-1, **kwargs):
    """`Concatenate(axis, **kwargs)(inputs)`

    >>> import kerasish as keras
    >>> keras.layers.concatenate([keras.ops.ones((2, 3)), keras.ops.ones((2, 4))]).shape
    (2, 7)
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
