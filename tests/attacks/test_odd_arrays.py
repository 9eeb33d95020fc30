"""Arrays that lie oddly in memory, of odd types and sizes: the numbers of a plain copy, or a word; never changed."""

import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops
from tests.attacks.sizes import chance, size

pytestmark = pytest.mark.slow

ODD = {  # ways to hold the same numbers
    "every second": lambda a: np.repeat(a, 2, axis=0)[::2],
    "backwards": lambda a: np.ascontiguousarray(a[::-1])[::-1],
    "all backwards": lambda a: np.ascontiguousarray(np.flip(a))[tuple(slice(None, None, -1) for _ in a.shape)],
    "columns first": np.asfortranarray,
    "a part": lambda a: np.pad(a, [(1, 2)] * a.ndim)[tuple(slice(1, n + 1) for n in a.shape)],
    "read only": lambda a: _frozen(a.copy()),
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "not aligned": lambda a: _shifted(a),
    "huge strides": lambda a: _spread(a),
    "objects": lambda a: a.astype(object),
    "lists": lambda a: a.tolist(),
    "a subclass": lambda a: a.view(_Own),
    "a matrix's cousin": lambda a: np.ma.masked_array(a),
    "only __array__": lambda a: _Holder(a),
    "memory": lambda a: memoryview(np.ascontiguousarray(a)),
    "repeated": lambda a: np.broadcast_to(a[:1], a.shape),
}


class _Own(np.ndarray):
    pass


class _Holder:
    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype=dtype)


def _frozen(array):
    array.flags.writeable = False
    return array


def _shifted(array):
    raw = np.empty(array.nbytes + 1, "uint8")
    shifted = raw[1:].view(array.dtype).reshape(array.shape)
    shifted[...] = array
    return shifted


def _spread(array):
    """Each row on pages of its own."""
    whole = np.empty((array.shape[0], 4096, *array.shape[1:]), array.dtype)
    whole[:, 0] = array
    return whole[:, 0]


def net():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((6, 4)), layers.Conv1D(5, 3, activation="relu"), layers.Flatten(), layers.Dense(2)]
    )
    model.compile("adam", "mse")
    return model


def labelled():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6, 4)), layers.Dense(4)])
    model.compile("adam", "mse")
    return model


NET, FIRST = net(), net().get_weights()
LABELLED, LABELLED_FIRST = labelled(), labelled().get_weights()
DOUBLED = backend.function(lambda x: ops.tanh(x) * 2.0 + ops.sum(x, axis=0))


def _fresh():
    NET.set_weights(FIRST)
    for variable in NET.optimizer.variables:
        if variable.path.split("/")[-1] != "learning_rate":
            variable.assign(np.zeros(variable.shape, variable.dtype))


def _trained(x, *_):
    _fresh()
    NET.fit(x, np.ones((len(np.asarray(x)), 2), "float32"), batch_size=4, shuffle=False, verbose=0)
    return np.concatenate([w.ravel() for w in NET.get_weights()])


def _labels(x, plain):
    LABELLED.set_weights(LABELLED_FIRST)
    for variable in LABELLED.optimizer.variables:
        if variable.path.split("/")[-1] != "learning_rate":
            variable.assign(np.zeros(variable.shape, variable.dtype))
    LABELLED.train_on_batch(plain, x)
    return np.concatenate([w.ravel() for w in LABELLED.get_weights()])


def _assigned(x, plain):
    variable = keras.Variable(np.zeros(plain.shape, plain.dtype))
    variable.assign(x)
    return np.array(variable)


USES = {
    "predict": lambda x, plain: NET.predict(x, verbose=0),
    "predict in parts": lambda x, plain: NET.predict(x, batch_size=3, verbose=0),
    "a call": lambda x, plain: np.asarray(NET(x)),
    "fit": _trained,
    "labels": _labels,
    "a compiled function": lambda x, plain: np.asarray(DOUBLED(x)),
    "ops.matmul": lambda x, plain: np.asarray(ops.matmul(x, ops.swapaxes(x, -1, -2))),
    "ops.sum": lambda x, plain: np.asarray(ops.sum(x, axis=1)),
    "ops.conv": lambda x, plain: np.asarray(ops.conv(x, np.ones((2, 4, 3), "float32"))),
    "ops.concatenate": lambda x, plain: np.asarray(ops.concatenate([x, plain])),
    "ops.where": lambda x, plain: np.asarray(ops.where(ops.greater(x, 0.0), x, 0.0)),
    "a Variable": _assigned,
    "convert_to_tensor": lambda x, plain: np.asarray(ops.convert_to_tensor(x)),
}
REFUSES = (ValueError, TypeError)


def test_odd_arrays(strikes):
    """What is taken gives what a plain array of the same numbers gives."""
    taken = refused = 0
    wrong = []
    for number in range(size("odd arrays")):
        draw = chance("odd arrays", number)
        way, use = draw.choice(sorted(ODD)), draw.choice(sorted(USES))
        rows, dtype = draw.choice((1, 2, 7)), draw.choice(("float32", "float32", "float64", "float16", "int32"))
        numbers = np.random.default_rng(number).integers(-3, 4, (rows, 6, 4)).astype(dtype)
        odd = ODD[way](numbers)
        plain = np.array(odd, dtype=dtype if way != "lists" else None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = np.asarray(USES[use](plain, plain))
            try:
                found = np.asarray(USES[use](odd, plain))
            except REFUSES as error:
                refused += 1
                assert str(error), (way, use)
                continue
        taken += 1
        same = found.shape == expected.shape and np.allclose(
            found.astype("float64"), expected.astype("float64"), rtol=2e-3, atol=2e-3
        )
        if not same or not np.array_equal(np.array(odd, dtype=plain.dtype), plain):
            wrong.append((number, way, use, dtype, rows))
    strikes("odd arrays", taken=taken, refused=refused, wrong=len(wrong))
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("use", sorted(USES))
@pytest.mark.parametrize(
    "odd",
    [np.zeros((0, 6, 4), "float32"), np.float32(3), np.array(2.0), np.zeros((3, 0, 4)), np.array([[{}]]),
     np.array(["a"]), np.zeros(3, "datetime64[s]"), np.zeros(2, [("a", "f4")]), np.zeros((2, 6, 4), "complex64"),
     None, ..., object(), float("nan"), {1: 2}, {"a": [1]}, [[1, 2], [3]], 10**400, "text", b"bytes", np.nan],
    ids=lambda odd: str(getattr(odd, "dtype", type(odd).__name__)) + str(getattr(odd, "shape", "")),
)  # fmt: skip
def test_what_is_no_batch(odd, use, strikes):
    """Computed where that means something, else an error of the caller's; and the next call is as before."""
    batch = np.ones((2, 6, 4), "float32")
    _fresh()
    before = NET.predict(batch, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            USES[use](odd, batch)
            said = "computed"
        except (*REFUSES, IndexError, OverflowError, AttributeError) as error:
            said = "refused"
            assert str(error)
    _fresh()
    np.testing.assert_array_equal(NET.predict(batch, verbose=0), before)
    strikes("no arrays at all", **{said: 1})
