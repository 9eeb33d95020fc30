"""MultiHeadAttention."""

from __future__ import annotations

import string
from typing import Any

from kerasish import ops
from kerasish.backend.masks import get_keras_mask
from kerasish.layers.attention.base_heads import BaseHeads
from kerasish.layers.base.arguments import positive, renamed
from kerasish.typing import Axis, Config, ConstraintLike, InitializerLike, RegularizerLike, SeedLike, ShapeLike


class MultiHeadAttention(BaseHeads):
    """Each head projects queries, keys and values, and weighs the values by softmax(query . key / sqrt(key_dim)).

    The heads' outputs are projected.

    Args:
        num_heads: int > 0, the number of heads.
        key_dim: int > 0, the size of a query and of a key in each head.
        value_dim: int, that of a value; None for `key_dim`.
        dropout: float from 0 to 1, the part of the attention weights that is dropped in training.
        use_bias: bool, for all projections.
        output_shape: int or tuple, the features of the outputs; None for those of the queries.
        attention_axes: int or tuple, the axes over which is attended; None for all between batch and features.
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
        (batch, T, features); with `return_attention_scores` also the weights, (batch, num_heads, T, S).

    Raises:
        ValueError: for an argument out of range, and shapes that do not fit.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017.

    >>> import kerasish as keras
    >>> x = keras.ops.ones((2, 5, 8))
    >>> outputs, weights = keras.layers.MultiHeadAttention(2, 4)(x, x, return_attention_scores=True)
    >>> outputs.shape, weights.shape
    ((2, 5, 8), (2, 2, 5, 5))
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: ShapeLike | None = None,
        attention_axes: Axis = None,
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
        self.num_heads: int = positive(num_heads, "num_heads")
        self.key_dim: int = positive(key_dim, "key_dim")
        self.value_dim: int = self.key_dim if value_dim is None else positive(value_dim, "value_dim")
        super().__init__(
            self.key_dim,
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
        self._output_shape = _ints(output_shape, "output_shape", 1)
        self._attention_axes = _ints(attention_axes, "attention_axes", None)

    # Keras's own names, which subclasses in packages read and set
    _query_dense, _key_dense, _value_dense, _output_dense = map(
        renamed, ("query_dense", "key_dense", "value_dense", "output_dense")
    )
    _num_heads, _key_dim, _value_dim = map(renamed, ("num_heads", "key_dim", "value_dim"))
    _dropout, _use_bias, _inverse_sqrt_key_dim = map(renamed, ("dropout", "use_bias", "_scale"))
    _kernel_initializer, _bias_initializer = map(renamed, ("kernel_initializer", "bias_initializer"))
    _kernel_regularizer, _bias_regularizer = map(renamed, ("kernel_regularizer", "bias_regularizer"))
    _kernel_constraint, _bias_constraint = map(renamed, ("kernel_constraint", "bias_constraint"))

    @property
    def attention_axes(self) -> tuple[int, ...] | None:
        """The axes over which is attended; None before they are known."""
        return self._attention_axes

    def build(self, query_shape: ShapeLike, value_shape: ShapeLike, key_shape: ShapeLike | None = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        _check_shapes(self.name, query_shape, value_shape, key_shape)
        heads, rank = self.num_heads, len(query_shape)
        into = [("query", query_shape, self.key_dim), ("key", key_shape, self.key_dim)]
        if self.use_gate:
            into.append(("gate", query_shape, self.value_dim))
        for name, shape, size in (*into, ("value", value_shape, self.value_dim)):
            equation, bias_axes = _projection_equation(rank - 1, 1, 2)
            self._add_projection(name, equation, (None,) * (rank - 2) + (heads, size), bias_axes, shape)
        self._build_attention(rank + 1)
        features = self._output_shape or (query_shape[-1],)
        equation, bias_axes = _projection_equation(rank - 1, 2, len(features))
        joined_heads = (*query_shape[:-1], heads, self.value_dim)
        self._add_projection("output", equation, (None,) * (rank - 2) + features, bias_axes, joined_heads)

    def _mask_of_queries(self, query, query_mask):
        return get_keras_mask(query)  # as in Keras: the mask that came with the queries, and no other

    def _build_attention(self, rank):
        """Make what turns projected tensors of `rank` axes into outputs."""
        self._attention_axes = _attended(self._attention_axes, rank - 1)
        self._dot_product_equation, self._combine_equation = _attention_equations(rank, self._attention_axes)
        self._build_weights_of_scores()

    def _scores(self, query, key):
        return ops.einsum(self._dot_product_equation, key, query)

    def _weighted_sum(self, weights, value):
        return ops.einsum(self._combine_equation, weights, value)

    def get_config(self) -> Config:
        names = ("num_heads", "key_dim", "value_dim", "attention_axes")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "output_shape": self._output_shape,
        }


def _ints(value, name, least):
    """An int or ints as a tuple, or None. Raises ValueError naming the argument."""
    if value is None:
        return None
    numbers = (value,) if isinstance(value, int) else tuple(value) if isinstance(value, (list, tuple)) else ()
    if not numbers or any(
        isinstance(n, bool) or not isinstance(n, int) or least is not None and n < least for n in numbers
    ):
        raise ValueError(
            f"`{name}` must be None, an int or ints{'' if least is None else f' >= {least}'}, got {value!r}."
        )
    return numbers


def _check_shapes(layer, query_shape, value_shape, key_shape):
    shapes = f"got query {tuple(query_shape)}, value {tuple(value_shape)} and key {tuple(key_shape)}"
    if len(query_shape) < 3 or not len(query_shape) == len(value_shape) == len(key_shape):
        raise ValueError(
            f"{layer!r}: `query`, `value` and `key` must have the same number of axes, 3 or more: (batch, length, "
            f"features); {shapes}."
        )
    if any(a != b for a, b in zip(value_shape[1:-1], key_shape[1:-1]) if None not in (a, b)):
        raise ValueError(f"{layer!r}: `value` and `key` may differ in their last axis only; {shapes}.")


def _attended(axes, rank):
    """`attention_axes` counted from the front, for inputs of `rank` axes.

    Raises ValueError for the batch or the features.
    """
    if axes is None:
        return tuple(range(1, rank - 1))
    found = tuple(axis + rank if axis < 0 else axis for axis in axes)
    if any(not 0 < axis < rank - 1 for axis in found) or len(set(found)) != len(found):
        raise ValueError(
            f"`attention_axes` must be different axes between the batch and the features, of {rank} axes in all; got "
            f"{axes}."
        )
    return found


def _projection_equation(free, bound, made):
    """("abc,cde->abde", "de"): `free` axes stay, `bound` ones are summed over, `made` ones are new."""
    letters = string.ascii_lowercase
    kept, summed, new = letters[:free], letters[free : free + bound], letters[free + bound : free + bound + made]
    return f"{kept}{summed},{summed}{new}->{kept}{new}", new


def _attention_equations(rank, axes):
    """The equations of (scores of keys and queries, weighted sum) for projected tensors of `rank` axes.

    Their axes are (batch, ..., heads, size); attention goes over `axes`.
    """
    query = string.ascii_lowercase[:rank]
    fresh = dict(zip((query[a] for a in axes), string.ascii_lowercase[rank:]))
    key = "".join(fresh.get(c, c) for c in query)
    scores = "".join(c for c in query[:-1] if c not in fresh) + "".join(fresh) + "".join(fresh.values())
    return f"{key},{query}->{scores}", f"{scores},{key}->{query}"
