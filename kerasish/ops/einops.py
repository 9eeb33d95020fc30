"""`rearrange`: reshape, transpose and reshape, written as a pattern."""

from __future__ import annotations

import re

from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import value_of
from kerasish.ops.numpy.helpers import reshape_to, transpose_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

_TOKEN = re.compile(r"\(([^()]*)\)|(\S+)")


def _groups(side, pattern):
    """One list of axis names a dimension; the number 1 is a dimension without names."""
    groups = []
    for inside, single in _TOKEN.findall(side):
        names = [] if single == "1" else (inside if not single else single).split()
        if any(not name.isidentifier() for name in names):
            raise ValueError(f"`pattern` {pattern!r} may hold names, 1 and parentheses, got {names}.")
        groups.append(names)
    return groups


def _sizes(groups, shape, lengths, pattern):
    """The size of each name. One name of a group may be worked out from the others."""
    sizes = dict(lengths)
    for names, d in zip(groups, shape):
        unknown = [name for name in names if name not in sizes]
        if len(unknown) > 1:
            raise ValueError(f"`pattern` {pattern!r}: give the sizes of all but one of {unknown} as keyword arguments.")
        known = product(sizes[name] for name in names if name in sizes)
        if unknown:
            if unlike(d % known, 0):
                raise ValueError(f"`pattern` {pattern!r}: a size of {d} does not divide by {known}.")
            sizes[unknown[0]] = d // known
        elif unlike(known, d):
            raise ValueError(f"`pattern` {pattern!r}: {names or 1} has size {known}, the tensor's is {d}.")
    return sizes


@operation
def rearrange(tensor: TensorLike, pattern: str, **axes_lengths: int) -> AnyTensor:
    """Axes split, permuted and merged by a pattern in the notation of einops.

    Args:
        tensor: tensor.
        pattern: string, such as "b h w c -> b (h w) c", which names the same axes on both sides.
        **axes_lengths: sizes of split axes by name; one of each group may be left out.

    Returns:
        Tensor of the same elements.

    Raises:
        ValueError: for a pattern that can't be read or does not fit the tensor.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.rearrange(keras.ops.zeros((2, 4, 4, 3)), "b (h p) w c -> b p h (w c)", p=2).shape
        (2, 2, 2, 12)

    Reference:
        Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like Notation", 2022.
    """
    x = value_of(tensor)
    if not isinstance(pattern, str):
        raise TypeError(f"`pattern` must be a string such as 'b h w -> b w h', got {pattern!r:.80}.")
    if pattern.count("->") != 1:
        raise ValueError(f"`pattern` must hold one '->', got {pattern!r}.")
    before, after = (_groups(side, pattern) for side in pattern.split("->"))
    if len(before) != len(x.shape):
        raise ValueError(f"`pattern` {pattern!r} describes {len(before)} axes, the tensor has shape {tuple(x.shape)}.")
    sizes = _sizes(before, x.shape, axes_lengths, pattern)
    names, wanted = ([name for group in groups for name in group] for groups in (before, after))
    if sorted(names) != sorted(wanted) or len(set(names)) != len(names):
        raise ValueError(f"`pattern` {pattern!r} must name the same axes, each once, on both sides.")
    x = reshape_to(x, [sizes[name] for name in names])
    x = transpose_to(x, [names.index(name) for name in wanted])
    return reshape_to(x, [product(sizes[name] for name in group) for group in after])
