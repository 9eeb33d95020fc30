"""A process of `fit` hangs: it is ended, and the others go on, or stop with a backup. Nothing stays behind."""

import pytest

from tests.distribution.test_killed_fit import TOLERANT, compare, uninterrupted  # noqa: F401
from tests.ranks import is_gone, run_ranks

pytestmark = pytest.mark.slow
PROGRAM = "tests/distribution/hung.py"
TIMEOUT = {"KERASISH_RANK_TIMEOUT": "2"}


@pytest.mark.parametrize("how", ["stops", "loops"])
def test_the_others_go_on(how, tmp_path, uninterrupted):  # noqa: F811
    said = run_ranks(3, PROGRAM, str(tmp_path), how, flags=TOLERANT, environment=TIMEOUT)
    assert compare(tmp_path, uninterrupted)["lost"] == 1
    assert "rank 1 hangs" in said and "rank 2 hangs" not in said
    assert is_gone((tmp_path / "process1").read_text())


def test_where_faults_are_not_tolerated_they_stop_with_a_backup(tmp_path, uninterrupted):  # noqa: F811
    said = run_ranks(3, PROGRAM, str(tmp_path), "stops", environment=TIMEOUT, code=None)
    assert "Of them 1 hangs" in said and not (tmp_path / "history.pickle").exists()
    assert all(is_gone((tmp_path / f"process{rank}").read_text()) for rank in range(3))
    run_ranks(1, "tests/distribution/killed.py", str(tmp_path), "again")
    compare(tmp_path, uninterrupted)
