"""Compiled functions: signatures, updates, memory, threads, and what is refused."""

import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.function import MAX_SIGNATURES


def test_one_trace_a_signature_and_structure():
    calls = []

    def body(x, options):
        calls.append(x.shape)
        return {"sum": ops.sum(x) + (options["bias"] if options["bias"] is not None else 0.0), "same": x}

    f = backend.function(body)
    for _ in range(3):
        f(np.ones((2, 3), "float32"), {"bias": None})
        f(np.ones((4, 3), "float32"), {"bias": np.float32(1.0)})
    assert calls == [(2, 3), (4, 3)]
    result = f(np.ones((4, 3), "float32"), {"bias": np.float32(1.0)})
    assert float(result["sum"]) == 13.0 and result["same"].shape == (4, 3)


def test_results_outlive_the_next_call():
    f = backend.function(lambda x: x * 2.0)
    first = f(np.ones(3, "float32"))
    f(np.full(3, 5.0, "float32"))
    assert np.asarray(first).tolist() == [2.0] * 3


def test_signatures_are_bounded():
    f = backend.function(lambda x: x + 1.0)
    for size in range(1, MAX_SIGNATURES + 20):
        f(np.ones(size, "float32"))
    assert len(f._programs) <= MAX_SIGNATURES


def test_updates_are_simultaneous():
    a, b = keras.Variable([1.0, 2.0]), keras.Variable([10.0, 20.0])

    def swap():
        old_a, old_b = a.value, b.value
        a.assign(old_b)
        b.assign(old_a)
        return old_a

    for order in range(2):
        before = a.numpy()
        returned = backend.function(swap)()
        assert np.asarray(returned).tolist() == before.tolist()
        assert b.numpy().tolist() == before.tolist()


def test_an_update_in_place_leaves_what_was_read_before_alone():
    v = keras.Variable(np.ones((4, 4), "float32"))

    def body(x):
        transposed = ops.transpose(v)
        v.assign(v * 2.0)
        return ops.matmul(x, transposed) + v

    f = backend.function(body)
    first = np.asarray(f(np.eye(4, dtype="float32")))
    assert first.tolist() == (np.ones((4, 4)) + 2.0).tolist()
    assert v.numpy().tolist() == np.full((4, 4), 2.0).tolist()


def test_reading_after_an_assignment_gives_the_new_value():
    v = keras.Variable(1.0)

    def body(x):
        v.assign_add(x)
        v.assign_add(x)
        return v * 10.0

    assert float(backend.function(body)(np.float32(2.0))) == 50.0
    assert float(v) == 5.0


def test_the_arena_is_shared_and_simplified():
    def body(x):
        for _ in range(20):
            x = ops.cumsum(x, 0) * 1.0 + 0.0
        return x

    program = backend.function(body).program(np.ones((64, 64), "float32"))
    assert program.names == ("cumsum",) * 20
    assert program.arena_bytes <= 2 * 64 * 64 * 4
    assert program.total_bytes == 20 * 64 * 64 * 4


def test_equal_work_is_done_once():
    program = backend.function(lambda x: ops.cumsum(x) + ops.cumsum(x) * ops.cumsum(x)).program(np.ones(3, "float32"))
    assert program.names.count("cumsum") == 1


def test_threads_get_programs_of_their_own():
    f = backend.function(lambda x: ops.sum(ops.tanh(ops.matmul(x, x)), axis=0))
    inputs = [np.random.default_rng(i).standard_normal((40, 40)).astype("float32") for i in range(8)]
    expected = [np.asarray(f(x)) for x in inputs]
    wrong = []

    def work(index):
        for _ in range(50):
            if not np.array_equal(np.asarray(f(inputs[index])), expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_tensor_kept_from_an_earlier_trace_is_refused():
    kept = []
    backend.function(lambda x: kept.append(x) or x * 1.0)(np.ones(2, "float32"))
    with pytest.raises(TypeError, match="another traced function"):
        backend.function(lambda x: x + kept[0])(np.ones(2, "float32"))
    with pytest.raises(TypeError, match="has ended"):
        ops.exp(kept[0])


def test_a_value_that_is_not_there_yet_decides_nothing():
    with pytest.raises(TypeError, match="can't decide"):
        backend.function(lambda x: x if ops.sum(x) > 0 else -x)(np.ones(2, "float32"))
    with pytest.raises(TypeError, match="kerasish.ops.sin"):
        backend.function(lambda x: np.sin(x))(np.ones(2, "float32"))
    with pytest.raises(TypeError, match="functional model"):
        outside = keras.Input((2,))
        backend.function(lambda x: backend.primitives.p.add(x, outside))(np.ones(2, "float32"))


def test_nan_and_infinity_flow_without_warnings(recwarn):
    out = backend.function(lambda x: ops.log(x) / x)(np.array([-1.0, 0.0, 1.0], "float32"))
    assert np.isnan(out[0]) and np.isinf(out[1]) and out[2] == 0.0
    ops.log(np.array([-1.0, 0.0], "float32"))
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def test_symbolic_functions_check_what_they_are_fed():
    x, y = keras.Input((3,), name="x"), keras.Input((2,), name="y")
    total = ops.sum(x, axis=1) + ops.sum(y, axis=1)
    f = backend.function([x, y], total)
    assert f([np.ones((4, 3)), np.ones((4, 2))]).tolist() == [5.0] * 4
    with pytest.raises(ValueError, match="takes 2 values"):
        f([np.ones((4, 3))])
    with pytest.raises(ValueError, match="must have shape"):
        f([np.ones((4, 3)), np.ones((4, 3))])
    with pytest.raises(ValueError, match="Graph disconnected"):
        backend.function([x], total)


def test_updates_of_a_symbolic_function():
    x = backend.placeholder((None,))
    w = backend.variable([1.0, 1.0])
    f = backend.function([x], [ops.sum(x * w)], updates=[(w, w + 1.0)])
    assert [float(f([np.ones(2)])[0]) for _ in range(3)] == [2.0, 4.0, 6.0]
