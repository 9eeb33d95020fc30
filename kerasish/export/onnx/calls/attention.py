"""Attention, an operator since opset 23."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.registry import op


@op("dot_product_attention")
def dot_product_attention(
    g: Any,
    query: Any,
    key: Any,
    value: Any,
    bias: Any,
    mask: Any,
    scale: Any,
    is_causal: bool,
    flash_attention: Any,
    attn_logits_soft_cap: Any,
) -> Any:
    """Attention of (batch, heads, length, size).

    A mask and a soft cap are left to primitives: where a mask leaves nothing to look at, Keras gives the mean and
    onnxruntime 0; and the cap comes at another place.
    """
    if g.opset < 23 or any(getattr(x, "dtype", None) != "float32" for x in (query, key, value)):
        return None
    if not (mask is None and bias is None and attn_logits_soft_cap is None):
        return None
    order = (0, 2, 1, 3)
    q, k, v = (g.transpose(x, order) for x in (query, key, value))
    shape = (*q.shape[:3], v.shape[3])
    scale = query.shape[-1] ** -0.5 if scale is None else float(scale)
    out = g.op("Attention", q, k, v, is_causal=int(is_causal), scale=scale, shape=shape)
    return g.transpose(out, order)
