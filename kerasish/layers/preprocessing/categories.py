"""Numbers of categories as vectors: what the layers share that give them."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import one_of
from kerasish.typing import DTypeLike, Shape, ShapeLike, TensorLike

VECTORS = ("one_hot", "multi_hot", "count")


def checked_sparse(sparse: bool, output_mode: str) -> bool:
    """`sparse`, which programs written for Keras give: the vectors are dense, and a warning says what that costs.

    Raises:
        ValueError: where the layer gives no vectors.
    """
    if sparse and output_mode == "int":
        raise ValueError(
            "`sparse=True` goes with `output_mode` 'one_hot', 'multi_hot' or 'count', got output_mode='int'."
        )
    if sparse:
        warnings.warn(
            "`sparse=True`: the vectors are made dense, so that each sample takes a number for every category. With "
            "many categories give `output_mode='int'` to an `Embedding`.",
            stacklevel=3,
        )
    return bool(sparse)


def checked_mode(output_mode: str, choices: tuple[str, ...] = ("int", *VECTORS)) -> str:
    """`output_mode` in today's spelling. Raises ValueError that suggests the nearest."""
    return "multi_hot" if output_mode == "binary" else one_of(output_mode, choices, "output_mode")


def encoded(numbers: Any, output_mode: str, depth: int, dtype: DTypeLike, weights: TensorLike | None = None) -> Any:
    """Vectors of length `depth` for tensors of category numbers; with "int" the numbers themselves.

    Args:
        numbers: int tensor.
        output_mode: "int", "one_hot", "multi_hot" or "count".
        depth: int, how many categories there are.
        dtype: string, of the vectors.
        weights: tensor of the shape of `numbers`, how much each one counts.
    """
    if output_mode == "int":
        return ops.cast(numbers, dtype)
    if not numbers.shape:
        numbers = ops.expand_dims(numbers, -1)
    if output_mode == "multi_hot":
        return ops.multi_hot(numbers, depth, dtype=dtype)
    if output_mode == "one_hot":
        if len(numbers.shape) > 1 and numbers.shape[-1] == 1:
            numbers = ops.squeeze(numbers, -1)
        return ops.one_hot(numbers, depth, dtype=dtype)
    marks = ops.one_hot(numbers, depth, dtype=dtype)
    if weights is not None:
        marks = marks * ops.expand_dims(weights, -1)
    return ops.sum(marks, axis=1 if len(numbers.shape) > 1 else 0)


def encoded_shape(shape: ShapeLike, output_mode: str, depth: int) -> Shape:
    """The shape of `encoded` for numbers of `shape`."""
    shape = tuple(shape)
    if output_mode == "int":
        return shape
    if not shape and output_mode == "one_hot":
        return (1, depth)  # as in Keras, a number by itself is one of a batch
    if output_mode == "one_hot" and (len(shape) < 2 or shape[-1] != 1):
        return (*shape, depth)
    return (*shape[:-1], depth)
