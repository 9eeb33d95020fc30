"""Transformer encoder in mixed_bfloat16, 2 layers of width 128, 4 heads, T = 128, batch 32."""

from . import policies, transformer
from .transformer import BATCH, STEPS, data

__all__ = ["BATCH", "STEPS", "build", "data"]


def build(keras):
    with policies.under(keras, "mixed_bfloat16"):
        return transformer.build(keras)
