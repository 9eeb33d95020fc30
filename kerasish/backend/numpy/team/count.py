"""How many workers the team has: as told, or one for each core this process may use."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from kerasish.backend.numpy import blueprint

VARIABLES = ("KERASISH_NUM_THREADS", "OMP_NUM_THREADS")
_size = None


def size() -> Any:
    """The number of workers that share a step, the calling thread among them.

    It is what `set_size` was given; else KERASISH_NUM_THREADS; else OMP_NUM_THREADS; else the number of cores this
    process may use.

    >>> from kerasish.backend.numpy import team
    >>> team.size() >= 1
    True
    """
    global _size
    drawn = blueprint.current()
    if drawn is not None:
        return drawn.workers
    if _size is None:
        _size = _from_environment() or available()
    return _size


def set_size(number: int) -> Any:
    """Set the number of workers of what is compiled from now on; returns the one before.

    A Program that is compiled already keeps its number, and so its bits.

    Args:
        number: int from 1, or None: back to what the environment says.
    Raises: ValueError for anything else. An environment variable that is no number is no hindrance: the number before
    is then that of the cores.
    """
    global _size
    try:
        before = size()
    except ValueError:
        before = available()
    _size = None if number is None else _checked(number, "The number of threads")
    return before


def _checked(number, what):
    valid = isinstance(number, int) or (hasattr(number, "__index__") and not isinstance(number, bool))
    if not valid or isinstance(number, bool) or not 1 <= int(number) <= 1024:
        raise ValueError(f"{what} must be a whole number from 1 to 1024, got {number!r}.")
    return int(number)


def _from_environment():
    """The number that the environment asks for, or None."""
    for variable in VARIABLES:
        text = os.environ.get(variable, "").strip()
        if not text:
            continue
        first = text.split(",")[0].strip()  # OpenMP allows a list, one number a level of nesting
        try:
            return _checked(int(first), f"The environment variable {variable}")
        except ValueError:
            raise ValueError(
                f"The environment variable {variable} must be a whole number from 1 to 1024, got {text!r}. Correct or "
                "unset it."
            ) from None
    return None


@lru_cache
def available() -> Any:
    """The number of cores this process may use.

    Not more than the processor has, than the affinity mask allows, or than the container's share.
    """
    if hasattr(os, "sched_getaffinity"):
        allowed = os.sched_getaffinity(0)
        cores = _physical(allowed)
    else:
        cores = os.cpu_count() or 1
    quota = _quota()
    return max(1, min(cores, quota) if quota else cores)


def processors() -> Any:
    """The number of processors (hyper-threads count) that this process may run on now."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical(processors):
    """The number of cores behind some processors.

    Two that are hyper-threads of one core have one core's arithmetic between them.
    """
    cores = set()
    for number in processors:
        try:
            cores.add(Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list").read_text().strip())
        except OSError:
            cores.add(str(number))
    return len(cores)


def _quota():
    """The number of processors that a container grants as time (rounded up), or None."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text().strip()
            period = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not quota.isdigit() or not period.isdigit() or int(period) == 0:
        return None
    return max(1, -(-int(quota) // int(period)))
