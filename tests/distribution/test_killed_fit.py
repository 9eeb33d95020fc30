"""A process of `fit` is killed: the others give the numbers of a training that lost nobody, or stop with a backup."""

import os
import pickle

import numpy as np
import pytest

from tests.distribution import killed
from tests.ranks import run_ranks

pytestmark = pytest.mark.slow
PROGRAM = "tests/distribution/killed.py"
TOLERANT = ("--with-ft", "ulfm")
KILLS = int(os.environ.get("KERASISH_KILLS", "2"))  # CONTRIBUTING.md names the whole size


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return killed.train(tmp_path_factory.mktemp("whole"))


def compare(folder, wanted):
    found = pickle.loads((folder / "history.pickle").read_bytes())
    assert found["history"].keys() == wanted["history"].keys()
    for name, values in wanted["history"].items():
        np.testing.assert_allclose(found["history"][name], values, rtol=1e-5)
    for ours, one in zip(found["weights"], wanted["weights"], strict=True):
        np.testing.assert_allclose(ours, one, rtol=1e-4, atol=1e-6)
    return found


@pytest.mark.parametrize("seed", range(1, 1 + KILLS // 2))
def test_the_others_go_on(seed, tmp_path, uninterrupted):
    run_ranks(3, PROGRAM, str(tmp_path), str(seed), flags=TOLERANT)
    assert compare(tmp_path, uninterrupted)["lost"] == 1


@pytest.mark.parametrize("moment", ["2", "between"])
def test_too_few_stop_with_a_backup(moment, tmp_path, uninterrupted):
    said = run_ranks(
        2, PROGRAM, str(tmp_path), moment, flags=TOLERANT, environment={"KERASISH_MIN_WORKERS": "2"}, code=None
    )
    assert "TooFewRanks" in said and not (tmp_path / "history.pickle").exists()
    assert (tmp_path / "backup" / "latest.backup").exists()
    run_ranks(1, PROGRAM, str(tmp_path), "again")
    compare(tmp_path, uninterrupted)


def test_predictions_begin_anew():
    said = run_ranks(3, "tests/distribution/lost_in_predict.py", flags=TOLERANT)
    assert said.count("which can't begin anew for the others") == 1
