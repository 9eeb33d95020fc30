"""What layers that combine several tensors share."""

from kerasish import ops, tree
from kerasish.layers.base.layer import Layer


class Merge(Layer):
    """Combines a list of tensors, element by element, with broadcasting.

    Tensors of fewer axes get axes of size 1 after the batch. The mask of the outputs is True where that of any input is.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def combine(self, tensors):
        """The result for a list of tensors of one rank."""
        total = tensors[0]
        for tensor in tensors[1:]:
            total = self.pair(total, tensor)
        return total

    def pair(self, a, b):
        """The result for two tensors."""
        raise TypeError(f"{type(self).__name__} must define `pair` or `combine`.")

    def build(self, input_shape):
        self.check_shapes(input_shape)

    def check_shapes(self, shapes):
        """Raise ValueError when there are fewer than two inputs, or they do not broadcast."""
        name = type(self).__name__
        if not isinstance(shapes, (list, tuple)) or not shapes or not isinstance(shapes[0], (list, tuple)):
            raise ValueError(f"A {name} layer is called on a list of inputs, got one of shape {shapes}.")
        if len(shapes) < 2:
            raise ValueError(f"A {name} layer is called on a list of at least 2 inputs, got {len(shapes)}.")
        batches = {shape[0] for shape in shapes if shape and shape[0] is not None}
        if len(batches) > 1:
            raise ValueError(f"{name}: the inputs have different batch sizes: {list(shapes)}.")
        self._broadcast(shapes, name)

    def _broadcast(self, shapes, name):
        rank = max(len(shape) for shape in shapes)
        for axis in range(1, rank):
            found = {shape[-axis] for shape in shapes if len(shape) > axis} - {None, 1}
            if len(found) > 1:
                raise ValueError(f"{name}: the inputs can't be broadcast together, their shapes are {list(shapes)}.")

    def call(self, inputs):
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A {type(self).__name__} layer is called on a list of inputs, got {inputs!r}.")
        return self.combine(_of_one_rank(list(inputs)))

    def compute_mask(self, inputs, mask=None):
        """True where any input is not masked; None where one has no mask."""
        if mask is None or any(m is None for m in tree.flatten(mask)):
            return None
        masks = tree.flatten(mask)
        total = masks[0]
        for other in masks[1:]:
            total = ops.logical_or(total, other)
        return total


def _of_one_rank(tensors):
    rank = max(len(t.shape) for t in tensors)
    return [t if len(t.shape) == rank else ops.reshape(t, _stretched(t, rank)) for t in tensors]


def _stretched(tensor, rank):
    batch = tensor.shape[0] if tensor.shape else 1
    rest = tensor.shape[1:]
    return (-1 if batch is None else batch, *[1] * (rank - len(tensor.shape)), *rest)
