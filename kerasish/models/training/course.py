"""Where a `fit` is: all that another process needs to go on with it, and how it is brought there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend.function import Function
from kerasish.backend.interrupts import undivided
from kerasish.backend.variable import assign_all
from kerasish.callbacks import CallbackList
from kerasish.files.weights_walk import saveables
from kerasish.layers.base.tracking import unique
from kerasish.models.data.source import DataSource
from kerasish.models.training.compiled_steps import packed
from kerasish.models.training.lazy_logs import LazyLogs
from kerasish.optimizers import Optimizer
from kerasish.utils.random_state import random_state, set_random_state

if TYPE_CHECKING:
    from kerasish.models.model import Model

_SHOWN = 3  # differences that an error lists


class Course:
    """The way of one `fit` through epochs and batches.

    Args:
        model: the model that is trained.
        source: the DataSource of its batches.
        held_out: that of the validation, or None.
        callbacks: the CallbackList of the run.
        function: the train step.
        epoch: number of the first epoch.

    Attributes:
        epoch: number of the epoch that is under way, or comes next.
        batch: batches of it that are done.
        logs: logs of the last batch, or epoch, that is done.
        last_batch: (x, y, sample_weight) that was trained on last; its memory may be used again for the next.
        is_over: whether it was taken up where it had been stopped already.
    """

    def __init__(
        self,
        model: Model,
        source: DataSource,
        held_out: DataSource | None,
        callbacks: CallbackList,
        function: Any,
        epoch: int,
    ) -> None:
        self.epoch = epoch
        self.batch = 0
        self.logs: Any = {}
        self.last_batch: Any = None
        self.is_over = False
        self._model, self._callbacks, self._function = model, callbacks, function
        self._sources = {"x": source, "validation_data": held_out}
        self._left = None  # the state that an epoch which is gone on with begins from, once its hooks were called
        self._begun: Any = None  # (an epoch, what of the state its begin has changed since)

    def begin_epoch(self) -> None:
        """Keep what is needed for a backup that is written before the first batch of an epoch is done."""
        self._begun = self.epoch, self._passing()

    def end_epoch(self, logs: Mapping[str, Any]) -> None:
        """An epoch is done but for the callbacks' last hook."""
        self.epoch, self.batch, self.logs = self.epoch + 1, 0, logs

    def state(self) -> dict[str, Any]:
        """All of it as plain data and arrays: dicts, lists, numbers, texts, NumPy arrays.

        Only where all callbacks have heard of the last batch or epoch; `BackupAndRestore` is called last.
        """
        with self._model._between_steps:
            variables = {kind: [v.numpy() for v in found] for kind, found in self._variables().items()}
        return {
            "variables": variables,
            "optimizers": [type(optimizer).__name__ for optimizer in self._optimizers()],
            "epoch": self.epoch,
            "batch": self.batch,
            "logs": dict(LazyLogs(self.logs).items()),
            "stopped": bool(self._model.stop_training),
            "data": {name: source.description() for name, source in self._sources.items() if source is not None},
            **(self._begun[1] if not self.batch and self._begun and self._begun[0] == self.epoch else self._passing()),
        }

    def _passing(self):
        """What changes when an epoch begins, before anything is trained."""
        sources = {name: source for name, source in self._sources.items() if source is not None}
        return {
            "positions": {name: source.position(self.batch if name == "x" else 0) for name, source in sources.items()},
            "random": random_state(),
            "callbacks": self._callbacks.state_dict(),
        }

    def go_to(self, state: Mapping[str, Any]) -> None:
        """Go on from where another process was, when all callbacks have heard that training begins.

        Args:
            state: what `state` gave there.

        Raises:
            ValueError: where that is a training of another model or of other data; nothing has changed then.
        """
        self._check_data(state["data"])
        self._make_variables(state["variables"])
        self._check_variables(state)
        self.epoch, self.batch, self.logs = state["epoch"], state["batch"], state["logs"]
        self.is_over = state["stopped"] and not self.batch
        for name, position in state["positions"].items():
            self._sources[name].go_to(position)
        self._set(state)
        self._left = state if self.batch else None

    def take_up(self) -> None:
        """Undo what the hooks of an epoch's begin did, where that began in another process: they were called there."""
        state, self._left = self._left, None
        if state is not None:
            self._set(state)

    def _set(self, state):
        pairs = []
        for kind, variables in self._variables().items():
            pairs += zip(variables, state["variables"][kind])

        def all_of_it():
            assign_all(pairs)
            self._callbacks.load_state_dict(state["callbacks"])
            set_random_state(state["random"])
            self._model.stop_training = state["stopped"]

        with self._model._between_steps:
            undivided(all_of_it)()

    def _optimizers(self):
        """All optimizers: a model with steps of its own may keep several."""
        found = [item for _, item in saveables(self._model) if isinstance(item, Optimizer)]
        return list(dict.fromkeys([self._model.optimizer, *found])) if self._model.optimizer is not None else found

    def _variables(self):
        metrics = unique(self._model.metrics_variables)
        seen = {id(variable) for variable in metrics}
        kept = [v for layer in self._model._flatten_layers() for v in _kept_states(layer)]
        return {
            "model": [v for v in unique([*self._model.variables, *kept]) if id(v) not in seen],
            "optimizer": unique([v for optimizer in self._optimizers() for v in optimizer.variables]),
            "metrics": metrics,
        }

    def _make_variables(self, stored):
        """Have all variables that the first step would make: it is traced, and not run."""
        model = self._model
        if isinstance(self._function, Function):
            self._function.compiled_for(self._sources["x"].peek())
        elif self._lacks_some(stored):
            with suppress(Exception):  # a step that is run op by op may ask for values, which a trace has not
                step = Function(lambda x, y, sample_weight: model.train_step(packed(x, y, sample_weight)))
                step.compiled_for(self._sources["x"].peek())
        if self._lacks_some(stored) and model.optimizer is not None and not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)

    def _lacks_some(self, stored):
        """Whether optimizers or metrics have fewer variables than were stored."""
        return any(len(variables) < len(stored[kind]) for kind, variables in self._variables().items())

    def _check_data(self, described):
        differences = []
        for name, source in self._sources.items():
            now, then = {} if source is None else source.description(), described.get(name, {})
            for fact in {**then, **now}:
                if now.get(fact) != then.get(fact):
                    differences.append(f"`{name}`: {fact} was {then.get(fact)!r}, is {now.get(fact)!r}")
        _refuse(differences, "of a training on other data, or with other arguments of `fit`")

    def _check_variables(self, state):
        differences = []
        optimizers = [type(optimizer).__name__ for optimizer in self._optimizers()]
        if optimizers != state["optimizers"]:
            differences.append(f"the optimizer was {', '.join(state['optimizers'])}, is {', '.join(optimizers)}")
        for kind, variables in self._variables().items():
            stored = state["variables"][kind]
            # Metrics that only a validation makes may not be there yet; they start anew with it.
            if len(variables) > len(stored) or len(variables) < len(stored) and kind != "metrics":
                differences.append(f"it holds {len(stored)} variables of the {kind}, there are {len(variables)}")
                continue
            for variable, value in zip(variables, stored):
                if (tuple(variable.shape), variable.dtype) != (value.shape, value.dtype.name):
                    differences.append(
                        f"{variable.path} has the shape {tuple(variable.shape)} and dtype {variable.dtype}, it holds "
                        f"{value.shape} and {value.dtype.name}"
                    )
        _refuse(differences, "of a training of another model")


def _kept_states(layer):
    """What a stateful recurrent layer keeps from batch to batch."""
    return [] if not getattr(layer, "stateful", False) else tree.flatten(getattr(layer, "states", None) or [])


def _refuse(differences, what):
    if differences:
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        raise ValueError(f"it is {what}: {'; '.join(differences[:_SHOWN])}{more}.")
