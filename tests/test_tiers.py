"""Every test has one tier, and the fast tier computes without an oracle."""

import subprocess
import sys

import pytest

from tests import tiers

FILES = sorted(tiers.TESTS.rglob("test_*.py"))


def test_every_collected_test_has_exactly_one_tier(request):
    for item in request.session.items:
        marks = {mark.name for mark in item.iter_markers()} & set(tiers.TIERS)
        assert len(marks) == 1, f"{item.nodeid} is {marks or 'in no tier'}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(tiers.TESTS).as_posix())
def test_a_file_has_a_known_tier(path):
    assert tiers.tier_of_file(path) in tiers.TIERS


def test_the_tier_is_read_from_imports_and_marks(tmp_path):
    def tier(source):
        path = tmp_path / f"test_{len(list(tmp_path.iterdir()))}.py"
        path.write_text(source)
        return tiers.tier_of_file(path)

    assert tier("import numpy\nimport kerasish\n") == "fast"
    assert tier("import keras as oracle\n") == "parity"
    assert tier("def test():\n    from jax import grad\n") == "parity"
    assert tier("from tests.layers.parity import Case\n") == "parity"
    assert tier("import keras\npytestmark = pytest.mark.slow\n") == "slow"
    assert tier("pytestmark = [pytest.mark.slow, pytest.mark.skipif(True)]\n") == "slow"
    assert tier("pytestmark = pytest.mark.filterwarnings('error')\n") == "fast"


def test_the_conftests_load_no_oracle():
    conftests = [
        ".".join(p.relative_to(tiers.TESTS.parent).with_suffix("").parts) for p in tiers.TESTS.rglob("conftest.py")
    ]
    code = (
        f"import importlib, sys; [importlib.import_module(name) for name in {conftests}]; "
        f"sys.exit(str(sys.modules.keys() & {tiers.ORACLES} or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tiers.TESTS.parent, capture_output=True, text=True)
    assert done.returncode == 0 or not done.stderr.strip(), done.stderr
