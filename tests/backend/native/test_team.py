"""The thread team.

The same bits whoever does the shares, from many threads, after fork, through exceptions, and a clean end.
"""

import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from kerasish.backend.numpy import team
from kerasish.backend.numpy.team import blas, count

pytest.importorskip("llvmlite")

from kerasish.backend.numpy.native.available import enabled
from kerasish.backend.numpy.native.source import Source, address
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.team.assemble import Segment

native = pytest.mark.skipif(not enabled(), reason="native kernels are switched off")

SUM = Source(
    """
def kernel(args, lo, hi, worker):
    x, parts = pointer(args[0], float32), pointer(args[1], float32)
    total = float32(0.0)
    for i in range(uint64(lo), uint64(hi)):
        total = vectorized(total, x[i])
    parts[uint64(worker)] = total
""",
    filename="sum",
)
SPREAD = Source(
    """
def kernel(args, lo, hi, worker):
    x, parts, count = pointer(args[0], float32), pointer(args[1], float32), uint64(args[2])
    total = float32(0.0)
    for j in range(count):
        total += parts[j]
    for i in range(uint64(lo), uint64(hi)):
        x[i] = x[i] * float32(0.5) + total * float32(1e-4) + float32(0.25)
""",
    filename="spread",
)


class Work:
    """Steps in which every worker reads what all others wrote; each worker count has bits of its own."""

    def __init__(self, workers, size=5003, rounds=6, between=None):
        self.start = np.random.default_rng(0).normal(size=size).astype("float32")
        self.x, self.parts = self.start.copy(), np.zeros(workers, "float32")
        places = [self.x.ctypes.data, self.parts.ctypes.data, workers]
        kept = [self.x, self.parts]
        self.steps = []
        for i in range(rounds):
            self.steps.append(NativeStep(address(SUM), places, kept, size, 16, workers))
            if between is not None:
                self.steps.append(between)
            self.steps.append(NativeStep(address(SPREAD), places, kept, size, 16, workers if i % 2 else 1))
        self.run = team.assemble(self.steps)

    def result(self):
        self.x[:] = self.start
        self.run()
        return self.x.tobytes()

    def alone(self):
        self.x[:] = self.start
        for step in self.steps:
            step()
        return self.x.tobytes()


@native
@pytest.mark.parametrize("workers", [1, 2, 3, 5])
@pytest.mark.parametrize("between", [None, lambda: None])
def test_same_bits_by_the_team_and_alone(workers, between):
    work = Work(workers, between=between)
    expected = work.alone()
    for _ in range(200):
        assert work.result() == expected


@native
def test_shares_cover_all_units_once():
    for units in (0, 1, 15, 16, 17, 1000):
        for workers in (1, 2, 3, 7):
            blocks = [NativeStep(address(SUM), [0, 0], [], units, 16, workers).share(w) for w in range(workers)]
            assert [i for lo, hi in blocks for i in range(lo, hi)] == list(range(units))


@native
def test_barriers_stand_only_between_shared_steps():
    work = Work(2, rounds=2)
    shared, serial = work.steps[0], work.steps[1]
    assert Segment([serial] * 5).barriers == 0
    assert Segment([serial, serial, shared]).barriers == 2  # before it, and at the end
    assert Segment([shared, serial, serial]).barriers == 1
    assert Segment([shared, shared]).barriers == 2


@native
def test_many_python_threads_run_programs_at_once():
    works = [Work(1 + i % 3, between=None if i % 2 else (lambda: None)) for i in range(6)]
    expected, wrong = [work.alone() for work in works], []

    def many(work, bits):
        for _ in range(150):
            if work.result() != bits:
                wrong.append(work)

    threads = [threading.Thread(target=many, args=pair) for pair in zip(works, expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and not any(thread.is_alive() for thread in threads)
    assert blas.threads() == BEFORE


BEFORE = blas.threads()


@native
def test_a_program_within_a_program():
    inner = Work(3)
    expected, seen = inner.alone(), []
    outer = Work(2, between=lambda: seen.append(inner.result()))
    bits = outer.alone()
    seen.clear()
    for _ in range(20):
        assert outer.result() == bits
    assert set(seen) == {expected} and len(seen) == 120
    assert inner.result() == expected


@native
def test_an_exception_frees_the_team():
    def fail():
        raise KeyError("step")

    for _ in range(3):
        with pytest.raises(KeyError):
            Work(2, between=fail).run()
        assert blas.threads() == BEFORE
    work = Work(2)
    assert work.result() == work.alone()
    from kerasish.backend.numpy.team import crew

    assert crew._crew.words[crew._TAKEN] == 0 and crew._crew.words[crew._OPEN] == 0


def test_plain_steps_run_in_order_and_release_blas():
    seen = []
    team.assemble([lambda: seen.append(1), lambda: seen.append(blas.threads())])()
    assert seen[0] == 1 and (seen[1] is None or seen[1] <= max(team.size(), 1))
    team.assemble([])()
    with pytest.raises(ZeroDivisionError):
        team.assemble([lambda: 1 / 0])()
    assert blas.threads() == BEFORE


def test_blas_is_held_by_all_who_are_inside():
    if BEFORE is None:
        pytest.skip("the number of threads of this BLAS can't be told")
    with blas.held():
        assert blas.threads() == 1
        with blas.held():
            assert blas.threads() == 1
        assert blas.threads() == 1
    assert blas.threads() == BEFORE


def test_the_symbol_of_the_matrix_product():
    for name in ("sgemm", "dgemm"):
        found = blas.symbol(name)
        assert found is None or (found[0] > 0 and found[1] in (32, 64))
    with pytest.raises(ValueError, match="sgemm"):
        blas.symbol("zgemm")


def test_set_size():
    before = team.set_size(3)
    try:
        assert team.size() == 3
        for wrong in (0, -1, 1.5, "2", True, 5000):
            with pytest.raises(ValueError, match="whole number"):
                team.set_size(wrong)
        assert team.size() == 3
    finally:
        team.set_size(before)
    assert team.size() == before and count.available() >= 1


def python(code, **environment):
    """What a fresh interpreter prints."""
    variables = {k: v for k, v in os.environ.items() if k not in count.VARIABLES} | environment
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, env=variables
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "Fatal" not in done.stderr, done.stderr
    return done.stdout.strip()


SIZE = "from kerasish.backend.numpy import team; print(team.size())"


@pytest.mark.parametrize(
    "environment, expected",
    [
        ({"KERASISH_NUM_THREADS": "3"}, 3),
        ({"OMP_NUM_THREADS": "5"}, 5),
        ({"KERASISH_NUM_THREADS": "2", "OMP_NUM_THREADS": "7"}, 2),
        ({"OMP_NUM_THREADS": "4,2"}, 4),
        ({"KERASISH_NUM_THREADS": ""}, count.available()),
    ],
)
def test_the_size_comes_from_the_environment(environment, expected):
    assert python(SIZE, **environment) == str(expected)


@pytest.mark.parametrize("value", ["none", "0", "-2", "1.5"])
def test_a_wrong_size_in_the_environment_is_named(value):
    said = python(
        "from kerasish.backend.numpy import team\ntry: team.size()\nexcept ValueError as error: print(error)",
        KERASISH_NUM_THREADS=value,
    )
    assert "KERASISH_NUM_THREADS" in said and "whole number" in said


def test_a_wrong_size_in_the_environment_can_be_set_right():
    said = python(
        """
        from kerasish import backend
        from kerasish.backend.numpy.team import count
        print(backend.set_num_threads(2) == count.available(), backend.set_num_threads(3), count.size())
    """,
        KERASISH_NUM_THREADS="abc",
    )
    assert said == "True 2 3"


@pytest.mark.parametrize("value", ["off", "false", "no", "2"])
def test_native_kernels_are_on_or_off(value):
    said = python(
        """
        from kerasish.backend.numpy.native import available
        try: available.enabled()
        except ValueError as error: print(error)
    """,
        KERASISH_NATIVE=value,
    )
    assert (
        said
        == f"The environment variable KERASISH_NATIVE must be 0 (off) or 1 (on), got {value!r}. Correct or unset it."
    )


@native
def test_forked_children_have_a_team_of_their_own():
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    said = python(f"""
        import os, sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        from test_team import Work, blas
        work = Work(3)
        bits = work.result()
        before = blas.threads()

        def fork():  # in the middle of a Program, too
            global child
            if child is None:
                child = os.fork()
        child = 0
        mixed = Work(2, between=fork)
        expected = mixed.result()
        for inside in (False, True):
            child = None
            if inside:
                assert mixed.result() == expected
            else:
                fork()
            assert work.result() == bits and mixed.result() == expected and blas.threads() == before
            if child == 0:
                os._exit(7)
            assert os.waitpid(child, 0)[1] >> 8 == 7
        print("both")
    """)
    assert said == "both"


@native
@pytest.mark.parametrize(
    "ending",
    [
        "",
        "import sys; sys.exit(0)",
        "import threading; threading.Thread(target=lambda: [work.result() for _ in range(10**9)], daemon=True).start()",
    ],
)
def test_the_interpreter_ends_cleanly(ending):
    code = f"""
import sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from test_team import Work
work = Work(4)
work.result()
print("ran")
{ending}
"""
    assert python(code) == "ran"


def test_switched_off_there_are_no_native_steps():
    said = python(
        """
        import numpy as np
        import kerasish as keras
        from kerasish.backend.numpy.native import NativeStep
        from kerasish.backend.function import Function
        f = Function(lambda x, w: keras.ops.relu(keras.ops.matmul(x, w)))
        x = np.ones((64, 64), "float32")
        print(float(f(x, x)[0, 0]), any(isinstance(step, NativeStep) for step in f.program(x, x).steps))
    """,
        KERASISH_NATIVE="0",
    )
    assert said == "64.0 False"
