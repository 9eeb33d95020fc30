"""Damaged files of every format give a ValueError or what was saved.

No other error, no crash, no hang, no other number, no model that is loaded by half.
"""

import pytest

from tests.attacks.sizes import chance, size
from tests.files.fuzzing import FORMATS, campaign, example

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", FORMATS)
def test_the_whole_file_loads(name):
    for which in range(len(FORMATS[name].good)):
        assert FORMATS[name].check(which, []) is False


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files(name, strikes):
    drawn = [(number, example(chance(name, number), name)) for number in range(size("damaged files", len(FORMATS)))]
    refused, failures = campaign(name, drawn)
    strikes(f"damaged {name}", files=len(drawn), refused=refused, wrong=len(failures))
    assert not failures, failures[:5]


def test_configs_with_other_values(strikes):
    drawn = [(number, example(chance("config", number), "config")) for number in range(size("damaged configs"))]
    refused, failures = campaign("config", drawn)
    strikes("damaged configs", configs=len(drawn), refused=refused, wrong=len(failures))
    assert not failures, failures[:5]
