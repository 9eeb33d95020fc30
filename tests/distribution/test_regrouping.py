"""`launch --elastic`: processes that come and go behind an epoch, and are replaced where they were lost."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.distribution.test_killed_fit import compare, uninterrupted  # noqa: F401
from tests.ranks import ROOT, is_gone, mpiexec

pytestmark = pytest.mark.slow
PROGRAM = str(ROOT / "tests" / "distribution" / "regrouped.py")


def launch(*words):
    mpiexec()
    return subprocess.Popen(
        [sys.executable, "-m", "kerasish", "launch", "--elastic", "--threads", "1", *map(str, words)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def said(started, code, timeout=120):
    """What was printed until all of it had ended."""
    try:
        text, _ = started.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        started.terminate()
        text, _ = started.communicate(timeout=20)
        pytest.fail(f"took more than {timeout} s:\n{text}")
    assert started.returncode == code, text
    return text


def test_two_then_three_then_two(tmp_path, uninterrupted):  # noqa: F811
    (tmp_path / "ranks").write_text("2")
    text = said(launch("-n", "2:3", "--ranks-file", tmp_path / "ranks", PROGRAM, tmp_path, "asks"), 0)
    assert (tmp_path / "sizes").read_text() == "0:2 1:3 2:2 ", text
    compare(tmp_path, uninterrupted)
    assert not (tmp_path / "backup").exists()


def test_lost_processes_and_a_killed_mpiexec_are_replaced(tmp_path, uninterrupted):  # noqa: F811
    hosts = tmp_path / "hosts.sh"
    hosts.write_text("#!/bin/sh\necho localhost:2\n")
    hosts.chmod(0o755)
    words = ["-n", "1:2", "--max-restarts", "2", "--host-discovery-script", hosts, PROGRAM, tmp_path, "dies"]
    text = said(launch(*words), 0)
    assert (tmp_path / "sizes").read_text() == "0:1 1:2 2:2 ", text
    compare(tmp_path, uninterrupted)


WAITS = """
import os, pathlib, signal, sys, time
from kerasish.backend import ranks
world = ranks.start()
world.barrier()
pathlib.Path(sys.argv[1], f"process{world.rank}").write_text(str(os.getpid()))
os.kill(os.getpid(), signal.SIGSTOP if world.rank else 0)
time.sleep(60)
"""


def test_ctrl_c_ends_all_of_it_at_once(tmp_path):
    program, places = tmp_path / "waits.py", [tmp_path / f"process{rank}" for rank in range(3)]
    program.write_text(WAITS)
    started = launch("-n", "2:3", program, tmp_path)
    until = time.monotonic() + 60
    while not all(place.exists() and place.read_text() for place in places):
        assert time.monotonic() < until and started.poll() is None
        time.sleep(0.1)
    began = time.monotonic()
    os.kill(started.pid, signal.SIGINT)
    text = said(started, 128 + signal.SIGINT, timeout=30)
    assert time.monotonic() - began < 10 and text.count("kerasish launch: starts") == 1
    assert all(is_gone(place.read_text(), 0) for place in places)
