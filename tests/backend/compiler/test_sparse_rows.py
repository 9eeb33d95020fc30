"""Updates of the rows that a step reads, in place of updates of the whole table."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops, optimizers
from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler import pipeline
from kerasish.backend.function import Function
from tests.backend.compiler.harness import evaluated, passes_named, simplified, traced

DEVICE = type(backend.device())
pytestmark = pytest.mark.usefixtures("small_tables_too")
BEHIND = pytest.mark.skipif(DEVICE.replayer is None, reason="on this device rows are never behind")

ROWS, WIDTH = 4096, 8
RNG = np.random.default_rng(0)
SOME = RNG.integers(0, ROWS, 40).astype("int32")
MANY_EQUAL = RNG.integers(0, 5, (6, 7)).astype("int32")
NEGATIVE = np.array([3, -1, ROWS - 1, 0, -ROWS, 3], "int32")


def sparse_rows(draft):
    """The Draft behind the pass alone."""
    return pipeline.run(draft, passes_named("sparse_rows"))


class Table:
    """A table, an optimizer for it, and a step that trains it on some rows."""

    def __init__(self, optimizer, rows=ROWS, loss=None, dtype="float32"):
        self.weight = backend.Variable(RNG.standard_normal((rows, WIDTH)).astype(dtype), dtype=dtype, name="table")
        self.optimizer = optimizers.get(optimizer)
        self.optimizer.build([self.weight])
        self._loss = loss or (lambda weight, rows: ops.sum(ops.square(rows)) + ops.sum(rows))

    def step(self, indices):
        rows = ops.take(self.weight, indices, axis=0)
        gradient = gradients(self._loss(self.weight, rows), [self.weight.read()])[0]
        self.optimizer.apply([gradient], [self.weight])
        return ops.sum(rows)

    def nodes(self, indices):
        """(graph, simplified nodes, nodes after the pass, alias, constants)."""
        graph = traced(self.step, indices)
        dense = simplified(graph)
        return graph, dense.nodes, sparse_rows(dense).nodes, dense.alias, dense.constants


def names(nodes):
    return [node.operation.name for node in nodes]


class Scaled(optimizers.SGD):
    """SGD with a cast, a sign and a scale on the way."""

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(ops.cast(gradient, "float64"), variable.dtype)
        self.assign_add(variable, ops.negative(gradient) / 4.0 * learning_rate)


POSSIBLE = {
    "sgd": lambda: optimizers.SGD(0.1),
    "sgd, schedule": lambda: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)),
    "sgd, clipped by value": lambda: optimizers.SGD(0.1, clipvalue=0.5),
    "sgd, scaled loss": lambda: optimizers.SGD(0.1, loss_scale_factor=8.0),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "casts, signs, scales": lambda: Scaled(0.1),
    "clipped by norm": lambda: optimizers.SGD(0.1, clipnorm=1.0),
    "clipped by the global norm": lambda: optimizers.Adagrad(0.1, global_clipnorm=1.0),
}
LATER = {
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "weight decay": lambda: optimizers.SGD(0.1, weight_decay=0.01),
    "average": lambda: optimizers.SGD(0.1, use_ema=True),
    "adam": lambda: optimizers.Adam(0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.1),
    "adadelta": lambda: optimizers.Adadelta(0.1),
    "lion": lambda: optimizers.Lion(0.1),
    "ftrl": lambda: optimizers.Ftrl(0.1),
    "adagrad without epsilon": lambda: optimizers.Adagrad(0.1, epsilon=0.0),
    "adagrad, epsilon below zero": lambda: optimizers.Adagrad(0.1, epsilon=-1e-7),
}


@pytest.mark.parametrize("indices", [SOME, MANY_EQUAL, NEGATIVE], ids=["some", "many equal", "negative"])
@pytest.mark.parametrize("optimizer", POSSIBLE.values(), ids=POSSIBLE)
def test_rows_are_updated_as_the_table_would_be(optimizer, indices):
    table = Table(optimizer())
    graph, dense, sparse, alias, constants = table.nodes(indices)
    assert "take_gradient" not in names(sparse) and "put_rows" in names(sparse)
    whole = [node for node in sparse for t in node.outputs if tuple(t.shape) == (ROWS, WIDTH)]
    assert set(names(whole)) == {"put_rows"}
    before = evaluated(dense, constants, graph, [indices], alias)
    after = evaluated(sparse, constants, graph, [indices], alias)
    changed = 0
    for wanted, found in zip(before, after):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)
        changed += wanted.shape == (ROWS, WIDTH)
    assert changed == names(sparse).count("put_rows")


def test_rows_that_no_index_names_keep_their_bits():
    table = Table(optimizers.Adagrad(0.1))
    graph, _, sparse, alias, constants = table.nodes(SOME)
    old = table.weight.numpy()
    found = evaluated(sparse, constants, graph, [SOME], alias)
    others = np.setdiff1d(np.arange(ROWS), SOME)
    weights = next(f for f in found if f.shape == old.shape and np.array_equal(f[others], old[others]))
    assert not np.array_equal(weights[SOME], old[SOME])


@BEHIND
@pytest.mark.parametrize("optimizer", LATER.values(), ids=LATER)
def test_what_changes_rows_without_gradient_is_done_later(optimizer):
    _, _, sparse, _, _ = Table(optimizer()).nodes(SOME)
    assert "take_gradient" not in names(sparse)
    readers = [node.operation.name for node in sparse for x in node.inputs if tuple(x.shape) == (ROWS, WIDTH)]
    assert set(readers) == {"catch_up", "take", "put_rows"}
    assert names(sparse).index("catch_up") < names(sparse).index("take")


@pytest.mark.parametrize("optimizer", LATER.values(), ids=LATER)
def test_where_rows_can_not_wait_the_update_stays_dense(optimizer, monkeypatch):
    monkeypatch.setattr(DEVICE, "replayer", None)
    _, dense, sparse, _, _ = Table(optimizer()).nodes(SOME)
    assert sparse is dense and "take_gradient" in names(dense)


DENSE = {
    "lamb": lambda: optimizers.Lamb(0.1),  # the rate hangs on the norm of the whole table
    "adafactor": lambda: optimizers.Adafactor(0.1),
    "average that is written back": lambda: optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=3),
    "several steps together": lambda: optimizers.Adam(0.1, gradient_accumulation_steps=2),
}


@pytest.mark.parametrize("optimizer", DENSE.values(), ids=DENSE)
def test_what_needs_the_whole_table_stays_dense(optimizer):
    _, dense, sparse, _, _ = Table(optimizer()).nodes(SOME)
    assert sparse is dense and "take_gradient" in names(dense)


@BEHIND
def test_a_gradient_that_all_rows_have_as_well_is_done_later():
    regularized = Table(optimizers.SGD(0.1), loss=lambda table, rows: ops.sum(rows) + ops.sum(ops.square(table)))
    _, _, sparse, _, _ = regularized.nodes(SOME)
    assert "catch_up" in names(sparse) and "take_gradient" not in names(sparse)


LOSSES = {
    "read as a whole": lambda weight, rows: ops.sum(rows) + ops.sum(ops.matmul(weight, ops.ones((WIDTH, 2)))),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_gradients_of_the_whole_table_stay_dense(loss):
    _, dense, sparse, _, _ = Table(optimizers.SGD(0.1), loss=loss).nodes(SOME)
    assert sparse is dense


def test_small_tables_and_many_indices_stay_dense():
    for rows, indices in ((64, SOME % 64), (ROWS, np.arange(ROWS // 2, dtype="int32"))):
        _, dense, sparse, _, _ = Table(optimizers.SGD(0.1), rows=rows).nodes(indices)
        assert sparse is dense


def test_a_gradient_that_is_returned_stays_dense():
    table = Table(optimizers.SGD(0.1))

    def step(indices):
        gradient = gradients(ops.sum(ops.take(table.weight, indices, axis=0)), [table.weight.read()])[0]
        table.optimizer.apply([gradient], [table.weight])
        return gradient

    graph = traced(step, SOME)
    dense = simplified(graph)
    assert sparse_rows(dense).nodes is dense.nodes


def test_two_tables_in_one_step():
    first, second = Table(optimizers.SGD(0.1)), Table(optimizers.SGD(0.1))
    optimizer = optimizers.Adagrad(0.1)
    optimizer.build([first.weight, second.weight])

    def step(indices):
        weights = [first.weight, second.weight]
        product = ops.take(weights[0], indices, axis=0) * ops.take(weights[1], ops.flip(indices), axis=0)
        optimizer.apply(gradients(ops.sum(product), [w.read() for w in weights]), weights)
        return ops.sum(product)

    graph = traced(step, SOME)
    dense = simplified(graph)
    nodes, alias, constants, sparse = dense.nodes, dense.alias, dense.constants, sparse_rows(dense).nodes
    assert names(sparse).count("put_rows") == 4 and names(sparse).count("sum_rows") == 2
    assert names(sparse).count("take") == 4  # the rows of the forward pass serve; the slots' are read
    for wanted, found in zip(
        evaluated(nodes, constants, graph, [SOME], alias), evaluated(sparse, constants, graph, [SOME], alias)
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad"])
def test_a_compiled_step_writes_the_rows_in_place(optimizer):
    sparse, dense = Table(optimizer), Table(optimizer)
    dense.weight.assign(sparse.weight.value)
    step = Function(sparse.step)
    program = step.program(SOME)
    table_bytes = ROWS * WIDTH * 4
    assert program.arena_bytes < table_bytes / 2 and "put_rows" in program.names
    assert "take_gradient" not in program.names
    # A group counts the steps before the lookups, which may raise: what it counted is written behind them.
    counts_early = backend.device().fuses and not backend.device().updates_together
    assert program.names.count("assign") == counts_early
    for seed in range(5):
        indices = np.random.default_rng(seed).integers(0, ROWS, SOME.shape).astype("int32")
        step(indices)
        rows = backend.convert_to_numpy(ops.take(dense.weight, indices, axis=0))
        gradient = np.zeros((ROWS, WIDTH), "float32")
        np.add.at(gradient, indices, 2 * rows + 1)
        dense.optimizer.apply([gradient], [dense.weight])
        np.testing.assert_allclose(sparse.weight.numpy(), dense.weight.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("optimizer, is_sparse", [("sgd", True), ("adagrad", True), ("adam", True), ("lamb", False)])
def test_an_embedding_model_trains_alike(optimizer, is_sparse):
    indices, targets = RNG.integers(0, ROWS, (24, 5)), RNG.standard_normal((24, 1)).astype("float32")
    weights = []
    for eager in (False, True):
        keras.utils.set_random_seed(3)
        model = keras.Sequential(
            [
                keras.Input((5,), dtype="int32"),
                keras.layers.Embedding(ROWS, WIDTH),
                keras.layers.Flatten(),
                keras.layers.Dense(1),
            ]
        )
        model.compile(optimizer, "mse", run_eagerly=eager)
        model.fit(indices, targets, batch_size=8, epochs=2, verbose=0)
        if not eager:
            program = model.make_train_function().program(indices[:8], targets[:8], None)
            assert ("put_rows" in program.names) is (is_sparse and (optimizer != "adam" or DEVICE.replayer is not None))
        weights.append(model.get_weights())
    for compiled, eager in zip(*weights):
        np.testing.assert_allclose(compiled, eager, rtol=1e-4, atol=1e-6)
