"""Steps that exchange with other ranks, at random: see `exchanges.py`."""

import pytest

from tests.attacks.sizes import SEED, size
from tests.ranks import run_ranks

ROUNDS = size("random exchanges")  # of each number of ranks


@pytest.mark.parametrize("count", [2, 3])
def test_random_exchanges(count):
    program, settings = "tests/attacks/exchanges.py", {"KERASISH_DEBUG": "check"}
    run_ranks(count, program, SEED, str(ROUNDS), environment=settings, timeout=120 + 2 * ROUNDS)
