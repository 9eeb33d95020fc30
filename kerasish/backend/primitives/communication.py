"""What ranks compute together (`backend/ranks`): each of them makes the same calls in the same order.

A process that is alone is the only rank: its sums are what it has. `rows` says how many rows each rank has (a tuple),
`rank` which of them this is.
"""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend import dtypes
from kerasish.backend.primitives.costs import MESSAGE
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import product, same_dtype
from kerasish.backend.primitives.traits import Hoist
from kerasish.backend.sizes import unlike

_LINE = 64  # bytes: what kernels compute on begins at a multiple
_JOINS = ("sum", "max", "min")
_TOGETHER = {"pure": False, "hoists": Hoist.NEVER, "cost": MESSAGE, "refuses": True, "together": True}


def _all_reduce_shape(x, op="sum", shares=None):
    """The sum (or "max", "min") of x over all ranks, the same on each.

    `shares`: how many rows of the batch each rank has, where that is known: gradients of tables may travel as rows.
    """
    if op not in _JOINS:
        raise ValueError(f"`op` of `all_reduce` must be 'sum', 'max' or 'min', got {op!r}.")
    if x.dtype == "bool" and op == "sum":
        raise TypeError("`all_reduce` sums numbers, got bool. Cast it first, or take 'max' (any) or 'min' (all).")
    return Spec(tuple(x.shape), x.dtype)


def _rows(name, x, wanted, what):
    if not x.shape or unlike(x.shape[0], wanted):
        raise ValueError(f"`{name}` takes {wanted} rows ({what}), got shape {tuple(x.shape)}.")


def _all_gather_shape(x, rows, rank):
    """Of x (rows[rank], ...) those of all ranks, one below the other: (sum(rows), ...)."""
    _rows("all_gather", x, rows[rank], f"those of rank {rank} of {tuple(rows)}")
    return Spec((sum(rows), *x.shape[1:]), x.dtype)


def _reduce_scatter_shape(x, rows, rank):
    """Of the sum over all ranks of x (sum(rows), ...) the rows of this rank: (rows[rank], ...)."""
    _rows("reduce_scatter", x, sum(rows), f"those of all ranks, {tuple(rows)}")
    return Spec((rows[rank], *x.shape[1:]), x.dtype)


def _reduce_start_shape(*xs, turn):
    """A bucket (n,) of all `xs`, whose sum over all ranks begins; the `turn`-th of a step.

    Each x begins at a multiple of 64 bytes (`bucket_starts`), and zeros stand between them.
    """
    return _bucket("reduce_start", xs)


def _reduce_wait_shape(x, turn):
    """The bucket x, in its place, when the sums are there."""
    return Spec(tuple(x.shape), x.dtype)


def _meet_shape():
    """0, when all ranks have come here."""
    return Spec((), "int32")


def _publish_shape(free, *xs, begin):
    """A bucket of all `xs` as `reduce_start` makes it, in memory that all ranks see; it begins at the byte `begin`.

    `free`: what `meet` gave where nobody read any more what was there before.
    """
    return _bucket("publish", xs)


def _seen_shape(bucket, begin, count):
    """The buckets of all ranks, in their order, when all are there; or their sum, where `count` is 1."""
    return [Spec(tuple(bucket.shape), bucket.dtype)] * count


def _gathered_shape(free, *xs, begin, rows, rank):
    """What `all_gather` gives of each x, which all ranks write to one place; it begins at the byte `begin`."""
    return [_all_gather_shape(x, rows, rank) for x in xs]


def gathered_starts(specs: Sequence[Spec]) -> list[int]:
    """Where what is gathered begins, in bytes, of several Specs (or Tensors), and behind them where it ends."""
    starts = [0]
    for spec in specs:
        size = product(spec.shape) * dtypes.bits(spec.dtype) // 8
        starts.append(starts[-1] + -(-size // _LINE) * _LINE)
    return starts


def _bucket(name, xs):
    dtype = same_dtype(name, *xs)
    is_open = any(product(x.shape) is None for x in xs)
    return Spec((None if is_open else bucket_starts([x.shape for x in xs], dtype)[-1],), dtype)


def bucket_starts(shapes: Sequence[Sequence[int]], dtype: str) -> list[int]:
    """Where in a bucket each of several arrays begins, in numbers, and behind them where the bucket ends.

    Args:
        shapes: list of tuples of ints.
        dtype: string, what all of them are of.

    Example:
        >>> bucket_starts([(3,), (4, 5), ()], "float32")
        [0, 16, 48, 64]
    """
    line = _LINE * 8 // dtypes.bits(dtype)
    starts = [0]
    for shape in shapes:
        starts.append(starts[-1] + -(-product(shape) // line) * line)
    return starts


all_reduce: Primitive = computed("all_reduce", _all_reduce_shape, **_TOGETHER)
all_gather: Primitive = computed("all_gather", _all_gather_shape, computes=False, complex=True, **_TOGETHER)
reduce_scatter: Primitive = computed("reduce_scatter", _reduce_scatter_shape, **_TOGETHER)
# what the pass `buckets` makes of `all_reduce`; it comes behind differentiation
reduce_start: Primitive = computed("reduce_start", _reduce_start_shape, computes=False, **_TOGETHER)
reduce_wait: Primitive = computed("reduce_wait", _reduce_wait_shape, computes=False, **{**_TOGETHER, "in_place": (0,)})
# what the pass `common_memory` makes of all three, where ranks see one another's memory
meet: Primitive = computed("meet", _meet_shape, computes=False, **_TOGETHER)
publish: Primitive = computed("publish", _publish_shape, computes=False, **_TOGETHER)
seen: Primitive = computed("seen", _seen_shape, computes=False, **_TOGETHER)
gathered: Primitive = computed("gathered", _gathered_shape, computes=False, complex=True, **_TOGETHER)


@gradient_of(all_reduce)
def _all_reduce_gradient(node, g):
    """Every rank's result depends on every rank's operand: the gradients of all come together."""
    total = p.all_reduce(g, op="sum")
    if node.attributes.get("op", "sum") == "sum":
        return [total]
    holds = p.cast(p.equal(node.inputs[0], node.outputs[0]), dtype=g.dtype)
    return [p.multiply(total, p.divide(holds, p.all_reduce(holds, op="sum")))]


@gradient_of(all_gather)
def _all_gather_gradient(node, g):
    return [p.reduce_scatter(g, **node.attributes)]


@gradient_of(reduce_scatter)
def _reduce_scatter_gradient(node, g):
    return [p.all_gather(g, **node.attributes)]


def own_rows(rows: Sequence[int], rank: int) -> slice:
    """Where the rows of a rank lie among those of all."""
    return slice(sum(rows[:rank]), sum(rows[: rank + 1]))
