"""What answers requests, whatever they came by: the models of a folder, the pool, the log and the figures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasish.files.saving_api import load_model
from kerasish.serving.heart.figures import Figures
from kerasish.serving.heart.folders import Found, model_file
from kerasish.serving.heart.pool import Pool
from kerasish.serving.heart.registry import Registry
from kerasish.serving.heart.servable import Servable
from kerasish.serving.heart.shared_weights import SharedWeights
from kerasish.serving.heart.warming import warm_up
from kerasish.serving.heart.work import Waiter, Work
from kerasish.serving.options import Batching, ModelOptions
from kerasish.serving.recording import Recorder, recorded_requests
from kerasish.typing import PathLike

QUICK = 0.002  # seconds; models whose largest batch takes less are computed where requests are read


class Service:
    """The models of a folder, ready to answer; no HTTP.

    Args:
        root: path of a folder of `NAME/VERSION/` folders, each with a model's file of any kind that `load_model` opens.
        batching: Batching for models whose `serving.json` says nothing; None for its defaults.
        memory_limit: int, bytes that the models may take together; the least used leave memory first and come back
            when they are asked for. None for no limit.
        threads: int, threads that compute batches.
        timeout: float, seconds that a request may wait and be computed where it says nothing itself.
        poll: float, seconds between two looks at the folder; 0 looks when `refresh` is called, and not again.
        log: path of a folder for records of requests (TFRecord files of `PredictionLog`), or None.
        log_share: float from 0 to 1, the share of requests that is recorded.
        shared: path of a folder that several processes see, in which they keep one copy of the weights; or None.
        observers: objects that are told of requests, batches and versions; see `heart/figures.py`.

    Example:
        >>> import kerasish as keras, numpy as np, os, tempfile
        >>> from kerasish.serving import Service
        >>> root = tempfile.mkdtemp()
        >>> os.makedirs(os.path.join(root, "double", "1"))
        >>> x = keras.Input((2,), name="x")
        >>> keras.Model(x, x * 2.0).save(os.path.join(root, "double", "1", "model.keras"))
        >>> service = Service(root, poll=0)
        >>> service.predict("double", {"x": np.ones((1, 2), "float32")})[0].tolist()
        [[2.0, 2.0]]
        >>> service.stop()
    """

    def __init__(
        self,
        root: PathLike,
        batching: Batching | None = None,
        memory_limit: int | None = None,
        threads: int = 2,
        timeout: float = 60.0,
        poll: float = 1.0,
        log: PathLike | None = None,
        log_share: float = 1.0,
        shared: PathLike | None = None,
        observers: Sequence[Any] = (),
    ) -> None:
        self.timeout = timeout
        self.figures = Figures(observers)
        self.recorder = None if log is None else Recorder(log, log_share)
        self._shared = None if shared is None else SharedWeights(shared)
        self.pool = Pool(threads, observe=self.figures.batch)
        self.registry = Registry(
            root,
            self._load,
            ModelOptions(batching=batching or Batching()),
            memory_limit,
            observe=self.figures.event,
        )
        self.ending = False
        self._poll, self._end = poll, threading.Event()
        self._watcher: threading.Thread | None = None
        self.trouble = ""  # why the folder could not be looked at
        self.registry.refresh()

    def watch(self) -> None:
        """Look at the folder again and again, on a thread."""
        if self._poll and self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="kerasish-serving-watcher", daemon=True)
            self._watcher.start()

    def _watch(self):
        while not self._end.wait(self._poll):
            try:
                self.registry.refresh()
                self.trouble = ""
            except OSError as error:  # a network folder that is away: what is loaded answers on
                self.trouble = str(error)

    def _load(self, name: str, found: Found, options: ModelOptions) -> Servable:
        model = load_model(model_file(found.folder), compile=False)
        if self._shared is not None:
            self._shared.share(model, name, found)
        servable = Servable(name, found.version, model, options.batching)
        warm_up(servable, recorded_requests(found.folder, servable.signature))
        return servable

    def ready(self) -> bool:
        """Whether every model has a version that answers, and the server is not about to end."""
        return not self.ending and self.registry.ready()

    def begin(
        self,
        servable: Servable,
        arrays: Sequence[Any],
        done: Callable[[Work], None],
        timeout: float | None = None,
        wake: bool = True,
    ) -> Work:
        """Queue a request.

        Args:
            servable: a lease of the registry, which the Work ends.
            arrays: list of arrays, checked by the servable's signature.
            done: function of the Work, called when it has ended, on any thread.
            timeout: float, seconds; None for the server's.
            wake: as of `Pool.submit`.

        Raises:
            Busy, Unavailable: as `Pool.submit`.
        """
        seconds = self.timeout if timeout is None else min(timeout, self.timeout)
        work = Work(servable, arrays, self.pool.clock() + seconds, done)
        self.pool.submit(work, wake)
        return work

    def predict(
        self,
        name: str,
        tensors: Mapping[str, Any],
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Answer one request on the calling thread.

        Args:
            name: string, the model.
            tensors: dict from names of inputs to arrays, with the batch axis.
            version: int, or None for the newest.
            label: string, in place of a version.
            timeout: float, seconds; None for the server's.

        Returns:
            List of arrays, in the order of the signature's outputs.

        Raises:
            Refusal: of the kind that fits.
        """
        servable = self.registry.lease(name, version, label)
        return self.predict_leased(servable, tensors, timeout)[0]

    def predict_leased(
        self, servable: Servable, tensors: Mapping[str, Any], timeout: float | None = None
    ) -> tuple[list[Any], list[Any]]:
        """(outputs, inputs) of a request for a version that is leased; the lease ends."""
        try:
            arrays = servable.signature.ordered(tensors)
        except BaseException:
            servable.leave()
            raise
        ended = Waiter()
        work = self.begin(servable, arrays, ended, timeout)
        ended.wait()
        outputs = work.result()
        self.record(work)
        return outputs, arrays

    def record(self, work: Work) -> None:
        """Log a request that was answered, where requests are logged."""
        if self.recorder is not None:
            self.recorder.add(work.servable, work.arrays, work.outputs)

    def is_quick(self, servable: Servable, arrays: Sequence[Any]) -> bool:
        """Whether handing a batch to a thread and back might take longer than computing it; all is compiled."""
        longest = servable.seconds.get(servable.sizes[-1], QUICK)
        return (
            longest < QUICK
            and len(arrays[0]) <= servable.sizes[-1]
            and tuple([array.shape[1:] for array in arrays]) in servable.warm_shapes
        )

    def stop(self, patience: float = 30.0) -> None:
        """Answer what waits, and end.

        Args:
            patience: float, seconds after which what still waits is refused.
        """
        self.ending = True
        self._end.set()
        self.pool.stop(patience)
        if self._watcher is not None:
            self._watcher.join(patience)
        self.registry.stop()
        if self.recorder is not None:
            self.recorder.close()
