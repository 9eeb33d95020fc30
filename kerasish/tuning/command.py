"""The command `python -m kerasish trial PROGRAM --NAME VALUE ...`: one trial, as services start it."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.model_checkpoint import ModelCheckpoint
from kerasish.suggestions import did_you_mean
from kerasish.tuning.directions import MODES, direction_of
from kerasish.tuning.fit import search_space
from kerasish.tuning.hyperparameters import HyperParameters
from kerasish.tuning.reached import objective_value
from kerasish.tuning.reports import Reports, line
from kerasish.typing import Logs
from kerasish.utils.console import say
from kerasish.utils.random_seed import set_random_seed


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser(
        "trial",
        help="train once, with hyperparameters from flags, and print what was reached",
        usage="python -m kerasish trial [options] PROGRAM[:FUNCTION] [--NAME VALUE ...]",
        description="Call FUNCTION(hp, callbacks) of PROGRAM once, with hp from the flags behind it, and print the "
        "logs of each epoch as name=value, for Katib, SageMaker, Vertex AI and others that start trials.",
    )
    add = parser.add_argument
    add("--objective", default="val_loss", metavar="LOG", help="the log that is searched for (val_loss)")
    add("--direction", choices=tuple(MODES), help="which is better, where the log's name does not say it")
    add("--metrics-file", metavar="FILE", help="write the logs there, too, one JSON object an epoch")
    add("--model", metavar="FILE", help="keep the model of the best epoch there (.keras)")
    add("--seed", type=int, metavar="N", help="for the same numbers each time")
    add("--ignore-unknown", action="store_true", help="take flags that name no hyperparameter: services add some")
    add("--space", action="store_true", help="print the hyperparameters as JSON, and do not train")
    add("program", metavar="PROGRAM[:FUNCTION]", help="path of a .py file, or name of a module; FUNCTION is `trial`")
    add("flags", nargs=argparse.REMAINDER, metavar="--NAME VALUE", help="values; what is not given has its default")
    parser.set_defaults(run=run)


class Refused(ValueError):
    """What was asked for can't be done: said in one line."""


def run(options: Any) -> int:
    """Train once.

    Returns the exit code: 0, or 2 where it could not begin (said in one line).
    """
    try:
        return _run(options)
    except Refused as error:
        print(f"kerasish trial: {error}", file=sys.stderr)
        return 2


def _run(options):
    hp = _OfFlags(values_of(options.flags))
    trial = function_of(options.program)
    if options.space:
        print(json.dumps([parameter.facts() for parameter in search_space(trial).values()], indent=2))
        return 0
    try:
        direction = direction_of(options.objective, options.direction)
        callbacks: list[Any] = [_UsesAll(hp, options.ignore_unknown), Reports(options.objective, options.metrics_file)]
        if options.model:
            best = {"monitor": options.objective, "mode": MODES[direction], "save_best_only": True}
            callbacks.append(ModelCheckpoint(options.model, **best))
    except ValueError as error:
        raise Refused(error) from error
    if options.seed is not None:
        set_random_seed(options.seed)
    reached = objective_value(trial(hp, callbacks), options.objective, direction)
    say(line({f"best_{options.objective}": reached}))
    return 0


def values_of(flags: list[str]) -> dict[str, str]:
    """The values of flags: `--name value` and `--name=value`; a flag alone says "true".

    Args:
        flags: list of strings, as a shell gives them.

    Raises:
        Refused: for what is no flag.

    >>> values_of(["--units", "8", "--rate=0.1", "--dropout"])
    {'units': '8', 'rate': '0.1', 'dropout': 'true'}
    """
    values, waiting = {}, list(flags)
    while waiting:
        flag = waiting.pop(0)
        name, has_value, value = flag.removeprefix("--").partition("=")
        if not flag.startswith("--") or not name:
            raise Refused(f"Expected --NAME VALUE behind the program, got {flag!r}.")
        if not has_value:
            value = waiting.pop(0) if waiting and not waiting[0].startswith("--") else "true"
        values[name] = value
    return values


def function_of(program: str) -> Callable[..., Any]:
    """The function that PROGRAM[:FUNCTION] names.

    Args:
        program: path of a file or name of a module, and behind a colon the name of a function in it.

    Raises:
        Refused: where there is none.
    """
    place, colon, name = program.rpartition(":")
    if not colon or os.sep in name or name.endswith(".py"):  # C:\\tune.py
        place, name = program, "trial"
    module = _module_of_file(place) if place.endswith(".py") else _module(place)
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise Refused(f"{place} has no function {name!r} of (hp, callbacks).{did_you_mean(name, known)}")
    return function


def _module_of_file(path):
    if not os.path.isfile(path):
        raise Refused(f"There is no file {path!r}.")
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _module(name):
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            raise Refused(f"There is no module {name!r}; a file's name ends in .py.") from error
        raise


class _OfFlags(HyperParameters):
    """Hyperparameters by flags, in which a dash is as good as an underscore."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__({_plain(name): text for name, text in given.items()})

    def _chosen(self, parameter):
        name = _plain(parameter.name)
        try:
            return parameter.read(self.given[name]) if name in self.given else parameter.default
        except ValueError as error:
            raise Refused(error) from error

    def unused(self) -> list[str]:
        asked = set(map(_plain, self.space))
        return [name for name in self.given if name not in asked]


def _plain(name):
    return name.replace("-", "_")


class _UsesAll(Callback):
    """Refuses flags that no hyperparameter has asked for when training begins: every trial would be the same."""

    def __init__(self, hp: HyperParameters, ignore: bool) -> None:
        super().__init__()
        self._hp = hp
        self._ignore = ignore

    def on_train_begin(self, logs: Logs = None) -> None:
        unused = [] if self._ignore else self._hp.unused()
        if unused:
            hint = did_you_mean(unused[0], self._hp.space, otherwise=f" Known: {', '.join(self._hp.space)}.")
            raise Refused(f"No hyperparameter is called {', '.join(map(repr, unused))}.{hint}")
