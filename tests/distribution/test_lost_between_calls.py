"""A process is lost when some of the others are a call ahead of the rest: all go on as if they had been together."""

import pickle

import numpy as np
import pytest

from tests.distribution import ahead
from tests.ranks import run_ranks

pytestmark = pytest.mark.slow


def close(found, wanted):
    assert type(found) is type(wanted)
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for name in wanted:
            close(found[name], wanted[name])
    elif isinstance(wanted, list):
        for one, other in zip(found, wanted, strict=True):
            close(one, other)
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_all_go_on_from_the_same_call(tmp_path):
    lost, left = len(ahead.MOMENTS), 2
    run_ranks(lost + left, "tests/distribution/ahead.py", str(tmp_path), flags=("--with-ft", "ulfm"))
    wanted = ahead.trained()
    found = [pickle.loads((tmp_path / f"{rank}.pickle").read_bytes()) for rank in range(left)]
    for one in found:
        close({name: value for name, value in one.items() if name != "own"}, wanted)
    close(found[1]["own"], found[0]["own"])
