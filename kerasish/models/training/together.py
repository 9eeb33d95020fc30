"""Several processes compute each batch of one `fit`: what they have to have alike, and who takes which rows."""

from __future__ import annotations

import os
import warnings
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from kerasish import tree
from kerasish.backend import ranks
from kerasish.backend.variable import Variable, assign_all
from kerasish.callbacks import BackupAndRestore
from kerasish.distribution import shares
from kerasish.distribution.shares import Share
from kerasish.distribution.tables import CutTable
from kerasish.models.data.parts import PartOfBatch
from kerasish.models.training.lazy_logs import LazyLogs
from kerasish.random.seed_generator import global_state, set_global_state
from kerasish.utils.random_state import random_state, set_random_state

MIN_WORKERS = "KERASISH_MIN_WORKERS"  # the environment variable that says how many processes are to be left
_BETWEEN = "between steps of an epoch and those of the next"
_alike: weakref.WeakSet[Any] = weakref.WeakSet()  # models whose weights are those of the first rank


def together() -> Together | None:
    """The ranks under the distribution in force; None where this process is the only one.

    Raises:
        ValueError: where its mesh has another number of devices than there are processes.
    """
    world, mesh = ranks.world(), shares.in_force[0].device_mesh
    count = 1 if world is None else world.size
    if mesh.devices.size != count and (world is None or world.generation == 0):  # later, some were lost
        raise ValueError(
            f"The distribution in force lies on {mesh.devices.size} devices, and {count} process"
            f"{'es compute' if count > 1 else ' computes'} here, with a device each. Start as many, with "
            f"`mpiexec -n {mesh.devices.size} python ...`, or leave `devices` to `list_devices()`."
        )
    if count == 1 and not (world is not None and ranks.is_elastic()):
        return None
    return Together(shares.in_force[0].auto_shard_dataset)


class Together:
    """The processes of one `fit`, `evaluate` or batch, as this one sees them.

    Where one of them dies (and Open MPI was asked to tolerate that) the others go on without it: what was under way
    when they were told is done again, on new shares. A step changes nothing until all of it is summed up, so a rank has
    done a step whole or not at all; who lacks the last one takes the state of a rank that has done it, wherever in the
    program that is by now (`ranks.journal`). So what the calls of all ranks are may not depend on how many ranks are
    left, and what they give not either: one rank may have made them with those that another one has lost.

    Args:
        shares_out: whether all of them see the same batches, of which each takes its share; False where each brings
            rows of its own.
    """

    def __init__(self, shares_out: bool) -> None:
        self._shares_out = shares_out
        self._rows: Any = None  # (generation of ranks, how many rows each brings to the batch that comes of its own)
        self._done = 0  # steps, of training and of validation
        ranks.slow_begins(_BETWEEN)  # data are read, the step is compiled

    @property
    def _world(self):
        return ranks.world()

    # -- steps and calls that a rank may be lost in -------------------------------------------------------------

    def step(self, function: Callable[..., Any], batch: Any, model: Any) -> Any:
        """The logs of a step on this rank's share of a batch.

        Args:
            function: the compiled step.
            batch: (x, y, sample_weight).
            model: the model that it is a step of.

        Raises:
            RankFault: where the ranks can't go on.
        """
        owner = weakref.ref(model)
        logs = ranks.journal.made(
            lambda: self._stepped(function, batch),
            lambda: self._recover(model),
            given=lambda logs: partial(_state, owner, logs),
            take=partial(_take_over, model),
        )
        self._done += 1
        ranks.slow_ends(_BETWEEN)
        return logs

    def _stepped(self, function, batch):
        cut = self.cut(batch)
        if self._shares_out and cut[-1] is None and self._world.size > 1:
            self._world.barrier()  # each computes all of it, and asks nobody: it would be many calls ahead soon
        return function(*cut)

    def _told(self, call, model, meets=True):
        """What `call(world)` gives to all ranks alike, all making it; made again where one was lost meanwhile."""
        return ranks.journal.made(lambda: call(ranks.world()), lambda: self._recover(model), meets=meets)

    def _broadcast(self, make, model):
        """What `make` gives on the first rank."""
        return self._told(lambda world: world.broadcast(make() if world.rank == 0 else None), model, meets=False)

    def _recover(self, model):
        """Go on as the ranks that are left."""
        _refuse_lost_rows(model)
        recovery = ranks.journal.recover(int(os.environ.get(MIN_WORKERS, 1)))
        self._rows = None
        warnings.warn(
            f"A process was lost. {recovery.world.size} go on, behind step {self._done} of this run.", stacklevel=5
        )

    # -- what is alike ------------------------------------------------------------------------------------------

    def begin(self, model: Any, source: Any, held_out: Any) -> None:
        """Before anything is drawn: the same random numbers from here on, and data that are the same.

        Raises:
            ValueError: where a process was given other data than the first.
        """
        _refuse_states_of_rows(model)
        given = (("x", source), ("validation_data", held_out))
        own = {name: found.description() for name, found in given if found is not None and self._shares_out}
        self._see_same_data("`fit`", own, model)
        set_random_state(self._broadcast(random_state, model))

    def _see_same_data(self, place, own, model):
        """See that all ranks are at this place, with data that are described alike."""
        for rank, other in enumerate(self._said_at(place, own, model)):
            if other != own:
                raise ValueError(
                    f"Each process must be given the same data, of which it takes its share of each batch: process "
                    f"{self._world.rank} has {own}, process {rank} has {other}. Where each has read its own, say "
                    "`auto_shard_dataset=False` in the distribution."
                )

    def _said_at(self, place, value, model):
        """What all ranks say at this place of their programs. Raises ValueError where one of them is at another."""
        said = self._told(lambda world: world.gather((place, value)), model)
        for rank, (other, _) in enumerate(said):
            if other != place:
                raise ValueError(
                    f"Process {self._world.rank} is at {place}, process {rank} at {other}: all make the same calls in "
                    "the same order. What one does alone it does with no distribution in force, "
                    "`keras.distribution.set_distribution(None)`, or in a callback with `first_rank_alone = True`."
                )
        return [given for _, given in said]

    def make_alike(self, model: Any, again: bool = False) -> None:
        """Give all variables of a model and its optimizer the values that they have on the first rank.

        Args:
            model: the model, which is built.
            again: whether that is done also where it was done before.
        """
        if model in _alike and not again:
            return
        variables = [variable for variable in _variables(model) if not isinstance(variable, CutTable)]
        values = self._broadcast(lambda: [v.numpy() for v in variables], model)
        if [value.shape for value in values] != [tuple(v.shape) for v in variables]:
            raise ValueError(
                f"Each process must make the same model: {model.name!r} has {len(variables)} variables in process "
                f"{self._world.rank}, {len(values)} in process 0, or they differ in their shapes."
            )
        if self._world.rank:
            assign_all(zip(variables, values))
        _alike.add(model)

    def agree(self, model: Any) -> None:
        """Between two epochs: who wants to stop stops all, and the learning rate is that of the first rank."""
        rate = getattr(model.optimizer, "_learning_rate", None)
        own = float(rate.numpy()) if isinstance(rate, Variable) else None
        said = self._said_at("the end of an epoch", (bool(model.stop_training), own), model)
        model.stop_training = any(stop for stop, _ in said)
        if own is not None and said[0][1] != own:
            rate.assign(said[0][1])

    def regroup(self, model: Any, callbacks: Any) -> None:
        """Between two epochs: where whoever started the ranks wants others, keep all that is done and leave.

        Raises:
            Regrouped: the program ends in this number of processes, and is started in another one.
        """
        backups = [callback for callback in callbacks.callbacks if isinstance(callback, BackupAndRestore)]
        if not ranks.is_elastic():
            return
        if not backups:
            if self._world.rank == 0:
                warnings.warn(
                    "Processes neither come nor are replaced in this `fit`: pass it the callback "
                    "`BackupAndRestore`, with which it goes on in another number of them.",
                    stacklevel=3,
                )
            return
        if self._broadcast(lambda: ranks.is_to_leave(ranks.world().size), model):
            for callback in backups:
                callback.keep_epoch()
            if self._world.rank == 0:
                ranks.leaves()
            raise ranks.Regrouped

    def keep_what_is_done(self, error: BaseException, callbacks: Any) -> None:
        """Where the ranks can't go on, have the backup of the last step written: by the first of those that are left.

        Who is left is not known where one hangs: then all that are told write, and write the same.
        """
        is_known = isinstance(error, ranks.TooFewRanks)
        if not isinstance(error, ranks.RankFault) or is_known and ranks.world().rank:
            return
        if not self._done:
            return  # what it began with is what there is, and a backup of that, if there was one
        for callback in callbacks.callbacks:
            if isinstance(callback, BackupAndRestore):
                callback.save_alone()

    # -- batches ------------------------------------------------------------------------------------------------

    @property
    def share_of(self) -> Callable[[int], Share | None] | None:
        """What sources are asked to make of a batch: the rows of this process; None for all that they have."""
        return shares.own_share if self._shares_out else None

    def in_step(self, batches: Any, model: Any) -> Iterator[Any]:
        """The batches, as long as every rank has one."""
        try:
            if self._shares_out:
                yield from batches
                return
            while True:
                batch = next(batches, None)
                count = 0 if batch is None else _rows(batch)
                self._rows = self._told(lambda world, count=count: (world.generation, world.gather(count)), model)
                if not all(self._rows[1]):
                    return
                yield batch
        finally:
            ranks.slow_begins(_BETWEEN)  # callbacks write, validations begin
            batches.close()

    def cut(self, batch: Any) -> tuple[Any, ...]:
        """(x, y, sample_weight, name of the share) of this rank's rows of a batch."""
        if not self._shares_out:
            generation, rows = self._rows or (None, ())
            if generation != self._world.generation:  # a process may have been lost since it was said
                rows = self._world.gather(_rows(batch))
            self._rows = None
            return (*batch, Share(rows, self._world.rank).name)
        if type(batch) is PartOfBatch:
            part = batch.of(shares.own_share(batch.total))  # a process may have been lost since it was made
            return (*part, None if part.share is None else part.share.name)
        share = shares.own_share(_rows(batch))
        if share is None:
            return (*batch, None)
        own = slice(share.start, share.stop)
        return (*tree.map_structure(lambda leaf: None if leaf is None else leaf[own], tuple(batch)), share.name)


def _state(owner, logs):
    """What a step of a model has changed, for those that have not done it. Raises Gone where the model is no more.

    What callbacks changed since is in it: they are called there, too, so they are to set and not to multiply.
    """
    model = owner()
    if model is None:
        raise ranks.Gone
    return [v.numpy() for v in _changing(model)], dict(LazyLogs(logs).items()), global_state()


def _take_over(model, state):
    """The logs of a step that another rank has done, when its state is this model's."""
    values, logs, drawn = state
    assign_all(zip(_changing(model), values))
    set_global_state(drawn)
    return logs


def _changing(model):
    return _unique([*_variables(model), *model.metrics_variables])


def _rows(batch):
    return next(len(leaf) for leaf in tree.flatten(batch[0]) if leaf is not None)


def _variables(model):
    return _unique([*model.variables, *(model.optimizer.variables if model.optimizer is not None else ())])


def _unique(variables):
    return list({id(variable): variable for variable in variables}.values())


def _refuse_lost_rows(model):
    cut = next((variable.path for variable in _variables(model) if isinstance(variable, CutTable)), None)
    if cut is not None:
        raise ranks.RankFault(
            f"A process was lost, and its rows of {cut!r} with it. Start the program anew: with `BackupAndRestore` it "
            "goes on from the last backup."
        )


def _refuse_states_of_rows(model):
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            raise ValueError(
                f"The layer {layer.name!r} keeps a state for each row of a batch (`stateful=True`), which several "
                "processes can't share out. Train it in one process, or without keeping states."
            )
