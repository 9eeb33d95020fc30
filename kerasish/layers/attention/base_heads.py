"""What MultiHeadAttention and GroupedQueryAttention share: projections into heads, attention, and the way back."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

from kerasish import constraints, initializers, ops, regularizers
from kerasish.backend.context import current
from kerasish.backend.masks import get_keras_mask, set_keras_mask
from kerasish.config import is_flash_attention_enabled
from kerasish.layers.activations.softmax import Softmax
from kerasish.layers.attention.attention_mask import joined, limits, rows_and_columns
from kerasish.layers.base.arguments import fraction, positive, serialized
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.einsum_dense import EinsumDense
from kerasish.layers.regularization.dropout import Dropout
from kerasish.ops.nn.attention import attend_and_drop, say_why_by_parts
from kerasish.random.dropout import share_kept
from kerasish.typing import (
    AnyTensor,
    Config,
    ConstraintLike,
    InitializerLike,
    IntOrInts,
    RegularizerLike,
    SeedLike,
    TensorLike,
)


class BaseHeads(Layer):
    """Projects queries, keys and values, lets every head attend, and projects the joined heads.

    Each projection is one product of matrices.

    A subclass adds the projections "query", "key", "gate" (where there is one), "value" and "output" in this order,
    which is that of the weights.

    Args:
        size: int, of a head of the queries, from which the scale follows. The rest as in `MultiHeadAttention`.
    """

    hidden_projections = False  # whether the attributes of the projections begin with "_"

    def __init__(
        self,
        size: IntOrInts,
        dropout: float,
        use_bias: bool,
        sliding_window: int,
        flash_attention: bool | None,
        kernel_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        kernel_regularizer: RegularizerLike,
        bias_regularizer: RegularizerLike,
        activity_regularizer: RegularizerLike,
        kernel_constraint: ConstraintLike,
        bias_constraint: ConstraintLike,
        use_gate: bool,
        seed: SeedLike,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.dropout: float = fraction(dropout, "dropout")
        is_off = flash_attention is None and is_flash_attention_enabled() is False
        self._flash_attention = False if is_off else flash_attention
        if flash_attention and self.dropout > 0:
            raise ValueError(f"`flash_attention=True` computes no dropout, got `dropout`={dropout!r}: leave one out.")
        self.use_bias: bool = use_bias
        self.use_gate: bool = use_gate
        self.sliding_window: int | None = None if sliding_window is None else positive(sliding_window, "sliding_window")
        self._scale = 1 / math.sqrt(size)
        self._attention_axes = (1,)
        self.kernel_initializer: Callable[..., Any] = initializers.get(kernel_initializer)
        self.bias_initializer: Callable[..., Any] = initializers.get(bias_initializer)
        self.kernel_regularizer: Callable[..., Any] | None = regularizers.get(kernel_regularizer)
        self.bias_regularizer: Callable[..., Any] | None = regularizers.get(bias_regularizer)
        self.kernel_constraint: Callable[..., Any] | None = constraints.get(kernel_constraint)
        self.bias_constraint: Callable[..., Any] | None = constraints.get(bias_constraint)
        self._activity_regularizer = regularizers.get(activity_regularizer)  # of the projections, as in Keras
        self.seed = seed
        self.supports_masking = True

    def _attribute(self, name):
        """The attribute that holds a projection: Keras's, because it is the name in files."""
        return f"_{name}_dense" if self.hidden_projections or name == "gate" else f"{name}_dense"

    def _dense(self, name):
        return getattr(self, self._attribute(name))

    def _get_common_kwargs_for_sublayer(self):
        """What every projection is made with: this layer's regularizers, constraints, dtype, and initializers.

        The initializers are new ones, lest two kernels begin alike. The name is Keras's, for packages' subclasses.
        """
        initializers = ("kernel_initializer", "bias_initializer")
        others = ("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint")
        return {
            **{name: _another(getattr(self, name)) for name in initializers},
            **{name: getattr(self, name) for name in others},
            "activity_regularizer": self._activity_regularizer,
            "dtype": self.dtype_policy,
        }

    def _add_projection(self, name, equation, output_shape, bias_axes, input_shape):
        """Build an EinsumDense with this layer's initializers, regularizers and constraints."""
        layer = EinsumDense(
            equation,
            output_shape,
            "sigmoid" if name == "gate" else None,
            bias_axes if self.use_bias else None,
            **self._get_common_kwargs_for_sublayer(),
            name="attention_output" if name == "output" else name,
        )
        layer.build(input_shape)
        setattr(self, self._attribute(name), layer)

    def _build_weights_of_scores(self):
        """What turns scores into weights: a softmax over the axes of the keys, and dropout."""
        count = len(self._attention_axes)
        self._softmax = Softmax(axis=-1 if count == 1 else tuple(range(-count, 0)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)

    def call(
        self,
        query: TensorLike,
        value: AnyTensor,
        key: AnyTensor | None = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        key = value if key is None else key
        rows, columns = self._mask_of_queries(query, query_mask), (value_mask, key_mask)
        masks = [attention_mask, *rows_and_columns(rows, *columns)]
        is_causal = use_causal_mask and self._is_plainly_causal(masks)
        mask = None if is_causal else joined(*masks, self._limits(query, value, use_causal_mask))
        with _unmasked(query, value, key):
            gate = self._dense("gate")(query) if self.use_gate else None
            heads = self._dense("query")(query), self._dense("key")(key), self._dense("value")(value)
        said = {"use_causal_mask": True} if is_causal else {}
        outputs, scores = self._compute_attention(
            *heads, attention_mask=mask, training=training, return_attention_scores=return_attention_scores, **said
        )
        outputs = self._dense("output")(outputs if gate is None else ops.multiply(outputs, gate))
        return (outputs, scores) if return_attention_scores else outputs

    def _is_plainly_causal(self, masks):
        """Whether order is all that limits a causal call, which one kernel can see to without a mask in memory.

        A package's subclass that computes attention by itself is given the mask.
        """
        alone = all(mask is None for mask in masks) and self.sliding_window is None
        own = type(self)._compute_attention is BaseHeads._compute_attention
        return own and alone and tuple(self._attention_axes) == (1,)

    def _mask_of_queries(self, query, query_mask):
        return query_mask

    def _limits(self, query, value, use_causal_mask):
        """The mask of a causal call or a sliding window, or None."""
        if not use_causal_mask and self.sliding_window is None:
            return None
        if len(self._attention_axes) > 1:
            raise ValueError(
                f"`use_causal_mask` and `sliding_window` need one attention axis, {self.name!r} has "
                f"`attention_axes`={self._attention_axes}."
            )
        return limits(query, value, self._attention_axes[0], use_causal_mask, self.sliding_window)

    def _for_heads(self, mask, rank):
        """`mask` (..., T, S) with axes of size 1 for the heads, so that it broadcasts to scores of `rank` axes.

        There are such axes, too, for what else lies between.
        """
        count = len(self._attention_axes)
        missing = rank - len(mask.shape)
        if missing < 0 or len(mask.shape) < 2 * count:
            raise ValueError(
                f"The mask of {self.name!r} must have from {2 * count} to {rank} axes, (batch, queries, "
                f"keys); got shape {tuple(mask.shape)}."
            )
        place = len(mask.shape) - 2 * count
        return ops.expand_dims(mask, tuple(range(place, place + missing))) if missing else mask

    def _compute_attention(
        self,
        query,
        key,
        value,
        attention_mask=None,
        training=None,
        return_attention_scores=False,
        use_causal_mask=False,
    ):
        """(outputs, weights before dropout or None) of projected queries, keys and values.

        Packages' subclasses call it, and replace it, by Keras's name.
        """
        if self._flash_attention and return_attention_scores:
            raise ValueError("`flash_attention=True` makes no scores that `return_attention_scores` could give.")
        rank = len(query.shape) - 1 + len(self._attention_axes)
        mask = None if attention_mask is None else self._for_heads(attention_mask, rank)
        if self._flash_attention or not (self.dropout > 0 or return_attention_scores or len(query.shape) != 4):
            # as in Keras, a query that may look at nothing sees the mean of the values here, and zeros there
            flash = self._flash_attention
            return ops.dot_product_attention(
                query,
                key,
                value,
                mask=mask,
                scale=self._scale,
                is_causal=use_causal_mask,
                flash_attention=flash,
            ), None
        if not return_attention_scores and self._flash_attention is None and self.dropout < 1:
            drops = training if training is not None else current().training
            draw = self._dropout_layer.disturb if drops else None
            share = share_kept(self.dropout)
            made = attend_and_drop(query, key, value, mask, self._scale, use_causal_mask, draw, share)
            if made is not None:
                return made, None
        if self._flash_attention is None:
            why = "returns its weights" if return_attention_scores else "drops all weights"
            say_why_by_parts(query, key, value, self._scale, why)
        if use_causal_mask:
            mask = self._for_heads(limits(query, value, self._attention_axes[0]), rank)
        weights = self._masked_softmax(self._scores(ops.multiply(query, self._scale), key), mask)
        dropped = self._dropout_layer(weights, training=training) if self.dropout > 0 else weights
        return self._weighted_sum(dropped, value), weights

    def _masked_softmax(self, attention_scores, attention_mask=None):
        """The weights that scores give where they may look."""
        if attention_mask is None:
            return self._softmax(attention_scores)
        mask = self._for_heads(attention_mask, len(attention_scores.shape))
        return self._softmax(attention_scores, mask=mask)

    def _objects_config(self):
        """The config entries that are objects."""
        kinds = {
            "kernel_initializer": initializers,
            "bias_initializer": initializers,
            "kernel_regularizer": regularizers,
            "bias_regularizer": regularizers,
            "kernel_constraint": constraints,
            "bias_constraint": constraints,
        }
        return {**serialized(self, kinds), "activity_regularizer": regularizers.serialize(self._activity_regularizer)}

    def get_config(self) -> Config:
        names = ("dropout", "use_bias", "use_gate", "sliding_window", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}, **self._objects_config()}


def _another(initializer):
    return type(initializer).from_config(initializer.get_config())


@contextlib.contextmanager
def _unmasked(*values):
    """Take the masks off for a while: they are seen to here, and the projections need not warn that they drop them."""
    masks = {id(value): (value, get_keras_mask(value)) for value in values}.values()
    for value, _ in masks:
        set_keras_mask(value, None)
    try:
        yield
    finally:
        for value, mask in masks:
            set_keras_mask(value, mask)
