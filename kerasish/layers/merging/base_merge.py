"""What layers that combine several tensors share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.backend.masks import get_keras_mask
from kerasish.layers.base.layer import Layer
from kerasish.typing import ShapeLike, TensorLike


class Merge(Layer):
    """Combines a list of tensors, element by element, with broadcasting.

    Tensors of fewer axes get axes of size 1 after the batch. The mask of the outputs is True where that of any input
    is.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def combine(self, tensors: Sequence[Any]) -> Any:
        """The result for a list of tensors of one rank."""
        total = tensors[0]
        for tensor in tensors[1:]:
            total = self.pair(total, tensor)
        return total

    def pair(self, a: TensorLike, b: TensorLike) -> Any:
        """The result for two tensors."""
        raise TypeError(f"{type(self).__name__} must define `pair` or `combine`.")

    def build(self, input_shape: ShapeLike) -> None:
        if (
            not isinstance(input_shape, (list, tuple))
            or not input_shape
            or not isinstance(input_shape[0], (list, tuple))
        ):
            raise ValueError(
                f"A {type(self).__name__} layer is called on a list of inputs, got one of shape {input_shape}."
            )
        self.check_shapes([tuple(shape) for shape in input_shape])

    def check_shapes(self, shapes: Any) -> None:
        """Raise ValueError when tensors of these shapes do not broadcast."""
        name = type(self).__name__
        if len({shape[0] for shape in shapes if shape} - {None}) > 1:
            raise ValueError(f"{name}: the inputs have different batch sizes, their shapes are {shapes}.")
        for axis in range(1, max(len(shape) for shape in shapes)):
            found = {shape[-axis] for shape in shapes if len(shape) > axis} - {None, 1}
            if len(found) > 1:
                raise ValueError(f"{name}: the inputs can't be broadcast together, their shapes are {shapes}.")

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A {type(self).__name__} layer is called on a list of inputs, got {inputs!r}.")
        return self.combine(_of_one_rank(list(inputs)))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where any input is not masked; None where one has no mask."""
        masks = self.checked_masks(inputs, mask)
        if not masks or any(m is None for m in masks):
            return None
        total = masks[0]
        for other in masks[1:]:
            total = ops.logical_or(total, other)
        return total

    def checked_masks(self, inputs: Any, mask: Any) -> list[Any]:
        """`mask` as a list. Raises ValueError when it is no list as long as `inputs`."""
        if mask is None:
            return []
        if not isinstance(mask, (list, tuple)) or not isinstance(inputs, (list, tuple)) or len(mask) != len(inputs):
            raise ValueError(
                f"`mask` of {self.name!r} must be a list with a mask (or None) for each input, got {mask!r}."
            )
        return list(mask)


class ExtremeMerge(Merge):
    """Maximum and Minimum: where one input is masked, the others decide."""

    def combine(self, tensors: Sequence[Any]) -> Any:
        total, total_kept = tensors[0], kept_elements(tensors[0])
        for tensor in tensors[1:]:
            kept = kept_elements(tensor)
            tensor = tensor if kept is None else ops.where(kept, tensor, total)
            total = total if total_kept is None else ops.where(total_kept, total, tensor)
            total_kept = None if kept is None or total_kept is None else ops.logical_or(total_kept, kept)
            total = self.pair(total, tensor)
        return total


def kept_elements(tensor: TensorLike) -> Any:
    """The mask that travels with `tensor`, with axes of size 1 to its rank; None where there is none."""
    mask = get_keras_mask(tensor)
    return None if mask is None else spread(mask, len(tensor.shape))


def spread(mask: Any, rank: int) -> Any:
    """`mask` with further axes of size 1 at the end, `rank` in all."""
    return ops.expand_dims(mask, list(range(len(mask.shape), rank))) if len(mask.shape) < rank else mask


def _of_one_rank(tensors):
    rank = max(len(t.shape) for t in tensors)
    return [t if len(t.shape) == rank else ops.expand_dims(t, list(range(1, 1 + rank - len(t.shape)))) for t in tensors]
