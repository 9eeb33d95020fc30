"""The processes that compute together, and the devices that they have: one each."""

from __future__ import annotations

import os
from typing import Any

from kerasish.backend import ranks
from kerasish.backend.device import device

TIMEOUT = "KERASISH_RANK_TIMEOUT"  # the environment variable that says how many seconds a process waits for others
_KINDS = ("cpu", "gpu", "tpu")


def initialize(
    job_addresses: str | None = None, num_processes: int | None = None, process_id: int | None = None
) -> None:
    """Join the processes that compute together; to be called before anything is computed.

    What started the processes knows how many they are and where: `mpiexec -n 4 python train.py`, SLURM's `srun`, or an
    MPIJob of Kubernetes. A program that was started alone goes on alone.

    Args:
        job_addresses: string, addresses of the processes with commas between; accepted, for MPI knows them. Or the
            environment variable KERAS_DISTRIBUTION_JOB_ADDRESSES.
        num_processes: int, how many processes there are to be; None takes as many as there are. Or
            KERAS_DISTRIBUTION_NUM_PROCESSES.
        process_id: int, the number of this process, from 0; None asks MPI. Or KERAS_DISTRIBUTION_PROCESS_ID.

    Raises:
        ValueError: where MPI says another number of processes, or another number of this one.
        ImportError: where several processes were started together, and mpi4py is not installed.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.initialize()
        >>> keras.distribution.get_device_count()
        1
    """
    wanted = _number("num_processes", num_processes)
    number = _number("process_id", process_id)
    count, own = process_count(), own_number()
    if wanted is not None and wanted != count:
        raise ValueError(
            f"`num_processes` is {wanted}, but {count} process{'es' if count > 1 else ''} compute together. Start as "
            f"many: `mpiexec -n {wanted} python ...`."
        )
    if number is not None and number != own:
        raise ValueError(f"`process_id` is {number}, but this is process {own} of {count}. Leave it out: MPI knows it.")


def process_count() -> int:
    """How many processes compute together; those that were started together are joined."""
    world = _joined()
    return 1 if world is None else world.size


def own_number() -> int:
    """The number of this process, from 0."""
    world = _joined()
    return 0 if world is None else world.rank


def _joined():
    return ranks.world() or ranks.start(_number("timeout", os.environ.get(TIMEOUT)))


def list_devices(device_type: str | None = None) -> list[str]:
    """The devices of all processes.

    Args:
        device_type: string, "cpu" or "gpu"; None takes the kind on which this process computes.

    Returns:
        List of strings such as "cpu:0", one a process.

    Raises:
        RuntimeError: for a kind that no process computes on.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.list_devices()
        ['cpu:0']
    """
    kind = device().kind
    wanted = kind if device_type is None else str(device_type).lower()
    if wanted not in _KINDS:
        raise RuntimeError(f"`device_type` must be one of {', '.join(map(repr, _KINDS))}, got {device_type!r}.")
    if wanted != kind:
        raise RuntimeError(
            f"No process computes on a {wanted}: this one computes on the {kind}. "
            "`keras.backend.set_backend` changes it."
        )
    return [f"{kind}:{number}" for number in range(process_count())]


def get_device_count(device_type: str | None = None) -> int:
    """How many devices `list_devices` gives.

    Args:
        device_type: as for `list_devices`.

    Returns:
        int.

    Raises:
        RuntimeError: for a kind that no process computes on.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.get_device_count()
        1
    """
    return len(list_devices(device_type))


def _number(name: str, given: Any) -> int | None:
    """An argument of `initialize`, or what the environment says in its place."""
    told = os.environ.get(f"KERAS_DISTRIBUTION_{name.upper()}") if given is None else given
    if told is None:
        return None
    try:
        return int(told)
    except (TypeError, ValueError):
        raise ValueError(f"`{name}` must be an int, got {told!r}.") from None
