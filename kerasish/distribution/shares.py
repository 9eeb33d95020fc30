"""Which rows of a batch this process computes, and what that means for losses, metrics, gradients and random numbers.

While a step is traced for several ranks, `context.current().share` says which rows of the whole batch are here; it is
None in a process that computes all of it, and then every function below gives back what it was given. The convention of
all of them: **the mean over the ranks is the value of the whole batch**. So a loss that is a plain mean of the samples
here is right where shares are equal, and gradients that are averaged are those of the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from kerasish.backend import context, ranks
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.primitives import p
from kerasish.backend.variable import Variable
from kerasish.typing import AnyTensor, TensorLike

in_force: list[Any] = [None]  # the distribution; `current.set_distribution` sets it


class Share:
    """How the rows of a batch are shared out.

    Args:
        rows: tuple of ints, how many rows each rank has.
        rank: int, which of them this process is.

    Attributes:
        rows, rank: as given.
        own: int, how many rows are here; `total`: in all; `size`: the number of ranks.
        start, stop: where the rows that are here lie in the whole batch.
    """

    def __init__(self, rows: Sequence[int], rank: int) -> None:
        self.rows, self.rank, self.size = tuple(rows), rank, len(rows)
        self.own, self.total = self.rows[rank], sum(self.rows)
        self.start = sum(self.rows[:rank])
        self.stop = self.start + self.own

    @classmethod
    def of(cls, total: int, rank: int, size: int) -> Share | None:
        """Equal shares of a batch, or as near as can be; None where there are fewer rows than ranks: each takes all."""
        if total < size:
            return None
        cuts = [total * number // size for number in range(size + 1)]
        return cls([stop - start for start, stop in zip(cuts, cuts[1:])], rank)

    @property
    def name(self) -> str:
        """The share as a text: a part of the signature of a compiled step, of which `named` makes the share again."""
        return f"{self.rank}:{','.join(map(str, self.rows))}"

    @staticmethod
    @lru_cache(maxsize=256)
    def named(name: str) -> Share:
        """The share of that name."""
        rank, _, rows = name.partition(":")
        return Share([int(count) for count in rows.split(",")], int(rank))

    def leads(self, size: Any, steps: bool = False) -> bool:
        """Whether an axis of that size is taken for that of the samples, or with `steps` for that of their time steps.

        Args:
            size: int, or an open size, which is none.
            steps: whether a multiple of the samples will do, as where samples and time steps are made one axis.
        """
        return isinstance(size, int) and (size == self.own or steps and size > 0 == size % self.own)


def current() -> Share | None:
    """The share of the step that is being traced or run; None where one process computes the whole batch."""
    return context.current().share


def alone() -> Any:
    """A scope in which nothing is asked of other ranks."""
    return context.scope(share=None)


# -- sums and means over ranks --------------------------------------------------------------------------------------


def summed(x: TensorLike) -> AnyTensor:
    """The sum of `x` over the ranks; `x` where there is no share."""
    return x if current() is None else p.all_reduce(x, op="sum")


def averaged(x: TensorLike) -> AnyTensor:
    """The mean of `x` over the ranks; `x` where there is no share."""
    share = current()
    return x if share is None else p.multiply(p.all_reduce(x, op="sum"), 1.0 / share.size)


def averaged_gradients(gradients: Sequence[TensorLike], variables: Sequence[Any]) -> list[TensorLike]:
    """Gradients of this rank's loss as those of the mean of all ranks' losses, hence of the whole batch."""
    share = current()
    if share is None:
        return list(gradients)
    return [_averaged_gradient(gradient, variable, share) for gradient, variable in zip(gradients, variables)]


def _averaged_gradient(gradient, variable, share):
    if hasattr(variable, "part"):  # rows of a table that are nowhere else: the gradients of all ranks are in it
        return p.multiply(gradient, 1.0 / share.size)
    dtype = getattr(gradient.dtype, "name", gradient.dtype)
    wide = p.cast(gradient, dtype="float32") if dtype in HALVES else gradient
    total = p.all_reduce(wide, op="sum", shares=share.rows)
    mean = p.multiply(total, 1.0 / share.size) if is_float_dtype(dtype) else p.divide(total, share.size)
    return p.cast(mean, dtype=dtype) if dtype in HALVES else mean


# -- losses ---------------------------------------------------------------------------------------------------------


def part_of_mean(mean: TensorLike, size: Any) -> AnyTensor:
    """The mean of values of the samples here, so weighted that the mean over the ranks is that of all samples.

    Args:
        mean: scalar.
        size: int, length of the first axis of the values: that of the samples, or a multiple of it.
    """
    share = current()
    if share is None or share.own * share.size == share.total or not isinstance(size, int) or size % share.own:
        return mean
    return p.multiply(mean, share.size * share.own / share.total)


def part_of_sum(total: TensorLike) -> AnyTensor:
    """A sum over the samples here, so weighted that the mean over the ranks is the sum over all."""
    share = current()
    return total if share is None else p.multiply(total, float(share.size))


def count_of_all(count: TensorLike, size: Any) -> AnyTensor:
    """How many values all ranks have, as a float.

    Args:
        count: how many are here: an int, or a scalar that is worked out.
        size: int, length of their first axis.
    """
    share = current()
    if share is None:
        return count
    if isinstance(count, (int, float)) and isinstance(size, int) and not size % share.own:
        return count * share.total / share.own
    return p.all_reduce(count, op="sum")


def samples_counted(count: Any) -> Any:
    """By how much a rank's loss counts in the mean over batches: its part of the samples of the whole batch.

    Args:
        count: int, how many samples are here, or None.
    """
    share = current()
    return share.total / share.size if share is not None and share.leads(count) else count


# -- state ----------------------------------------------------------------------------------------------------------


class SharedState(Variable):
    """The state of a metric: what a batch adds to it is added up over the ranks, so that each has that of all.

    Sums are added up, the largest and the smallest value are found, where a step assigns `maximum(state, x)` or
    `minimum(state, x)`; what else is assigned counts by how much it differs from what was there.
    """

    def assign_add(self, value: TensorLike) -> AnyTensor:
        share = current()
        if share is None:
            return super().assign_add(value)
        return super().assign(p.add(self.read(), p.cast(_added_up(value, share), dtype=self.dtype)))

    def assign(self, value: TensorLike) -> AnyTensor:
        return super().assign(value if current() is None else self._joined(value))

    def _joined(self, value):
        now, node = self.read(), getattr(value, "node", None)
        extreme = getattr(getattr(node, "operation", None), "name", None)
        if extreme in ("maximum", "minimum") and any(operand is now for operand in node.inputs):
            return p.all_reduce(value, op=extreme[:3])
        return p.add(now, p.all_reduce(p.subtract(value, now), op="sum"))


def _added_up(value, share):
    if isinstance(value, (int, float)):
        if share.own * share.size == share.total:
            return value * share.size
        if value == share.own:
            return type(value)(share.total)
        value = p.full(shape=(), value=float(value), dtype="float32")
    return p.all_reduce(value, op="sum")


# -- what is not computed in a step ---------------------------------------------------------------------------------


def own_share(total: int) -> Share | None:
    """This process's share of a batch; None where there are fewer rows than processes: each takes all.

    Args:
        total: int, rows of the batch.
    """
    found = ranks.world()
    return None if found is None else _share_of(total, found.rank, found.size)


@lru_cache(maxsize=256)
def _share_of(total, rank, size):
    return Share.of(total, rank, size)


def world() -> Any:
    """The ranks that compute together under the distribution in force; None where there is none, or one process."""
    found = None if in_force[0] is None or is_apart() else ranks.world()
    return None if found is None or found.size == 1 else found


def apart() -> Any:
    """A scope for what this process does and the others do not: models compute in it as in a process alone."""
    return context.scope(apart=True)


def is_apart() -> bool:
    """Whether this is within `apart`."""
    return context.current().apart


def leads() -> bool:
    """Whether this process is the first of those that compute together, or the only one."""
    found = world()
    return found is None or found.rank == 0


def from_first(make: Callable[[], Any]) -> Any:
    """What `make` gives on the first rank, on all ranks; and so the error that it raises there."""
    found = world()
    if found is None:
        return make()
    made = error = None
    if found.rank == 0:
        try:
            made = make()
        except Exception as raised:  # the others wait for an answer
            error = raised
    made, error = found.broadcast((made, error))
    if error is not None:
        raise error
    return made
