"""Attention as one call, and its gradients as another, for devices that compute them in one kernel each.

Who has no such kernel computes by parts: `attend` and `attend_back` say in other primitives what the two are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.float_formats import HALVES, LARGEST
from kerasish.backend.primitives.costs import attention as attention_cost
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import HIGHER_ORDER, Primitive, Spec, gradient_of, p, spec_of
from kerasish.backend.primitives.shapes import broadcast, same_dtype
from kerasish.backend.sizes import unlike, unlike_shapes
from kerasish.entries import entering
from kerasish.typing import TensorLike

BY_PARTS: dict[str, Callable[..., Any]] = {}
_parts_of = entering(BY_PARTS)  # the function below computes the primitive of that name with others


def _check(query, key, value, more):
    """Raise ValueError unless the operands fit: axes (batch, length, heads, size), the others as weights."""
    heads, shared = query.shape[2], key.shape[2]
    fit = not (
        unlike(query.shape[0], key.shape[0])
        or unlike(query.shape[3], key.shape[3])
        or unlike_shapes(key.shape[:3], value.shape[:3])
        or unlike(heads % shared, 0)
    )
    if not fit:
        shapes = [tuple(x.shape) for x in (query, key, value)]
        raise ValueError(f"Queries, keys and values of `attention` do not fit together: {shapes}.")
    for x in more:
        weights = (query.shape[0], heads, query.shape[1], key.shape[1])
        if len(x.shape) != 4 or unlike_shapes(broadcast(x.shape, weights), weights):
            raise ValueError(
                f"A bias, and what is kept, of `attention` must broadcast to {weights}, got {tuple(x.shape)}."
            )


def _attention_shape(query, key, value, *more, scale, is_causal, grown=None):
    """What is attended to, and the logarithms of the sums that the softmax divides by, for the way back.

    Queries (batch, T, heads, size), keys (batch, S, heads or a divisor of it, size), values; then, if any, a bias that
    broadcasts to (batch, heads, T, S) and is added to the scaled products, and with `grown` what is kept of the
    weights, (batch, heads, T, S) of zeros and ones, which are multiplied by that number. Neither has a gradient.
    """
    _check(query, key, value, more)
    batch, length, heads, _ = query.shape
    made = Spec((batch, length, heads, value.shape[3]), same_dtype("attention", query, key, value))
    return made, Spec((batch, heads, length, 1), "float32")


def _gradient_shape(query, key, value, made, sums, g, *more, scale, is_causal, grown=None):
    """Gradients of queries, keys and values; `made` and `sums` are what `attention` gave."""
    _check(query, key, value, more)
    same_dtype("attention_gradient", query, key, value, made, g)
    return tuple(Spec(tuple(x.shape), x.dtype) for x in (query, key, value))


attention: Primitive = computed("attention", _attention_shape, cost=attention_cost(1, 1), computes=False)
attention_gradient: Primitive = computed(
    "attention_gradient", _gradient_shape, cost=attention_cost(3, 2), computes=False
)


@gradient_of(attention)
def _attention(node, g, _sums):
    query, key, value, *more = node.inputs
    if g is None:
        return [None] * len(node.inputs)
    found = attention_gradient(query, key, value, *node.outputs, g, *more, **node.attributes)
    return [*found, *[None] * len(more)]


_attention.takes_none = True


class _Parts:
    """The values between: heads first, those that share keys and values joined, in float32 or wider."""

    def __init__(self, query, key, value, more, scale, is_causal, grown=None):
        bias = more if grown is None else more[:-1]
        batch, length, heads, _ = query.shape
        self.scale, self.groups, self.dtype = scale, heads // key.shape[2], spec_of(query).dtype
        self.query, self.key, self.value = self.by_head(query), self.by_head(key, 1), self.by_head(value, 1)
        logits = p.multiply(p.matmul(self.query, self.key, transpose_y=True), scale)
        joined, apart = tuple(logits.shape), (batch, heads, length, key.shape[1])
        self.least = -0.7 * LARGEST[spec_of(logits).dtype]
        if bias or is_causal:
            logits = p.reshape(self._judged(p.reshape(logits, shape=apart), bias, is_causal), shape=joined)
        most = p.stop_gradient(p.max(logits, axis=(3,), keepdims=True))
        powers = p.exp(p.subtract(logits, most))
        total = p.sum(powers, axis=(3,), keepdims=True)
        self.weights = p.divide(powers, total)
        self.kept = None
        if grown is not None:
            kept = p.multiply(p.cast(more[-1], dtype=spec_of(logits).dtype), grown)
            self.kept = p.reshape(p.broadcast_to(kept, shape=apart), shape=joined)
        self.sums = p.reshape(p.add(most, p.log(total)), shape=(*apart[:3], 1))

    def _judged(self, logits, bias, is_causal):
        for x in bias:
            logits = p.add(logits, p.cast(x, dtype=spec_of(logits).dtype))
        if not is_causal:
            return logits
        rows, columns = (p.arange(start=0, step=1, size=n, dtype="int32") for n in logits.shape[2:])
        return p.where(p.greater_equal(p.reshape(rows, shape=(*rows.shape, 1)), columns), logits, self.least)

    def by_head(self, x, groups=None):
        """(batch, length, heads, size) as (batch, heads / groups, groups * length, size)."""
        groups = self.groups if groups is None else groups
        x = p.cast(x, dtype="float32") if spec_of(x).dtype in HALVES else x
        batch, length, heads, size = x.shape
        if groups == 1:
            return p.transpose(x, axes=(0, 2, 1, 3))
        x = p.reshape(x, shape=(batch, length, heads // groups, groups, size))
        x = p.transpose(x, axes=(0, 2, 3, 1, 4))
        return p.reshape(x, shape=(batch, heads // groups, groups * length, size))

    def back(self, x, groups=None):
        """What `by_head` made, as it was."""
        groups = self.groups if groups is None else groups
        batch, shared, length, size = x.shape
        if groups == 1:
            x = p.transpose(x, axes=(0, 2, 1, 3))
        else:
            length = length // groups
            x = p.reshape(x, shape=(batch, shared, groups, length, size))
            x = p.transpose(x, axes=(0, 3, 1, 2, 4))
            x = p.reshape(x, shape=(batch, length, shared * groups, size))
        return x if spec_of(x).dtype == self.dtype else p.cast(x, dtype=self.dtype)

    def dropped(self, x):
        """Weights, or their gradient, without those that are not kept."""
        return x if self.kept is None else p.multiply(x, self.kept)

    def through_softmax(self, g):
        """The gradient of the logits where `g` is that of the weights."""
        along = p.multiply(self.weights, g)
        return p.subtract(along, p.multiply(self.weights, _total(along)))


def _total(x):
    return p.sum(x, axis=(3,), keepdims=True)


@_parts_of("attention")
def attend(query: TensorLike, key: TensorLike, value: TensorLike, *more: Any, **attributes: Any) -> Any:
    """What `attention` gives, by parts."""
    parts = _Parts(query, key, value, more, **attributes)
    sums = parts.sums if spec_of(parts.sums).dtype == "float32" else p.cast(parts.sums, dtype="float32")
    return [parts.back(p.matmul(parts.dropped(parts.weights), parts.value)), sums]


@_parts_of("attention_gradient")
def attend_back(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    made: TensorLike,
    sums: TensorLike,
    g: TensorLike,
    *more: Any,
    **attributes: Any,
) -> Any:
    """What `attention_gradient` gives, by parts: the weights are computed again."""
    parts = _Parts(query, key, value, more, **attributes)
    g = parts.by_head(g)
    to_weights = parts.dropped(p.matmul(g, parts.value, transpose_y=True))
    to_logits = p.multiply(parts.through_softmax(to_weights), parts.scale)
    return [
        parts.back(p.matmul(to_logits, parts.key)),
        parts.back(p.matmul(to_logits, parts.query, transpose_x=True), 1),
        parts.back(p.matmul(parts.dropped(parts.weights), g, transpose_x=True), 1),
    ]


@gradient_of(attention_gradient)
def _again(node, a, b, c):
    """Of dQ = s D K, dK = s D^T Q, dV = (W * M)^T g: W are the weights, D = W * (H - sum(W * H)), H = g V^T * M.

    M is what is kept of the weights; E is the gradient of D, and F that of H.
    """
    query, key, value, _, _, g, *more = node.inputs
    parts = _Parts(query, key, value, more, **node.attributes)
    q, k, v, w, scale = parts.query, parts.key, parts.value, parts.weights, parts.scale
    g, a, b, c = parts.by_head(g), parts.by_head(a), parts.by_head(b, 1), parts.by_head(c, 1)
    h = parts.dropped(p.matmul(g, v, transpose_y=True))
    along = p.subtract(h, _total(p.multiply(w, h)))
    d = p.multiply(p.multiply(w, along), scale)
    e = p.multiply(p.add(p.matmul(a, k, transpose_y=True), p.matmul(q, b, transpose_y=True)), scale)
    f = parts.dropped(parts.through_softmax(e))
    to_weights = p.subtract(p.multiply(e, along), p.multiply(h, _total(p.multiply(w, e))))
    to_weights = p.add(parts.dropped(p.matmul(g, c, transpose_y=True)), to_weights)
    to_logits = p.multiply(parts.through_softmax(to_weights), scale)
    return [
        parts.back(p.add(p.matmul(to_logits, k), p.matmul(d, b))),
        parts.back(p.add(p.matmul(to_logits, q, transpose_x=True), p.matmul(d, a, transpose_x=True)), 1),
        parts.back(p.matmul(f, g, transpose_x=True), 1),
        None,
        None,
        parts.back(p.add(p.matmul(f, v), p.matmul(parts.dropped(w), c))),
        *[None] * len(more),
    ]


def _by_parts(primitive, arrays, attributes):
    primitive.shape_rule(*map(spec_of, arrays), **attributes)  # refuses what does not fit
    return list(BY_PARTS[primitive.name](*arrays, **attributes))


HIGHER_ORDER.update(dict.fromkeys(BY_PARTS, _by_parts))
