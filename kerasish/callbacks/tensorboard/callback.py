"""What TensorBoard is told of a training, and when."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend.texts import is_text
from kerasish.callbacks.batch_count import BatchCount, check_frequency
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.learning_rate import optimizers_of, read_learning_rate
from kerasish.callbacks.plain_logs import plain
from kerasish.callbacks.tensorboard import graph, hparams
from kerasish.callbacks.tensorboard.inside import Inside
from kerasish.callbacks.tensorboard.profile import write_trace
from kerasish.callbacks.tensorboard.projector import Projector
from kerasish.callbacks.tensorboard.weights import write_weights
from kerasish.summary.writer import SummaryWriter, tensorboardx
from kerasish.typing import Logs, PathLike

if TYPE_CHECKING:
    from kerasish.models.model import Model


class TensorBoard(Callback):
    """Writes what TensorBoard shows: `tensorboard --logdir logs`.

    Loss, metrics and learning rate by epoch ("epoch_loss", in the runs "train" and "validation") and by batches
    ("batch_loss"), evaluations by optimizer steps ("evaluation_loss_vs_iterations"), the layers as a graph, the
    hyperparameters; where asked for, histograms and pictures of weights, histograms of activations and gradients,
    embeddings, the time of a step's parts. The package `tensorboardX` writes the files.

    Args:
        log_dir: path of the folder for this training. Missing folders are made.
        histogram_freq: int, the number of epochs between histograms; 0: none.
        write_graph: whether to write the graph of the layers.
        write_images: whether to write the weights as pictures as well, with their histograms.
        write_steps_per_second: whether to write the training steps a second, by epoch and by batches.
        update_freq: "epoch"; or "batch", or an int, the number of batches after which loss and metrics over the epoch
            so far are written as well.
        profile_batch: int, the number of a batch (from 1, counted on over epochs), or a pair of the first and the last:
            their time, and that of each part of the step, is written to "train/profile" as a trace for
            ui.perfetto.dev or chrome://tracing, and as a table to the page of texts. 0: none.
        embeddings_freq: int, the number of epochs between tables of embeddings for the projector; 0: none.
        embeddings_metadata: dict from the name of an embedding layer to the path of a file with a line for each row of
            its table; or a path for all. Relative paths start at `log_dir`.
        write_activations: whether to write histograms of the outputs of the layers, with those of the weights, for the
            last batch of the epoch.
        write_gradients: whether to write histograms of the gradients, likewise.
        hparams: dict from names to numbers, texts and bools for the page of hyperparameters, beside what the optimizer
            says; False: no page.

    Raises:
        ImportError: where `tensorboardX` is not installed.
        ValueError: for another `update_freq` or `profile_batch`, and for metadata of layers that are none.

    Example:
        >>> import kerasish as keras, numpy as np, os, tempfile
        >>> x = y = np.ones((4, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> board = keras.callbacks.TensorBoard(tempfile.mkdtemp(), update_freq="batch")
        >>> history = model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[board])
        >>> sorted(name for name in os.listdir(board.log_dir) if "." not in name)
        ['train', 'validation']
    """

    first_rank_alone = True

    def __init__(
        self,
        log_dir: PathLike = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: int | str = "epoch",
        profile_batch: int | tuple[int, int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Mapping[str, PathLike] | PathLike | None = None,
        write_activations: bool = False,
        write_gradients: bool = False,
        hparams: Mapping[str, Any] | bool | None = None,
    ) -> None:
        super().__init__()
        tensorboardx()  # refused here where it is missing, and not after an hour
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self.write_activations = write_activations
        self.write_gradients = write_gradients
        self.hparams = hparams
        self.profile_batch = _first_and_last(profile_batch)
        self._count = BatchCount(check_frequency("update_freq", self.update_freq, ("epoch",), "TensorBoard"))
        self._writers, self._purge_step = {}, None
        self._graph_is_due = self._trains = False
        self._projector = self._inside = None
        self._profiled = []

    def set_model(self, model: Model) -> None:
        if model is not self._model:
            self._projector = self._inside = None
            self._graph_is_due = self.write_graph
        super().set_model(model)

    # -- the run ------------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs = None) -> None:
        self._trains = True
        self._count = BatchCount(self._count.every)
        self._purge_step, self._profiled = None, []
        if self.embeddings_freq:
            self._projector = Projector(self.log_dir, self.model, self.embeddings_metadata)

    def on_train_end(self, logs: Logs = None) -> None:
        self._end(is_done=True)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if not self._writers:
            self._begin()
        self._epoch_began = time.perf_counter(), self._count.total

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._batch_began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        before = self._count.total
        if self._count.is_due(batch):
            values = {f"batch_{name}": value for name, value in plain(logs).items()}
            if self.write_steps_per_second:
                seconds = time.perf_counter() - self._batch_began
                values["batch_steps_per_second"] = (self._count.total - before) / seconds
            self._write("train", values, self._count.total)
        if self._graph_is_due:
            self._write_graph_of_call()
        if self.profile_batch[0] <= self._count.total and before < self.profile_batch[1]:
            self._profile(before + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = plain(logs)
        held_out = {name: value for name, value in logs.items() if name.startswith("val_")}
        values = {f"epoch_{name}": value for name, value in logs.items() if name not in held_out}
        values.update({f"epoch_{name}": value for name, value in self._learning_rates().items()})
        if self.write_steps_per_second:
            began, batches = self._epoch_began
            values["epoch_steps_per_second"] = (self._count.total - batches) / (time.perf_counter() - began)
        self._write("train", values, epoch)
        self._write("validation", {f"epoch_{name[4:]}": value for name, value in held_out.items()}, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_histograms(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._projector.write(epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs: Logs = None) -> None:
        if self.model.optimizer is not None and hasattr(self.model.optimizer, "iterations"):
            step = int(self.model.optimizer.iterations)
            values = {f"evaluation_{name}_vs_iterations": value for name, value in plain(logs).items()}
            self._write("validation", values, step)
        if not self._trains:
            self._close()

    # -- a training that goes on --------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        return {"count": self._count.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on: what an earlier file says of batches that come again is forgotten by TensorBoard.

        Args:
            state: what `state_dict` gave.
        """
        self._count.state = state["count"]
        self._purge_step = self._count.total + 1

    # -- pieces -------------------------------------------------------------------------------------------------

    def _writer(self, run):
        if run not in self._writers:
            purge_step = self._purge_step if run == "train" else None
            self._writers[run] = SummaryWriter(os.path.join(self.log_dir, run), purge_step)
        return self._writers[run]

    def _write(self, run, values, step):
        numbers = {name: value for name, value in values.items() if isinstance(value, float)}
        if numbers:
            self._writer(run).scalars(numbers, step)

    def _begin(self):
        if self.hparams is not False:
            values = {**hparams.hyperparameters(self.model, self.params or {}), **(self.hparams or {})}
            hparams.write_begin(self._writer(""), values)
        if self._graph_is_due and graph.has_layer_graph(self.model):
            self._graph_is_due = False
            self._writer("train").graph(graph.graph_of_layers(self.model))

    def _write_graph_of_call(self):
        self._graph_is_due = False
        batch = self._last_numbers()
        if batch is not None:
            self._writer("train").graph(graph.graph_of_call(self.model, batch[0]))

    def _write_histograms(self, epoch):
        writer, batch = self._writer("train"), self._last_numbers()
        write_weights(writer, self.model, epoch, self.write_images)
        if batch is None or not (self.write_activations or self.write_gradients):
            return
        self._inside = self._inside or Inside(self.model)
        if self.write_activations:
            for path, values in self._inside.activations(batch).items():
                writer.histogram(f"{path}/activation", values, epoch)
        if self.write_gradients:
            for path, values in self._inside.gradients(batch).items():
                writer.histogram(f"{path}/gradient", values, epoch)

    def _profile(self, number):
        self._profiled.append((number, self._batch_began, time.perf_counter()))
        if self._count.total < self.profile_batch[1]:
            return
        first, batch = self._profiled[0][0], self._last_batch()
        if batch is None or self.model.run_eagerly:
            return
        found = self.model.explain(*batch[:2], kind="train", sample_weight=batch[2])
        write_trace(os.path.join(self.log_dir, "train", "profile", f"batch_{first}.trace.json"), found, self._profiled)
        self._writer("train").text("profile", "\n".join(f"    {line}" for line in str(found).splitlines()), first)

    def _last_batch(self):
        """(x, y, sample_weight) that was trained on last."""
        course = getattr(self.model, "_course", None)
        return None if course is None else course.last_batch

    def _last_numbers(self):
        """`_last_batch`; None where there is text in it, which no compiled function takes."""
        batch = self._last_batch()
        return None if any(map(is_text, tree.flatten(batch))) else batch

    def _learning_rates(self):
        if self.model.optimizer is None:
            return {}
        return {name: read_learning_rate(optimizer) for name, optimizer in optimizers_of(self.model).items()}

    def _abandon(self):
        self._end(is_done=False)

    def _end(self, is_done):
        self._trains = False
        if self.hparams is not False and "" in self._writers:
            hparams.write_end(self._writer(""), is_done=is_done)
        self._close()

    def _close(self):
        writers, self._writers = self._writers, {}
        for writer in writers.values():
            writer.close()


def _first_and_last(profile_batch):
    """The range of batches to profile; that of none is empty."""
    pair = profile_batch if isinstance(profile_batch, (tuple, list)) else (profile_batch, profile_batch)
    if len(pair) != 2 or any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in pair) or pair[0] > pair[1]:
        raise ValueError(
            "`profile_batch` of `TensorBoard` must be an int from 0, or a pair of the first and the last batch, got "
            f"{profile_batch!r}."
        )
    return (max(pair[0], 1), pair[1])
