"""A process that is killed while it saves leaves the old file or the new one, and nothing that stays."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from tests.attacks.sizes import SEED, size
from tests.files import kill_while_saving
from tests.files.kill_while_saving import NAMES, filled, found, model, save

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_any_moment(name, tmp_path, strikes):
    kills = size("kills", len(NAMES))
    run = subprocess.run(
        [sys.executable, kill_while_saving.__file__, name, str(tmp_path), str(kills), SEED],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert len(seen) == kills and seen == sorted(seen) and seen[-1] > 1
    left = len(list(tmp_path.glob(".kerasish.*")))
    save(filled(model(), 7), str(tmp_path / name))
    assert found(str(tmp_path / name), model()) == 7
    strikes("kills", kills=kills, files_torn=0, left_until_the_next_save=left)
    assert not list(tmp_path.glob(".*")), "the next save sweeps"
    assert len(list(pathlib.Path(tmp_path).iterdir())) < 20
