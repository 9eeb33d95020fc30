"""The command `python -m kerasish launch -n 2 train.py`: a program on several ranks, by `mpiexec`."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_TOLERANT_SINCE = 5  # the version of Open MPI


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser(
        "launch",
        help="run a program on several processes that train together",
        description="Run PROGRAM on several ranks. Open MPI is found on the path or beside Python, where its wheel "
        "(`pip install kerasish[mpi]`) puts it. A rank that dies does not end the others, where Open MPI can do that.",
    )
    add = parser.add_argument
    add("-n", "--ranks", type=int, default=os.cpu_count() or 1, metavar="N", help="how many (one a core)")
    add("--hosts", metavar="A:2,B:2", help="machines, each with how many ranks it takes (this one)")
    add("--hostfile", metavar="FILE", help="a file of such machines, one a line")
    add("--threads", type=int, metavar="N", help="threads of each rank (the cores, shared out)")
    add("--end-together", action="store_true", help="when a rank dies, end the others at once")
    add("--mpi", default="", metavar="FLAGS", help="more flags of mpiexec, in one string")
    add("program", nargs=argparse.REMAINDER, metavar="PROGRAM", help="a file, or -m and a module; and its arguments")
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Become `mpiexec`, so that signals reach it; returns an exit code where that can't be."""
    program = options.program[1:] if options.program[:1] == ["--"] else options.program
    if not program:
        print("kerasish launch: say which program to run, as in `python -m kerasish launch -n 2 train.py`.")
        return 2
    mpiexec = found_mpiexec()
    if mpiexec is None:
        print(
            "kerasish launch: found no `mpiexec`. `pip install kerasish[mpi]` (in a clone `pip install .[mpi]`) brings "
            "Open MPI on Linux; elsewhere "
            "install Open MPI or MPICH by the system's packages, and mpi4py beside it.",
            file=sys.stderr,
        )
        return 1
    version = _open_mpi_version(mpiexec)
    command = [mpiexec, *flags(options, version), "-n", str(options.ranks), sys.executable, *program]
    settings = environment(os.environ, options, version is not None)
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(mpiexec, command, settings)
    return subprocess.run(command, env=settings).returncode


def found_mpiexec() -> str | None:
    """The path of `mpiexec`: beside this Python, where a wheel puts it, or on the path."""
    return shutil.which("mpiexec", path=os.path.dirname(sys.executable)) or shutil.which("mpiexec")


def _open_mpi_version(mpiexec):
    """The first number of Open MPI's version; None of another MPI."""
    said = subprocess.run([mpiexec, "--version"], capture_output=True, text=True).stdout
    _, found, number = said.partition("Open MPI")
    digits = number.strip(" )v").partition(".")[0]
    return int(digits) if found and digits.isdigit() else None


def flags(options: Any, version: int | None) -> list[str]:
    """What `mpiexec` is told beside the number of ranks and the program.

    Args:
        options: as argparse gives them. version: int, of Open MPI; None: it is another one.
    """
    said = []
    if version is not None:
        said += ["--bind-to", "none"]  # the team of threads and the thread of the messages find their cores
        if options.hosts is None and options.hostfile is None:
            said.append("--oversubscribe")  # as many as were asked for, also on few cores
        if version >= _TOLERANT_SINCE and not options.end_together:
            said += ["--with-ft", "ulfm"]
        said += ["-x", "KERASISH_NUM_THREADS"]
    if options.hosts is not None:
        said += ["--host", options.hosts]
    if options.hostfile is not None:
        said += ["--hostfile", options.hostfile]
    return [*said, *shlex.split(options.mpi)]


def environment(around: Mapping[str, str], options: Any, is_open_mpi: bool) -> dict[str, str]:
    """The environment of `mpiexec`, which its ranks inherit.

    Args:
        around: that of this process. options: as argparse gives them. is_open_mpi: whether it is Open MPI.
    """
    settings = dict(around)
    here = options.ranks if options.hosts is None and options.hostfile is None else 1
    share = max(1, (os.cpu_count() or 1) // max(1, here))
    if options.threads is not None or not {"KERASISH_NUM_THREADS", "OMP_NUM_THREADS"} & settings.keys():
        settings["KERASISH_NUM_THREADS"] = str(options.threads or share)
    if is_open_mpi and hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container everybody is root
        settings.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return settings
