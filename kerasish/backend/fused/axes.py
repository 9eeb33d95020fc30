"""Axes that are walked as one."""

from __future__ import annotations

from collections.abc import Sequence


def joined(sizes: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """Sizes and strides without axes of one, and with neighbours joined that every operand walks through as one."""
    kept = [i for i, n in enumerate(sizes) if n != 1]
    out_sizes, out = [], [[] for _ in strides]
    for i in kept:
        if out_sizes and all(o[-1] == s[i] * sizes[i] for o, s in zip(out, strides)):
            out_sizes[-1] *= sizes[i]
            for o, s in zip(out, strides):
                o[-1] = s[i]
            continue
        out_sizes.append(sizes[i])
        for o, s in zip(out, strides):
            o.append(s[i])
    return out_sizes, out
