"""What indexing, sorting and random primitives refuse, and the corners that a table of values does not show."""

import numpy as np
import pytest

from kerasish.backend import context
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.primitives import p
from kerasish.backend.primitives.primitive import Spec
from tests.backend.primitives.harness import to_device, to_host

X = np.arange(12.0).reshape(3, 4)


def _call(name, *inputs, **attributes):
    return getattr(p, name)(*[to_device(np.asarray(x)) for x in inputs], **attributes)


@pytest.mark.parametrize(
    "call",
    [
        lambda bad: _call("gather_nd", X, [[bad]]),
        lambda bad: _call("scatter_nd_add", X, [[bad]], np.ones((1, 4))),
        lambda bad: _call("scatter_update", X, [[bad]], np.ones((1, 4))),
        lambda bad: _call("put_along_axis_add", X[:1], [[bad] * 4], axis=0, size=3),
        lambda bad: _call("sum_rows", np.ones((1, 4)), [bad], size=3),
        lambda bad: _call("put_rows", X, [bad], np.ones((1, 4))),
        lambda bad: _call("first_rows", [bad], size=3),
    ],
    ids=["gather_nd", "scatter_nd_add", "scatter_update", "put_along_axis_add", "sum_rows", "put_rows", "first_rows"],
)
@pytest.mark.parametrize("bad", [3, -4])
def test_an_index_out_of_range_is_refused(call, bad):
    with pytest.raises(IndexError, match="out of range"):
        call(bad)


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("integers", lambda: _call("take", X, [0.5], axis=0)),
        ("axis", lambda: _call("take", X, [0], axis=2)),
        ("`indices` of `take_along_axis`", lambda: _call("take_along_axis", X, [[0, 1]], axis=1)),
        ("last axis of the indices", lambda: _call("gather_nd", X, [[0, 0, 0]])),
        ("`updates` of `scatter_nd_add`", lambda: _call("scatter_nd_add", X, [[0]], np.ones((1, 3)))),
        ("one dtype", lambda: _call("scatter_update", X, [[0]], np.ones((1, 4), "float32"))),
        ("`g` of `sum_rows`", lambda: _call("sum_rows", X, [0, 1], size=9)),
        ("integers", lambda: _call("sum_rows", X, [0.5, 1.0, 2.0], size=9)),
        ("`rows` of `put_rows`", lambda: _call("put_rows", X, [0], np.ones((2, 4)))),
        ("one dtype", lambda: _call("put_rows", X, [0], np.ones((1, 4), "float32"))),
        ("vector", lambda: _call("searchsorted", X, X, side="left")),
        ("side", lambda: _call("searchsorted", X[0], X, side="middle")),
        ("`k` must be", lambda: _call("top_k", X, k=5)),
        ("axis", lambda: _call("top_k", 1.0, k=1)),
        ("key of `philox`", lambda: _call("philox", np.zeros(3, "uint32"), shape=(2,))),
        ("key of `philox`", lambda: _call("philox", np.zeros(2, "int32"), shape=(2,))),
    ],
)
def test_operands_that_do_not_fit_are_refused(message, call):
    with pytest.raises(ValueError, match=message):
        call()


def test_sizes_that_are_open_come_from_the_other_operand():
    assert p.take_gradient.shape_rule(Spec((None, 3), "float32"), Spec((None,), "int32"), axis=0, size=7).shape == (
        7,
        3,
    )
    assert p.put_along_axis_add.shape_rule(
        Spec((2, None), "float32"), Spec((None, 5), "int32"), axis=1, size=9
    ).shape == (2, 9)


def test_of_updates_for_one_place_only_the_last_has_a_gradient():
    indices = to_device(np.array([[0], [1], [0]], "int32"))
    step = function(lambda x, u: gradients(p.sum(p.scatter_update(x, indices, u), axis=None, keepdims=False), [x, u]))
    to_x, to_updates = (to_host(g).tolist() for g in step(np.ones(3), np.ones(3)))
    assert to_x == [0.0, 0.0, 1.0]
    assert to_updates == [0.0, 1.0, 1.0]


def test_a_program_reads_indices_and_keys_anew_at_every_run():
    step = function(lambda i, key: [p.take(to_device(X), i, axis=0), p.philox(key, shape=(3,))])
    for index, counter in ((0, 5), (2, 6)):
        row, bits = step(np.array([index], "int32"), np.array([1, counter], "uint32"))
        assert to_host(row).tolist() == [X[index].tolist()]
        with context.escaped():
            assert (
                to_host(bits).tolist()
                == to_host(_call("philox", np.array([1, counter], "uint32"), shape=(3,))).tolist()
            )
