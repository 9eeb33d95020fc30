"""Concatenate and `concatenate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge, spread
from kerasish.suggestions import suggesting
from kerasish.typing import Config


class Concatenate(Merge):
    """A list of tensors joined along `axis` (an int).

    Args:
        axis: int, the axis along which the tensors are joined.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: when the other axes differ, or `axis` is no int.

    >>> import kerasish as keras
    >>> keras.layers.Concatenate()([keras.ops.ones((2, 3)), keras.ops.ones((2, 4))]).shape
    (2, 7)
    """

    old_arguments: dict[str, str] = {"concat_axis": "axis"}

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, int):
            raise ValueError(f"`axis` must be an int, got {axis!r}.")
        self.axis = axis

    def check_shapes(self, shapes: Any) -> None:
        ranks = {len(shape) for shape in shapes}
        rank = max(ranks)
        if len(ranks) > 1 or not -rank <= self.axis < rank:
            raise ValueError(
                f"Concatenate: the inputs must have one number of axes, which includes axis {self.axis}; their shapes "
                f"are {shapes}."
            )
        for i in range(rank):
            if i != self.axis % rank and len({shape[i] for shape in shapes} - {None}) > 1:
                raise ValueError(
                    f"Concatenate: the inputs must have matching shapes except for axis {self.axis}; their shapes are "
                    f"{shapes}."
                )

    def combine(self, tensors: Sequence[Any]) -> Any:
        return ops.concatenate(tensors, axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks joined likewise, an input without one counting as unmasked.

        A step stays where any of its features does.
        """
        masks = self.checked_masks(inputs, mask)
        if all(m is None for m in masks):
            return None
        whole = [
            ops.ones_like(x, dtype="bool")
            if m is None
            else ops.logical_or(spread(m, len(x.shape)), ops.zeros_like(x, dtype="bool"))
            for x, m in zip(inputs, masks)
        ]
        return ops.any(ops.concatenate(whole, axis=self.axis), axis=-1)

    def get_config(self) -> Config:
        return {**super().get_config(), "axis": self.axis}


@suggesting
def concatenate(inputs: Any, axis: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """`Concatenate(axis, **kwargs)(inputs)`.

    Args:
        inputs: list of tensors.
        axis: int, the axis along which the tensors are joined.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.concatenate([keras.ops.ones((2, 3)), keras.ops.ones((2, 4))]).shape
    (2, 7)
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
