"""Fusion.

Chains of elementwise nodes, with the reductions that they feed, become one node with a Group of nodes inside.
"""

from kerasish.backend.compiler.fusion.follow_products import follow_products
from kerasish.backend.compiler.fusion.fuse import fuse

__all__ = [
    "follow_products",
    "fuse",
]
