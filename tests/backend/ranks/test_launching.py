"""`python -m kerasish launch`: flags, environment, exit codes and signals."""

import argparse
import os
import signal
import subprocess
import sys

import pytest

from kerasish.backend.ranks import launching
from tests.ranks import ROOT, mpiexec

TOLD = "import os, sys; sys.stdout.write(f\"{os.environ['KERASISH_NUM_THREADS']} {sys.argv[1:]}\\n\")"


def parsed(*words):
    parser = argparse.ArgumentParser()
    launching.add_parser(parser.add_subparsers())
    return parser.parse_args(["launch", *words])


def test_flags(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    options = parsed("-n", "4", "train.py", "--epochs", "2")
    assert options.program == ["train.py", "--epochs", "2"] and options.ranks == 4
    settings = {"KERASISH_NUM_THREADS": "2", "KERASISH_MIN_WORKERS": "3", "HOME": "/"}
    assert launching.flags(options, 5, settings) == [
        "--bind-to", "none", "--oversubscribe", "--with-ft", "ulfm", "-x", "KERASISH_MIN_WORKERS",
        "-x", "KERASISH_NUM_THREADS",
    ]  # fmt: skip
    bound = launching.flags(parsed("-n", "4", "--mpi", "--bind-to core", "train.py"), 5, {})
    assert bound.count("--bind-to") == 1 and "--oversubscribe" in bound
    assert "--with-ft" not in launching.flags(options, 4, {}) and launching.flags(options, None, settings) == []
    options = parsed("-n", "4", "--hosts", "a:2,b:2", "--end-together", "--mpi", "--mca btl tcp,self", "train.py")
    assert launching.flags(options, 5, {}) == [
        "--bind-to", "none", "--host", "a:2,b:2", "--mca", "btl", "tcp,self",
    ]  # fmt: skip


@pytest.mark.parametrize(("cores", "allowed", "threads"), [(4, 4, "1"), (4, 3, "1"), (8, 8, "1"), (4, 4, "2")])
def test_ranks_that_take_the_machine_are_bound_to_its_processors(cores, allowed, threads, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)), raising=False)
    found = launching.flags(parsed("-n", "4", "train.py"), 5, {"KERASISH_NUM_THREADS": threads})
    is_bound = (cores, allowed, threads) == (4, 4, "1")
    assert found[1] == ("hwthread:if-supported" if is_bound else "none"), found
    assert ("--oversubscribe" in found) != is_bound


def test_environment(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    found = launching.environment({}, parsed("-n", "3", "train.py"), True)
    assert found["KERASISH_NUM_THREADS"] == "2" and found["OMPI_ALLOW_RUN_AS_ROOT"] == "1"
    kept = launching.environment({"OMP_NUM_THREADS": "5"}, parsed("-n", "3", "train.py"), False)
    assert kept == {"OMP_NUM_THREADS": "5"}
    told = launching.environment({"OMP_NUM_THREADS": "5"}, parsed("-n", "3", "--threads", "4", "train.py"), False)
    assert told["KERASISH_NUM_THREADS"] == "4"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-n", "2:3", "t.py"], "a range of ranks is for those that come and go"),
        (["--ranks-file", "f", "t.py"], "`--ranks-file` is for ranks that come and go"),
        (["--max-restarts", "0", "t.py"], "`--max-restarts` is for"),
        (["--elastic", "--ranks-file", "f", "--host-discovery-script", "s", "t.py"], "not from both"),
        (["--elastic", "--hosts", "a", "--host-discovery-script", "s", "t.py"], "leave out `--hosts`"),
    ],
)
def test_what_does_not_go_together_is_refused(words, told, capsys):
    assert launching.run(parsed(*words)) == 2 and told in capsys.readouterr().err


@pytest.mark.parametrize("given", ["0", "2:1", "two", ":", "2:x", "-1"])
def test_what_is_no_number_of_ranks_is_refused(given, capsys):
    with pytest.raises(SystemExit):
        parsed(f"-n={given}", "t.py")
    assert "MIN:MAX such as 2:4" in capsys.readouterr().err


def launch(*words):
    command = [sys.executable, "-m", "kerasish", "launch", *words]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def test_a_program_runs_on_two_ranks_and_its_exit_code_comes_back(tmp_path):
    mpiexec()
    program = tmp_path / "train.py"
    program.write_text(f"{TOLD}; raise SystemExit(7 if 'fail' in sys.argv else 0)")
    for words, code in (([], 0), (["fail"], 7)):
        said, _ = (started := launch("-n", "2", "--threads", "1", str(program), *words)).communicate(timeout=60)
        spoke = said.count(f"1 {words}")  # who fails first may end the other before it speaks
        assert started.returncode == code and (1 if code else 2) <= spoke <= 2, said


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("raise ValueError('no')", 1),
        ("import os; os.kill(os.getpid(), 9)", 1),
        ("raise SystemExit(7)", 7),
        ("pass", 0),
    ],
)
def test_an_error_on_all_ranks_is_no_success(end, code, tmp_path):
    """Of ranks that died by a signal mpiexec says 0 where it tolerates that."""
    mpiexec()
    program = tmp_path / "train.py"
    program.write_text(f"from kerasish.backend import ranks\nranks.start().barrier()\n{end}\n")
    said, _ = (started := launch("-n", "2", "--threads", "1", str(program))).communicate(timeout=60)
    assert started.returncode == code, said
    assert ("no rank came to the end" in said) == ("kill" in end)


def test_signals_reach_the_ranks(tmp_path):
    """They have time to keep what they have, which mpiexec does not give them."""
    mpiexec()
    program = tmp_path / "wait.py"
    program.write_text(
        "import signal, sys, time, os\n"
        "def end(*_):\n    time.sleep(1)\n    open(sys.argv[1] + os.environ['OMPI_COMM_WORLD_RANK'], 'w').close()\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    started = launch("-n", "2", str(program), f"{tmp_path}/ended")
    ready = [started.stdout.readline() for _ in range(2)]
    os.kill(started.pid, signal.SIGTERM)
    said, _ = started.communicate(timeout=30)
    assert all((tmp_path / f"ended{rank}").exists() for rank in range(2)), (ready, said)


@pytest.mark.parametrize("words", [["-n", "2"], ["-n", "2", "--"]])
def test_without_a_program_it_says_so(words):
    started = launch(*words)
    assert "say which program" in started.communicate(timeout=30)[0] and started.returncode == 2


def test_without_mpiexec_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(launching, "found_mpiexec", lambda: None)
    assert launching.run(parsed("-n", "2", "train.py")) == 1
    assert "pip install kerasish[mpi]" in capsys.readouterr().err
