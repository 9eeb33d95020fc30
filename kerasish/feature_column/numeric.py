"""Numbers as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import ops
from kerasish.data import Feature
from kerasish.feature_column.column import DenseColumn, OneFeature, checked_dtype, checked_key, checked_size
from kerasish.typing import AnyTensor, DTypeLike


@dataclasses.dataclass(frozen=True)
class NumericColumn(OneFeature, DenseColumn):
    """What `numeric_column` makes.

    Args:
        key: string, the feature's name.
        shape: ints, of a row.
        default_value: number or nested tuple for Examples that lack the feature.
        dtype: string, of the feature in Examples.
        normalizer_fn: function of ops, or None.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.numeric_column("size", shape=2).dimension
        2
    """

    shape: tuple[int, ...] = (1,)
    default_value: Any = None
    dtype: str = "float32"
    normalizer_fn: Callable[[Any], Any] | None = None

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        default = self.default_value
        if isinstance(default, tuple):
            default = list(default)
        return {self.key: Feature(self.shape, self.dtype, default)}

    @property
    def dimension(self) -> int:
        product = 1
        for size in self.shape:
            product *= size
        return product

    def dense(self, values: Any, table: Any = None) -> AnyTensor:
        values = ops.convert_to_tensor(values)
        found = tuple(values.shape[1:])
        if found not in (self.shape, ()) or (found == () and self.dimension != 1):
            raise ValueError(f"The feature {self.key!r} must have rows of shape {self.shape}, got {found}.")
        if found == ():
            values = ops.reshape(values, (-1, *self.shape))
        if self.normalizer_fn is not None:
            values = self.normalizer_fn(values)
        return ops.cast(ops.reshape(values, (-1, self.dimension)), "float32")


def numeric_column(
    key: str,
    shape: int | Sequence[int] = (1,),
    default_value: Any = None,
    dtype: DTypeLike = "float32",
    normalizer_fn: Callable[[Any], Any] | None = None,
) -> NumericColumn:
    """A feature of numbers, taken as it is.

    Args:
        key: string, the feature's name.
        shape: int or ints, the shape of a row.
        default_value: number, or nested list of `shape`, for Examples that lack the feature; None refuses them.
        dtype: dtype of the feature in Examples.
        normalizer_fn: function of ops that is applied to the feature's tensor: `lambda x: (x - 3.0) / 4.2`.

    Returns:
        `NumericColumn`.

    Raises:
        ValueError: for a key that is no text, sizes below 1, a dtype of no numbers.
        TypeError: for a `normalizer_fn` that can't be called.

    Example:
        >>> from kerasish import feature_column as fc
        >>> age = fc.numeric_column("age", normalizer_fn=lambda x: x / 10.0)
        >>> fc.DenseFeatures([age])({"age": [[20.0], [30.0]]}).tolist()
        [[2.0], [3.0]]
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    sizes = tuple(checked_size(size, "shape") for size in sizes)
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(f"`normalizer_fn` must be a function of a tensor, got {normalizer_fn!r}.")
    default = tuple(default_value) if isinstance(default_value, (list, tuple)) else default_value
    return NumericColumn(checked_key(key), sizes, default, checked_dtype(dtype, "numbers"), normalizer_fn)
