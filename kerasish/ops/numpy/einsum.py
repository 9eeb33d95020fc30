"""Einstein's notation: any equation becomes diagonals, sums, and one matmul a pair of operands with views around it."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, dtype_of
from kerasish.ops.numpy.diagonals import diagonal
from kerasish.ops.numpy.helpers import reshape_to, transpose_to
from kerasish.ops.numpy.products import values
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def einsum(subscripts: str, *operands: TensorLike, **kwargs: Any) -> AnyTensor:
    """Sums of products in Einstein's notation: a letter an axis, letters missing in the output are summed over.

    Args:
        subscripts: string, e.g. "bij,bjk->bik"; "..." stands for axes that broadcast, a letter twice in one operand for
            its diagonal, and without "->" the output holds the letters that occur once, in alphabetical order.
        *operands: tensors, one for each term left of "->".
        **kwargs: accepted for programs written for NumPy (such as `optimize`), and not used.

    Returns:
        Tensor with an axis for each letter of the output.

    Raises:
        ValueError: for an equation that can't be read or does not fit the operands.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.einsum("ij,j->i", [[1, 2], [3, 4]], [1, 1]).tolist()
        [3, 7]
    """
    if not isinstance(subscripts, str):
        raise ValueError(f"`subscripts` must be a string such as 'ij,jk->ik', got {subscripts!r}.")
    xs = values(*operands)
    if all(dtype_of(x) == "int8" for x in xs):
        xs = [as_dtype(x, "int32") for x in xs]
    terms, output = parse(subscripts, [len(x.shape) for x in xs])
    _check_sizes(subscripts, terms, xs)
    parts = [_diagonal(x, term) for x, term in zip(xs, terms)]
    while len(parts) > 1:
        (x, a), (y, b), *rest = parts
        kept = set(output).union(*(term for _, term in rest))
        parts = [_pair(x, a, y, b, kept, output if not rest else None), *rest]
    (x, labels) = parts[0]
    x, labels = _summed(x, labels, set(output))
    return transpose_to(x, [labels.index(c) for c in output])


def parse(equation: str, ranks: Sequence[int]) -> tuple[list[list[Any]], list[Any]]:
    """(one list of labels an operand, labels of the output), with the axes of "..." given labels of their own."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f"`subscripts` {equation!r} describes {len(terms)} operands, got {len(ranks)}.")
    unnamed = max((rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks) if "..." in term), default=0)
    unnamed_labels = [f"...{i}" for i in range(unnamed)]
    expanded = [_expand(equation, term, rank, unnamed_labels) for term, rank in zip(terms, ranks)]
    if arrow:
        output = _expand(equation, right, None, unnamed_labels)
    else:
        used = [c for c in left if c in string.ascii_letters]
        output = (unnamed_labels if "..." in left else []) + sorted(c for c in set(used) if used.count(c) == 1)
    known = {c for labels in expanded for c in labels}
    if len(set(output)) != len(output) or not set(output) <= known:
        raise ValueError(f"The output of `subscripts` {equation!r} names an axis twice, or one that no operand has.")
    return expanded, output


def _expand(equation, term, rank, unnamed):
    """The labels of one operand: letters, and the last of the unnamed ones for "..."."""
    before, dots, after = term.partition("...")
    if any(c not in string.ascii_letters for c in before + after):
        raise ValueError(f"`subscripts` {equation!r} may hold letters, ',', '->' and '...' only.")
    named = len(before) + len(after)
    if rank is None:
        spread = len(unnamed)
    else:
        spread = rank - named
        if spread < 0 or (spread and not dots):
            raise ValueError(f"`subscripts` {equation!r}: {term!r} does not describe an operand with {rank} axes.")
    return list(before) + (unnamed[len(unnamed) - spread :] if dots else []) + list(after)


def _check_sizes(equation, terms, xs):
    sizes = {}
    for labels, x in zip(terms, xs):
        for label, d in zip(labels, x.shape):
            if d != 1 and unlike(sizes.setdefault(label, d), d) and unlike(d, 1):
                raise ValueError(f"`subscripts` {equation!r}: axis {label!r} has sizes {sizes[label]} and {d}.")


def _diagonal(x, labels):
    """A label that occurs twice in one operand keeps the diagonal of its two axes."""
    for label in list(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            x = diagonal(x, 0, first, second)
            labels = [c for i, c in enumerate(labels) if i not in (first, second)] + [label]
    return x, labels


def _summed(x, labels, kept):
    """Sum over axes that nobody asks for any more."""
    axes = tuple(i for i, label in enumerate(labels) if label not in kept)
    if axes:
        reduce = p.any if dtype_of(x) == "bool" else p.sum
        x = reduce(x, axis=axes, keepdims=False)
    return x, [label for label in labels if label in kept]


def _dropped(x, labels, others, other_labels):
    """Without axes of size 1 that broadcast against a larger one which will be summed."""
    sizes = dict(zip(other_labels, others.shape))
    stay = [i for i, label in enumerate(labels) if not (x.shape[i] == 1 and sizes.get(label, 1) != 1)]
    return reshape_to(x, [x.shape[i] for i in stay]), [labels[i] for i in stay]


def _pair(x, a, y, b, kept, output):
    """Two operands contracted: (result, labels). `output` is the order wished for, where it is known."""
    x, a = _summed(x, a, kept | set(b))
    y, b = _summed(y, b, kept | set(a))
    shared = [c for c in a if c in b]
    inner = [c for c in shared if c not in kept]
    if any(unlike(x.shape[a.index(c)], y.shape[b.index(c)]) for c in inner):
        (x, a), (y, b) = _dropped(x, a, y, b), _dropped(y, b, x, a)
        (x, a), (y, b) = _summed(x, a, kept | set(b)), _summed(y, b, kept | set(a))
        shared = [c for c in a if c in b]
        inner = [c for c in shared if c not in kept]
    batch = [c for c in shared if c in kept]
    if not inner:
        return _multiplied(x, a, y, b)
    only_a, only_b = [c for c in a if c not in shared], [c for c in b if c not in shared]
    if output is not None and [c for c in output if c not in batch] == only_b + only_a != only_a + only_b:
        x, a, only_a, y, b, only_b = y, b, only_b, x, a, only_a
    if output is not None:
        batch = [c for c in output if c in batch]
    return _multiplied_matrices(x, a, y, b, batch, only_a, only_b, inner)


def _multiplied(x, a, y, b):
    """Nothing to sum: an elementwise product of broadcast operands."""
    labels = a + [c for c in b if c not in a]
    y = transpose_to(y, [b.index(c) for c in labels if c in b])
    sizes = iter(y.shape)
    y = reshape_to(y, [next(sizes) if c in b else 1 for c in labels])
    x = reshape_to(x, list(x.shape) + [1] * (len(labels) - len(a)))
    return (p.logical_and if dtype_of(x) == "bool" else p.multiply)(x, y), labels


def _multiplied_matrices(x, a, y, b, batch, only_a, only_b, inner):
    """One batched matmul.

    The order of the summed axes is the operands' own, and a transposed operand stays where it lies.
    """
    if b[-len(inner) :] != inner and a[-len(inner) :] != inner:
        inner = [c for c in b if c in inner]
    left, transpose_x = _matrix(x, a, batch, only_a, inner)
    right, transpose_y = _matrix(y, b, batch, only_b, inner)
    # _matrix gives rows by columns (kept, summed) or, flipped, (summed, kept); the product wants (kept, summed) times
    # (summed, kept)
    z = p.matmul(left, right, transpose_x=transpose_x, transpose_y=not transpose_y)
    rows, columns = [x.shape[a.index(c)] for c in only_a], [y.shape[b.index(c)] for c in only_b]
    return reshape_to(z, list(z.shape[:-2]) + rows + columns), batch + only_a + only_b


def _matrix(x, labels, batch, kept, inner):
    """`x` as (batch..., kept, inner), or as (batch..., inner, kept) and True where the axes lie that way already."""
    flipped = labels.index(inner[0]) < labels.index(kept[0]) if kept else False
    order = batch + (inner + kept if flipped else kept + inner)
    x = transpose_to(x, [labels.index(c) for c in order])
    sizes = list(x.shape)
    count = len(batch)
    parts = (
        [sizes[count : count + len(inner)], sizes[count + len(inner) :]]
        if flipped
        else [sizes[count : count + len(kept)], sizes[count + len(kept) :]]
    )
    return reshape_to(x, sizes[:count] + [product(part) for part in parts]), flipped
