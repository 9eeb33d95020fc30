"""AdditiveAttention."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.attention.attention import Attention, pairs_of
from kerasish.typing import Config, ShapeLike


class AdditiveAttention(Attention):
    """outputs = softmax(sum(scale * tanh(query + key))) value (Bahdanau's attention).

    Args:
        use_scale: bool, whether there is a weight `scale`, one for each feature.
        dropout: float from 0 to 1, the part of the attention weights that is dropped in training.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: list [query, value] or [query, value, key], of shapes (batch, T, dim), (batch, S, dim) and that of
            the value; without a key the value is used.
        mask: list [query_mask, value_mask] of bool tensors (batch, T) and (batch, S).
        training: bool or None; whether dropout acts. None takes it from the call around.
        return_attention_scores: bool, whether to return the attention weights as well.
        use_causal_mask: bool, whether a query sees only keys up to its own place.

    Reference:
        Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and Translate", 2015.

    >>> import kerasish as keras
    >>> keras.layers.AdditiveAttention()([keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 4))]).shape
    (2, 3, 4)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: ShapeLike) -> None:
        self._check_inputs(input_shape, "input_shape")
        features = input_shape[0][-1]
        if features is None:
            raise ValueError(
                f"{self.name!r} needs to know the size of the last axis; the input shapes are {input_shape}."
            )
        self.scale: Any = self.add_weight((features,), "glorot_uniform", name="scale") if self.use_scale else None

    def _scores(self, query, key):
        terms = ops.tanh(pairs_of(query, key))
        return ops.sum(terms, axis=-1) if self.scale is None else ops.matmul(terms, self.scale)

    def get_config(self) -> Config:
        config = super().get_config()
        del config["score_mode"]
        return config
