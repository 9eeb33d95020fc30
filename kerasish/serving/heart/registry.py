"""Which versions of which models answer: they come, take over, and leave while requests run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kerasish import forks
from kerasish.serving.heart.folders import Found, models_in, versions_in
from kerasish.serving.heart.servable import Servable
from kerasish.serving.options import ModelOptions, model_options
from kerasish.serving.refusals import NotFound, Unavailable
from kerasish.typing import PathLike

LOADING, AVAILABLE, UNLOADING, END = "LOADING", "AVAILABLE", "UNLOADING", "END"
_GONE_REMEMBERED = 8  # versions of a model that have left, in the status


@dataclass
class Version:
    """A version, from the moment it is seen.

    Attributes:
        found: Found.
        state: one of TensorFlow Serving's words.
        error: string, why it did not load; "" otherwise.
        servable: Servable, or None where it is not in memory.
        used: float, when it was last asked for.
        resting: bool, whether it left the memory to others and comes back when it is asked for.
    """

    found: Found
    state: str = LOADING
    error: str = ""
    servable: Servable | None = None
    used: float = 0.0
    resting: bool = False
    turn: Any = field(default_factory=forks.lock)


class Registry:
    """The models of a folder.

    `refresh` looks at the folder and does what is to be done; a watcher calls it again and again. A new version is
    loaded and warmed before it takes over; the old one leaves behind its last request; one that does not load leaves
    the old one serving, and says so in the status.

    Args:
        root: path of the folder.
        load: function of (name, Found, ModelOptions) that gives a Servable, ready to answer.
        defaults: ModelOptions, for models without a `serving.json`.
        memory_limit: int, bytes that all models may take; the least used leave, and load again when asked for.
        observe: function of (event, name, version, seconds): "load", "fail", "unload", "rest".
    """

    def __init__(
        self,
        root: PathLike,
        load: Callable[[str, Found, ModelOptions], Servable],
        defaults: ModelOptions | None = None,
        memory_limit: int | None = None,
        observe: Callable[..., None] | None = None,
    ) -> None:
        self.root, self._load = os.fspath(root), load
        self._defaults, self._limit = defaults or ModelOptions(), memory_limit
        self._observe = observe or (lambda *_: None)
        self._models: dict[str, dict[int, Version]] = {}
        self._options: dict[str, ModelOptions] = {}
        self._newest: dict[str, Version] = {}  # who answers where no version is named: read without the lock
        self._left: dict[str, dict[int, Version]] = {}
        self.errors: dict[str, str] = {}  # model -> what is wrong with its options
        self._table = forks.reentrant_lock()
        self._looking = forks.lock()

    # -- who asks

    def lease(self, name: str, version: int | None = None, label: str | None = None) -> Servable:
        """The version that answers a request, entered: it stays until `Servable.leave`.

        Args:
            name: string.
            version: int, or None for the newest that is available.
            label: string, in place of a version.

        Raises:
            NotFound: where there is none.
            Unavailable: where it has not loaded yet, or failed to.
        """
        while True:
            found = self._newest.get(name) if version is None and label is None else None
            found = found or self.find(name, version, label)
            servable = found.servable
            if servable is None:
                if found.state != AVAILABLE:  # it left just now
                    continue
                servable = self._woken(name, found)
            found.used = time.monotonic()
            if servable.enter():
                return servable

    def resident(self, name: str, version: int | None = None, label: str | None = None) -> bool:
        """Whether `lease` would give one at once, without loading."""
        found = self._newest.get(name) if version is None and label is None else None
        return (found or self.find(name, version, label)).servable is not None

    def find(self, name: str, version: int | None = None, label: str | None = None) -> Version:
        """The Version that is meant. Raises NotFound or Unavailable."""
        with self._table:
            versions = self._models.get(name)
            if versions is None:
                raise NotFound(f"Servable not found for request: {_asked(name, version, label)}")
            if label is not None:
                labels = self._options[name].labels
                if label not in labels:
                    known = ", ".join(sorted(labels)) or "none"
                    raise NotFound(f"Unrecognized servable version label: {label} (model {name} has {known})")
                version = labels[label]
            if version is None:
                found = self._newest.get(name)
                if found is None:
                    raise Unavailable(_why_nothing(name, versions))
                return found
            found = versions.get(version)
            if found is None:
                raise NotFound(f"Servable not found for request: {_asked(name, version, label)}")
            if found.state != AVAILABLE:
                raise Unavailable(f"Version {version} of {name} is not available: {found.error or found.state}")
            return found

    def names(self) -> list[str]:
        """The names of all models."""
        with self._table:
            return sorted(self._models)

    def options(self, name: str) -> ModelOptions:
        """What is said of a model."""
        with self._table:
            return self._options[name]

    def status(self, name: str, version: int | None = None, label: str | None = None) -> list[tuple[int, Version]]:
        """(version, Version) of all versions, the newest first, or of one. Raises NotFound."""
        with self._table:
            if name not in self._models:
                raise NotFound(f"Could not find any versions of model {name}")
            if label is not None:
                version = self.find(name, None, label).found.version
            known = {**self._left.get(name, {}), **self._models[name]}
            chosen = sorted(known, reverse=True) if version is None else [version]
            if version is not None and version not in known:
                raise NotFound(f"Could not find version {version} of model {name}")
            return [(number, known[number]) for number in chosen]

    def ready(self) -> bool:
        """Whether every model has a version that answers."""
        with self._table:
            return bool(self._models) and all(name in self._newest for name in self._models)

    # -- what changes

    def refresh(self) -> None:
        """Look at the folder: load what is new, switch, let go of what is old. One thread at a time."""
        with self._looking:
            for name in models_in(self.root):
                folder = os.path.join(self.root, name)
                self._read_options(name, folder)
                self._refresh_model(name, versions_in(folder))
            for name in set(self.names()) - set(models_in(self.root)):
                self._refresh_model(name, [])

    def stop(self) -> None:
        """Let go of all models."""
        with self._looking:
            for name in self.names():
                self._refresh_model(name, [])

    def _read_options(self, name, folder):
        try:
            self._options[name] = model_options(folder, self._defaults)
            self.errors.pop(name, None)
        except ValueError as error:  # what was said before still holds
            self._options.setdefault(name, self._defaults)
            self.errors[name] = str(error)

    def _refresh_model(self, name, found):
        by_number = {entry.version: entry for entry in found}
        with self._table:
            versions = self._models.setdefault(name, {})
        for number in sorted(_wanted(by_number, versions, self._options[name]), reverse=True):
            known = versions.get(number)
            if known is None or known.found.stamp != by_number[number].stamp:
                self._bring(name, versions, by_number[number])
        keep = _kept(by_number, versions, self._options[name])
        for number in [number for number in versions if number not in keep]:
            self._let_go(name, versions, number)
        with self._table:
            if not found and not versions:
                del self._models[name]
                self._newest.pop(name, None)
                self._options.pop(name, None)

    def _bring(self, name, versions, found):
        """Load a version, and put it in the place of the one of that number, if there is one."""
        before = versions.get(found.version)
        coming = Version(found)
        if before is None or before.servable is None:
            with self._table:
                versions[found.version] = coming
        servable = self._loaded(name, coming)
        with self._table:
            if servable is None:
                if before is not None and before.servable is not None:
                    before.found, before.error = found, coming.error  # the old file's model answers on
                return
            coming.servable, coming.state, coming.used = servable, AVAILABLE, time.monotonic()
            versions[found.version] = coming
            self._choose_newest(name)
        if before is not None and before.servable is not None:
            before.servable.retire(lambda gone: self._observe("unload", name, found.version, 0.0))
        self._make_room(servable)

    def _loaded(self, name, version):
        """The Servable of a version; None where it does not load, which `version.error` says."""
        began = time.monotonic()
        try:
            servable = self._load(name, version.found, self._options[name])
        except Exception as error:  # whatever is wrong with a file: the others go on
            version.state, version.error = END, f"{type(error).__name__}: {error}"
            self._observe("fail", name, version.found.version, time.monotonic() - began)
            return None
        self._observe("load", name, version.found.version, time.monotonic() - began)
        return servable

    def _let_go(self, name, versions, number):
        with self._table:
            leaving = versions.pop(number)
            left = self._left.setdefault(name, {})
            left[number] = leaving
            for old in sorted(left)[:-_GONE_REMEMBERED]:
                del left[old]
            leaving.state = UNLOADING if leaving.servable is not None else END
            self._choose_newest(name)
        if leaving.servable is not None:
            leaving.servable.retire(lambda gone: self._ended(name, leaving))

    def _ended(self, name, version):
        version.state, version.servable = END, None
        self._observe("unload", name, version.found.version, 0.0)

    def _choose_newest(self, name):
        available = [number for number, version in self._models[name].items() if version.state == AVAILABLE]
        if available:
            self._newest[name] = self._models[name][max(available)]
        else:
            self._newest.pop(name, None)

    # -- memory

    def bytes(self) -> int:
        """What all versions in memory take."""
        return sum(version.servable.bytes for version in self._in_memory())

    def _in_memory(self):
        with self._table:
            return [version for versions in self._models.values() for version in versions.values() if version.servable]

    def _make_room(self, newcomer):
        """Let the least used versions rest until all others fit."""
        if self._limit is None:
            return
        while self.bytes() > self._limit:
            others = [version for version in self._in_memory() if version.servable is not newcomer]
            if not others:
                return
            resting = min(others, key=lambda version: version.used)
            servable, resting.servable, resting.resting = resting.servable, None, True
            servable.retire(lambda gone: None)
            self._observe("rest", servable.name, servable.version, 0.0)

    def _woken(self, name, version):
        """The Servable of a version that rested; who asks waits while it loads."""
        with version.turn:
            if version.servable is not None:
                return version.servable
            servable = self._loaded(name, version)
            if servable is None:
                with self._table:
                    self._choose_newest(name)
                raise Unavailable(f"Version {version.found.version} of {name} did not load again: {version.error}")
            version.servable, version.resting = servable, False
        self._make_room(servable)
        return servable


def _wanted(by_number, versions, options):
    """The numbers of the versions that are to be in memory, as far as they load.

    Of "the newest" those that failed don't count, as long as the same files lie there.
    """
    labelled = {number for number in options.labels.values() if number in by_number}
    if options.versions == "all":
        return set(by_number)
    if not isinstance(options.versions, int):
        return {number for number in options.versions if number in by_number} | labelled
    return set(sorted(by_number)[-options.versions :]) | labelled


def _kept(by_number, versions, options):
    """The numbers of the versions that stay: those wanted, and older ones in the place of those that did not load."""
    wanted = _wanted(by_number, versions, options)
    keep = set(wanted)
    if isinstance(options.versions, int):
        works = [number for number in versions if number in by_number and versions[number].state == AVAILABLE]
        keep |= set(sorted(works)[-options.versions :])
    elif not any(versions[number].state == AVAILABLE for number in wanted if number in versions):
        keep |= {number for number, version in versions.items() if version.state == AVAILABLE and number in by_number}
    return keep


def _asked(name, version, label):
    return f"Latest({name})" if version is None else f"Specific({name}, {version})"


def _why_nothing(name: str, versions: Mapping[int, Version]) -> str:
    errors = "; ".join(f"version {number}: {v.error or v.state}" for number, v in sorted(versions.items()))
    return f"No version of {name} is available ({errors})"
