"""A training that is killed at any moment, and started anew, ends where one ends that was left alone, bit for bit."""

import json
import os
import subprocess
import sys

import pytest

from tests.attacks import train_with_backups
from tests.attacks.sizes import SEED, size

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked"),
]


@pytest.mark.parametrize("name", train_with_backups.TRAININGS)
def test_a_kill_at_any_moment_of_a_training(name, tmp_path, strikes):
    kills = size("killed trainings", len(train_with_backups.TRAININGS))
    run = subprocess.run(
        [sys.executable, train_with_backups.__file__, name, str(tmp_path), str(kills), SEED],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=1200,
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    strikes("killed trainings", kills=seen["kills"], trainings=seen["trainings"], other_ends=seen["differ"])
    assert seen["kills"] == kills and seen["differ"] == 0
    assert kills < 20 or seen["places"] > 3, "it went on from a few places alone"
