"""GroupedQueryAttention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import ops
from kerasish.layers.attention.base_heads import BaseHeads
from kerasish.layers.base.arguments import positive
from kerasish.typing import Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike, ShapeLike


class GroupedQueryAttention(BaseHeads):
    """Multi-head attention in which groups of query heads share a head of keys and values.

    `keras.layers.GroupQueryAttention`.

    Args:
        head_dim: int > 0, the size of a head.
        num_query_heads: int > 0, the number of heads of the queries, a multiple of `num_key_value_heads`.
        num_key_value_heads: int > 0, the number of heads of keys and values.
        dropout: float from 0 to 1, the part of the attention weights that is dropped in training.
        use_bias: bool, for all projections.
        sliding_window: int or None; a query sees keys less than so many places away.
        flash_attention: bool or None. True has a call refuse where attention can't be one kernel that keeps no weights
            in memory (the CPU has none), False does without such a kernel; None takes it where the device has it.
        kernel_initializer: Initializer, its name or config, for the kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        use_gate: whether the heads' outputs are multiplied by a sigmoid of another projection of the queries.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        query: tensor (batch, T, features).
        value: tensor (batch, S, features).
        key: tensor (batch, S, features); None for the value.
        query_mask: bool tensor (batch, T), where queries count.
        value_mask: bool tensor (batch, S), where values count.
        key_mask: bool tensor (batch, S), where keys count.
        attention_mask: bool tensor (batch, T, S): true where a query may look.
        return_attention_scores: bool, whether to return the attention weights as well.
        training: bool or None; whether dropout acts. None takes it from the call around.
        use_causal_mask: bool, whether a query sees only keys up to its own place.

    Returns:
        (batch, T, features of the query); with `return_attention_scores` also the weights, (batch, num_query_heads,
        T, S).

    Raises:
        ValueError: for an argument out of range, and shapes that do not fit.

    Reference:
        Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints",
        2023.

    >>> import kerasish as keras
    >>> x = keras.ops.ones((2, 5, 8))
    >>> keras.layers.GroupQueryAttention(4, 6, 2)(x, x).shape
    (2, 5, 8)
    """

    # Keras's, in configs; the class's own name is the one in weights files and of layers without a name
    public_name = "GroupQueryAttention"
    hidden_projections = True

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        use_gate: bool = False,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        self.head_dim: int = positive(head_dim, "head_dim")
        self.num_query_heads: int = positive(num_query_heads, "num_query_heads")
        self.num_key_value_heads: int = positive(num_key_value_heads, "num_key_value_heads")
        if num_query_heads % num_key_value_heads:
            raise ValueError(
                f"`num_query_heads` must be a multiple of `num_key_value_heads`, got {num_query_heads} and "
                f"{num_key_value_heads}."
            )
        self.num_repeats: int = num_query_heads // num_key_value_heads
        super().__init__(
            self.head_dim,
            dropout,
            use_bias,
            sliding_window,
            flash_attention,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            use_gate,
            seed,
            **kwargs,
        )
        self.activity_regularizer: Callable[..., Any] | None = (
            self._activity_regularizer
        )  # as in Keras, of the outputs as well as of each projection

    def build(self, query_shape: ShapeLike, value_shape: ShapeLike, key_shape: ShapeLike | None = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        shapes = f"got query {tuple(query_shape)}, value {tuple(value_shape)} and key {tuple(key_shape)}"
        if not len(query_shape) == len(value_shape) == len(key_shape) == 3:
            raise ValueError(
                f"{self.name!r}: `query`, `value` and `key` must have 3 axes, (batch, length, features); {shapes}."
            )
        if value_shape[1] != key_shape[1] and None not in (value_shape[1], key_shape[1]):
            raise ValueError(f"{self.name!r}: `value` and `key` may differ in their last axis only; {shapes}.")
        into = [("query", query_shape, self.num_query_heads), ("key", key_shape, self.num_key_value_heads)]
        if self.use_gate:
            into.append(("gate", query_shape, self.num_query_heads))
        for name, shape, heads in (*into, ("value", value_shape, self.num_key_value_heads)):
            self._add_projection(name, "btm,mhd->bthd", (None, heads, self.head_dim), "hd", shape)
        self._build_weights_of_scores()
        joined_heads = (*query_shape[:-1], self.num_query_heads, self.head_dim)
        self._add_projection("output", "bthd,hdm->btm", (None, query_shape[-1]), "m", joined_heads)

    def _scores(self, query, key):
        """(batch, query heads, T, S): a head of keys serves `num_repeats` heads of queries in a row."""
        grouped = _split(query, 2, self.num_repeats)
        return _merged(ops.einsum("btkrd,bskd->bkrts", grouped, key), 1)

    def _weighted_sum(self, weights, value):
        grouped = _split(weights, 1, self.num_repeats)
        return _merged(ops.einsum("bkrts,bskd->btkrd", grouped, value), 2)

    def get_config(self) -> Config:
        names = ("head_dim", "num_query_heads", "num_key_value_heads")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _split(x, axis, repeats):
    """An axis of heads as two: (..., heads, ...) becomes (..., heads / repeats, repeats, ...)."""
    return ops.reshape(x, (*x.shape[:axis], x.shape[axis] // repeats, repeats, *x.shape[axis + 1 :]))


def _merged(x, axis):
    """What `_split` split."""
    return ops.reshape(x, (*x.shape[:axis], x.shape[axis] * x.shape[axis + 1], *x.shape[axis + 2 :]))
