"""A child of `os.fork` hangs on nothing that a thread of its parent was in the middle of."""

import ast
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from kerasish import forks

ROOT = Path(__file__).parents[1] / "kerasish"
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.filterwarnings("ignore:os.fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]


def test_every_lock_of_the_library_is_in_the_registry():
    strays = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ROOT.rglob("*.py")
        if path.name != "forks.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("Lock", "RLock", "Condition", "Semaphore", "register_at_fork")
    ]
    assert not strays, f"make these with kerasish.forks: {strays}"


def said(code, **environment):
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        cwd=ROOT.parent,
    )
    assert not result.returncode, result.stderr
    return result.stdout.strip()


def test_locks_that_threads_held_are_free_in_the_child():
    code = """
        import os, threading, weakref
        import kerasish as keras
        from kerasish import forks
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).predict([[1.0, 2.0]], verbose=0)
        forks.PATIENCE = 0.1
        held, go = threading.Event(), threading.Event()
        def hold():
            for lock in list(forks._locks):
                lock.acquire()
            held.set()
            go.wait()
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        child = os.fork()
        if not child:
            free = all(lock.acquire(timeout=1) for lock in list(forks._locks))
            os._exit(0 if free else 1)
        print(len(forks._locks) > 7, os.waitpid(child, 0)[1])
        go.set()
    """
    assert said(code) == "True 0"


def test_a_lock_of_the_forking_thread_stays_its_own():
    mine = forks.reentrant_lock()
    with mine:
        child = os.fork()
        if not child:
            try:
                owned = mine._is_owned()
                mine.release()
                os._exit(0 if owned else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
    assert not mine._is_owned()


def test_a_fork_waits_for_work_that_must_be_whole():
    whole, inside, log = forks.whole_work_lock(), threading.Event(), []

    def work():
        with whole:
            inside.set()
            threading.Event().wait(0.2)
            log.append("done")

    thread = threading.Thread(target=work)
    try:
        thread.start()
        inside.wait()
        child = os.fork()
        if not child:
            os._exit(0 if log else 1)
        assert os.waitpid(child, 0)[1] == 0
    finally:
        thread.join()
        forks._waited_for.remove(whole)


def test_children_forked_while_a_thread_compiles_train(tmp_path):
    code = """
        import os, threading, time
        import numpy as np
        import kerasish as keras
        x, y = np.ones((8, 6), "float32"), np.ones((8, 1), "float32")
        def train(seed):
            act = ("relu", "tanh", "gelu", "sigmoid", "softplus", "selu")[seed % 6]
            model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, act), keras.layers.Dense(1)])
            model.compile("adam", "mse")
            model.train_on_batch(x, y)
        done = threading.Event()
        def compiling():
            for seed in range(6):
                train(seed)
            done.set()
        threading.Thread(target=compiling, daemon=True).start()
        hung, children = 0, 0
        while children < 6 and not done.wait(0.08):
            child = os.fork()
            if not child:
                train(children)
                os._exit(0)
            children += 1
            deadline = time.monotonic() + 15
            while True:
                ended, status = os.waitpid(child, os.WNOHANG)
                if ended or time.monotonic() > deadline:
                    break
                time.sleep(0.01)
            if not ended:
                os.kill(child, 9)
                os.waitpid(child, 0)
            hung += not ended or status != 0
        print(hung, "of", children > 0)
    """
    assert said(code, KERASISH_CACHE_DIR=str(tmp_path)) == "0 of True"


def test_a_process_ends_well_while_its_threads_compile(tmp_path):
    """LLVM is not taken down under a thread that is inside."""
    code = """
        import threading, time
        import numpy as np
        import kerasish as keras
        x, y = np.ones((64, 60), "float32"), np.ones((64, 1), "float32")
        begun = threading.Event()
        def compiling():
            for width in range(10, 1000):
                model = keras.Sequential([keras.Input((60,)), keras.layers.Dense(width, "tanh"), keras.layers.Dense(1)])
                model.compile("adam", "mse")
                model.train_on_batch(x, y)
                begun.set()
        for _ in range(2):
            threading.Thread(target=compiling, daemon=True).start()
        begun.wait()
        print("ended")
    """
    for number in range(3):
        assert said(code, KERASISH_CACHE_DIR=str(tmp_path / str(number))) == "ended"


def test_a_fork_waits_for_an_import_of_another_thread(tmp_path):
    """Of any module: NumPy imports parts of its own when they are first asked for."""
    (tmp_path / "slow_module.py").write_text("import time; time.sleep(0.5); done = True")
    code = """
        import os, sys, threading, time
        import kerasish as keras
        from kerasish import backend
        sys.path.insert(0, os.environ["SLOW"])
        threading.Thread(target=lambda: __import__("slow_module"), daemon=True).start()
        time.sleep(0.1)
        child = os.fork()
        if not child:
            os._exit(0 if "slow_module" in sys.modules and sys.modules["slow_module"].done else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert said(code, SLOW=str(tmp_path)) == "0"
