"""What ops do beside computing.

Copies of variables, results known only eagerly, operators, errors, and what a nothing costs.
"""

import inspect
import warnings

import keras
import numpy as np
import pytest

from kerasish import ops
from kerasish.backend import constant
from kerasish.backend.function import function
from kerasish.backend.graph import KerasTensor
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from kerasish.backend.variable import Variable
from tests.ops.data import BOOLS, CUBE, INTS, MORE_INTS, X, Y
from tests.ops.parity import same_signature


def public(module):
    return sorted(
        name for name in dir(module) if not name.startswith("_") and inspect.isfunction(getattr(module, name))
    )


@pytest.mark.parametrize("family", ["numpy", "linalg"])
def test_every_function_of_the_family_stands_with_its_signature(family):
    theirs, ours = getattr(keras.ops, family), getattr(ops, family)
    missing = [name for name in public(theirs) if not hasattr(ours, name)]
    assert not missing
    differences = {name: same_signature(getattr(ours, name), getattr(theirs, name)) for name in public(theirs)}
    assert not {name: found for name, found in differences.items() if found}


def test_the_flat_namespace_holds_every_function_of_core_math_and_numpy():
    wanted = [
        name
        for name in public(keras.ops)
        if getattr(keras.ops, name).__module__.rsplit(".", 1)[-1] in ("core", "math", "numpy", "linalg", "einops")
    ]
    assert not [name for name in wanted if not hasattr(ops, name)]


def names_of(f, *specs):
    return [node.operation.name for node in trace(f, [Spec(shape, "float32") for shape in specs]).nodes]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ops.reshape(x, (2, 3)),
        lambda x: ops.cast(x, "float32"),
        lambda x: ops.transpose(x, (0, 1)),
        lambda x: ops.broadcast_to(x, (2, 3)),
        lambda x: ops.squeeze(x),
        lambda x: ops.swapaxes(x, 1, 1),
        lambda x: ops.concatenate([x]),
        lambda x: x[:],
        lambda x: x[..., :3],
        lambda x: ops.pad(x, 0),
        lambda x: ops.roll(x, 3, axis=1),
        lambda x: ops.convert_to_tensor(x),
        lambda x: ops.power(x, 1),
        lambda x: ops.tile(x, 1),
        lambda x: ops.moveaxis(x, 0, 0),
        lambda x: ops.real(x),
        lambda x: ops.rot90(x, k=4),
        lambda x: ops.split(x, 1)[0],
        lambda x: ops.slice(x, (0, 0), (2, 3)),
    ],
)
def test_what_changes_nothing_adds_no_step(f):
    assert names_of(f, (2, 3)) == []


@pytest.mark.parametrize(
    "f, steps",
    [
        (lambda x: ops.mean(x), ["sum", "multiply"]),
        (lambda x: ops.var(x), ["sum", "multiply", "subtract", "square", "sum", "multiply"]),
        (lambda x: x + 1, ["add"]),
        (lambda x: x**2, ["square"]),
        (lambda x: ops.matmul(x, x), ["matmul"]),
        (lambda x: x[0], ["slice", "reshape"]),
        (lambda x: ops.clip(x, 0, 1), ["maximum", "minimum"]),
        (lambda x: ops.tril(x), ["where"]),
        (lambda x: x + ops.eye(3), ["add"]),
    ],
)
def test_an_op_is_few_steps(f, steps):
    assert names_of(f, (3, 3)) == steps


@pytest.mark.parametrize(
    "f",
    [
        ops.convert_to_tensor,
        lambda v: ops.cast(v, "float32"),
        lambda v: ops.reshape(v, (2,)),
        lambda v: ops.squeeze(v),
        lambda v: ops.stop_gradient(v),
    ],
)
def test_the_value_of_a_variable_is_not_changed_by_a_later_update(f):
    variable = Variable([1.0, 2.0])
    kept = f(variable)
    variable.assign_add([1.0, 1.0])
    assert kept.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "f",
    [
        lambda v: ops.concatenate([v]),
        lambda v: ops.concatenate([v], -1),
        lambda v: ops.vstack([v]),
        lambda v: ops.hstack([v]),
        lambda v: ops.dstack([v]),
        lambda v: ops.stack([v]),
        lambda v: ops.split(v, 1)[0],
        lambda v: ops.array_split(v, 1)[0],
        lambda v: ops.split(v, [0])[1],
        lambda v: ops.hsplit(v, 1)[0],
        lambda v: ops.vsplit(v, 1)[0],
        lambda v: ops.power(v, 1),
        lambda v: ops.meshgrid(v[0])[0],
        lambda v: ops.while_loop(lambda i, x: i < 0, lambda i, x: (i + 1, x), (0, v))[1],
        lambda v: ops.while_loop(lambda i, x: i < 2, lambda i, x: (i + 1, x), (0, v))[1],
        lambda v: ops.fori_loop(0, 0, lambda i, x: x, v),
        lambda v: ops.fori_loop(0, 2, lambda i, x: x, v),
        lambda v: ops.scan(lambda c, x: (c, x), v, None, length=0)[0],
        lambda v: ops.scan(lambda c, x: (c, x), v, v)[0],
        lambda v: ops.scan(lambda c, x: (c, x), v, v)[1],
        lambda v: ops.switch(0, [lambda x: x], v),
        lambda v: ops.associative_scan(lambda a, b: a + b, v),
        lambda v: ops.map(lambda x: x, v),
        lambda v: ops.sort(v[:0]),
        lambda v: constant(v),
        lambda v: constant(v, dtype="float32", shape=(1, 4)),
    ],
)
@pytest.mark.parametrize("make", [Variable, np.array])
def test_what_hands_a_value_on_hands_out_a_copy(f, make):
    given = make(np.arange(4, dtype="float32").reshape(1, 4))
    kept = f(given)
    is_array = isinstance(given, np.ndarray)
    array = given if is_array else given._buffer
    assert not np.shares_memory(kept, array)
    before = kept.tolist()
    if is_array:
        given[:] = 9.0
    else:
        given.assign(np.full((1, 4), 9.0, "float32"))
    assert kept.tolist() == before


@pytest.mark.parametrize(
    "f",
    [
        lambda v: ops.cond(True, lambda: v, lambda: v),
        lambda v: ops.switch(0, [lambda: v]),
        lambda v: ops.real(x=v),
        lambda v: ops.convert_to_tensor(x=v),
    ],
)
def test_a_variable_that_is_handed_on_is_read(f):
    variable = Variable([1.0, 2.0])
    kept = f(variable)
    variable.assign([0.0, 0.0])
    assert ops.is_tensor(kept) and kept.tolist() == [1.0, 2.0]


EMPTY = [((0,), None), ((2, 0), 1), ((2, 0), None), ((0, 3), 1), ((2, 0, 3), (1, 2))]


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("shape, axis", EMPTY)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        ops.median,
        ops.nanmedian,
        lambda x, **k: ops.quantile(x, [0.2, 0.5], **k),
        lambda x, **k: ops.nanquantile(x, 0.5, **k),
    ],
)
def test_the_middle_of_nothing_is_nan(f, keepdims, shape, axis, dtype):
    x = np.zeros(shape, dtype)
    eager, compiled = f(x, axis=axis, keepdims=keepdims), function(lambda x: f(x, axis=axis, keepdims=keepdims))(x)
    assert np.isnan(eager).all() and np.isnan(compiled).all()
    spec = f(KerasTensor(shape, dtype), axis=axis, keepdims=keepdims)
    assert eager.shape == compiled.shape == spec.shape and eager.dtype == compiled.dtype == spec.dtype
    if f is ops.median:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert eager.shape == np.median(x, axis=axis, keepdims=keepdims).shape


@pytest.mark.parametrize(
    "call",
    [
        lambda f, x: f(x),
        lambda f, x: function(f)(x),
        lambda f, x: f(KerasTensor((2,), "bool")),
        lambda f, x: function(lambda y: f(y > 0) * 1)(INTS),
    ],
)
@pytest.mark.parametrize("f", [ops.negative, lambda x: ops.negative(ops.logical_not(x))])
def test_negative_refuses_bools_in_every_form(f, call):
    with pytest.raises(TypeError, match="logical_not"):
        call(f, BOOLS)


def test_where_and_nonzero_find_indices():
    for ours, theirs in zip(ops.nonzero(INTS - 3), np.nonzero(INTS - 3)):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(ops.where(BOOLS), np.nonzero(BOOLS)):
        np.testing.assert_array_equal(ours, theirs)
    assert ops.nonzero(np.zeros(3))[0].shape == (0,) and ops.nonzero(np.zeros((0,)))[0].shape == (0,)


@pytest.mark.parametrize(
    "key", [BOOLS, (slice(None), np.array([True, False, True])), (0, np.array([True, False, True]))]
)
def test_masks_select_eagerly(key):
    np.testing.assert_array_equal(ops.get_item(X, key), X[key])


def test_a_mask_in_a_compiled_function_is_refused():
    with pytest.raises(TypeError, match="ops.where"):
        function(lambda x: x[x > 0])(X)


@pytest.mark.parametrize(
    "x, axis",
    [
        (INTS, None),
        (X, None),
        (np.vstack([INTS, MORE_INTS, INTS]), 0),
        (np.zeros((0,), "float32"), None),
        (np.hstack([INTS, INTS]), 1),
    ],
)
def test_unique(x, axis):
    ours = ops.unique(x, return_index=True, return_inverse=True, return_counts=True, axis=axis)
    theirs = np.unique(x, return_index=True, return_inverse=True, return_counts=True, axis=axis)
    for a, b in zip(ours, theirs):
        np.testing.assert_array_equal(np.ravel(a) if a.ndim != b.ndim else a, np.ravel(b) if a.ndim != b.ndim else b)


def test_bincount_is_as_long_as_it_must_be():
    assert ops.bincount([1, 1, 3]).tolist() == [0, 2, 0, 1]
    assert ops.bincount([[1, 1], [0, 3]]).tolist() == [[0, 2, 0, 0], [1, 0, 0, 1]]
    assert ops.bincount([], minlength=2).tolist() == [0, 0]


def test_argpartition_puts_each_side_in_place():
    places = ops.argpartition(CUBE, 2, axis=-1)
    found = np.take_along_axis(CUBE, places, -1)
    assert (found[..., :2].max(-1) < found[..., 2]).all() and (found[..., 3:].min(-1) > found[..., 2]).all()


def test_repeat_takes_a_count_for_each_element():
    np.testing.assert_array_equal(ops.repeat(X, [1, 0, 2], axis=1), np.repeat(X, [1, 0, 2], axis=1))
    np.testing.assert_array_equal(ops.repeat(X, np.array([3, 1]), axis=0), np.repeat(X, [3, 1], axis=0))


def test_vectorize_applies_a_function_of_small_arrays():
    product = ops.vectorize(lambda a, b: ops.sum(a * b), signature="(n),(n)->()")
    np.testing.assert_allclose(product(X, Y[0]), (X * Y[0]).sum(1), rtol=1e-6)
    np.testing.assert_allclose(ops.vectorize(lambda a, b: a + b)(X, Y[:, :1]), X + Y[:, :1])
    np.testing.assert_allclose(ops.vectorize(lambda a, b: a * b, excluded={1})(X, 3.0), X * 3)
    with pytest.raises(ValueError, match="`signature`"):
        ops.vectorize(lambda a: a, signature="n->n")


def test_size_and_ndim():
    assert ops.size(CUBE) == 24 and ops.ndim(CUBE) == 3 and ops.size([[1, 2]]) == 2 and ops.ndim(1.0) == 0
    unknown = ops.size(KerasTensor((None, 3)))
    assert unknown.shape == () and unknown.dtype == "int32"
    assert ops.shape(KerasTensor((None, 3))) == (None, 3)


def test_lists_of_tensors_are_stacked():
    run = function(lambda x: ops.convert_to_tensor([x[0], [1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(run(X), np.stack([X[0], [1, 2, 3]]).astype("float32"))


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: (a * a) ** b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "neg": lambda a, b: -a,
    "abs": lambda a, b: abs(a),
    "@": lambda a, b: a @ b.T if isinstance(b, np.ndarray) else a @ ops.transpose(b),
    "reflected": lambda a, b: 2 - a,
    "reflected /": lambda a, b: 2 / a,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_of_tensors(name):
    np.testing.assert_allclose(function(OPERATORS[name])(X, Y), OPERATORS[name](X, Y), rtol=1e-5)


@pytest.mark.parametrize("f", [lambda a, b: a & b, lambda a, b: a | b, lambda a, b: a ^ b, lambda a, b: ~a])
@pytest.mark.parametrize("a, b", [(INTS, MORE_INTS), (BOOLS, BOOLS[::-1].copy())])
def test_bit_operators_work_on_bits_of_integers_and_truth_of_bools(f, a, b):
    np.testing.assert_array_equal(function(f)(a, b), f(a, b))


def test_operators_take_arrays_on_either_side():
    variable = Variable([1.0, 2.0])
    assert (np.array([1.0, 1.0], "float32") + variable).tolist() == [2.0, 3.0]
    assert (variable * np.array([2.0, 2.0], "float32")).tolist() == [2.0, 4.0]
    assert ([1.0, 1.0] - variable).tolist() == [0.0, -1.0]


REFUSED = [
    (lambda: ops.add(np.zeros(3), np.zeros(4)), ValueError, "broadcast"),
    (lambda: ops.sum(X, axis=2), ValueError, "axis"),
    (lambda: ops.mean(X, axis=(0, 0)), ValueError, "twice"),
    (lambda: ops.cast(X, "floaty"), ValueError, "dtype"),
    (lambda: ops.zeros((2,), "int7"), ValueError, "dtype"),
    (lambda: ops.reshape(X, (4, 2)), ValueError, "reshape"),
    (lambda: ops.reshape(X, (-1, -1)), ValueError, "one -1"),
    (lambda: ops.reshape(X, (-1, 4)), ValueError, "reshape"),
    (lambda: ops.concatenate([X, CUBE]), ValueError, "concatenate"),
    (lambda: ops.stack([]), ValueError, "at least one"),
    (lambda: ops.transpose(X, (0, 0)), ValueError, "permutation"),
    (lambda: ops.squeeze(X, axis=0), ValueError, "squeezed"),
    (lambda: ops.split(X, 2, axis=1), ValueError, "equal parts"),
    (lambda: ops.take(X, [0.5]), TypeError, "integers"),
    (lambda: ops.get_item(X, (0, 0, 0)), IndexError, "Too many"),
    (lambda: ops.get_item(X, 5), IndexError, "out of range"),
    (lambda: ops.argmax(X, axis=3), ValueError, "axis"),
    (lambda: ops.max(np.zeros((0, 2))), ValueError, "empty"),
    (lambda: ops.where(BOOLS, X), ValueError, "both"),
    (lambda: ops.select([], []), ValueError, "length"),
    (lambda: ops.broadcast_to(X, (3, 3)), ValueError, "broadcast"),
    (lambda: ops.pad(X, ((1, 1),) * 3), ValueError, "pad_width"),
    (lambda: ops.pad(X, 1, mode="mirror"), ValueError, "mode"),
    (lambda: ops.repeat(X, [1, 2], axis=1), ValueError, "repeats"),
    (lambda: ops.quantile(X, 0.5, method="best"), ValueError, "method"),
    (lambda: ops.arange(1, 5, 0), ValueError, "step"),
    (lambda: ops.diag(CUBE), ValueError, "axes"),
    (lambda: ops.meshgrid(X[0], indexing="yx"), ValueError, "indexing"),
    (lambda: ops.bitwise_and(X, 1), TypeError, "integers"),
    (lambda: ops.round(BOOLS), ValueError, "bool"),
    (lambda: ops.top_k(X, 5), ValueError, "`k`"),
    (lambda: ops.convert_to_tensor([[1, 2], [3]]), ValueError, "array"),
    (lambda: ops.convert_to_tensor(X, ragged=True), ValueError, "ragged"),
    (lambda: ops.slice(X, (0, 0), (3, 3)), ValueError, "fit"),
    (lambda: ops.scatter_update(X, [[0, 0]], [1.0], reduction="mean"), ValueError, "reduction"),
    (lambda: ops.extract_sequences(X, 9, 1), ValueError, "sequence_length"),
    (lambda: ops.stft(X, 2, 1, 1), ValueError, "fft_length"),
    (lambda: ops.fft(X), ValueError, "pair"),
    (lambda: ops.average(X, axis=1, weights=[1.0, 2.0]), ValueError, "weights"),
    (lambda: ops.rearrange(X, "a b"), ValueError, "->"),
    (lambda: ops.rearrange(X, "a b -> a c"), ValueError, "same axes"),
    (lambda: ops.histogram(X, bins=0), ValueError, "bins"),
    (lambda: ops.searchsorted(X, 1.0), ValueError, "vector"),
    (lambda: ops.tril(X[0]), ValueError, "two axes"),
    (lambda: ops.triu(X[0]), ValueError, "two axes"),
]


@pytest.mark.parametrize("call, error, words", REFUSED)
def test_bad_input_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
