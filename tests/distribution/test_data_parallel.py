"""n processes on their shares of each batch give the numbers of one process: `mpiexec -n 2` and `-n 4`."""

import json
import pickle

import numpy as np
import pytest

from tests.distribution import interrupted, trainings
from tests.ranks import ROOT, run_ranks

pytestmark = pytest.mark.slow
PROGRAM = "tests/distribution/trainings.py"


def found(folder, count, *names):
    """What each rank found."""
    folder.mkdir()
    run_ranks(count, PROGRAM, str(folder), *names, timeout=400)
    return [pickle.loads((folder / f"{rank}.pickle").read_bytes()) for rank in range(count)]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trainings")
    return {count: found(folder / str(count), count) for count in (1, 2, 4)}


def flat(found):
    if isinstance(found, dict):
        return [leaf for name in sorted(found) for leaf in flat(found[name])]
    if isinstance(found, list):
        return [leaf for item in found for leaf in flat(item)]
    return [np.asarray(found, "float64")]


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("name", trainings.CASES)
def test_the_numbers_of_one_process(name, count, results):
    wanted = flat(results[1][0][name])
    for rank in range(count):
        for one, ours in zip(wanted, flat(results[count][rank][name]), strict=True):
            np.testing.assert_allclose(ours, one, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("count", [2, 4])
def test_promises(count, tmp_path):
    """And a backup of one process is gone on with in several, one of several in one."""
    uninterrupted = interrupted.train(str(tmp_path / "none"))
    interrupted.cut_off(str(tmp_path / "of one"))
    run_ranks(count, "tests/distribution/promises.py", str(tmp_path))
    for history in (
        json.loads((tmp_path / "history.json").read_text()),
        interrupted.train(str(tmp_path / "of several")),
    ):
        assert history.keys() == uninterrupted.keys()
        for name, values in uninterrupted.items():
            np.testing.assert_allclose(history[name], values, rtol=1e-5)


def test_the_example_gives_the_same_in_two_processes(tmp_path):
    said = {}
    for count in (1, 2):
        folder = tmp_path / str(count)
        folder.mkdir()
        said[count] = run_ranks(count, str(ROOT / "examples" / "data_parallel.py"), folder=folder)
        assert (folder / "digits.keras").is_file() and said[count].count("processes:") == 1
    one, two = (said[count].split("loss:")[-1] for count in (1, 2))
    assert one == two and float(one.split()[-1].rstrip("%")) > 80
