"""Asynchronous training as TensorFlow 1 had it: parameter servers hold the weights, workers bring gradients."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish import backend, ops, tree
from kerasish.backend import Variable, ranks
from kerasish.backend.ranks.boards import Board
from kerasish.callbacks.callback import Callback
from kerasish.optimizers.optimizer import Optimizer
from kerasish.typing import AnyTensor, TensorLike

_DONE = np.iinfo("int64").max
_NAP = 2e-4


class ParameterServers:
    """Some ranks keep the weights, the others train on batches of their own and never wait for one another.

    A worker takes the weights as they are, computes the gradients of its batch, and leaves them with the servers, which
    apply them as they come: by weights that others have changed meanwhile. `staleness` bounds how far workers run
    apart. For models whose batches take unequal time, or on machines that do; the losses are those of no single process
    and differ from run to run. `DataParallel` is the usual choice.

    Args:
        servers: int, how many ranks keep weights: the first ones. Variables are shared out among them.
        staleness: int, how many steps a worker may be ahead of the slowest.

    Attributes:
        role: string, "ps" or "worker".
        index: int, this rank's number among those of its role. workers: int, how many workers there are.
        most_stale: int, on a server behind `fit`: the most updates that came between taking weights and a gradient.

    Raises:
        ValueError: no rank is left to work, or `staleness` is negative.

    Example:
        >>> from kerasish.distribution.parameter_servers import ParameterServers
        >>> servers = ParameterServers(servers=1, staleness=2)  # under `mpiexec -n 4`  # doctest: +SKIP
        >>> servers.fit(model, x, y, epochs=3)  # doctest: +SKIP

    Reference:
        Abadi et al. 2016, "TensorFlow: A system for large-scale machine learning", section 4.4; Ho et al. 2013, "More
        effective distributed ML via a stale synchronous parallel parameter server".
    """

    def __init__(self, servers: int = 1, staleness: int = 4) -> None:
        world = ranks.start()
        size = 1 if world is None else world.size
        if not 1 <= servers < size:
            raise ValueError(
                f"`servers` must leave at least one of {size} ranks to work, got {servers}. Start more by "
                "`python -m kerasish launch -n ...`."
            )
        if staleness < 0:
            raise ValueError(f"`staleness` must be a number of steps, 0 or more, got {staleness}.")
        self.world: Any = world
        self.servers, self.staleness, self.workers = servers, staleness, size - servers
        self.role = "ps" if self.world.rank < servers else "worker"
        self.index = self.world.rank if self.role == "ps" else self.world.rank - servers
        self.most_stale = 0

    def fit(self, model: Any, x: TensorLike, y: TensorLike | None = None, **kwargs: Any) -> Any:
        """Train a compiled model; every rank calls it with the same arguments.

        Args:
            model: Model with its weights made. x, y: arrays, of which each worker takes its share of the rows; anything
                else `fit` takes is read by each worker as it is.
            **kwargs: as for `model.fit`; `batch_size` is that of one worker. Progress is shown by the first worker.

        Returns:
            History of this worker's training; None on servers. All ranks end with the weights of the servers.
        """
        with ranks.slowly(math.inf):  # nobody waits for another at each step: who is late does not hang
            return self._fit(model, x, y, kwargs)

    def _fit(self, model, x, y, kwargs):
        room = _Room(self, model)
        try:
            history = None
            if self.role == "ps":
                self.most_stale = room.serve(model.optimizer)
            else:
                history = self._work(room, model, x, y, kwargs)
            self.world.barrier()
            room.take()
            self.world.barrier()
        finally:
            room.close()
        return history

    def _work(self, room, model, x, y, kwargs):
        if self.index:
            kwargs["verbose"] = 0
        optimizer, model.optimizer = model.optimizer, _Outbox(model.trainable_variables)
        model.make_train_function(force=True)
        try:
            callbacks = [_Post(room, model.optimizer), *(kwargs.pop("callbacks", None) or ())]
            return model.fit(self._share(x), self._share(y), callbacks=callbacks, **kwargs)
        finally:
            room.finish()
            model.optimizer = optimizer
            model.make_train_function(force=True)

    def _share(self, data):
        def rows(array):
            return array[self.index :: self.workers] if isinstance(array, np.ndarray) else array

        return tree.map_structure(rows, data)


class _Outbox(Optimizer):
    """An optimizer that keeps gradients for the servers and changes no weight."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        super().__init__(0.0)
        self.build(variables)

    def build(self, variables: Sequence[Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.gradients = self.add_optimizer_variables(variables, "gradient")

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: AnyTensor) -> None:
        self.assign(self.gradients[self._get_variable_index(variable)], ops.cast(gradient, variable.dtype))


class _Post(Callback):
    """Takes the weights before each batch and leaves the gradients behind it."""

    def __init__(self, room: _Room, outbox: _Outbox) -> None:
        super().__init__()
        self._room, self._outbox = room, outbox

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._room.wait_for_the_slowest()
        self._room.take()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._room.leave([ops.convert_to_numpy(gradient) for gradient in self._outbox.gradients])


class _Room:
    """What the ranks show one another.

    `weights`: on each server its variables, and behind them a place of the same size for each worker's gradients.
    `marks`: on each server its version, and for each worker 0 or 1 + the version of the weights that a gradient in its
    place was computed by; on server 0 also each worker's steps.
    """

    def __init__(self, servers, model):
        self._of, self._world = servers, servers.world
        self._variables = model.trainable_variables
        for variable, value in zip(model.variables, self._world.broadcast([v.numpy() for v in model.variables])):
            variable.assign(value)
        self._shares = _shared_out(self._variables, servers.servers)
        self._sizes = [sum(int(np.prod(self._variables[i].shape)) for i in share) for share in self._shares]
        own = self._sizes[servers.index] if servers.role == "ps" else 0
        self._weights = Board(self._world, own * (1 + servers.workers), "float32")
        self._marks = Board(self._world, 1 + 2 * servers.workers if servers.role == "ps" else 0, "int64")
        self._versions, self._steps = [0] * servers.servers, 0
        if own:
            self._weights.own[:own] = self._flat(servers.index, [v.numpy() for v in self._variables])
        self._world.barrier()

    def _flat(self, server, values):
        return np.concatenate([np.ravel(values[i]) for i in self._shares[server]]).astype("float32")

    def _parts(self, server, flat):
        """(variable, its values) of one server's share."""
        at = 0
        for i in self._shares[server]:
            shape = tuple(self._variables[i].shape)
            count = int(np.prod(shape))
            yield self._variables[i], flat[at : at + count].reshape(shape)
            at += count

    # -- workers ------------------------------------------------------------------------------------------------

    def take(self):
        """Put the servers' weights into the model."""
        for server, size in enumerate(self._sizes):
            self._versions[server] = int(self._marks.read(server, 0, 1)[0])
            for variable, value in self._parts(server, self._weights.read(server, 0, size)):
                variable.assign(value)

    def wait_for_the_slowest(self):
        """Wait while this worker is more than `staleness` steps ahead; with none, for its own last gradient, too."""
        if not self._of.staleness:
            self._wait_for_own()
        workers = self._of.workers
        while self._steps - min(self._marks.read(0, 1 + workers, workers)) > self._of.staleness:
            time.sleep(_NAP)

    def leave(self, gradients):
        """Bring gradients to the servers, when they have taken the ones before."""
        place, worker = 1 + self._of.index, self._of.index
        self._wait_for_own()
        for server, size in enumerate(self._sizes):
            self._weights.write(server, size * (1 + worker), self._flat(server, gradients))
            self._marks.write(server, place, np.array([1 + self._versions[server]]))
        self._steps += 1
        self._marks.write(0, 1 + self._of.workers + worker, np.array([self._steps]))

    def _wait_for_own(self):
        for server in range(self._of.servers):
            while self._marks.read(server, 1 + self._of.index, 1)[0]:
                time.sleep(_NAP)

    def finish(self):
        """Say that this worker is done."""
        for server in range(self._of.servers):
            self._marks.write(server, 1 + self._of.workers + self._of.index, np.array([_DONE]))

    # -- servers ------------------------------------------------------------------------------------------------

    def serve(self, optimizer):
        """Apply gradients as they come, until all workers are done. Returns the most that one was stale."""
        own, workers, most = self._of.index, self._of.workers, 0
        size, variables = self._sizes[own], [self._variables[i] for i in self._shares[own]]
        optimizer.build(self._variables)
        apply = backend.function(lambda gradients: optimizer.apply(gradients, variables))
        while True:
            marks = self._marks.refresh()
            waiting = [worker for worker in range(workers) if marks[1 + worker]]
            for worker in waiting:
                begin = size * (1 + worker)
                apply([value.copy() for _, value in self._parts(own, self._weights.refresh()[begin : begin + size])])
                self._weights.own[:size] = self._flat_own(own)
                most = max(most, int(marks[0] + 1 - marks[1 + worker]))
                marks[0] += 1
                marks[1 + worker] = 0
                self._marks.refresh()
            if not waiting:
                if all(marks[1 + workers :] == _DONE) and not any(marks[1 : 1 + workers]):
                    return most
                time.sleep(_NAP)

    def _flat_own(self, own):
        return np.concatenate([np.ravel(self._variables[i].numpy()) for i in self._shares[own]])

    def close(self):
        self._weights.close()
        self._marks.close()


def _shared_out(variables, servers):
    """For each server the numbers of its variables: the largest first, each to whom has the least."""
    shares: list[list[int]] = [[] for _ in range(servers)]
    filled = [0] * servers
    for i in sorted(range(len(variables)), key=lambda i: -int(np.prod(variables[i].shape))):
        least = filled.index(min(filled))
        shares[least].append(i)
        filled[least] += int(np.prod(variables[i].shape))
    return [sorted(share) for share in shares]
