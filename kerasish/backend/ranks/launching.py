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

from kerasish.backend.ranks.regrouping import AGENT, ELASTIC

_TOLERANT_SINCE = 5  # the version of Open MPI
_PASSED_ON = "KERASISH_"  # how the variables begin that ranks on other machines are to see
_MIN_WORKERS, _TIMEOUT = "KERASISH_MIN_WORKERS", "KERASISH_RANK_TIMEOUT"


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser(
        "launch",
        help="run a program on several processes that train together",
        description="Run PROGRAM on several ranks. Open MPI is found on the path or beside Python, where its wheel "
        "(`pip install kerasish[mpi]`) puts it. A rank that dies does not end the others, where Open MPI can do that.",
    )
    add = parser.add_argument
    cores = os.cpu_count() or 1
    add("-n", "--ranks", type=_ranks, default=cores, metavar="N", help="how many (one a core); MIN:MAX with --elastic")
    add("--hosts", metavar="A:2,B:2", help="machines, each with how many ranks it takes (this one)")
    add("--hostfile", metavar="FILE", help="a file of such machines, one a line")
    add("--threads", type=int, metavar="N", help="threads of each rank (the cores, shared out)")
    add("--end-together", action="store_true", help="when a rank dies, end the others at once")
    add("--mpi", default="", metavar="FLAGS", help="more flags of mpiexec, in one string")
    parser.set_defaults(run=run)
    add = parser.add_argument_group(
        "ranks that come and go",
        "The program is started again in another number of ranks, and `BackupAndRestore` goes on where it was: behind "
        "an epoch where that is wanted or a rank was lost, and from the last backup where too few are left.",
    ).add_argument
    add("--elastic", action="store_true", help="do so; without a file or a script with MAX ranks whenever that can be")
    add("--ranks-file", metavar="FILE", help="a file with the number that is wanted, which may change")
    add("--host-discovery-script", metavar="FILE", help="a program that prints the machines there are, HOST:SLOTS each")
    add("--max-restarts", type=int, metavar="N", help="how often lost ranks are replaced (3)")
    parser.add_argument(
        "program", nargs=argparse.REMAINDER, metavar="PROGRAM", help="a file, or -m and a module; and its arguments"
    )


def _ranks(text):
    """A number, or a pair of the least and the most."""
    least, _, most = text.partition(":")
    if not (least.isdigit() and (most or least).isdigit() and 1 <= int(least) <= int(most or least)):
        raise argparse.ArgumentTypeError(
            f"a number of ranks such as 4, or MIN:MAX such as 2:4, is needed, got {text!r}"
        )
    return (int(least), int(most)) if most else int(least)


def run(options: Any) -> int:
    """Start the ranks, and return their exit code; an `mpiexec` that tolerates no faults takes this process's place."""
    program = options.program[1:] if options.program[:1] == ["--"] else options.program
    wrong = "say which program to run, as in `python -m kerasish launch -n 2 train.py`." if not program else ""
    if wrong := wrong or _misused(options):
        print(f"kerasish launch: {wrong}", file=sys.stderr)
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
    if options.elastic:
        return _run_elastic(options, mpiexec, version, program)
    settings = environment(os.environ, options, version is not None)
    sys.stdout.flush()
    if _tolerates_faults(options, version):
        from kerasish.backend.ranks import elastic  # start-up time: sockets, for those who need them

        def start(address: str) -> Any:
            told = {**settings, AGENT: address}
            return subprocess.Popen(_command(mpiexec, options, version, told, program), env=told)

        return elastic.run_once(start, bool(options.hosts or options.hostfile))
    command = _command(mpiexec, options, version, settings, program)
    if os.name == "posix":
        os.execve(mpiexec, command, settings)
    return subprocess.run(command, env=settings).returncode


def _tolerates_faults(options, version):
    return version is not None and version >= _TOLERANT_SINCE and not options.end_together


def _command(mpiexec, options, version, settings, program):
    return [mpiexec, *flags(options, version, settings), "-n", str(options.ranks), sys.executable, *program]


def _misused(options):
    """What is wrong with the options about ranks that come and go, or nothing."""
    if options.elastic:
        named = [options.ranks_file, options.host_discovery_script]
        if all(named):
            return "the number of ranks comes from `--ranks-file` or from `--host-discovery-script`, not from both."
        if options.host_discovery_script and (options.hosts or options.hostfile):
            return "`--host-discovery-script` names the machines: leave out `--hosts` and `--hostfile`."
        return ""
    for name in ("ranks_file", "host_discovery_script", "max_restarts"):
        if getattr(options, name) is not None:
            return f"`--{name.replace('_', '-')}` is for ranks that come and go: add `--elastic`."
    return (
        "a range of ranks is for those that come and go: add `--elastic`." if isinstance(options.ranks, tuple) else ""
    )


def _run_elastic(options, mpiexec, version, program):
    from kerasish.backend.ranks import elastic, wanted  # start-up time: sockets, for those who ask for it

    least, most = options.ranks if isinstance(options.ranks, tuple) else (options.ranks, options.ranks)
    if options.host_discovery_script:
        look = wanted.from_script(options.host_discovery_script)
    else:
        look = wanted.from_file(options.ranks_file) if options.ranks_file else lambda: wanted.Places(most)

    def start(places: Any, address: str) -> Any:
        told = argparse.Namespace(**{**vars(options), "ranks": places.count, "hosts": places.hosts or options.hosts})
        settings = environment(os.environ, told, version is not None)
        settings = {_MIN_WORKERS: str(least), _TIMEOUT: "600", **settings, AGENT: address, ELASTIC: "1"}
        command = _command(mpiexec, told, version, settings, program)
        return subprocess.Popen(command, env=settings, stdin=subprocess.DEVNULL, start_new_session=True)

    is_everywhere = bool(options.hosts or options.hostfile or options.host_discovery_script)
    restarts = 3 if options.max_restarts is None else options.max_restarts
    return elastic.Elastic(start, look, least, most, restarts, is_everywhere).run()


def found_mpiexec() -> str | None:
    """The path of `mpiexec`: beside this Python, where a wheel puts it, or on the path."""
    return shutil.which("mpiexec", path=os.path.dirname(sys.executable)) or shutil.which("mpiexec")


def _open_mpi_version(mpiexec):
    """The first number of Open MPI's version; None of another MPI."""
    said = subprocess.run([mpiexec, "--version"], capture_output=True, text=True).stdout
    _, found, number = said.partition("Open MPI")
    digits = number.strip(" )v").partition(".")[0]
    return int(digits) if found and digits.isdigit() else None


def flags(options: Any, version: int | None, settings: Mapping[str, str]) -> list[str]:
    """What `mpiexec` is told beside the number of ranks and the program.

    Args:
        options: as argparse gives them. version: int, of Open MPI; None: it is another one. settings: its environment.
    """
    said, own = [], shlex.split(options.mpi)
    if version is not None:
        is_here = options.hosts is None and options.hostfile is None
        if {"--bind-to", "--map-by"} & {*own}:
            said += ["--oversubscribe"] * is_here
        elif is_here and _is_a_rank_for_each_processor(options, settings):
            said += ["--bind-to", "hwthread:if-supported", "--map-by", "slot:PE=1:HWTCPUS:OVERSUBSCRIBE"]
        else:
            said += ["--bind-to", "none"]  # the team of threads and the thread of the messages find their cores
            said += ["--oversubscribe"] * is_here  # as many as were asked for, also on few cores
        if _tolerates_faults(options, version):
            said += ["--with-ft", "ulfm"]
        for name in sorted(name for name in settings if name.startswith(_PASSED_ON)):
            said += ["-x", name]
    if options.hosts is not None:
        said += ["--host", options.hosts]
    if options.hostfile is not None:
        said += ["--hostfile", options.hostfile]
    return [*said, *own]


def _is_a_rank_for_each_processor(options, settings):
    """Whether ranks of one thread take all processors of this machine: each has its own then.

    Where others compute there, too, two ranks would else share one for a while, and all wait for them. With fewer, a
    second program would meet them on its own; what the system keeps from this process Open MPI does not look at.
    """
    cores = os.cpu_count()
    is_whole = not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) == cores
    return options.ranks == cores and is_whole and settings.get("KERASISH_NUM_THREADS") == "1"


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
