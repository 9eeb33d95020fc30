"""Requests kept in TFRecord files, to be asked again: `PredictionLog`, as TensorFlow Serving records them."""

from __future__ import annotations

import itertools
import os
import queue
import random
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from kerasish.data import tfrecord
from kerasish.serving.heart.folders import WARMUP
from kerasish.serving.heart.signature import Signature
from kerasish.serving.protocols.schemas import message
from kerasish.serving.protocols.tensor_protos import from_proto, to_proto
from kerasish.serving.refusals import BadRequest
from kerasish.typing import PathLike

_MOST_WARMING = 1_000  # records, as TensorFlow Serving has it
_WAITING = 256  # requests that may wait to be written; what comes beyond is not recorded


class Recorder:
    """Writes requests and their answers, on a thread of its own.

    A file appears whole, when it has `records_a_file` records or when the server ends.

    Args:
        folder: path; made where it is missing.
        share: float from 0 to 1, of the requests.
        records_a_file: int.

    Attributes:
        dropped: int, requests that were not recorded because the disk did not keep up.
    """

    def __init__(self, folder: PathLike, share: float = 1.0, records_a_file: int = 1_000) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"`share` must be from 0 to 1, got {share!r}.")
        message("tensorflow.serving.PredictionLog")  # whether protobuf is there is asked before the first request
        self._folder, self._share, self._most = os.fspath(folder), share, records_a_file
        os.makedirs(self._folder, exist_ok=True)
        self._waiting: queue.Queue[Any] = queue.Queue(_WAITING)
        self._draws = random.Random()
        self.dropped = 0
        self._thread = threading.Thread(target=self._write, name="kerasish-serving-recorder", daemon=True)
        self._thread.start()

    def add(self, servable: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Record a request, or leave it, as the share has it. The request pays for no more than a place in a queue."""
        if self._share < 1 and self._draws.random() >= self._share:
            return
        names = [[info.name for info in infos] for infos in (servable.signature.inputs, servable.signature.outputs)]
        try:
            self._waiting.put_nowait((servable.name, servable.version, names, list(inputs), list(outputs)))
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join()

    def _write(self):
        open_files, counts, numbers = {}, {}, itertools.count()
        while (item := self._waiting.get()) is not None:
            name, version, names, inputs, outputs = item
            key = (name, version)
            if key not in open_files:
                path = os.path.join(self._folder, f"{name}-{version}-{os.getpid()}-{next(numbers):05}.tfrecord")
                open_files[key], counts[key] = tfrecord.Writer(path).__enter__(), 0
            open_files[key].write(encoded(name, version, *names, inputs, outputs))
            counts[key] += 1
            if counts[key] >= self._most:
                open_files.pop(key).__exit__(None, None, None)
        for file in open_files.values():
            file.__exit__(None, None, None)


def encoded(
    name: str, version: int, taken: Sequence[str], given: Sequence[str], inputs: Sequence[Any], outputs: Sequence[Any]
) -> bytes:
    """The bytes of a PredictionLog.

    Args:
        name: string, the model. version: int.
        taken: names of the inputs. given: names of the outputs.
        inputs: arrays. outputs: arrays.
    """
    log = message("tensorflow.serving.PredictionLog")()
    predict = log.predict_log
    for spec in (predict.request.model_spec, predict.response.model_spec):
        spec.name, spec.version.value, spec.signature_name = name, version, "serving_default"
    for key, array in zip(taken, inputs):
        predict.request.inputs[key].CopyFrom(to_proto(array))
    for key, array in zip(given, outputs):
        predict.response.outputs[key].CopyFrom(to_proto(array))
    return log.SerializeToString()


def recorded(path: PathLike) -> Iterator[tuple[str, int, dict[str, Any], dict[str, Any]]]:
    """(model, version, inputs by name, outputs by name) of each request in a file.

    Raises:
        ValueError: for what is no such file.
    """
    for record in tfrecord.read(path):
        try:
            predict = message("tensorflow.serving.PredictionLog").FromString(record).predict_log
        except Exception as error:  # protobuf's DecodeError is a plain Exception
            raise ValueError(f"{os.fspath(path)} holds a record that is no PredictionLog: {error}") from error
        if predict.request.inputs:  # the kinds of records that are not read here have none
            spec = predict.request.model_spec
            inputs = {key: from_proto(key, value) for key, value in predict.request.inputs.items()}
            outputs = {key: from_proto(key, value) for key, value in predict.response.outputs.items()}
            yield spec.name, spec.version.value, inputs, outputs


def recorded_requests(folder: str, signature: Signature) -> list[list[Any]]:
    """The requests that are to warm up a version: `assets.extra/tf_serving_warmup_requests` in its folder."""
    path = os.path.join(folder, WARMUP)
    if not os.path.exists(path):
        return []
    try:
        found = itertools.islice(recorded(path), _MOST_WARMING)
        return [signature.ordered(inputs) for _, _, inputs, _ in found]
    except BadRequest as error:
        raise ValueError(f"{path} holds a request that does not fit the model: {error}") from error
