"""A process of `fit` hangs: it is ended, and the others go on, or stop with a backup. Nothing stays behind."""

import numpy as np
import pytest

from tests.attacks.sizes import size
from tests.distribution import killed
from tests.distribution.test_killed_fit import TOLERANT, compare, uninterrupted  # noqa: F401
from tests.ranks import is_gone, run_ranks

pytestmark = pytest.mark.slow
PROGRAM = "tests/distribution/hung.py"
TIMEOUT = {"KERASISH_RANK_TIMEOUT": "2"}


@pytest.mark.parametrize("seed", range(size("hung ranks")))
def test_the_others_go_on(seed, tmp_path, uninterrupted):  # noqa: F811
    said = run_ranks(3, PROGRAM, str(tmp_path), str(seed), flags=TOLERANT, environment=TIMEOUT)
    hangs, process = (tmp_path / "hangs").read_text().split()
    assert compare(tmp_path, uninterrupted)["lost"] == 1
    assert {words.split()[0] for words in said.split("kerasish: rank ")[1:]} == {hangs}, said
    assert is_gone(process)


def test_where_faults_are_not_tolerated_they_stop_with_a_backup(tmp_path, uninterrupted):  # noqa: F811
    said = run_ranks(2, PROGRAM, str(tmp_path), "0", environment=TIMEOUT, code=None)
    hangs, process = (tmp_path / "hangs").read_text().split()
    assert f"Of them {hangs} hangs" in said and not (tmp_path / "history.pickle").exists()
    assert is_gone(process)
    assert (tmp_path / "backup" / "latest.backup").exists()
    found = killed.train(tmp_path)
    for name, values in uninterrupted["history"].items():
        np.testing.assert_allclose(found["history"][name], values, rtol=1e-5)
