"""Attention."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.float_formats import LARGEST
from kerasish.layers.attention.attention_mask import bools, joined, limits
from kerasish.layers.base.arguments import fraction, one_of
from kerasish.layers.base.layer import Layer
from kerasish.random import SeedGenerator
from kerasish.typing import AnyTensor, Config, SeedLike, ShapeLike, TensorLike

_FAR = {"float16": LARGEST["float16"]}  # subtracted from scores that must not count, by dtype


class Attention(Layer):
    """outputs = softmax(scores(query, key)) value, without projections (Luong's attention).

    Args:
        use_scale: bool, whether the scores are multiplied by a weight.
        score_mode: "dot" for query . key, or "concat" for the sum of tanh(query + key).
        dropout: float from 0 to 1, the part of the attention weights that is dropped in training.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: list [query, value] or [query, value, key], of shapes (batch, T, dim), (batch, S, dim) and that of
            the value; without a key the value is used.
        mask: list [query_mask, value_mask] of bool tensors (batch, T) and (batch, S).
        training: bool or None; whether dropout acts. None takes it from the call around.
        return_attention_scores: bool, whether to return the attention weights as well.
        use_causal_mask: bool, whether a query sees only keys up to its own place.

    Returns:
        (batch, T, dim), 0 where the query is masked; with `return_attention_scores` also the weights, (batch, T,
        S).

    Raises:
        ValueError: for other inputs, or an argument out of range.

    Reference:
        Luong et al., "Effective Approaches to Attention-based Neural Machine Translation", 2015.

    >>> import kerasish as keras
    >>> keras.layers.Attention()([keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 4))]).shape
    (2, 3, 4)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode: str = one_of(score_mode, ("dot", "concat"), "score_mode")
        self.dropout: float = fraction(dropout, "dropout")
        self.seed = seed
        if dropout > 0:
            self.seed_generator: SeedGenerator = SeedGenerator(seed)

    def build(self, input_shape: ShapeLike) -> None:
        self._check_inputs(input_shape, "input_shape")
        self.scale: Any = self.add_weight((), "ones", name="scale") if self.use_scale else None
        self.concat_score_weight: Any = (
            self.add_weight((), "ones", name="concat_score_weight") if self.score_mode == "concat" else None
        )

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        self._check_inputs(inputs, "inputs")
        self._check_masks(mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = mask[:2] if mask else (None, None)
        scores = self._scores(query, key)
        allowed = joined(
            None if value_mask is None else ops.expand_dims(value_mask, -2),
            limits(query, key) if use_causal_mask else None,
        )
        if allowed is not None:
            far = _FAR.get(standardize_dtype(scores.dtype), 1e9)
            scores = ops.where(allowed, scores, ops.subtract(scores, far))
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        outputs = ops.matmul(weights, value)
        if query_mask is not None:
            outputs = ops.where(ops.expand_dims(bools(query_mask), -1), outputs, ops.zeros_like(outputs))
        return (outputs, weights) if return_attention_scores else outputs

    def _scores(self, query, key):
        """(batch, T, S)."""
        if self.score_mode == "dot":
            if self.scale is not None:
                query = ops.multiply(query, self.scale)  # (T, dim) numbers instead of the (T, S) of the scores
            return ops.matmul(query, ops.swapaxes(key, -2, -1))
        pairs = pairs_of(query, key)
        if self.scale is not None:
            pairs = ops.multiply(self.scale, pairs)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(pairs), axis=-1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the queries."""
        return mask[0] if isinstance(mask, (list, tuple)) and mask else None

    def _check_inputs(self, inputs, name):
        several = isinstance(inputs, (list, tuple)) and not any(isinstance(x, int) for x in inputs)  # no single shape
        if not several or len(inputs) not in (2, 3):
            given = f"{len(inputs)} of them" if several else f"a {type(inputs).__name__}"
            raise ValueError(
                f"`{name}` of {self.name!r} must be a list of 2 or 3, [query, value] or [query, value, key]; got "
                f"{given}."
            )

    def _check_masks(self, mask):
        if mask is not None and (not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3)):
            given = f"{len(mask)} of them" if isinstance(mask, (list, tuple)) else f"a {type(mask).__name__}"
            raise ValueError(
                f"`mask` of {self.name!r} must be a list of 2 or 3, [query_mask, value_mask]; got {given}."
            )

    def get_config(self) -> Config:
        names = ("use_scale", "score_mode", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def pairs_of(query: TensorLike, key: AnyTensor) -> Any:
    """Query + key for each pair: (batch, T, S, dim)."""
    return ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
