"""Batches cut from arrays: against real Keras's adapter, and what it does not promise (views, memory maps, seeds)."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import numpy as np
import pytest
import scipy.sparse
from keras.src.trainers.data_adapters import array_slicing
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from kerasish import tree
from kerasish.models.data import ArrayData, make_data, train_validation_split

N = 7


def rows(*shape, dtype="float32"):
    return np.arange(N * int(np.prod(shape)), dtype=dtype).reshape(N, *shape)


def sources_equal(ours, theirs):
    """Batches `(x, y, sample_weight)` against Keras's tuples, which leave out what is absent."""
    assert len(ours) == len(theirs)
    for batch, expected in zip(ours, theirs):
        expected = expected if isinstance(expected, tuple) else (expected,)
        given = [part for part in batch if part is not None]
        assert len(given) == len(expected)
        for part, part_expected in zip(given, expected):
            tree.assert_same_structure(part, part_expected)
            for a, b in zip(tree.flatten(part), tree.flatten(part_expected)):
                assert a.dtype == b.dtype and a.shape == b.shape and a.flags.c_contiguous
                np.testing.assert_array_equal(a, b)


PARITY = {
    "x": dict(x=rows(3)),
    "x and y": dict(x=rows(3), y=rows()),
    "all three": dict(x=rows(3), y=rows(1), sample_weight=rows()),
    "1-D stays 1-D": dict(x=rows(), y=rows(dtype="int64")),
    "float64 becomes float32": dict(x=rows(2, dtype="float64"), y=rows(dtype="float64")),
    "float16 becomes float32": dict(x=rows(2, dtype="float16")),
    "integers stay": dict(x=rows(2, dtype="uint8"), y=rows(dtype="int32")),
    "bool": dict(x=rows(2) % 2 == 0),
    "list of inputs": dict(x=[rows(2), rows(3)], y=rows()),
    "dicts": dict(x={"b": rows(2), "a": rows(3)}, y={"q": rows(), "p": rows(1)}),
    "nested": dict(x=({"a": rows(2)}, [rows(1), rows(2)]), y=rows()),
    "one weight for two outputs": dict(x=rows(2), y=[rows(), rows(1)], sample_weight=rows()),
    "weights per output": dict(x=rows(2), y=[rows(), rows(1)], sample_weight=[rows(), rows(1)]),
    "transposed": dict(x=np.arange(2.0 * N, dtype="float32").reshape(2, N).T),
    "strided": dict(x=np.arange(4.0 * N, dtype="float32").reshape(2 * N, 2)[::2]),
    "one batch": dict(x=rows(2), batch_size=100),
    "batch of one": dict(x=rows(2), batch_size=1),
    "default batch size": dict(x=np.zeros((70, 1), "float32"), batch_size=None),
    "sparse": dict(x=scipy.sparse.coo_matrix(rows(3)), y=rows()),
    "sparse, itself a dict": dict(x=scipy.sparse.dok_matrix(rows(3)), y=rows()),
    "sparse arrays, themselves dicts, in a dict": dict(
        x={"a": scipy.sparse.dok_array(rows(3)), "b": rows(2)}, y=rows()
    ),
    "class weight, labels": dict(x=rows(2), y=rows(dtype="int64") % 3, class_weight={0: 0.5, 2: 3.0}),
    "class weight, column": dict(x=rows(2), y=rows(1) % 3, class_weight={0: 0.5, 1: 2.0, 2: 3.0}),
    "class weight, one-hot": dict(x=rows(2), y=np.eye(3)[rows(dtype="int64") % 3], class_weight={0: 0.5, 2: 3}),
}


@pytest.mark.parametrize("arguments", PARITY.values(), ids=PARITY)
def test_batches_are_those_of_keras(arguments):
    arguments = {"batch_size": 3, **arguments}
    ours, theirs = make_data(**arguments), ArrayDataAdapter(**arguments)
    sources_equal(list(ours.epoch()), list(theirs.get_numpy_iterator()))
    assert (ours.num_batches, ours.batch_size) == (theirs.num_batches, theirs.batch_size)


@pytest.mark.parametrize("steps, batch_size", [(3, None), (4, None), (100, None), (2, 3)])
def test_steps_set_the_batch_size_as_in_keras(steps, batch_size):
    ours = make_data(rows(2), steps_per_epoch=steps, batch_size=batch_size)
    theirs = ArrayDataAdapter(rows(2), steps=steps, batch_size=batch_size)
    assert ours.batch_size == theirs.batch_size and ours.batches_per_pass == theirs.num_batches


@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.85])
def test_validation_split_is_that_of_keras(fraction):
    data = ({"a": rows(2), "b": rows()}, rows(1), None)
    ours = train_validation_split(data, fraction)
    theirs = array_slicing.train_validation_split(data, fraction)
    for part, expected in zip(ours, theirs):
        assert part[2] is None and expected[2] is None
        for a, b in zip(tree.flatten(part[:2]), tree.flatten(expected[:2])):
            np.testing.assert_array_equal(a, b)
            assert np.shares_memory(a, b)


@pytest.mark.parametrize("shuffle", [True, "batch"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shuffled_batches_keep_rows_together(shuffle, dtype):
    x = np.arange(20, dtype=dtype).reshape(10, 2)
    source = make_data(x, [np.arange(10), x[:, ::-1]], batch_size=4, shuffle=shuffle, rng=np.random.default_rng(0))
    first, second = ([y[0] for _, y, _ in source.epoch()] for _ in range(2))
    for batch_x, (labels, flipped), _ in source.epoch():
        assert batch_x.flags.c_contiguous and flipped.flags.c_contiguous and batch_x.dtype == "float32"
        np.testing.assert_array_equal(batch_x, x[labels])
        np.testing.assert_array_equal(flipped, x[labels][:, ::-1])
    for labels in (first, second):
        assert [len(part) for part in labels] == [4, 4, 2]
        assert sorted(np.concatenate(labels)) == list(range(10))
        if shuffle == "batch":
            assert [sorted(part) for part in labels] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


def orders(count, **arguments):
    source = make_data(np.arange(30), batch_size=30, shuffle=True, **arguments)
    return [next(source.epoch())[0].tolist() for _ in range(count)]


def test_the_seed_and_the_epoch_decide_the_order():
    whole = orders(4, rng=np.random.default_rng(7))
    assert orders(4, rng=np.random.default_rng(7)) == whole
    assert orders(2, rng=np.random.default_rng(7), initial_epoch=2) == whole[2:]
    assert orders(1, rng=np.random.default_rng(8)) != whole[:1]


def test_without_rng_the_order_follows_pythons_random():
    import random

    random.seed(3)
    first = orders(2)
    assert orders(2) != first
    random.seed(3)
    assert orders(2) == first


def test_unshuffled_batches_are_views_and_pythons_random_is_left_alone():
    import random

    random.seed(0)
    state = random.getstate()
    x = rows(3)
    for batch_x, _, _ in make_data(x, batch_size=2).epoch():
        assert np.shares_memory(batch_x, x) and type(batch_x) is np.ndarray
    assert random.getstate() == state


def test_the_cast_follows_floatx():
    from kerasish.backend import settings

    try:
        settings.set_floatx("float64")
        assert make_data(rows(2)).peek()[0].dtype == "float64"
    finally:
        settings.set_floatx("float32")


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_memory_maps_stay_mapped(tmp_path, shuffle):
    # A hole of 32 GiB: reading it as a whole, or copying it, would not fit the machine.
    mapped = np.memmap(tmp_path / "big", dtype="float32", mode="w+", shape=(2**18, 2**15))
    mapped[5] = 1
    source = make_data(mapped, np.zeros(len(mapped), "int8"), batch_size=8, shuffle=shuffle)
    batches = source.epoch()
    x, y, _ = next(batches)
    batches.close()
    assert x.shape == (8, 2**15) and type(x) is np.ndarray
    if shuffle is False:
        assert x[5, 0] == 1
        assert np.shares_memory(next(make_data(mapped[:, :9], batch_size=8).epoch())[0], mapped) is False  # cut: copied
        assert np.shares_memory(next(make_data(mapped.reshape(-1, 8), batch_size=8).epoch())[0], mapped)
    (train, _), (validation, _) = train_validation_split((mapped, None), 0.25)
    assert np.shares_memory(validation, mapped) and len(train) == 3 * 2**16


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_arrays_in_files_are_read_by_the_batch(tmp_path, shuffle, monkeypatch):
    x = np.arange(40, dtype="float64").reshape(20, 2)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        stored = file.create_dataset("x", data=x)
        monkeypatch.setattr(h5py.Dataset, "__array__", lambda *_, **__: pytest.fail("read as a whole"))
        (train, labels), (validation, held) = train_validation_split((stored, np.arange(20)), 0.25)
        for part, numbers in ((stored, np.arange(20)), (train, labels), (validation, held)):
            source = make_data(part, numbers, batch_size=3, shuffle=shuffle)
            seen = []
            for batch, where, _ in source.epoch():
                np.testing.assert_array_equal(batch, x[where].astype("float32"))
                assert batch.dtype == "float32"
                seen += where.tolist()
            assert sorted(seen) == numbers.tolist()


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_sparse_rows_are_made_dense_by_the_batch(shuffle):
    dense = np.eye(10, 4, dtype="float64")
    (train, _), _ = train_validation_split((scipy.sparse.csr_matrix(dense), None), 0.2)
    source = make_data(train, np.arange(8), batch_size=3, shuffle=shuffle)
    for batch, where, _ in source.epoch():
        assert type(batch) is np.ndarray and batch.dtype == "float32" and batch.flags.c_contiguous
        np.testing.assert_array_equal(batch, dense[where])


@pytest.mark.parametrize(
    "numbers, shape, dtype",
    [([1, 2, 3], (3,), "int64"), ([[1.5, 2], [3, 4]], (2, 2), "float32"), ([[[1], [2]]], (1, 2, 1), "int64"),
     (["a", "b"], (2,), "O"), ((True, False), (2,), "bool")],
)  # fmt: skip
def test_lists_of_numbers_are_arrays(numbers, shape, dtype):
    x, _, _ = make_data(numbers).peek()
    assert x.shape == shape and x.dtype == dtype


class Frame:
    """What pandas.DataFrame and Series show of themselves, as far as it is used."""

    iloc = None

    def __init__(self, values, kinds, name="age"):
        self.values, self.name = values, name
        self.dtypes = {column: np.dtype(kind) for column, kind in kinds.items()}
        self.dtype = next(iter(self.dtypes.values()))

    def __array__(self, dtype=None, copy=None):
        return self.values

    def to_numpy(self, dtype=None, na_value=None):
        if dtype is None:
            return self.values
        return np.array([[na_value if v is None else v for v in row] for row in self.values], dtype)


def test_data_frames():
    frame = Frame(np.array([[1.0, 2.0], [3.0, 4.0]]), {"a": "f8", "b": "f8"})
    series = Frame(np.array([5, 6]), {"age": "i8"})
    nullable = Frame(np.array([[1, None], [3, 4]], dtype=object), {"a": "i8", "b": "i8"})
    x, y, _ = make_data(frame, series).peek()
    assert x.shape == (2, 2) and x.dtype == "float32"
    assert y.tolist() == [[5], [6]]  # a Series becomes a column, as in Keras
    np.testing.assert_array_equal(make_data(nullable).peek()[0], np.array([[1, np.nan], [3, 4]], "float32"))
    cities = Frame(np.array(["Oslo", "Bern"], dtype=object), {"city": "O"}, name="city")
    assert make_data({"city": cities}).peek()[0]["city"].tolist() == [["Oslo"], ["Bern"]]
    with pytest.raises(ValueError, match="`x` is a data frame with columns that hold no numbers: city"):
        make_data(Frame(np.array([[1, "Oslo"]], dtype=object), {"age": "i8", "city": "O"}))


def test_arrays_of_other_libraries():
    import jax.numpy as jnp

    class Torchlike:
        def detach(self):
            return self

        def cpu(self):
            return np.arange(3.0)

        def __array__(self, dtype=None, copy=None):
            raise TypeError("call cpu() first")

    x, y, _ = make_data(jnp.ones((3, 2)), Torchlike()).peek()
    assert x.shape == (3, 2) and y.tolist() == [0, 1, 2] and y.dtype == "float32"


def test_steps_continue_over_epochs_and_warn_once_when_cut_short():
    source = make_data(np.arange(5), batch_size=1, steps_per_epoch=2)
    assert source.num_batches == 2
    epochs = [[int(x[0]) for x, _, _ in source.epoch()] for _ in range(2)]
    with pytest.warns(UserWarning, match="asks for 2 batches an epoch, but only 1 came"):
        epochs.append([int(x[0]) for x, _, _ in source.epoch()])
    epochs.append([int(x[0]) for x, _, _ in source.epoch()])
    source.reset()
    epochs.append([int(x[0]) for x, _, _ in source.epoch()])
    assert epochs == [[0, 1], [2, 3], [4], [0, 1], [0, 1]]


def test_text_is_kept():
    # Keras on JAX refuses it, on TensorFlow it passes: preprocessing layers take it.
    x, _, _ = make_data(np.array([["a", "long word"], ["b", "c"]])).peek()
    assert x.dtype == "<U9" and x.tolist() == [["a", "long word"], ["b", "c"]]


def test_peek_takes_nothing_away():
    source = make_data(np.arange(5), batch_size=2)
    assert source.peek()[0].tolist() == [0, 1] and source.num_samples == 5 and source.has_more()
    assert [x.tolist() for x, _, _ in source.epoch()] == [[0, 1], [2, 3], [4]]
    assert isinstance(source, ArrayData) and make_data(source) is source


BAD = {
    "lengths": (dict(x=rows(2), y=np.zeros(3)), "`x` has 7, `y` has 3"),
    "lengths, nested": (dict(x=[rows(2), np.zeros(4)]), r"`x\[0\]` has 7, `x\[1\]` has 4"),
    "lengths, dict": (dict(x={"a": rows(2), "b": np.zeros(4)}), r"`x\['a'\]` has 7, `x\['b'\]` has 4"),
    "lengths, weight": (dict(x=rows(2), y=rows(), sample_weight=np.ones(2)), "`sample_weight` has 2"),
    "lengths, class weight": (dict(x=rows(2), y=np.zeros(3), class_weight={0: 1}), "`x` has 7, `y` has 3"),
    "empty": (dict(x=np.zeros((0, 3))), "`x` has no samples"),
    "empty, class weight": (dict(x=np.zeros((0, 3)), y=np.zeros(0), class_weight={0: 1}), "`x` has no samples"),
    "empty list": (dict(x=[]), "`x` holds no arrays"),
    "no x": (dict(x=None), "`x` must be given"),
    "scalar": (dict(x=np.float32(3)), "first axis"),
    "0-D": (dict(x=np.array(3.0)), "first axis"),
    "number in a dict": (dict(x={"a": 3}), r"`x\['a'\]` must be an array .* single value 3"),
    "objects": (dict(x=np.array([[1], [1, 2]], dtype=object)), "`x` is an array of dtype object"),
    "objects in y": (dict(x=rows(2), y=np.array([None] * N)), "`y` is an array of dtype object"),
    "ragged list": (dict(x=[[1], [1, 2]]), "`x` is a list whose rows differ in length"),
    "dates": (dict(x=np.zeros(3, "datetime64[s]")), "`x` must hold numbers"),
    "complex": (dict(x=np.zeros(3, "complex64")), "`x` must hold numbers"),
    "masked": (dict(x=np.ma.array(rows(2), mask=rows(2) > 3)), "masked array"),
    "a set in a list": (dict(x=[rows(2), {1}]), r"`x\[1\]` must be an array.* got set"),
    "y no array": (dict(x=rows(2), y={1}), "`y` must be an array.* got set"),
    "function": (dict(x=lambda: 3), "It is a function: call it"),
    "text": (dict(x="data.csv"), "`x` must be arrays.*got str"),
    "batch size 0": (dict(x=rows(2), batch_size=0), "`batch_size` must be a positive integer"),
    "batch size 2.5": (dict(x=rows(2), batch_size=2.5), "`batch_size` must be a positive integer"),
    "steps -1": (dict(x=rows(2), steps_per_epoch=-1), "`steps_per_epoch` must be a positive integer"),
    "shuffle": (dict(x=rows(2), shuffle="rows"), '`shuffle` must be True, False or "batch"'),
    "both weights": (dict(x=rows(2), y=rows(), sample_weight=rows(), class_weight={0: 1}), "cannot be used together"),
    "class weight list": (dict(x=rows(2), y=rows(), class_weight=[1, 2]), "`class_weight` must be a dict"),
    "class weight names": (dict(x=rows(2), y=rows(), class_weight={"cat": 2}), "must map integers.*'cat'"),
    "class weight values": (dict(x=rows(2), y=rows(), class_weight={1: "2"}), "`class_weight` must map integers.*'2'"),
    "class weight without y": (dict(x=rows(2), class_weight={0: 1}), "needs targets: pass `y`"),
    "class weight, outputs": (dict(x=rows(2), y=[rows(), rows()], class_weight={0: 1}), "models with a single output"),
    "class weight, steps": (dict(x=rows(2), y=rows(4, 3), class_weight={0: 1}), r"one class a sample.*\(7, 4, 3\)"),
    "text in y": (
        dict(x=rows(2), y=rows().astype(str)),
        r"`y` must hold numbers, got text.*np.unique\(y, return_inverse=True\)",
    ),
    "text in one y": (dict(x=rows(2), y={"a": rows(), "b": ["cat"] * N}), r"`y\['b'\]` must hold numbers, got text"),
    "bytes in y": (dict(x=rows(2), y=rows().astype("S")), "`y` must hold numbers, got text"),
    "words as objects": (
        dict(x=rows(2), y=np.array(["a"] * N, object)),
        r"`y` is an array of dtype object.*np.unique\(y",
    ),
    "text in weights": (
        dict(x=rows(2), y=rows(), sample_weight=rows().astype(str)),
        "`sample_weight` must hold numbers.*astype",
    ),
    "text in y, batches": (dict(x=iter([(rows(2), ["a"] * N)])), "`y` must hold numbers, got text"),
    "class weight, text": (dict(x=rows(2), y=rows().astype(str), class_weight={0: 1}), "class numbers"),
    "weights' shape": (dict(x=rows(2), y=[rows(), rows()], sample_weight=rows(3)), r"got shape \(7, 3\)"),
    "weights' nesting": (dict(x=rows(2), y=[rows(), rows()], sample_weight=[rows()]), "or nest like `y`"),
}


@pytest.mark.parametrize("arguments, message", BAD.values(), ids=BAD)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_data(**arguments).peek()


@pytest.mark.parametrize(
    "arrays, fraction, message",
    [
        ((rows(2), None), 0, "between 0 and 1"),
        ((rows(2), None), 1.0, "between 0 and 1"),
        ((rows(2), None), 0.99, "of 7 samples leaves 0 for training and 7 for validation"),
        ((np.zeros((1, 2)), None), 0.5, "of 1 samples leaves 0 for training"),
        ((rows(2), np.zeros(3)), 0.5, "`x` has 7, `y` has 3"),
        ((iter([1]), None), 0.5, "pass `validation_data`.*got list_iterator"),
        ((None, None), 0.5, "no arrays to split"),
    ],
)
def test_bad_validation_splits_are_refused(arrays, fraction, message):
    with pytest.raises(ValueError, match=message):
        train_validation_split(arrays, fraction)
