"""Files of events, which TensorBoard reads."""

from __future__ import annotations

import contextvars
import itertools
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kerasish.backend.interrupts import whole
from kerasish.suggestions import install
from kerasish.summary.pixels import png
from kerasish.typing import PathLike

_SECONDS = 10.0  # after which what waits in memory goes to the file with the next event
_numbers = itertools.count()  # so that two files of one second don't have one name
_default = contextvars.ContextVar("default writer and step", default=(None, None))


class SummaryWriter:
    """Writes what TensorBoard shows into a file of events in a folder.

    The file is made when something is written for the first time. The package `tensorboardX` writes it. Threads may
    write at once.

    Args:
        logdir: path of the folder, a "run" of TensorBoard. Missing folders are made.
        purge_step: int, from which on TensorBoard forgets what an earlier file of the folder says, for a run that is
            gone on with; or None.

    Raises:
        ImportError: where `tensorboardX` is not installed.

    Example:
        >>> import kerasish as keras, tempfile
        >>> writer = keras.summary.create_file_writer(tempfile.mkdtemp())
        >>> with writer.as_default():
        ...     for step in range(3):
        ...         written = keras.summary.scalar("twice", 2 * step, step=step)
        >>> writer.close()
    """

    def __init__(self, logdir: PathLike, purge_step: int | None = None) -> None:
        self.logdir = os.fspath(logdir)
        self.purge_step = purge_step
        self._x = tensorboardx()
        self._file, self._flushed = None, 0.0

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Write numbers, together.

        Args:
            values: dict from tag to number.
            step: int.
        """
        value = self._x.Summary.Value
        self.add([value(tag=tag, simple_value=number) for tag, number in values.items()], step)

    def histogram(self, tag: str, values: Any, step: int, buckets: int = 30) -> None:
        """Write how numbers are spread.

        Args:
            tag: string.
            values: array of any shape; what is no finite number does not count.
            step: int.
            buckets: int, the number of bins.
        """
        finite = self._x.finite(values)
        if finite.size:
            self.add(self._x.histogram(tag, finite, bins=buckets).value, step)

    def images(self, tag: str, pictures: Sequence[Any], step: int) -> None:
        """Write pictures.

        Args:
            tag: string.
            pictures: arrays of (height, width, channels) with 1, 3 or 4 channels: uint8, or floats from 0 to 1.
            step: int.
        """
        height, width = pictures[0].shape[:2]
        packed = [str(width).encode(), str(height).encode(), *(png(picture) for picture in pictures)]
        plugin = self._x.SummaryMetadata.PluginData(plugin_name="images")
        tensor = self._x.TensorProto(
            dtype=self._x.DT_STRING,
            string_val=packed,
            tensor_shape=self._x.TensorShapeProto(dim=[self._x.TensorShapeProto.Dim(size=len(packed))]),
        )
        metadata = self._x.SummaryMetadata(plugin_data=plugin)
        self.add([self._x.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)], step)

    def text(self, tag: str, text: str, step: int) -> None:
        """Write a text.

        Args:
            tag: string.
            text: string, shown as Markdown.
            step: int.
        """
        self.add(self._x.text(tag, text).value, step)

    def graph(self, definition: Any) -> None:
        """Write the graph of the run.

        Args:
            definition: `GraphDef` of tensorboardX.
        """
        self._write(graph_def=definition.SerializeToString())

    def add(self, values: Sequence[Any], step: int) -> None:
        """Write values of a summary.

        Args:
            values: `Summary.Value` of tensorboardX, each with its tag.
            step: int.
        """
        self._write(step=step, summary=self._x.Summary(value=values))

    def flush(self) -> None:
        """Return when all is in the file."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write what is left and close the file; what is written after that begins another one."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    @contextmanager
    def as_default(self, step: int | None = None) -> Iterator[SummaryWriter]:
        """While the block runs, the functions of `kerasish.summary` write here.

        Args:
            step: int for those that are given none.

        Yields:
            The writer.
        """
        token = _default.set((self, step))
        try:
            yield self
        finally:
            _default.reset(token)

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    @whole  # an interrupt in the middle of a record would hide all that comes behind it
    def _write(self, **content):
        if self._file is None:
            self._open()
        now = time.time()
        self._file.write_event(self._x.Event(wall_time=now, **content))
        if now - self._flushed > _SECONDS:
            self._flushed = now
            self._file.flush()

    def _open(self):
        os.makedirs(self.logdir, exist_ok=True)
        suffix = f".{os.getpid()}.{next(_numbers)}"
        self._file, self._flushed = self._x.EventsWriter(os.path.join(self.logdir, "events"), suffix), time.time()
        if self.purge_step is not None:
            self._write(step=self.purge_step, session_log=self._x.SessionLog(status=self._x.SessionLog.START))


def create_file_writer(logdir: PathLike) -> SummaryWriter:
    """A writer of events into a folder.

    Args:
        logdir: path of the folder, a "run" of TensorBoard.

    Returns:
        `SummaryWriter`.

    Raises:
        ImportError: where `tensorboardX` is not installed.

    Example:
        >>> import kerasish as keras, tempfile
        >>> with keras.summary.create_file_writer(tempfile.mkdtemp()) as writer:
        ...     writer.scalars({"loss": 0.5}, step=1)
    """
    return SummaryWriter(logdir)


def current_writer() -> tuple[SummaryWriter | None, int | None]:
    """The default writer and its step, None where there is none."""
    return _default.get()


def tensorboardx() -> Any:
    """The parts of tensorboardX that are used here, under one roof.

    Raises:
        ImportError: where it is not installed.
    """
    try:
        from kerasish.summary import events  # an optional package
    except ImportError as error:
        raise ImportError(f"`tensorboardX` writes what TensorBoard shows: {install('tensorboard')}.") from error
    return events
