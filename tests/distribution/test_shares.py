"""Which rows a rank takes, and what one process is spared: nothing of several is asked there."""

import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import context
from kerasish.distribution import shares
from kerasish.distribution.shares import Share, SharedState
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


def test_a_mask_is_that_of_the_whole_batch():
    whole = keras.random.dropout(keras.ops.ones((5, 3)), 0.5, seed=3)
    noise = keras.random.normal((5, 3), seed=3)
    for rank, rows in enumerate((slice(0, 3), slice(3, 5))):
        share = Share((3, 2), rank)
        with context.scope(share=share):
            ones = keras.ops.ones((share.own, 3))
            assert np.array_equal(keras.random.dropout(ones, 0.5, seed=3), whole[rows])
            assert np.array_equal(keras.random.normal((share.own, 3), seed=3), noise[rows])
            assert keras.Variable("normal", (share.own, 3)).shape == (share.own, 3)


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
