"""How many ranks an elastic launch is to have now, and on which machines: a file or a script says so."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import NamedTuple

_PATIENCE = 30.0  # seconds for a script, of the minute that ranks wait for an answer


class Places(NamedTuple):
    """Where ranks are to run.

    Attributes:
        count: how many.
        hosts: machines as `mpiexec --host` takes them, "a:2,b:1"; None: those that `launch` was told.
    """

    count: int
    hosts: str | None = None


def from_file(path: str) -> Callable[[], Places | None]:
    """What a file says, in which stands a number; None where it is missing or being written."""

    def read():
        try:
            with open(path) as file:
                return Places(int(file.read()))
        except (OSError, ValueError):
            return None

    return read


def from_script(path: str) -> Callable[[], Places | None]:
    """What a program prints: the machines that are there now, "host" or "host:slots" a line; None where it fails.

    So Horovod's host discovery scripts do, and the /etc/mpi/discover_hosts.sh of Kubeflow's MPI operator.
    """

    def ask():
        try:
            said = subprocess.run(
                [path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=_PATIENCE, text=True
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return None if said.returncode else _listed(said.stdout)

    return ask


def _listed(text):
    slots: dict[str, int] = {}
    for line in text.split():
        host, _, count = line.partition(":")
        if not (count or "1").isdigit():
            return None
        slots[host] = slots.get(host, 0) + int(count or 1)
    hosts = ",".join(f"{host}:{count}" for host, count in sorted(slots.items()) if count)
    return Places(sum(slots.values()), hosts)
