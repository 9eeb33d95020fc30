"""Tables whose rows are cut over the ranks: each keeps, looks up and updates its own, and vectors are exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kerasish.backend import context, ranks
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.variable import Variable
from kerasish.distribution import shares
from kerasish.distribution.shares import Share
from kerasish.typing import AnyTensor, TensorLike

if TYPE_CHECKING:
    import numpy as np


class CutTable(Variable):
    """A Variable of which this process holds some rows; made, read as a whole and set by all processes together.

    To files, summaries and optimizers it has the shape of the whole; in a step it is the rows that are here. The first
    process draws the initial values, and sends the others their rows.

    Attributes:
        part: `shares.Share`, which rows are here.
    """

    part: Share

    def __init__(self, initializer: Any, shape: Any, *args: Any, **kwargs: Any) -> None:
        world, self._whole_shape = ranks.world(), tuple(shape)
        part = Share.of(self._whole_shape[0], world.rank, world.size)
        if part is None:
            raise ValueError(f"A table of {self._whole_shape[0]} rows can't be cut over {world.size} processes.")
        self.part = part
        super().__init__(self._own_rows_of(initializer), (part.own, *self._whole_shape[1:]), *args, **kwargs)

    def _own_rows_of(self, initializer: Callable[..., Any]) -> Callable[..., Any]:
        def draw(shape, dtype):
            if getattr(initializer, "draws_nothing", False):
                return initializer(shape, dtype=dtype)
            world = ranks.world()
            if world.rank:
                return world.all_to_all([None] * world.size)[0]
            whole = self._device.to_host(initializer(self._whole_shape, dtype=dtype))
            cuts = [Share(self.part.rows, rank) for rank in range(world.size)]
            return world.all_to_all([whole[cut.start : cut.stop] for cut in cuts])[0]

        return draw

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole table."""
        return self._whole_shape

    def numpy(self) -> np.ndarray[Any, Any]:
        """The whole table, on every process: all of them ask for it."""
        import numpy as np  # start-up time: building a model needs no numbers

        rows = super().numpy()
        if rows.shape == self._whole_shape:  # a save that goes on in the background has looked before
            return rows
        return np.concatenate(ranks.world().gather(rows))

    def assign(self, value: TensorLike) -> AnyTensor:
        """Set the rows that are here, from them or from a whole table."""
        if context.interpreter() is None and tuple(value.shape) == self._whole_shape:
            value = value[self.part.start : self.part.stop]
        return super().assign(value)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            f"{self._path!r} is cut over several processes and can't be copied or pickled. Save the model, in all of "
            "them, and load it where one process has the whole table."
        )

    def __repr__(self) -> str:
        rows = f"{self.part.start}:{self.part.stop}"
        return f"<CutTable path={self._path}, shape={self._whole_shape}, dtype={self._dtype}, rows here={rows}>"

    @property
    def regularizer(self) -> None:
        """None: what is cut can't have one."""
        return None

    @regularizer.setter
    def regularizer(self, value: Any) -> None:
        self._refuse("regularizer", value)

    @property
    def constraint(self) -> None:
        """None: what is cut can't have one."""
        return None

    @constraint.setter
    def constraint(self, value: Any) -> None:
        self._refuse("constraint", value)

    def _refuse(self, role, value):
        if value is not None:
            raise ValueError(
                f"{self._path!r} is cut over several processes, and its {role} would need all of it at once: leave out "
                f"the {role}, or do not cut the table."
            )

    # -- a step -------------------------------------------------------------------------------------------------

    def looked_up(self, indices: TensorLike) -> AnyTensor:
        """The rows of the whole table that `indices` (..., ints) name: (..., width).

        All ranks learn which rows all others ask for, each looks up those that it has, and the sum over the ranks,
        whose other terms are zeros, gives every rank what it asked for. So the gradient of a rank's rows comes from the
        samples of all ranks.
        """
        share, asked = shares.current(), tuple(indices.shape)
        flat = p.reshape(indices, shape=(product(asked),))
        if share is None:  # all ranks compute the same batch
            here = self._picked(flat)
            others = p.stop_gradient(p.subtract(p.all_reduce(here, op="sum"), here))
            return p.reshape(p.add(here, others), shape=(*asked, *self._shape[1:]))
        if product(asked) % share.own:
            raise ValueError(
                f"`indices` of the cut table {self._path!r} must have the samples along the first axis, got the shape "
                f"{asked} where a batch has {share.own} samples."
            )
        each = product(asked) // share.own
        cut = {"rows": tuple(each * count for count in share.rows), "rank": share.rank}
        here = self._picked(p.all_gather(flat, **cut))
        return p.reshape(p.reduce_scatter(here, **cut), shape=(*asked, *self._shape[1:]))

    def _picked(self, flat):
        """(n, width) for n indices: the rows that are here, and zeros for others."""
        place = p.subtract(p.cast(flat, dtype="int64"), self.part.start)
        place = p.where(p.less(p.cast(flat, dtype="int64"), 0), p.add(place, self._whole_shape[0]), place)
        is_here = p.logical_and(p.greater_equal(place, 0), p.less(place, self.part.own))
        rows = p.take(self.read(), p.where(is_here, place, 0), axis=0)
        return p.where(p.reshape(is_here, shape=(*is_here.shape, *[1] * (len(rows.shape) - 1))), rows, 0.0)


def cut_tables(model: Any) -> list[CutTable]:
    """The variables of a model and of its optimizer that are cut over several processes."""
    if ranks.world() is None:
        return []
    optimizer = getattr(model, "optimizer", None)
    found = [*model.variables, *(() if optimizer is None else optimizer.variables)]
    return [variable for variable in found if isinstance(variable, CutTable)]


@contextmanager
def whole_tables(model: Any) -> Iterator[None]:
    """Within `with`, one process may read as a whole what is cut: all have entered it, and given their rows."""
    cut = cut_tables(model)
    if not cut:
        yield
        return
    with context.scope(values_then={id(variable): variable.numpy() for variable in cut}):
        yield
