"""`predict` of several processes: each computes its rows of every batch, and all get the whole answer at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from kerasish import tree
from kerasish.backend import ranks
from kerasish.backend.ranks import World
from kerasish.distribution import shares
from kerasish.distribution.tables import cut_tables
from kerasish.models.data import GeneratorData
from kerasish.models.training.compiled_steps import CompiledSteps
from kerasish.models.training.host_outputs import outputs_on_host
from kerasish.models.training.together import Together

_PIECE = 1 << 25  # bytes that are gathered at once, and then brought into their order


def predicting(source: Any, model: Any) -> PredictingTogether | None:
    """The processes that share the batches out; None where this one computes all of them.

    It computes all of them where each process has data of its own, where there is one batch (which costs less than to
    exchange it), where layers keep a state for each row, in threads beside the main one, and within `shares.apart`.

    Args:
        source: the DataSource.
        model: the model.

    Raises:
        ValueError: where the others do not call this, and have rows of the model's tables.
    """
    if shares.is_apart() and cut_tables(model):
        raise ValueError(
            f"The model {model.name!r} has tables that are cut over all processes, and can't be run by a callback "
            "that the first alone calls. Let all call it: `first_rank_alone = False` in the class."
        )
    world, distribution = shares.world(), shares.in_force[0]
    if world is None or not distribution.auto_shard_dataset or source.num_batches == 1:
        return None
    if distribution.device_mesh.devices.size != world.size and world.generation == 0:
        return None
    if any(getattr(layer, "stateful", False) for layer in model._flatten_layers()):
        return None
    return PredictingTogether() if threading.current_thread() is threading.main_thread() else None


class PredictingTogether(Together):
    """The processes of one `predict`, as this one sees them."""

    def __init__(self) -> None:
        super().__init__(shares_out=True)
        self._rows_made: Any = None
        self._takes_shares = True

    def meet(self, model: Any, source: Any) -> None:
        """Before anything is computed: the same data, and the same weights.

        Raises:
            ValueError: where a process was given other data than the first.
        """
        self._takes_shares = type(model).make_predict_function is CompiledSteps.make_predict_function
        self._see_same_data("`predict`", {"x": source.description()}, model)
        self.make_alike(model)

    def collector(self, model: Any) -> RowsOfAll:
        """What is given the outputs of each batch, and gives those of all processes.

        Args:
            model: the model.
        """
        self._rows_made = RowsOfAll(partial(self._told, model=model))
        return self._rows_made

    def outputs(self, function: Callable[..., Any], batch: Any) -> Any:
        """The outputs of this process's rows of a batch.

        Args:
            function: the predict step.
            batch: (x, y, sample_weight).
        """
        x, _, _, share = self.cut(batch)
        self._rows_made.counts = share is not None or self._world.rank == 0  # what all compute is counted once
        return outputs_on_host(function, x, *([share] if share is not None and self._takes_shares else ()))

    def whole(self, loop: Callable[[], Any], source: Any, model: Any) -> Any:
        """What `loop` gives; made anew by those that are left, where a process was lost meanwhile.

        Args:
            loop: function without arguments: a pass over the source.
            source: the DataSource.
            model: the model.

        Raises:
            RankFault: where the ranks can't go on.
        """
        while True:
            try:
                whole = loop()
                self._told(World.barrier, model)  # all have the answer, and this process need not keep it for them
                return whole
            except _BeginAnew as error:
                if isinstance(source, GeneratorData):
                    raise ranks.RankFault(
                        "A process was lost while `predict` read a generator, which can't begin anew for the others. "
                        "Pass arrays, a `PyDataset`, or a fresh generator to another `predict`."
                    ) from error
                source.reset()


class _BeginAnew(Exception):
    """The rows of a process that was lost are to be computed by those that are left."""


class RowsOfAll:
    """The outputs of this process's rows, batch by batch; at the end those of all processes, in the order of the data.

    Args:
        told: function of a function of the World, that gives what this gives, or gave on another rank.

    Attributes:
        counts: whether the outputs of the batch that comes are rows of the answer; if not another process gives them.
    """

    def __init__(self, told: Callable[[Callable[[Any], Any]], Any]) -> None:
        self.counts, self._told, self._world = True, told, ranks.world()
        self._first: Any = None
        self._batches: list[list[Any]] = []

    def add(self, outputs: Any) -> None:
        """Append a batch (a structure of NumPy arrays, which is kept)."""
        self._first = outputs if self._first is None else self._first
        flat = [np.asarray(leaf) for leaf in tree.flatten(outputs)]
        self._batches.append(flat if self.counts else [leaf[:0] for leaf in flat])

    def result(self) -> Any:
        """The outputs of all processes in the structure of one batch's. Raises ValueError when there was no batch."""
        return self._told(self._of_all)

    def _of_all(self, world):
        if world is not self._world:
            raise _BeginAnew
        sizes = [[len(leaf) if leaf.shape else 0 for leaf in batch] for batch in self._batches]
        forms = [_form(leaves) for leaves in zip(*self._batches)]
        said = world.gather((sizes, forms))
        count = min(len(others) for others, _ in said)  # one of them may have been told to stop before the others
        if not count:
            raise ValueError("There is nothing to predict: the data set yields no batch.")
        results = []
        for leaf, form in enumerate(forms):
            rows = [[others[batch][leaf] for batch in range(count)] for others, _ in said]
            own = [self._batches[batch][leaf] for batch in range(count)]
            for batch in self._batches:
                batch[leaf] = None  # the answer is whole soon: what it is made of is not needed twice
            alike = form is not None and all(other[leaf] == form for _, other in said)
            results.append(_gathered(world, own, rows) if alike else _gathered_by_pickle(world, own))
        return tree.pack_sequence_as(self._first, results)


def _form(leaves):
    """(dtype, shape of a row) of the outputs of all batches; None where they differ, or are no rows of numbers."""
    forms = {(leaf.dtype, leaf.shape[1:]) for leaf in leaves if leaf.shape}
    is_plain = len(forms) == 1 and all(leaf.shape for leaf in leaves)
    return next(iter(forms)) if is_plain and not leaves[0].dtype.hasobject else None


def _gathered(world, own: list[Any], rows: Sequence[Sequence[int]]):
    """The rows of all, a stretch of batches at a time: beside the answer itself little memory is taken.

    Args:
        own: list of arrays, this process's rows of each batch.
        rows: how many rows each process has of each batch.
    """
    whole = np.empty((sum(map(sum, rows)), *own[0].shape[1:]), own[0].dtype)
    done = 0
    for first, stop in _stretches([sum(of) for of in zip(*rows)], whole[:1].nbytes):
        mine = own[first] if stop == first + 1 else np.concatenate(own[first:stop])
        own[first:stop] = [None] * (stop - first)
        counts = [sum(others[first:stop]) for others in rows]
        came = np.empty((sum(counts), *whole.shape[1:]), whole.dtype)
        world.all_gather(np.ascontiguousarray(mine), came, counts)
        places = [sum(counts[:rank]) for rank in range(len(counts))]
        for batch in range(first, stop):
            for rank, others in enumerate(rows):
                size = others[batch]
                whole[done : done + size] = came[places[rank] : places[rank] + size]
                done, places[rank] = done + size, places[rank] + size
    return whole


def _stretches(sizes, row_bytes):
    """(first batch, the one behind the last) of what is gathered at once."""
    first, held = 0, 0
    for batch, size in enumerate(sizes):
        if batch > first and held + size * row_bytes > _PIECE:
            yield first, batch
            first, held = batch, 0
        held += size * row_bytes
    yield first, len(sizes)


def _gathered_by_pickle(world, own):
    """Texts, and what differs from batch to batch: joined as one process joins it."""
    said = world.gather(own)
    parts = [others[batch] for batch in range(len(own)) for others in said]
    return np.concatenate([part for part in parts if not part.shape or len(part)] or parts[:1])
