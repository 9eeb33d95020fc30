"""Scaled dot-product attention."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.float_formats import HALVES, LARGEST
from kerasish.backend.primitives import Spec, p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import unlike, unlike_shapes
from kerasish.ops.convert import as_dtype, as_float, dtype_of, promote, value_of
from kerasish.ops.nn.softmax import softmax_over
from kerasish.ops.numpy.diagonals import tril
from kerasish.ops.numpy.helpers import at_once, broadcast_shape, reshape_to, transpose_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _check(query, key, value):
    shapes = [tuple(x.shape) for x in (query, key, value)]
    if any(len(s) != 4 for s in shapes):
        raise ValueError(f"`query`, `key` and `value` must have shape (batch, length, heads, size), got {shapes}.")
    heads, shared = query.shape[2], key.shape[2]
    differ = unlike(query.shape[3], key.shape[3]) or unlike_shapes(key.shape[1:3], value.shape[1:3])
    if differ or unlike(heads % shared, 0):
        raise ValueError(
            "`query` and `key` must agree in size, `key` and `value` in length and heads, and the heads of `query` "
            f"be a multiple of theirs; got {shapes}."
        )


def _of_each_head(mask):
    """A mask as bools that broadcast to (batch, heads, queries, keys); None for none."""
    if mask is None:
        return None
    mask = as_dtype(value_of(mask), "bool")
    if len(mask.shape) == 3:  # (batch, queries, keys): the same for all heads
        return reshape_to(mask, (mask.shape[0], 1, *mask.shape[1:]))
    return mask


def _allowed(mask, is_causal, queries, keys):
    """What each query may look at, as bools, or None for all; `mask` is what `_of_each_head` gave."""
    if not is_causal:
        return mask
    earlier = at_once(p.cast, tril(at_once(p.full, shape=(queries, keys), value=1, dtype="int32")), dtype="bool")
    return earlier if mask is None else p.logical_and(mask, earlier)


def _grouped(x, groups):
    """(batch, length, heads, size) as (batch, heads / groups, groups, length, size).

    Without the axis of groups when there is one.
    """
    batch, length, heads, size = x.shape
    if groups == 1:
        return transpose_to(x, (0, 2, 1, 3))
    return transpose_to(reshape_to(x, (batch, length, heads // groups, groups, size)), (0, 2, 3, 1, 4))


@operation
def dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: TensorLike | None = None,
    mask: TensorLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> AnyTensor:
    """softmax(query key^T scale + bias) value, head by head.

    Args:
        query: tensor (batch, queries, heads, size).
        key: tensor (batch, keys, heads or a divisor of it, size).
        value: tensor (batch, keys, heads of `key`, size of value).
        bias: tensor that broadcasts to (batch, heads, queries, keys), added to the logits, or None.
        mask: tensor that broadcasts to (batch, heads, queries, keys), true where a query may look at a key, or None.
        scale: number, by default 1 / sqrt(size).
        is_causal: bool, whether a query sees only keys up to its own place.
        flash_attention: bool or None. True refuses to compute where it can't be one kernel that keeps no weights in
            memory, False does without such a kernel; None takes it where the device has it. The CPU has none.
        attn_logits_soft_cap: number c: the logits become c tanh(logits / c); None to leave them.

    Returns:
        Float tensor (batch, queries, heads, size of value).

    Raises:
        ValueError: when shapes do not fit.
        RuntimeError: when `flash_attention` is true and the device has no kernel for this.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.ones((1, 2, 1, 4))
        >>> keras.ops.dot_product_attention(x, x, x).shape
        (1, 2, 1, 4)

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762, equation 1.
    """
    query, key, value = promote(as_float(query), as_float(key), as_float(value))
    _check(query, key, value)
    batch, queries, heads, size = query.shape
    groups = heads // key.shape[2]
    dtype = dtype_of(query)
    scale = 1 / math.sqrt(size) if scale is None else float(scale)
    extra = "has a bias" if bias is not None else "caps its logits" if attn_logits_soft_cap is not None else None
    mask = _of_each_head(mask)
    made = _in_one_kernel(query, key, value, mask, scale, is_causal, extra, flash_attention)
    if made is not None:
        return made
    if (
        dtype not in HALVES
    ):  # (queries, size) numbers to scale instead of (queries, keys); half precision scales the widened logits
        query, scale = p.multiply(query, scale), 1.0
    q, k, v = _grouped(query, groups), _grouped(key, 1), _grouped(value, 1)
    if groups > 1:  # the heads of a group share keys and values
        q = reshape_to(q, (batch, heads // groups, product((groups, queries)), size))
    if dtype in HALVES:  # the products of queries and keys of a few hundred are beyond float16
        q, k = p.cast(q, dtype="float32"), p.cast(k, dtype="float32")
    logits = p.matmul(q, k, transpose_y=True)
    logits = reshape_to(logits, (batch, heads, queries, key.shape[1]))
    logits = _judged(logits, bias, _allowed(mask, is_causal, queries, key.shape[1]), scale, attn_logits_soft_cap)
    weights = as_dtype(softmax_over(logits, -1), dtype)
    if groups > 1:
        weights = reshape_to(weights, (batch, heads // groups, product((groups, queries)), key.shape[1]))
    out = reshape_to(p.matmul(weights, v), (batch, heads, queries, value.shape[3]))
    return transpose_to(out, (0, 2, 1, 3))


def _in_one_kernel(query, key, value, mask, scale, is_causal, extra, wanted):
    """What the device's own kernel makes in a step that is compiled; None where the parts are computed.

    Args:
        extra: what this attention does that no such kernel does, or None. wanted: `flash_attention`.
    """
    if wanted is False or (context.computing() and not wanted):
        return None
    specs = [Spec(tuple(x.shape), dtype_of(x)) for x in (query, key, value)]
    if mask is not None:
        specs.append(_bias_spec(mask, specs, is_causal))
    is_causal = bool(is_causal)
    hindrance = device().attention_hindrance(specs, scale=scale, is_causal=is_causal and mask is None)
    if hindrance is None and extra is not None:
        hindrance = f"it {extra}"
    if hindrance is None:
        if context.computing():
            return None
        if mask is None:
            return p.attention(query, key, value, scale=scale, is_causal=is_causal)[0]
        operands, _ = _with_bias(query, key, value, _allowed(mask, is_causal, query.shape[1], key.shape[1]))
        return p.attention(*operands, scale=scale, is_causal=False)[0]
    if wanted:
        reason = f" ({hindrance})" if hindrance else ""
        raise RuntimeError(f"`flash_attention=True` is not available on this device: leave it None.{reason}")
    _remark(hindrance)
    return None


def _bias_spec(mask, specs, is_causal):
    """That of the bias which `_with_bias` makes of a mask, for queries and keys as in `specs`."""
    sizes = (*[1] * (4 - len(mask.shape)), *mask.shape)
    query, key = specs[:2]
    return Spec((*sizes[:2], query.shape[1] if is_causal else sizes[2], key.shape[1]), query.dtype)


def _remark(hindrance):
    if hindrance:
        where = context.current().variable_path
        context.remark(f"attention{' of ' + where if where else ''} is products and a softmax: {hindrance}")


def attend_and_drop(
    query: TensorLike,
    key: AnyTensor,
    value: AnyTensor,
    mask: AnyTensor | None,
    scale: float,
    is_causal: bool,
    draw: Any,
    share: float,
) -> AnyTensor | None:
    """Attention whose weights are dropped, in one kernel; None where the device has none, or nothing is compiled.

    A query that may look at nothing gets zeros, where `dot_product_attention` gives it the mean of the values.

    Args:
        query: tensor, as `key` and `value` those of `dot_product_attention`.
        key: tensor.
        value: tensor.
        mask: tensor that broadcasts to (batch, heads, queries, keys), true where a query may look at a key, or None.
        scale: number that the logits are multiplied by.
        is_causal: bool, whether a query sees only keys up to its own place.
        draw: function that drops some of a tensor of ones, (batch, heads, queries, keys); None where none are dropped.
        share: float, of what it keeps.

    Returns:
        Tensor (batch, queries, heads, size of value), or None.
    """
    if context.computing() or len(query.shape) != 4:
        return None
    specs = [Spec(tuple(x.shape), dtype_of(x)) for x in (query, key, value)]
    attributes: dict[str, Any] = {"scale": float(scale), "is_causal": bool(is_causal) and mask is None}
    mask = _of_each_head(mask)
    if mask is not None:
        specs.append(_bias_spec(mask, specs, is_causal))
    weights = Spec((query.shape[0], query.shape[2], query.shape[1], key.shape[1]), specs[0].dtype)
    if draw is not None:
        attributes["grown"] = 1.0 / share
        specs.append(weights)
    if device().attention_hindrance(specs, **attributes) is not None:
        return None
    operands, sees = [query, key, value], None
    if mask is not None:
        operands, sees = _with_bias(query, key, value, _allowed(mask, is_causal, query.shape[1], key.shape[1]))
    if draw is not None:
        kept = p.greater(draw(p.full(shape=weights.shape, value=1.0, dtype=weights.dtype)), 0.0)
        operands.append(p.cast(kept, dtype=weights.dtype))
    made = p.attention(*operands, **attributes)[0]
    return made if sees is None else p.where(sees, made, 0.0)


def say_why_by_parts(query: TensorLike, key: AnyTensor, value: AnyTensor, scale: float, why: str) -> None:
    """Have `explain()` say why attention of these is computed by parts, on a device that has a kernel for it.

    Args:
        query: tensor, as `key` and `value` those of `dot_product_attention`.
        key: tensor.
        value: tensor.
        scale: number that the logits are multiplied by.
        why: string, what such a kernel does not do.
    """
    if not context.computing() and len(query.shape) == 4:
        specs = [Spec(tuple(x.shape), dtype_of(x)) for x in (query, key, value)]
        hindrance = device().attention_hindrance(specs, scale=scale, is_causal=False)
        _remark(f"it {why}" if hindrance is None else hindrance)


def _with_bias(query, key, value, allowed):
    """(the operands with a bias that takes away what is not allowed; which queries may look at anything).

    A query that may look at nothing is made zeros, and its bias too: so it gets the mean of the values and no gradient,
    as from logits that are all alike.
    """
    dtype = dtype_of(query)
    allowed = reshape_to(allowed, (*[1] * (4 - len(allowed.shape)), *allowed.shape))
    bias = p.multiply(p.subtract(p.cast(allowed, dtype=dtype), 1.0), 0.7 * LARGEST[dtype])
    some = p.greater(p.max(bias, axis=(3,), keepdims=True), -1.0)
    sees = transpose_to(some, (0, 2, 1, 3))
    query, bias = p.where(sees, query, 0.0), p.where(some, bias, 0.0)
    return [query, key, value, broadcast_shape(bias, (*bias.shape[:3], key.shape[1]))], sees


def _judged(logits, bias, allowed, scale, cap):
    """The logits scaled, capped, biased and masked."""
    dtype = dtype_of(logits)
    if scale != 1.0:
        logits = p.multiply(logits, scale)
    if cap is not None:
        logits = p.multiply(p.tanh(p.multiply(logits, 1 / cap)), float(cap))
    if bias is not None:
        logits = p.add(logits, as_dtype(value_of(bias), dtype))
    return logits if allowed is None else p.where(allowed, logits, -0.7 * LARGEST[dtype])
