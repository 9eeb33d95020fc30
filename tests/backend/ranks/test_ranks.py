"""Ranks talk to one another: `mpiexec` starts them, the programs beside this file check."""

import subprocess
import sys

import pytest

from kerasish.backend import ranks
from kerasish.backend.primitives import p
from tests.ranks import ROOT, run_ranks

HERE = "tests/backend/ranks"


@pytest.mark.parametrize("count", [1, 2, 4])
def test_messages(count):
    run_ranks(count, f"{HERE}/messages.py")


def test_a_process_alone_has_no_world(monkeypatch):
    assert ranks.start() is None and ranks.world() is None
    code = "import sys; from kerasish.backend import ranks; ranks.start(); sys.exit('mpi4py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("'sum', 'max' or 'min', got 'mean'", lambda: p.all_reduce([1.0], op="mean")),
        ("sums numbers, got bool", lambda: p.all_reduce([True])),
        ("takes 3 rows .those of rank 0", lambda: p.all_gather([1.0], rows=(3,), rank=0)),
        ("takes 5 rows .those of all ranks, .2, 3", lambda: p.reduce_scatter([1.0], rows=(2, 3), rank=0)),
    ],
)
def test_what_does_not_fit_is_refused(words, call):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


@pytest.mark.parametrize("count", [2, 4])
def test_steps(count):
    run_ranks(count, f"{HERE}/steps.py", environment={"KERASISH_DEBUG": "check"})
