"""Ranks talk to one another: `mpiexec` starts them, the programs beside this file check."""

import subprocess
import sys

import pytest

from kerasish.backend import ranks
from kerasish.backend.primitives import p
from tests.attacks.sizes import size
from tests.ranks import ROOT, is_gone, run_ranks

HERE = "tests/backend/ranks"


@pytest.mark.parametrize("count", [1, 2, 4])
def test_messages(count):
    run_ranks(count, f"{HERE}/messages.py")


@pytest.mark.skipif(sys.platform != "linux", reason="memory without a name is Linux's: MPI adds up elsewhere")
@pytest.mark.parametrize("count", [2, 3])
def test_sums_in_shared_memory(count):
    run_ranks(count, f"{HERE}/shared.py")


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


TOLERANT = ("--with-ft", "ulfm")
KILLS = size("killed ranks")


@pytest.mark.parametrize("launch", range(-(-KILLS // 3)))
def test_killed_ranks_cost_a_step(launch, tmp_path):
    """Three a launch, until one of four is left; in the default run two of three."""
    count = min(4, KILLS + 1)
    run_ranks(count, f"{HERE}/killed.py", str(launch), "1", str(tmp_path / "left"), flags=TOLERANT)
    assert (tmp_path / "left").read_text().count("went on as <World: rank 0 of 1>") == 1


@pytest.mark.parametrize(
    ("what", "flags", "words"),
    [
        ("dies", TOLERANT, "writes step 7: 2 of the ranks are left, and `min_workers` is 3"),
        ("raises", TOLERANT, "writes step 7: 2 of the ranks are left"),
        ("raises", (), "rank 1 has a bug"),
        ("dies early", TOLERANT, "Timeout (0:00:03)!"),
        ("stops", TOLERANT, "writes step 7: 2 of the ranks are left"),
        ("loops", TOLERANT, "writes step 7: 2 of the ranks are left"),
        ("dies unheard", TOLERANT, "Of them 1 has ended, and `mpiexec`, which is to tell, does not"),
        ("stops", (), "`all_reduce` has waited 2 s for the other ranks. Of them 1 hangs."),
        ("loops", (), "`all_reduce` has waited 2 s for the other ranks. Of them 1 hangs."),
    ],
)
def test_what_ends_all_of_them(what, flags, words):
    said = run_ranks(3, f"{HERE}/faults.py", what, flags=flags, code=None, timeout=60)
    assert words in said, said
    assert is_gone(said.partition("rank 1 is the process ")[2].split()[0]), said


@pytest.mark.parametrize("others", ["", "if world.rank: os.kill(os.getpid(), 9)"])
def test_an_error_that_nobody_outlives_is_one_of_mpiexec(others, tmp_path):
    """Where it tolerates that ranks die, too."""
    program = tmp_path / "fails.py"
    program.write_text(
        "import os\nfrom kerasish.backend import ranks\nworld = ranks.start()\nworld.barrier()\n"
        f"{others}\nraise ValueError('a bug')\n"
    )
    assert "a bug" in run_ranks(3, str(program), flags=TOLERANT, timeout=60, code=1)


def test_a_rank_that_dies_behind_the_last_step_holds_nobody_up(tmp_path):
    run_ranks(3, f"{HERE}/leaving.py", str(tmp_path), flags=TOLERANT, timeout=60)
