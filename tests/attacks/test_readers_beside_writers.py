"""A load beside a process that saves all the time finds one save, whole."""

import os
import signal

import pytest

from tests.attacks.sizes import size
from tests.files.kill_while_saving import NAMES, filled, found, model, save

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]


@pytest.mark.parametrize("name", NAMES)
def test_loads_beside_a_process_that_saves(name, tmp_path, strikes):
    path, target, loads = str(tmp_path / name), model(), size("readers", len(NAMES))
    save(filled(target, 1), path)
    child = os.fork()
    if child == 0:
        source = model()
        for number in range(2, 1_000_000):
            save(filled(source, number), path)
    seen, bad = set(), []
    try:
        for _ in range(loads):
            try:
                seen.add(found(path, target))
            except (AssertionError, ValueError, OSError) as error:
                bad.append(f"{type(error).__name__}: {error}")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    strikes("readers", loads=loads, different_saves_seen=len(seen), wrong=len(bad))
    assert not bad, bad[:3]
    assert len(seen) > 1
