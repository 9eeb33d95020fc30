"""Children of `os.fork` while threads of the parent compile, train, save, load and draw: each does all that, too."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.attacks.sizes import size

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")]

PROGRAM = textwrap.dedent(
    """
    import itertools, json, os, sys, threading, time
    import numpy as np
    import kerasish as keras

    children, folder = int(sys.argv[1]), sys.argv[2]
    x, y = np.ones((8, 6), "float32"), np.ones((8, 1), "float32")
    done = threading.Event()

    def work(number, path):
        act = ("relu", "tanh", "gelu", "sigmoid", "softplus", "selu", "silu", "elu")[number % 8]
        body = [keras.layers.Dense(3 + number % 11, act), keras.layers.Dropout(0.1), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input((6,)), *body])
        model.compile(("adam", "sgd", "rmsprop")[number % 3], "mse")
        model.fit(x, y, verbose=0)
        model.save(path)
        return np.array_equal(keras.models.load_model(path).predict(x, verbose=0), model.predict(x, verbose=0))

    def busy(name):
        for number in itertools.count(len(name)):
            if done.is_set():
                return
            work(number, f"{folder}/{name}.keras")

    work(0, f"{folder}/main.keras")
    threads = [threading.Thread(target=busy, args=("a" * n,), daemon=True) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    hung = failed = 0
    random = np.random.default_rng(0)
    for number in range(children):
        time.sleep(random.uniform(0, 0.02))
        child = os.fork()
        if not child:
            try:
                os._exit(0 if work(number + 5, f"{folder}/child.keras") else 3)
            except BaseException:
                import traceback
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(4)
        until = time.monotonic() + 30
        while not (ended := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < until:
            time.sleep(0.002)
        if not ended[0]:
            os.kill(child, 9)
            os.waitpid(child, 0)
        hung += not ended[0]
        failed += bool(ended[1])
    done.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"hung": hung, "failed": failed}))
    """
)


def test_forks_while_threads_compile(tmp_path, strikes):
    forks = size("forks")
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(forks), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60 + 35 * forks,
        env={**os.environ, "PYTHONPATH": root, "KERASISH_CACHE_DIR": str(tmp_path)},
    )
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout.splitlines()[-1])
    strikes("forks", children=forks, **found)
    assert not found["hung"] and not found["failed"], run.stderr[-3000:]
