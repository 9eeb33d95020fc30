"""Which rows a rank takes, and what one process is spared: nothing of several is asked there."""

import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import context
from kerasish.backend.numpy.random import _Generator
from kerasish.distribution import shares
from kerasish.distribution.shares import Share, SharedState
from kerasish.random.dropout import dropped
from tests.ranks import ROOT


@pytest.mark.parametrize(("total", "size"), [(8, 2), (7, 2), (5, 4), (4, 4), (1000, 7), (9, 1)])
def test_every_row_is_somebodys(total, size):
    found = [Share.of(total, rank, size) for rank in range(size)]
    assert [row for share in found for row in range(share.start, share.stop)] == list(range(total))
    assert max(share.own for share in found) - min(share.own for share in found) <= 1
    for share in found:
        again = Share.named(share.name)
        assert (again.rows, again.rank, again.start, again.stop) == (share.rows, share.rank, share.start, share.stop)


def test_fewer_rows_than_ranks_are_nobodys_share():
    assert Share.of(3, 0, 4) is None


def test_without_a_share_nothing_is_changed():
    x = keras.ops.ones((2,))
    assert shares.current() is None
    for same in (shares.summed, shares.averaged, shares.part_of_sum):
        assert same(x) is x
    assert shares.part_of_mean(x, 2) is x and shares.count_of_all(x, 2) is x and shares.samples_counted(5) == 5
    assert shares.averaged_gradients([x], [None])[0] is x
    assert shares.world() is None and shares.leads() and shares.from_first(lambda: 3) == 3


def test_parts_of_sums_and_means():
    with context.scope(share=Share((3, 2), 1)):
        assert float(shares.part_of_mean(keras.ops.array(10.0), 2)) == pytest.approx(10 * 2 * 2 / 5)
        assert float(shares.part_of_mean(keras.ops.array(10.0), 4)) == pytest.approx(10 * 2 * 2 / 5)
        assert float(shares.part_of_mean(keras.ops.array(10.0), 3)) == 10  # not of the samples
        assert float(shares.part_of_sum(keras.ops.array(10.0))) == 20
        assert shares.count_of_all(8, 4) == 20 and shares.samples_counted(2) == 2.5 and shares.samples_counted(3) == 3
        with shares.alone():
            assert shares.current() is None
    with context.scope(share=Share((2, 2), 1)):
        assert shares.part_of_mean(3.0, 2) == 3.0


@pytest.mark.parametrize("width", [1, 3, 4])
@pytest.mark.parametrize("rows", [(3, 2), (4, 4), (1, 2, 2), (7, 8, 8, 8)])
def test_what_is_drawn_is_that_of_the_whole_batch(rows, width):
    total, drawn = sum(rows), {"seed": 3}
    whole = [made((total, width), **drawn) for made in _DRAWS]
    for rank in range(len(rows)):
        share = Share(rows, rank)
        with context.scope(share=share):
            for made, wanted in zip(_DRAWS, whole):
                found = made((share.own, width), **drawn)
                assert np.array_equal(found, wanted[share.start : share.stop]), made


_DRAWS = (
    lambda shape, seed: keras.random.dropout(keras.ops.ones(shape), 0.5, seed=seed),
    lambda shape, seed: keras.random.dropout(keras.ops.ones(shape), 0.001, seed=seed),
    lambda shape, seed: keras.random.dropout(keras.ops.ones((2 * shape[0], 3)), 0.5, seed=seed)[::2],
    keras.random.uniform,
    keras.random.normal,
    lambda shape, seed: keras.random.normal(shape, dtype="float64", seed=seed),
    keras.random.truncated_normal,
    lambda shape, seed: keras.random.gamma(shape, 2.0, seed=seed),
    lambda shape, seed: keras.random.randint(shape, 0, 10**9, seed=seed),
    lambda shape, seed: np.stack(_gates(shape, seed), axis=1),
)


def _gates(shape, seed):
    masks = dropped(keras.ops.ones((4, *shape)), 0.5, (4, *shape), seed, samples=1)
    return [masks[gate] for gate in range(4)]


def test_nobody_draws_for_others(monkeypatch):
    """A rank makes as many random bits as its rows take; of pairs of normal numbers both."""
    made, fill = [], _Generator._fill
    monkeypatch.setattr(
        _Generator, "_fill", lambda self, flat, first: (made.append(flat.size), fill(self, flat, first))
    )
    for draw, most in (
        (_DRAWS[0], 8 * 6 // 2),
        (_DRAWS[3], 8 * 6),
        (_DRAWS[4], 2 * 8 * 6),
        (_DRAWS[-1], 4 * 8 * 6 // 2),
    ):
        made.clear()
        with context.scope(share=Share((8, 8, 8, 8), 1)):
            draw((8, 6), seed=3)
        assert sum(made) == most


def test_state_of_metrics_is_a_variable_as_others_are():
    state = keras.metrics.Mean().total
    assert isinstance(state, SharedState)
    state.assign_add(2.0)
    assert float(state) == 2.0
    state.assign(keras.ops.maximum(state, 5.0))
    assert float(state) == 5.0


def test_one_process_imports_nothing_of_several():
    code = (
        "import sys, numpy as np, kerasish as keras\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\n"
        "model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)\n"
        "names = ('mpi4py', 'kerasish.models.training.together', 'kerasish.distribution.current')\n"
        "sys.exit(any(name in sys.modules for name in names))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_as_many_processes_as_devices():
    x, y = np.ones((4, 2)), np.ones((4, 1))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"]).scope():
        for call in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
            with pytest.raises(ValueError, match="lies on 2 devices, and 1 process computes here.*mpiexec -n 2"):
                call(x, y)
