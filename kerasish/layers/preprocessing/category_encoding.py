"""CategoryEncoding."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.graph import KerasTensor
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.layers.preprocessing.categories import VECTORS, checked_mode, checked_sparse, encoded, encoded_shape
from kerasish.typing import Config, ShapeLike


class CategoryEncoding(DataLayer):
    """Numbers of categories as vectors of length `num_tokens`.

    Args:
        num_tokens: int, how many categories there are; inputs go from 0 to `num_tokens - 1`.
        output_mode: "multi_hot" (1 for each category that a sample names), "one_hot" (a vector for each number) or
            "count" (how often a sample names each category; the call argument `count_weights`, of the inputs'
            shape, says how much each time counts).
        sparse: accepted; the vectors are dense, and a warning says what that costs.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: tensor of ints.
        count_weights: tensor of the inputs' shape, how much each number counts; for "count" only.

    Input shape:
        ints (batch, numbers) or (numbers,).

    Output shape:
        (batch, num_tokens); with "one_hot" (..., num_tokens).

    >>> import kerasish as keras
    >>> keras.layers.CategoryEncoding(3)([[0, 2], [1, 1]]).tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if num_tokens is None:
            raise ValueError("`num_tokens` must be given: the number of categories.")
        self.num_tokens: int = positive(num_tokens, "num_tokens")
        self.output_mode: str = checked_mode(output_mode, VECTORS)
        self.sparse: bool = checked_sparse(sparse, self.output_mode)

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                f"`count_weights` is only used with output_mode='count', not with {self.output_mode!r}. Leave it out."
            )
        inputs = ops.convert_to_tensor(inputs)
        if "float" in ops.dtype(inputs):
            inputs = ops.cast(inputs, "int32")
        dtype = self.dtype if count_weights is None else self.compute_dtype
        if count_weights is not None:
            count_weights = ops.convert_to_tensor(count_weights, dtype=dtype)
        return encoded(inputs, self.output_mode, self.num_tokens, dtype, count_weights)

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def compute_output_spec(self, inputs: Any, count_weights: Any = None) -> Any:
        return KerasTensor(
            self.compute_output_shape(inputs.shape), self.dtype if count_weights is None else self.compute_dtype
        )

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "num_tokens": self.num_tokens,
            "output_mode": self.output_mode,
        }
