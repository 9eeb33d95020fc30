"""Compiled functions: signatures, updates, memory, threads, and what is refused."""

import copy
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.function import Function
from tests.backend.reading import assert_allclose, host


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
    assert host(first).tolist() == [2.0] * 3


def test_updates_are_simultaneous():
    a, b = keras.Variable([1.0, 2.0]), keras.Variable([10.0, 20.0])

    def swap():
        old_a, old_b = a.value, b.value
        a.assign(old_b)
        b.assign(old_a)
        return old_a

    for _ in range(2):
        before = a.numpy()
        returned = backend.function(swap)()
        assert host(returned).tolist() == before.tolist()
        assert b.numpy().tolist() == before.tolist()


def test_an_update_in_place_leaves_what_was_read_before_alone():
    v = keras.Variable(np.ones((4, 4), "float32"))

    def body(x):
        transposed = ops.transpose(v)
        v.assign(v * 2.0)
        return ops.matmul(x, transposed) + v

    f = backend.function(body)
    first = host(f(np.eye(4, dtype="float32")))
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
    expected = [host(f(x)) for x in inputs]
    wrong = []

    def work(index):
        for _ in range(50):
            if not np.array_equal(host(f(inputs[index])), expected[index]):
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
    out = host(backend.function(lambda x: ops.log(x) / x)(np.array([-1.0, 0.0, 1.0], "float32")))
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


def in_threads(*bodies, seconds=60):
    """The results of functions that each run in a thread of their own. They must all end."""
    results = [None] * len(bodies)

    def run(index):
        results[index] = bodies[index]()

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
        assert not thread.is_alive(), "deadlock"
    return results


@pytest.mark.parametrize("apart", [False, True])
def test_a_body_may_call_its_own_function(apart):
    f = Function(lambda x: x + ops.sum(f(np.ones(3, "float32"))) if x.shape[0] == 2 else x * 2.0, apart=apart)
    (found,) = in_threads(lambda: f(np.ones(2, "float32")))
    assert found.tolist() == [7.0, 7.0]


def test_threads_whose_traces_need_each_other_go_on():
    both = threading.Barrier(2)

    def body(other):
        def run(x):
            if x.shape[0] == 2:
                both.wait(30)
                return x + other()(np.ones(3, "float32"))[0]
            return x * 2.0

        return run

    f = Function(body(lambda: g), apart=True)
    g = Function(body(lambda: f), apart=True)
    found = in_threads(lambda: f(np.ones(2, "float32")), lambda: g(np.ones(2, "float32")))
    assert [x.tolist() for x in found] == [[3.0, 3.0]] * 2


def test_known_signatures_run_while_another_is_traced():
    started, go_on = threading.Event(), threading.Event()

    def body(x):
        if x.shape[0] == 1000:
            started.set()
            assert go_on.wait(30)
        return x + 1.0

    f = backend.function(body)
    for size in range(1, 30):
        f(np.ones(size, "float32"))

    def known():
        assert started.wait(30)
        try:
            return f(np.ones(2, "float32"))
        finally:
            go_on.set()

    slow, quick = in_threads(lambda: f(np.ones(1000, "float32")), known)
    assert slow.shape == (1000,) and quick.tolist() == [2.0, 2.0]


def test_one_signature_is_traced_once_by_many_threads_and_again_after_a_failure():
    calls = []

    def body(x):
        calls.append(x.shape)
        if len(calls) == 1:
            raise ValueError("the first time")
        return x * 2.0

    f = backend.function(body)
    with pytest.raises(ValueError, match="the first time"):
        f(np.ones(2, "float32"))
    found = in_threads(*[lambda: f(np.ones(2, "float32"))] * 6)
    assert all(x.tolist() == [2.0, 2.0] for x in found) and len(calls) == 2


V = np.array([1.0, 2.0], "float32")


@pytest.mark.parametrize(
    "f",
    [
        lambda inner, x: inner(x, 3.0) + 1.0,
        lambda inner, x: inner(x * 1.0, V) * inner(V, 2.0),
        lambda inner, x: ops.scan(lambda c, row: (inner(c, row), inner(row, 2.0)), ops.zeros(()), x)[1],
        lambda inner, x: ops.cond(ops.sum(x) > 0.0, lambda: inner(x, 1.0), lambda: x),
    ],
)
def test_compiled_functions_nest(f):
    inner = backend.function(lambda x, y: ops.tanh(x) * y)
    plain = lambda x, y: ops.tanh(x) * y  # noqa: E731
    assert_allclose(backend.function(lambda x: f(inner, x))(V), backend.function(lambda x: f(plain, x))(V), rtol=1e-6)


def test_a_nested_function_reads_updates_and_returns_as_part_of_the_whole():
    v = keras.Variable(V)
    bump = backend.function(
        lambda d, word: {"new": v.assign_add(d["by"]), "none": None, "word": 1.0 if word == "one" else 2.0}
    )
    outer = backend.function(lambda x: bump({"by": x}, "one"))
    for times in (1, 2):
        found = outer(np.ones(2, "float32"))
        assert (
            found["new"].tolist() == v.numpy().tolist() == (V + times).tolist()
            and found["none"] is None
            and float(found["word"]) == 1.0
        )


def test_a_compiled_function_on_a_tape_has_a_gradient():
    f, v = backend.function(lambda x: x * x), keras.Variable(V)
    with backend.GradientTape() as tape:
        x = tape.watch(V)
        loss = ops.sum(f(x) * f(v))
    of_x, of_v = tape.gradient(loss, [x, v])
    assert of_x.tolist() == of_v.tolist() == (2 * V**3).tolist()
    assert f(x).tolist() == (V * V).tolist()  # the tape has ended: the value counts


def test_what_computes_at_once_refuses_tensors_without_a_value():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    with backend.GradientTape():
        assert isinstance(model.predict(V[None], verbose=0), np.ndarray)
    assert backend.function(lambda x: x + model.predict(V[None], verbose=0)[0, 0])(V).tolist() == [4.0, 5.0]
    with pytest.raises(TypeError, match="computes at once"):
        backend.function(model.make_predict_function())(V[None])
    with pytest.raises(TypeError, match="computes at once"):
        backend.function(lambda x: x)(keras.Input((2,)))


def test_constants_are_those_of_the_trace():
    c, inside, fixed = np.ones(2, "float32"), np.ones(2, "float32"), np.ones(2, "float32")
    fixed.flags.writeable = False

    def body(x):
        looped = ops.scan(lambda carry, row: (carry + row * ops.sum(inside), None), ops.zeros(()), x)[0]
        return x + c, ops.sum(c) * x, looped, inside * looped, x * fixed

    f = backend.function(body)
    before = [host(y) for y in f(V)]
    c[:], inside[:] = 5.0, 7.0
    for y, now in zip(before, f(V)):
        assert y.tolist() == now.tolist()
    held = [array for entry in f._signatures.entries() for array in entry.graph.constants.values()]
    held = [array for array in held if isinstance(array, np.ndarray)] or [fixed]  # of a card: copies, all
    assert not any(np.shares_memory(array, mine) for array in held for mine in (c, inside))
    assert any(array is fixed for array in held)  # nobody can write to it: no copy


def test_zeros_keep_their_sign():
    f = backend.function(
        lambda x: (ops.divide(x, 0.0), ops.divide(x, -0.0), ops.where(x > 5.0, x, 0.0), ops.where(x > 5.0, x, -0.0))
    )
    over, under, plus, minus = f(np.ones(2, "float32"))
    assert over.tolist() == [np.inf] * 2 and under.tolist() == [-np.inf] * 2
    plus, minus = host(plus), host(minus)
    assert not np.signbit(plus).any() and np.signbit(minus).all()


def a_regularizer(x):
    return ops.sum(x) * 0.5


def a_constraint(x):
    return ops.maximum(x, 0.0)


@pytest.mark.parametrize(
    "how", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))], ids=["copy", "deepcopy", "pickle"]
)
@pytest.mark.parametrize("make", [keras.Variable, backend.variable])
def test_a_copy_of_a_variable_is_like_it_and_its_own(make, how):
    v = make(np.array([1, 2], "float16"), dtype="float16", name="v")
    v._trainable, v._autocast, v._aggregation, v._synchronization, v._path = False, False, "sum", "on_read", "a/v"
    v.regularizer, v.constraint, v.overwrite_with_gradient = a_regularizer, a_constraint, True
    twin = how(v)
    assert type(twin) is type(v) and twin.numpy().tolist() == [1.0, 2.0]
    names = (
        "name path shape dtype trainable autocast aggregation synchronization "
        "regularizer constraint overwrite_with_gradient born_trainable"
    ).split()
    assert [getattr(twin, name) for name in names] == [getattr(v, name) for name in names]
    backend.set_value(v, np.zeros(2))
    assert twin.numpy().tolist() == [1.0, 2.0]


def test_a_copy_of_a_variable_draws_what_waits():
    with keras.StatelessScope(initialize_variables=False):
        v = keras.Variable(keras.initializers.Ones(), shape=(2,))
    assert copy.deepcopy(v).numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "code",
    [
        "backend.function(lambda x: x + 1)(np.ones(3))",
        "backend.function(lambda x: np.float32(1) + x)(np.ones(3))",
        "backend.Variable(np.ones(3)) * 2",
    ],
)
def test_operators_are_there_before_anything_else_was_asked_for(code):
    program = f"import numpy as np; from kerasish import backend; print(repr({code}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert not done.returncode, done.stderr


def test_a_variable_takes_a_layout_and_nothing_else():
    assert keras.Variable([1.0], layout=None).shape == (1,)
    assert keras.Variable([1.0], layout=keras.distribution.TensorLayout((None,))).shape == (1,)
    with pytest.raises(ValueError, match="`layout` must be a `keras.distribution.TensorLayout` or None"):
        keras.Variable([1.0], layout=("batch",))
