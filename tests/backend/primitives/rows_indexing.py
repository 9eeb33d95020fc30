"""Rows of primitives/indexing.py, scatter.py, sort.py, random.py and host.py."""

import numpy as np

from kerasish.backend.primitives.host import HOST_GRADIENTS
from kerasish.backend.primitives.primitive import Spec, p
from tests.backend.primitives.harness import Row, integers, values


def _take_gradient(g, indices, axis, size):
    """Row by row."""
    lead, rest = g.shape[:axis], g.shape[axis + indices.ndim :]
    out = np.zeros((*lead, size, *rest), g.dtype)
    rows = g.reshape(*lead, indices.size, *rest)
    for i, index in enumerate(indices.reshape(-1)):
        out[(slice(None),) * axis + (index,)] += rows[(slice(None),) * axis + (i,)]
    return out


def _sum_rows(g, indices, size):
    table = _take_gradient(g, indices, 0, size)
    return table[indices]


def _first_rows(indices, size):
    named = [i % size for i in np.ravel(indices)]
    return np.array([i not in named[:place] for place, i in enumerate(named)], bool).reshape(np.shape(indices))


def _put_rows(x, indices, rows):
    """One after the other."""
    out = x.copy()
    for place in np.ndindex(*indices.shape):
        out[indices[place]] = rows[place]
    return out


def _put_along_axis_add(g, indices, axis, size):
    out = np.zeros([size if i == axis % g.ndim else d for i, d in enumerate(g.shape)], g.dtype)
    for place in np.ndindex(*g.shape):
        target = list(place)
        target[axis] = indices[place]
        out[tuple(target)] += g[place]
    return out


def _gather_nd(x, indices):
    return x[tuple(np.moveaxis(indices, -1, 0))]


def _scattered(combine):
    """Update by update, in order."""

    def reference(x, indices, updates, **_):
        out = x.copy()
        for place in np.ndindex(*indices.shape[:-1]):
            where = tuple(indices[place])
            out[where] = combine(out[where], updates[place])
        return out

    return reference


_COMBINE = {"max": np.maximum, "min": np.minimum, "mul": np.multiply}


def _places(*rows):
    return np.array(rows, "int32")


def _top_k(x, k):
    order = np.argsort(-x.astype("float64"), axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order


def _argsort(x, axis, stable=True):
    return np.argsort(x, axis=axis, kind="stable")


def _philox(key, shape, part=None):
    if part is not None:
        axis, start, total = part
        whole = _philox(key, (*shape[:axis], total, *shape[axis + 1 :]))
        return whole.take(range(start, start + shape[axis]), axis)
    count = int(np.prod(shape))
    return np.random.Philox(key=key.astype("uint64")).random_raw(count // 2 + 1).view("uint32")[:count].reshape(shape)


HOST_GRADIENTS["primitive row"] = lambda op, g: p.multiply(g, p.multiply(p.square(op.inputs[0]), 3.0))
_TIED = np.array([[3.0, 1.0, 3.0, -0.0], [0.0, 2.0, 2.0, np.inf]])

ROWS = [
    *[
        Row("take", values(4, 3), indices, axis=axis, reference=np.take)
        for indices, axis in ((integers(5, low=-3, high=3), 1), (integers(2, 3, low=-4, high=4), 0), (np.int64(2), 0),
        (integers(0), -1))
    ],
    Row("take", integers(4, 3), integers(2, high=3, low=0, dtype="uint8"), axis=1, reference=np.take),
    *[
        Row("take_gradient", g, indices, axis=axis, size=4, reference=_take_gradient)
        for g, indices, axis in (
            (values(6, 3), integers(6, low=-4, high=4), 0), (values(2, 5), integers(5, low=0, high=4), 1),
            (values(2, 2, 3, 2), integers(2, 3, low=0, high=4), 1),
            (values(0, 3), integers(0), 0), (values(3), np.int32(2), 0),
        )
    ],
    # as many rows as need several blocks of flat positions, and rows so wide that they are added one by one
    Row("take_gradient", values(300, 100), integers(300, low=-7, high=7), axis=0, size=7, reference=_take_gradient,
    gradient=False, rtol=1e-9),
    Row("take_gradient", values(9, 2100), integers(9, low=0, high=3), axis=0, size=3, reference=_take_gradient,
    gradient=False),
    # few rows of a large table, some more than once
    Row("take_gradient", values(40, 3), integers(40, low=-90, high=90), axis=0, size=90, reference=_take_gradient),
    Row("take_gradient", values(2, 3, 4), np.array([[5, -1, 5], [0, 99, 5]]), axis=0, size=100,
    reference=_take_gradient),
    *[
        Row("sum_rows", g, indices, size=size, reference=_sum_rows, gradient=False)
        for g, indices, size in (
            (values(6, 3), integers(6, low=-4, high=4), 4), (values(2, 3, 4, 2), np.array([[1, -1, 1], [8, 0, 1]]), 9),
            (values(5), integers(5, low=0, high=3), 7),
            (values(0, 3), integers(0), 5), (values(3), np.int32(2), 4), (values(4, 0), integers(4, low=0, high=2), 2),
            (integers(5, 2), integers(5, low=0, high=2), 3),
        )
    ],
    *[
        Row("first_rows", indices, size=size, reference=_first_rows, gradient=False)
        for indices, size in (
            (integers(9, low=-4, high=4), 4), (np.array([[1, -1, 1], [8, 0, 1]]), 9), (integers(0), 5), (np.int32(2), 4)
        )
    ],
    *[
        Row("put_rows", x, indices, rows, reference=_put_rows, gradient=False)
        for x, indices, rows in (
            (values(7, 3), np.array([0, -1, 3]), values(3, 3)), (values(7, 2, 2), np.array([[1, 2], [-3, 6]]), values(2,
            2, 2, 2)),
            (values(4), np.int32(-2), values()), (values(4, 2), integers(0), values(0, 2)), (values(5, 2), np.array([1,
            1, -4]), np.ones((3, 2))),
        )
    ],
    *[
        Row("take_along_axis", x, indices, axis=axis, reference=np.take_along_axis)
        for x, indices, axis in (
            (values(3, 4), integers(3, 2, low=-4, high=4), 1), (values(3, 2, 2), integers(5, 2, 2, low=-3, high=3), 0),
            (values(4), integers(2, low=0, high=4), -1),
        )
    ],
    *[
        Row("put_along_axis_add", g, indices, axis=axis, size=4, reference=_put_along_axis_add)
        for g, indices, axis in (
            (values(3, 5), integers(3, 5, low=-4, high=4), 1), (values(5, 2, 2), integers(5, 2, 2, low=-4, high=4), 0),
            (values(3), integers(3, low=0, high=4), -1),
        )
    ],
    Row("gather_nd", values(3, 4, 2), _places([0, 1], [2, -1], [0, 1]), reference=_gather_nd, closed=(1,)),
    Row("gather_nd", values(3, 4), integers(2, 2, 1, low=-3, high=3), reference=_gather_nd, closed=(1,)),
    Row("scatter_nd_add", values(3, 4, 2), _places([0, 1], [2, -1], [0, 1]), values(3, 2), reference=_scattered(np.add),
    closed=(1,)),
    Row("scatter_nd_add", integers(5), _places([0], [2], [2]), integers(3), reference=_scattered(np.add), closed=(1,)),
    Row("scatter_update", values(3, 4, 2), _places([0, 1], [2, -1], [0, 1]), values(3, 2),
    reference=_scattered(lambda old, new: new), closed=(1,)),
    Row("scatter_update", values(4, 2), _places([1], [3], [1], [1]), values(4, 2), reference=_scattered(lambda old,
    new: new), closed=(1,)),
    *[
        Row("scatter_nd_combine", values(3, 2, low=0.5), _places([0], [2], [0]), values(3, 2, low=0.5), mode=mode,
        reference=_scattered(join), closed=(1,))
        for mode, join in _COMBINE.items()
    ],
    *[
        Row("searchsorted", np.array([1.0, 2.0, 2.0, 5.0]), np.array([[0.0, 2.0], [2.5, 9.0]]), side=side,
        reference=np.searchsorted)
        for side in ("left", "right")
    ],
    *[Row("argsort", x, axis=axis, reference=_argsort) for x in (_TIED, integers(3, 9, low=0, high=4), integers(5, 3,
    dtype="uint8")) for axis in (0, 1)],
    Row("argsort", np.array([2.0, np.nan, -np.inf, 0.0, -0.0, np.inf, -1.0]), axis=0, reference=_argsort),
    Row("argsort", integers(9, low=-(2**62), high=2**62, dtype="int64"), axis=-1, stable=False, reference=_argsort),
    Row("top_k", _TIED, k=3, reference=_top_k, gradient=False), Row("top_k", values(3, 6, apart=0.05), k=2,
    reference=_top_k),
    Row("top_k", integers(4, 30, low=0, high=5), k=3, reference=_top_k), Row("top_k", values(2, 60), k=20,
    reference=_top_k, gradient=False),
    *[
        Row("philox", np.array(key, "uint32"), shape=shape, reference=_philox)
        for key, shape in (((0, 0), (8,)), ((7, 1), (3, 5)), ((2**32 - 1, 2**32 - 1), ()), ((1, 2), (20001,)), ((1, 2),
        (0, 4)))
    ],
    Row("philox", np.array((5, 9), "uint32"), shape=(3, 4, 7), part=(1, 3, 9), reference=_philox),
    Row("philox", np.array((5, 9), "uint32"), shape=(50,), part=(0, 21, 80), reference=_philox),
    Row(
        "host_call", values(2, 3), function=lambda x: x**3, specs=lambda x: Spec(tuple(x.shape), x.dtype),
        name="primitive row",
        reference=lambda x, **_: x**3,
    ),
]  # fmt: skip
