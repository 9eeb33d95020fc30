"""Embedding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import constraints, initializers, ops, regularizers
from kerasish.backend.dtypes import is_int_dtype
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import not_offered, positive, serialized
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class Embedding(Layer):
    """Each number of the inputs is replaced by its row of a learnt table.

    Args:
        input_dim: int, rows of the table: numbers go from 0 to `input_dim - 1`.
        output_dim: int, length of a row.
        embeddings_initializer: Initializer, its name or config, for the table.
        embeddings_regularizer: Regularizer, its name or config, for the table; None for none.
        embeddings_constraint: Constraint, its name or config, for the table after each update; None for none.
        mask_zero: bool, whether 0 means "nothing here": the outputs then carry a mask.
        weights: array of shape (input_dim, output_dim), a table to begin with; None for one from
            `embeddings_initializer`.
        lora_rank: None; LoRA is not offered by this argument.
        lora_alpha: None, as `lora_rank`.
        quantization_config: None; quantization is not offered by this argument.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        ints (...).

    Output shape:
        (..., output_dim).

    >>> import kerasish as keras
    >>> keras.layers.Embedding(10, 4)(keras.ops.ones((2, 3), dtype="int32")).shape
    (2, 3, 4)
    """

    takes_indices: bool = True
    looks_up_rows: bool = True
    old_arguments: dict[str, str] = {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    }

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        not_offered(lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        self.input_dim: int = positive(input_dim, "input_dim")
        self.output_dim: int = positive(output_dim, "output_dim")
        self.embeddings_initializer: Callable[..., Any] = initializers.get(embeddings_initializer)
        self.embeddings_regularizer: Callable[..., Any] | None = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint: Callable[..., Any] | None = constraints.get(embeddings_constraint)
        self.mask_zero = self.supports_masking = mask_zero
        self.autocast = False
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, (list, tuple)) else [weights])

    def build(self, input_shape: ShapeLike | None = None) -> None:
        self.embeddings: Variable = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            name="embeddings",
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, inputs: Any) -> Any:
        dtype = inputs.dtype
        if not is_int_dtype(dtype):
            inputs = ops.cast(inputs, "int32")
        table = self.embeddings
        rows = table.looked_up(inputs) if hasattr(table, "looked_up") else ops.take(table, inputs, axis=0)
        return ops.cast(rows, self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where there is a number other than 0, when `mask_zero`."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> Config:
        objects = {
            "embeddings_initializer": initializers,
            "embeddings_regularizer": regularizers,
            "activity_regularizer": regularizers,
            "embeddings_constraint": constraints,
        }
        plain = {name: getattr(self, name) for name in ("input_dim", "output_dim", "mask_zero")}
        return {**super().get_config(), **plain, **serialized(self, objects), "quantization_config": None}
