"""Damaged files of every format give a ValueError or the right model.

No other error, no crash, no hang, no model that is loaded by half.

`KERASISH_FUZZ=N` runs N examples a format, new ones each time; without it 60, always the same.
"""

import os
import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.files.fuzzing import FORMATS, KINDS, VALUES, check_config

pytestmark = pytest.mark.slow

EXAMPLES = os.environ.get("KERASISH_FUZZ")
SETTINGS = settings(
    max_examples=int(EXAMPLES or 60),
    derandomize=EXAMPLES is None,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PLACE = st.floats(0, 1, exclude_max=True, allow_subnormal=False)
EDIT = st.tuples(st.sampled_from(KINDS), PLACE, st.integers(0, 255))
GROWTH = 1_000_000  # kilobytes that loading small files may add to the most memory that this process ever had


@pytest.fixture(autouse=True)
def little_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


@pytest.mark.parametrize("name", FORMATS)
def test_the_whole_file_loads(name):
    for which in range(len(FORMATS[name].good)):
        assert FORMATS[name].check(which, []) is False


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files(name):
    @SETTINGS
    @given(which=st.integers(0, 63), edits=st.lists(EDIT, min_size=1, max_size=4))
    def damage(which, edits):
        FORMATS[name].check(which, edits)

    damage()


@pytest.mark.parametrize("name", FORMATS)
def test_files_that_are_cut_off(name):
    @SETTINGS
    @given(which=st.integers(0, 63), place=PLACE)
    def cut(which, place):
        refused = FORMATS[name].check(which, [("cut", place, 0)])
        assert refused or name.endswith("h5") or place > 0.9  # HDF5 may end in room that was never used

    cut()


def test_configs_with_other_values():
    @SETTINGS
    @given(st.lists(st.tuples(PLACE, st.integers(0, len(VALUES) + 11)), min_size=1, max_size=4))
    def change(edits):
        check_config(edits)

    change()
