"""to_categorical, normalize, pad_sequences, pack and unpack, PyDataset: against real Keras, and bad input."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

from kerasish import utils

NAMES = "to_categorical normalize pad_sequences pack_x_y_sample_weight unpack_x_y_sample_weight PyDataset".split()


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_those_of_keras(name):
    def parameters(module):
        found = inspect.signature(getattr(module, name)).parameters.values()
        return [(p.name, p.default, p.kind) for p in found]

    assert parameters(utils) == parameters(keras.utils)


def same(ours, theirs):
    assert type(ours) is type(theirs) is np.ndarray
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "x, num_classes",
    [([0, 1, 2], None), ([0, 2], 5), ([[1], [0]], None), ([[1, 2], [0, 1]], 3), (2, 4), (np.array([1.0, 0.0]), None),
     (np.uint8([3, 1]), 0), (np.zeros((2, 3, 1)), 2), ([], 3), ([[0]], None)],
)  # fmt: skip
def test_to_categorical(x, num_classes):
    same(utils.to_categorical(x, num_classes), keras.utils.to_categorical(x, num_classes))


@pytest.mark.parametrize(
    "x, num_classes, message",
    [([3], 2, "- 1 = 1, got the label 3"), ([0, -1], 2, "got the label -1"), ([], None, "pass `num_classes`")],
)
def test_to_categorical_refuses(x, num_classes, message):
    with pytest.raises(ValueError, match=message):
        utils.to_categorical(x, num_classes)


@pytest.mark.parametrize("order", [1, 2, 3, np.inf])
@pytest.mark.parametrize(
    "shape, axis", [((3, 4), -1), ((3, 4), 1), ((2, 3, 4), 2), ((2, 3, 4), 1), ((5,), -1), ((3, 4), None), ((5,), None)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_normalize(shape, axis, order, dtype):
    if axis is None and len(shape) == 2 and order == 3:
        order = "fro"  # matrices have no norm of order 3
    x = (np.random.default_rng(0).normal(size=shape) * 9).astype(dtype)
    x[0] = 0
    ours, theirs = utils.normalize(x, axis, order), keras.utils.normalize(x, axis, order)
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)])
def test_normalize_along_the_first_axis(shape):
    x = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_allclose(np.linalg.norm(utils.normalize(x, axis=0), axis=0), 1)


@pytest.mark.parametrize("x", [[[3.0, 4.0], [0.0, 0.0]], [3.0, 4.0]])
def test_normalize_lists(x):
    ours, theirs = utils.normalize(x), np.asarray(keras.utils.normalize(x))
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


SEQUENCES = [[1], [2, 3], [], [4, 5, 6, 7]]
PAD = {
    "defaults": (SEQUENCES, {}),
    "maxlen": (SEQUENCES, dict(maxlen=3)),
    "maxlen, longer": (SEQUENCES, dict(maxlen=6)),
    "post": (SEQUENCES, dict(maxlen=3, padding="post")),
    "truncate post": (SEQUENCES, dict(maxlen=3, truncating="post")),
    "both post": (SEQUENCES, dict(maxlen=2, padding="post", truncating="post")),
    "value": (SEQUENCES, dict(value=-1, dtype="int64")),
    "floats": ([[0.5], [1.5, 2.5]], dict(dtype="float32", value=9.25)),
    "vectors": ([[[1, 2]], [[3, 4], [5, 6]], []], dict(maxlen=3)),
    "arrays": ([np.arange(3), np.arange(5)], dict(maxlen=4)),
    "tuples": (((1,), (2, 3)), {}),
    "text": ([["a"], ["b", "long word"]], dict(dtype=object, value="")),
    "text, fixed": ([["a"], ["b", "c"]], dict(dtype="<U4", value="pad")),
    "all empty": ([[], []], dict(maxlen=2)),
}


@pytest.mark.parametrize("sequences, arguments", PAD.values(), ids=PAD)
def test_pad_sequences(sequences, arguments):
    same(utils.pad_sequences(sequences, **arguments), keras.utils.pad_sequences(sequences, **arguments))


def test_pad_sequences_to_nothing():
    assert utils.pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)


@pytest.mark.parametrize(
    "sequences, arguments, message",
    [
        (iter([[1]]), {}, "`sequences` must be a list of sequences, got list_iterator"),
        ([[1], 2], {}, r"`sequences\[1\]` is 2"),
        ([], {}, "pass `maxlen`"),
        ([[[1, 2]], [[3]]], {}, r"`sequences\[1\]` has elements of shape \(1,\)"),
        ([[1]], dict(padding="left"), "`padding` must be"),
        ([[1]], dict(truncating="right"), "`truncating` must be"),
        ([["a"]], dict(value="pad"), "pass `dtype=object`"),
    ],
)
def test_pad_sequences_refuses(sequences, arguments, message):
    with pytest.raises(ValueError, match=message):
        utils.pad_sequences(sequences, **arguments)


@pytest.mark.parametrize("data", ["x", ("x",), ("x", "y"), ("x", "y", "w"), ["x", "y"], {"a": 1}, [["x"], "y"]])
def test_unpack(data):
    assert utils.unpack_x_y_sample_weight(data) == keras.utils.unpack_x_y_sample_weight(data)


@pytest.mark.parametrize("data", [(), (1, 2, 3, 4)])
def test_unpack_refuses(data):
    for module in (utils, keras.utils):
        with pytest.raises(ValueError):
            module.unpack_x_y_sample_weight(data)


@pytest.mark.parametrize("parts", [("x",), (["x"],), ("x", "y"), ("x", "y", "w"), ("x", None, "w"), ({"a": 1}, None)])
def test_pack(parts):
    assert utils.pack_x_y_sample_weight(*parts) == keras.utils.pack_x_y_sample_weight(*parts)


class Counting(utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return index


def test_py_dataset():
    dataset = Counting(workers=4, max_queue_size=2)
    assert list(dataset) == [0, 1, 2] and dataset.num_batches == 3
    assert (dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size) == (4, False, 2)
    dataset.workers = 1
    assert dataset.workers == 1 and utils.Sequence is utils.PyDataset


def test_py_dataset_without_init_has_the_defaults_and_warns_once():
    class Forgetful(Counting):
        def __init__(self):
            pass

    dataset = Forgetful()
    with pytest.warns(UserWarning, match=r"should call `super\(\).__init__") as caught:
        assert (dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size) == (1, False, 10)
    assert len(caught) == 1


def test_py_dataset_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="must define `__getitem__"):
        utils.PyDataset()[0]
    with pytest.raises(NotImplementedError, match="must define `__len__"):
        _ = utils.PyDataset().num_batches


@pytest.mark.parametrize("arguments", [dict(workers=-1), dict(workers=1.5), dict(max_queue_size=0)])
def test_py_dataset_refuses(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be an integer"):
        Counting(**arguments)
