"""Dot and `dot`."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.sizes import unlike
from kerasish.layers.merging.base_merge import Merge
from kerasish.suggestions import suggesting
from kerasish.typing import Axis, Config


class Dot(Merge):
    """The sum of products of two tensors along an axis of each, sample by sample.

    Args:
        axes: an int, or a pair of ints: the axis of each tensor (not the batch) that is summed over.
        normalize: bool, whether the tensors are scaled to length 1 along the axis first (then the result is the
            cosine).
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        two tensors of 2 or more axes.

    Output shape:
        the batch, the other axes of the first, the other axes of the second; at least 2 axes.

    >>> import kerasish as keras
    >>> keras.layers.Dot(1)([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).tolist()
    [[3.0], [3.0]]
    """

    old_arguments: dict[str, str] = {"dot_axes": "axes"}

    def __init__(self, axes: Axis, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(f"`axes` must be an int or a pair of ints, got {axes!r}.")
        if not isinstance(axes, int) and (len(axes) != 2 or not all(isinstance(a, int) for a in axes)):
            raise ValueError(f"`axes` must be an int or a pair of ints, got {axes!r}.")
        self.axes: int | list[int] | tuple[int, int] = axes
        self.normalize: bool = normalize

    def check_shapes(self, shapes: Any) -> None:
        if len(shapes) != 2:
            raise ValueError(f"A Dot layer is called on a list of 2 inputs, got {len(shapes)}.")
        first, second = shapes
        a, b = self._axes(len(first), len(second))
        if unlike(first[a], second[b]):
            raise ValueError(
                f"Dot: the sizes along `axes`={self.axes} differ: {first[a]} and {second[b]}; the shapes are "
                f"{tuple(first)} and {tuple(second)}."
            )

    def _axes(self, rank_a, rank_b):
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        for axis, rank in zip(axes, (rank_a, rank_b)):
            if not -rank < axis < rank or axis == 0:
                raise ValueError(
                    f"Dot: `axes`={self.axes} must name an axis of each input that is not the batch; the inputs have "
                    f"{rank_a} and {rank_b} axes."
                )
        return axes[0] % rank_a, axes[1] % rank_b

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            raise ValueError(f"A Dot layer is called on a list of 2 inputs, got {inputs!r}.")
        first, second = inputs
        a, b = self._axes(len(first.shape), len(second.shape))
        if self.normalize:
            first, second = _unit(first, a), _unit(second, b)
        letters = "bcdefghijklmnopqrstuvw"
        names_a = "z" + letters[: len(first.shape) - 1]
        names_b = "z" + letters[len(first.shape) - 1 : len(first.shape) + len(second.shape) - 2]
        names_a, names_b = names_a[:a] + "y" + names_a[a + 1 :], names_b[:b] + "y" + names_b[b + 1 :]
        rest = names_a.replace("y", "")[1:] + names_b.replace("y", "")[1:]
        result = ops.einsum(f"{names_a},{names_b}->z{rest}", first, second)
        return result if rest else ops.expand_dims(result, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """A sum over an axis has no mask."""
        return None

    def get_config(self) -> Config:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def _unit(x, axis):
    """`x` scaled to length 1 along `axis`; zeros stay."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))


@suggesting
def dot(inputs: Any, axes: Axis = -1, **kwargs: Any) -> Any:
    """`Dot(axes, **kwargs)(inputs)`.

    Args:
        inputs: list of two tensors.
        axes: an int, or a pair of ints: the axis of each tensor (not the batch) that is summed over.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.dot([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))], axes=1).tolist()
    [[3.0], [3.0]]
    """
    return Dot(axes=axes, **kwargs)(inputs)
