"""Weights by layer: pairing, `by_name`, `skip_mismatch`, split attributes, refusals that change nothing, memory."""

import time
import tracemalloc
import warnings

import h5py
import keras
import numpy as np
import pytest

import kerasish
from kerasish.files import hdf5
from kerasish.files import old_hdf5 as legacy
from kerasish.files.old_hdf5.attributes import LIMIT, read_names, write_names
from tests.files.old_hdf5 import old_files as old


def save(model, path):
    with h5py.File(path, "w") as file:
        legacy.save_weights(model, file)
    return path


def load(model, path, **more):
    with hdf5.opened(path) as file:
        return legacy.load_weights(model, file, **more)


def dense(*sizes, inputs=3, names=None, library=kerasish):
    layers = [
        library.layers.Dense(size, name=name)
        for size, name in zip(sizes, names or [f"layer{i}" for i in range(len(sizes))])
    ]
    return library.Sequential([library.Input((inputs,)), *layers], name="stack")


def values(model):
    return [np.array(value) for value in model.get_weights()]


def same(found, wanted):
    return len(found) == len(wanted) and all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(found, wanted))


# -- pairing --------------------------------------------------------------------------------------------------------


def test_a_long_list_with_a_name_twice(tmp_path):
    """The names of a small file are not compared each with each."""
    names = [f"layer {index}" for index in range(30_000)]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write_names(file, "layer_names", [*names, names[-1]])
    began = time.perf_counter()
    with pytest.raises(ValueError, match="'layer 29999' twice"):
        load(dense(4), tmp_path / "w.h5")
    assert time.perf_counter() - began < 3


def test_by_order_when_names_differ(tmp_path):
    saved, other = dense(4, 2), dense(4, 2, names=["one", "two"])
    load(other, save(saved, tmp_path / "w.h5"))
    assert same(values(other), values(saved))


def test_layers_without_weights_do_not_count(tmp_path):
    layers = kerasish.layers
    saved = dense(4, 2)
    other = kerasish.Sequential(
        [kerasish.Input((3,)), layers.Dense(4), layers.Dropout(0.5), layers.Activation("relu"), layers.Dense(2)]
    )
    load(other, save(saved, tmp_path / "w.h5"))
    assert same(values(other), values(saved))


def test_by_names_where_they_are_the_same_ones(tmp_path):
    """Two layers alike, listed in another order: their names decide."""
    saved = dense(3, 3, names=["a", "b"])
    other = dense(3, 3, names=["b", "a"])
    load(other, save(saved, tmp_path / "w.h5"))
    assert same(values(other), values(saved)[2:] + values(saved)[:2])


def frozen_model(frozen):
    layers = kerasish.layers
    inner = kerasish.Sequential(
        [
            kerasish.Input((3,)),
            layers.Dense(3, name="a"),
            layers.BatchNormalization(name="n"),
            layers.Dense(3, name="b"),
        ],
        name="inner",
    )
    model = kerasish.Sequential([kerasish.Input((3,)), inner, layers.Dense(2, name="out")])
    for name in frozen:
        (inner if name == "inner" else inner.get_layer(name)).trainable = False
    return model


@pytest.mark.parametrize("before", [(), ("inner",), ("a",), ("n", "b")])
@pytest.mark.parametrize("after", [(), ("inner",), ("a",), ("b",)])
def test_what_is_frozen_may_differ(tmp_path, before, after):
    """A nested model's weights are listed by whether they were trainable, which the file does not tell.

    `a` and `b` have the same shapes.
    """
    saved, other = frozen_model(before), frozen_model(after)
    load(other, save(saved, tmp_path / "w.h5"))
    assert same(values(other), values(saved))


# -- by_name and skip_mismatch --------------------------------------------------------------------------------------

# the model's layers (name, units), by_name, skip_mismatch: which weights come from the file, or what the message says
CASES = {
    "same": ([("a", 4), ("b", 2)], False, False, [1, 1, 1, 1]),
    "one more layer": ([("a", 4), ("b", 2), ("c", 2)], False, False, "holds weights of 2 layers"),
    "one more layer, by name": ([("a", 4), ("b", 2), ("c", 2)], True, False, [1, 1, 1, 1, 0, 0]),
    "one less, by name": ([("a", 4)], True, False, [1, 1]),
    "other names, by name": ([("x", 4), ("y", 2)], True, False, [0, 0, 0, 0]),
    "a new head": ([("a", 4), ("b", 5)], False, False, r"'stack/b/kernel' has shape \(4, 5\), the file holds \(4, 2\)"),
    "a new head, skipped": ([("a", 4), ("b", 5)], False, True, [1, 1, 0, 0]),
    "a new head, by name": ([("a", 4), ("b", 5)], True, False, r"layer 'b'.*\(4, 5\)"),
    "a new head, by name, skipped": ([("a", 4), ("b", 5)], True, True, [1, 1, 0, 0]),
    "another width, skipped": ([("a", 5), ("b", 2)], False, True, [0, 0, 0, 1]),
}


@pytest.mark.parametrize("case", CASES)
def test_by_name_and_skip_mismatch(tmp_path, case):
    layers, by_name, skip, wanted = CASES[case]
    saved = dense(4, 2, names=["a", "b"])
    path = save(saved, tmp_path / "w.h5")
    names, sizes = zip(*layers)
    model, reference = dense(*sizes, names=names), dense(*sizes, names=names, library=keras)
    start = values(model)
    if isinstance(wanted, str):
        with pytest.raises(ValueError, match=wanted):
            load(model, path, by_name=by_name, skip_mismatch=skip)
        assert same(values(model), start)
        return
    reference.set_weights(start)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(model, path, by_name=by_name, skip_mismatch=skip)
    assert any("Skipped" in str(item.message) for item in caught) == skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference.load_weights(path, by_name=by_name, skip_mismatch=skip)
    assert same(values(model), [np.asarray(value) for value in reference.get_weights()])
    source = {name: value for name, value in zip(("a0", "a1", "b0", "b1"), values(saved))}
    for index, (taken, value, old_value) in enumerate(zip(wanted, values(model), start)):
        assert np.array_equal(value, source[f"{names[index // 2]}{index % 2}"] if taken else old_value)


def test_count_of_weights(tmp_path):
    path = save(dense(4, names=["a"]), tmp_path / "w.h5")
    model = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.Dense(4, use_bias=False, name="a")])
    with pytest.raises(ValueError, match="has 1 weights there, the file 2"):
        load(model, path)
    with pytest.warns(UserWarning, match="Skipped"):
        load(model, path, skip_mismatch=True)


def test_the_models_own_weights(tmp_path):
    class Shifted(kerasish.Model):
        def __init__(self):
            super().__init__(name="shifted")
            self.inner = kerasish.layers.Dense(2, name="inner")
            self.shift = self.add_weight((2,), "random_normal", name="shift")

        def call(self, x):
            return self.inner(x) + self.shift

    saved, other = Shifted(), Shifted()
    saved(np.zeros((1, 3), "float32")), other(np.zeros((1, 3), "float32"))
    path = save(saved, tmp_path / "w.h5")
    with h5py.File(path) as file:
        assert read_names(file["top_level_model_weights"], "weight_names") == ["shifted/shift"]
    load(other, path)
    assert same(values(other), values(saved))


# -- attributes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count, length", [(10, 20), (9, 7000), (8, 8064), (300, 500), (2, LIMIT), (0, 0)])
def test_split_attributes(tmp_path, count, length):
    names = [f"{index:04}".ljust(length, "n")[:length] or "x" for index in range(count)]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write_names(file, "layer_names", names)
        parts = [key for key in file.attrs if key.startswith("layer_names")]
        assert (len(parts) > 1) == (count * length > LIMIT)
        assert read_names(file, "layer_names") == names
        from keras.src.legacy.saving import legacy_h5_format

        assert legacy_h5_format.load_attributes_from_hdf5_group(file, "layer_names") == names
    with h5py.File(tmp_path / "b.h5", "w") as file:
        legacy_h5_format.save_attributes_to_hdf5_group(file, "layer_names", [name.encode() for name in names])
        assert read_names(file, "layer_names") == names


def test_a_name_that_no_attribute_holds(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file, pytest.raises(ValueError, match="64513 bytes long.*shorter `name`"):
        write_names(file, "layer_names", ["n" * (LIMIT + 1)])


def test_a_model_with_long_names(tmp_path):
    names = [f"{index}_" + "n" * 9000 for index in range(9)]
    saved, other = dense(*[2] * 9, names=names), dense(*[2] * 9, names=names, library=keras)
    path = save(saved, tmp_path / "w.h5")
    with h5py.File(path) as file:
        assert "layer_names" not in file.attrs and "layer_names1" in file.attrs and legacy.is_weights(file)
    other.load_weights(path)
    assert same([np.asarray(value) for value in other.get_weights()], values(saved))
    again = dense(*[2] * 9, names=names)
    load(again, path)
    assert same(values(again), values(saved))


# -- damaged files --------------------------------------------------------------------------------------------------

DAMAGE = {
    "a layer is missing": (lambda file: file.pop("layer1"), "lists the layer 'layer1'.*does not hold it"),
    "a weight is missing": (
        lambda file: file["layer1/stack/layer1"].pop("bias"),
        "lists the weight 'stack/layer1/bias'",
    ),
    "a weight is a group": (
        lambda file: [file["layer1/stack/layer1"].pop("bias"), file["layer1/stack/layer1"].create_group("bias")],
        "lists the weight 'stack/layer1/bias'",
    ),
    "text for numbers": (
        lambda file: [
            file["layer1/stack/layer1"].pop("bias"),
            file["layer1/stack/layer1"].create_dataset("bias", data=b"text"),
        ],
        "should hold numbers",
    ),
    "names are a number": (lambda file: file.attrs.__setitem__("layer_names", 3), "list of names"),
    "names are numbers": (lambda file: file.attrs.__setitem__("layer_names", [1, 2]), "should be text"),
    "a name twice": (lambda file: file.attrs.__setitem__("layer_names", [b"layer0", b"layer0"]), "twice"),
    "no UTF-8": (lambda file: file.attrs.__setitem__("layer_names", [b"layer0", b"\xff\xfe"]), "UTF-8"),
    "another shape": (
        lambda file: [
            file["layer1/stack/layer1"].pop("kernel"),
            file["layer1/stack/layer1"].create_dataset("kernel", data=np.zeros((2, 4))),
        ],
        r"\(4, 2\), the file holds \(2, 4\)",
    ),
    "no layers": (lambda file: file.attrs.__setitem__("layer_names", np.zeros(0)), "0 layers"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_changes_nothing(tmp_path, damage):
    act, message = DAMAGE[damage]
    model = dense(4, 2)
    path = save(dense(4, 2), tmp_path / "w.h5")
    with h5py.File(path, "a") as file:
        act(file)
    start = values(model)
    with pytest.raises(ValueError, match=message):
        load(model, path)
    assert same(values(model), start)


def test_a_packed_weight_that_does_not_unpack(tmp_path):
    """All packed data are unpacked once before the first weight is set."""
    model, path = dense(4, 50, inputs=40), tmp_path / "w.h5"
    named = [[("k", old.numbers(40, 4)), ("b", old.numbers(4))], [("k", old.numbers(4, 50)), ("b", old.numbers(50))]]
    with h5py.File(path, "w") as file:
        old.write_weights(file, [(f"layer{i}", []) for i in range(2)], "2.2.4", "tensorflow")
        for index, arrays in enumerate(named):
            file[f"layer{index}"].attrs["weight_names"] = [b"k", b"b"]
            for name, array in arrays:
                file[f"layer{index}"].create_dataset(name, data=array, compression="gzip")
        place = file["layer1/k"].id.get_chunk_info(0).byte_offset
    start = values(model)
    load(dense(4, 50, inputs=40), path)
    data = bytearray(path.read_bytes())
    data[place : place + 8] = b"\xff" * 8
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError):
        load(model, path)
    assert same(values(model), start)


def test_a_model_that_is_not_built(tmp_path):
    model = kerasish.Sequential([kerasish.layers.Dense(2)])
    with h5py.File(tmp_path / "w.h5", "w") as file, pytest.raises(ValueError, match="isn't built"):
        legacy.save_weights(model, file)


def test_two_layers_of_one_name(tmp_path):
    class Twice(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = kerasish.layers.Dense(2, name="same"), kerasish.layers.Dense(2, name="same")

        def call(self, x):
            return self.b(self.a(x))

    model = Twice()
    model(np.zeros((1, 2), "float32"))
    with h5py.File(tmp_path / "w.h5", "w") as file, pytest.raises(ValueError, match="'same'.*used twice"):
        legacy.save_weights(model, file)


# -- numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32", ">f4"])
def test_other_dtypes(tmp_path, dtype):
    model = dense(4, names=["a"])
    kernel, bias = (np.arange(12).reshape(3, 4) / 4).astype(dtype), np.arange(4).astype(dtype)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        old.write_weights(file, [("a", [("a/kernel:0", kernel), ("a/bias:0", bias)])], "2.2.4", "tensorflow")
    load(model, tmp_path / "w.h5")
    assert same(values(model), [kernel.astype("float32"), bias.astype("float32")])


@pytest.mark.skipif(kerasish.backend.device().kind != "cpu", reason="to a card, each goes through memory of the host")
def test_memory_while_loading(tmp_path):
    """No copy of a weight is made on the way from the file into the model."""
    model = dense(1000, 1000, inputs=1000)
    path = save(model, tmp_path / "w.h5")
    other = dense(1000, 1000, inputs=1000)
    load(dense(2, inputs=2), save(dense(2, inputs=2), tmp_path / "small.h5"))
    tracemalloc.start()
    load(other, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert same(values(other), values(model))
    assert peak < 0.3 * sum(value.nbytes for value in values(model))
