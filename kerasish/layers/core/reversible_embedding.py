"""ReversibleEmbedding."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.variable import Variable
from kerasish.layers.core.embedding import Embedding
from kerasish.typing import Config, ConstraintLike, DTypeLike, InitializerLike, RegularizerLike, ShapeLike


class ReversibleEmbedding(Embedding):
    """An `Embedding` that also goes the way back: from vectors to a score for each row of the table.

    Language models read their words and score the next one with one table.

    Args:
        input_dim: int, rows of the table: numbers go from 0 to `input_dim - 1`.
        output_dim: int, length of a row.
        tie_weights: whether the way back uses the same table, transposed; False gives it one of its own.
        embeddings_initializer: Initializer, its name or config, for the table(s).
        embeddings_regularizer: Regularizer, its name or config, for the table; None for none.
        embeddings_constraint: Constraint, its name or config, for the table after each update; None for none.
        mask_zero: bool, whether 0 means "nothing here": the outputs then carry a mask.
        reverse_dtype: dtype in which the way back computes; None for the layer's compute dtype.
        logit_soft_cap: float; scores are bent into (-cap, cap) by `cap * tanh(scores / cap)`. None leaves them.
        **kwargs: those of `Embedding` and `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: ints (...), or with `reverse` floats (..., output_dim).
        reverse: bool, whether to go the way back.

    Returns:
        (..., output_dim); with `reverse` (..., input_dim).

    Reference:
        Press and Wolf, "Using the Output Embedding to Improve Language Models", 2016.

    >>> import kerasish as keras
    >>> layer = keras.layers.ReversibleEmbedding(10, 4)
    >>> vectors = layer(keras.ops.ones((2, 3), dtype="int32"))
    >>> vectors.shape, layer(vectors, reverse=True).shape
    ((2, 3, 4), (2, 3, 10))
    """

    looks_up_rows: bool = False

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        reverse_dtype: DTypeLike | None = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        self.tie_weights: bool = tie_weights
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.reverse_dtype: DTypeLike | None = reverse_dtype
        self.logit_soft_cap: float | None = logit_soft_cap

    def build(self, inputs_shape: ShapeLike | None = None) -> None:
        super().build(inputs_shape)
        if not self.tie_weights:
            self.reverse_embeddings: Variable = self.add_weight(
                (self.output_dim, self.input_dim), self.embeddings_initializer, name="reverse_embeddings"
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            return super().call(inputs)
        table = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        table = ops.cast(table, self.compute_dtype)
        if self.reverse_dtype is not None:
            inputs, table = ops.cast(inputs, self.reverse_dtype), ops.cast(table, self.reverse_dtype)
        scores = ops.matmul(inputs, table)
        cap = self.logit_soft_cap
        return scores if cap is None else ops.multiply(ops.tanh(ops.divide(scores, cap)), cap)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where there is a number other than 0, when `mask_zero`; scores have none."""
        return None if is_float_dtype(inputs.dtype) else super().compute_mask(inputs, mask)

    def compute_output_shape(self, input_shape: ShapeLike, reverse: bool = False) -> tuple[int | None, ...]:
        """The shape of the outputs for that of the inputs, of either way."""
        return (*input_shape[:-1], self.input_dim) if reverse else (*input_shape, self.output_dim)

    def get_config(self) -> Config:
        plain = {name: getattr(self, name) for name in ("tie_weights", "reverse_dtype", "logit_soft_cap")}
        return {**super().get_config(), **plain}
