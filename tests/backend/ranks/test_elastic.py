"""What an elastic launch does with ranks that end, without any: any process stands for `mpiexec`."""

import subprocess
import sys

import pytest

from kerasish.backend.ranks import elastic, wanted
from kerasish.backend.ranks.questions import Answers, ask
from kerasish.backend.ranks.wanted import Places
from tests.ranks import is_gone

TELL = "import sys; from kerasish.backend.ranks.questions import ask; said = ask(sys.argv[1], ['epoch', {size}])\n"
DONE = "import sys; from kerasish.backend.ranks.questions import ask; ask(sys.argv[1], ['done'])\n"
LEAVE = "if said == 'leave':\n    ask(sys.argv[1], ['left'])\n    sys.exit(75)\n"


class Launches:
    """Starts programs one after the other, and keeps the Places."""

    def __init__(self, *codes):
        self.codes, self.places = list(codes), []

    def __call__(self, places, address):
        self.places.append(places)
        return subprocess.Popen([sys.executable, "-c", self.codes.pop(0), address])


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(elastic, "_PAUSE", 0.01)
    monkeypatch.setattr(elastic, "_INTERVAL", 0.01)
    monkeypatch.setattr(elastic.descendants, "adopt", lambda: None)
    monkeypatch.setattr(elastic.descendants, "end_all", lambda: None)  # pytest has children of its own


def run(launches, looks, least=1, most=4, max_restarts=3):
    looks = iter(looks)
    last = []

    def look():
        last[:] = [next(looks, last[0] if last else None)]
        return last[0]

    launch = elastic.Elastic(launches, look, least, most, max_restarts)
    return launch, launch.run()


def test_another_number_behind_an_epoch():
    launches = Launches(TELL.format(size=2) + LEAVE + "sys.exit(1)", DONE)
    launch, code = run(launches, [Places(2), Places(9), Places(9)])
    assert (code, launch.restarts, launches.places) == (0, 0, [Places(2), Places(4)])  # of at most four


def test_lost_ranks_are_replaced_as_often_as_that_may_be():
    lost = TELL.format(size=1) + LEAVE
    launches = Launches(lost, lost + DONE)
    launch, code = run(launches, [Places(2)], max_restarts=1)  # the second stays as it is
    assert (code, launch.restarts, len(launches.places)) == (0, 1, 2)


def test_what_fails_is_started_again_as_often_as_that_may_be(capsys):
    launches = Launches(*["raise SystemExit(3)"] * 3)
    launch, code = run(launches, [Places(2)], max_restarts=2)
    assert (code, len(launches.places)) == (3, 3) and "`--max-restarts` is 2" in capsys.readouterr().err
    killed = Launches("import os; os.kill(os.getpid(), 9)")
    assert run(killed, [Places(2)], max_restarts=0)[1] == 137
    silent = Launches("pass", DONE)  # as mpiexec ends where it tolerates faults and all ranks have died
    assert run(silent, [Places(2)], max_restarts=1)[1] == 0 and "no rank came to the end" in capsys.readouterr().err
    assert run(Launches("pass"), [Places(2)], max_restarts=0)[1] == 1


def test_too_few_places_are_waited_for_and_change_nothing_while_ranks_train(capsys):
    launches = Launches(TELL.format(size=2) + LEAVE + DONE)
    launch, code = run(launches, [None, Places(1), Places(2), Places(1)], least=2)
    assert (code, launches.places) == (0, [Places(2)])
    assert capsys.readouterr().err.count("waits for places for 2 ranks") == 1


def test_a_file_says_how_many(tmp_path):
    look = wanted.from_file(tmp_path / "ranks")
    assert look() is None
    for text, found in (("3\n", Places(3)), ("", None), ("three", None)):
        (tmp_path / "ranks").write_text(text)
        assert look() == found


def test_a_script_says_where(tmp_path):
    script = tmp_path / "hosts.sh"
    look = wanted.from_script(script)
    assert look() is None
    for text, found in (
        ("echo b:2; echo a", Places(3, "a:1,b:2")),
        ("echo a:2; echo a; echo b:0", Places(3, "a:3")),
        ("exit 1", None),
        ("echo a:many", None),
        ("true", Places(0, "")),
    ):
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
        assert look() == found


def test_descendants_are_ended_with_what_they_started():
    code = (  # in a process of its own: all of its descendants end
        "import subprocess, sys, time; from kerasish.backend.ranks import descendants as d; d.adopt()\n"
        'inner = \'import subprocess, sys; print(subprocess.Popen(["sleep", "60"], start_new_session=True).pid)\'\n'
        "left = int(subprocess.run([sys.executable, '-c', inner], capture_output=True, text=True).stdout)\n"
        "assert left in d.descendants(), d.descendants(); d.end_all(); print(left)"
    )
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert is_gone(left.strip(), 0)


def test_questions_of_strangers_are_not_answered():
    answers = Answers(lambda question: question[0] + 1)
    try:
        assert ask(answers.address, [1]) == 2
        place = answers.address.rpartition(":")[0]
        with pytest.raises(ConnectionError):
            ask(f"{place}:guessed", [1])
    finally:
        answers.close()
    with pytest.raises(ConnectionError):
        ask(answers.address, [1])
