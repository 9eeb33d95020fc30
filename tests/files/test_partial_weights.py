"""Files that hold more, less or other weights than a model.

What is left out is said, what does not fit changes nothing.
"""

import re
import warnings

import h5py
import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish.files import weights_h5

X = np.random.default_rng(3).standard_normal((6, 4)).astype("float32")
Y = X[:, :1]


def build(k, head=2, name="whole", body=5):
    inputs = k.Input((4,), name="in")
    encoder = k.Sequential(
        [k.Input((4,)), k.layers.Dense(body, "relu", name="deep"), k.layers.BatchNormalization(name="norm")],
        name="encoder",
    )
    return k.Model(inputs, k.layers.Dense(head, name="head")(encoder(inputs)), name=name)


def values(model):
    return [np.asarray(weight) for weight in model.get_weights()]


def equal(a, b):
    assert len(a) == len(b)
    for one, other in zip(a, b):
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def saved(tmp_path):
    model = build(oracle)
    model.compile("adam", "mse")
    model.train_on_batch(X, X[:, :2])
    path = str(tmp_path / "whole.weights.h5")
    model.save_weights(path)
    return model, path


def test_another_head_with_skip_mismatch(saved):
    theirs, path = saved
    ours = build(keras, head=3)
    before = values(ours)
    with pytest.raises(
        ValueError,
        match=r"1 object\(s\) could not be loaded(.|\n)*"
        r"layers/dense \(Dense 'head'\): variable '0' \(kernel\) has shape \(5, 3\), the file holds \(5, 2\)",
    ):
        ours.load_weights(path)
    equal(values(ours), before)
    with pytest.warns(UserWarning, match="layers/dense .Dense 'head'.") as caught:
        ours.load_weights(path, skip_mismatch=True)
    assert len([one for one in caught if "left out" in str(one.message)]) == 1
    equal(values(ours)[:6], values(theirs)[:6])
    equal(values(ours)[6:], before[6:])


def test_objects_to_skip(saved):
    _, path = saved
    ours, reference = build(keras, head=3), build(oracle, head=3)
    before = values(ours)
    ours.load_weights(path, objects_to_skip=[ours.get_layer("head")])
    reference.load_weights(path, objects_to_skip=[reference.get_layer("head")])
    equal(values(ours)[:6], values(reference)[:6])
    equal(values(ours)[6:], before[6:])


def test_a_submodel_and_what_is_around_it(tmp_path):
    whole, other = build(keras), build(keras)
    encoder = whole.get_layer("encoder")
    path = str(tmp_path / "encoder.weights.h5")
    encoder.save_weights(path)
    before = values(other)
    other.get_layer("encoder").load_weights(path)
    equal(values(other)[:6], values(whole)[:6])
    equal(values(other)[6:], before[6:])
    theirs = build(oracle).get_layer("encoder")
    theirs.load_weights(path)
    equal(values(theirs), values(encoder))


def test_a_longer_files_rest_is_left_alone(tmp_path):
    path = str(tmp_path / "long.weights.h5")
    layers = [keras.layers.Dense(4, name=name) for name in ("a", "b", "c")]
    long = keras.Sequential([keras.Input((4,)), *layers])
    long.save_weights(path)
    short = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.Dense(4)])
    short.load_weights(path)
    equal(values(short), values(long)[:4])
    longer = keras.Sequential([keras.Input((4,)), *(keras.layers.Dense(4) for _ in range(4))])
    with pytest.raises(ValueError, match=r"layers/dense_3 .*has 2 variables, the file holds none for it"):
        longer.load_weights(path)


def test_all_problems_are_told_at_once(saved):
    _, path = saved
    ours = build(keras, head=3, body=7)
    before = values(ours)
    with pytest.raises(ValueError) as caught:
        ours.load_weights(path)
    text = str(caught.value)
    for place in (
        "layers/sequential/layers/dense (Dense 'deep')",
        "layers/sequential/layers/batch_normalization (BatchNormalization 'norm')",
        "layers/dense (Dense 'head')",
    ):
        assert place in text
    assert "nothing was changed" in text and "3 object(s)" in text and path in text
    equal(values(ours), before)


def test_an_optimizer_of_another_kind_keeps_its_state(saved):
    _, path = saved
    ours = build(keras)
    ours.compile(keras.optimizers.SGD(0.5), "mse")
    with pytest.warns(UserWarning, match="SGD.*it has 2 variables, the file holds 14"):
        ours.load_weights(path)
    assert float(ours.optimizer.learning_rate.numpy()) == 0.5 and int(ours.optimizer.iterations) == 0


def test_an_optimizer_that_took_no_step_yet_gets_its_state(saved):
    theirs, path = saved
    ours = build(keras)
    ours.compile("adam", "mse")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours.load_weights(path)
    assert int(ours.optimizer.iterations) == 1
    for one, other in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), np.asarray(other))


def test_a_layer_that_is_not_built(tmp_path):
    class Late(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.unused = keras.layers.Dense(2), keras.layers.Dense(3)

        def call(self, x, both=False):
            return self.unused(self.first(x)) if both else self.first(x)

    whole, half = Late(), Late()
    whole(X, both=True)
    half(X)
    path = str(tmp_path / "late.weights.h5")
    whole.save_weights(path)
    before = values(half)
    with pytest.raises(ValueError, match="Dense 'dense.*not built yet"):
        half.load_weights(path)
    equal(values(half), before)


class Tally(keras.layers.Layer):
    """A layer that stores itself in its own way, and refuses odd counts."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.count = self.add_weight((), "zeros", name="count", trainable=False)

    def call(self, x):
        return x

    def save_own_variables(self, store):
        store["count"] = np.asarray(self.count.numpy())

    def load_own_variables(self, store):
        self.count.assign(store["count"])
        if float(store["count"]) % 2:
            raise ValueError("an odd count")


def test_a_layer_with_its_own_way_of_storing(tmp_path):
    def tallied():
        return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), Tally(name="first"), Tally(name="second")])

    model, other = tallied(), tallied()
    path = str(tmp_path / "tally.weights.h5")
    for count, fits in ((4.0, True), (3.0, False)):
        model.layers[1].count.assign(2.0)
        model.layers[2].count.assign(count)
        model.save_weights(path)
        with h5py.File(path) as file:
            assert list(file["layers/tally_1/vars"]) == ["count"]
        before = values(other)
        if fits:
            other.load_weights(path)
            equal(values(other), values(model))
            other.layers[1].count.assign(8.0)
        else:
            before = values(other)
            with pytest.raises(ValueError, match="layers/tally_1 .*an odd count"):
                other.load_weights(path)
            equal(values(other), before)  # the first tally, which fitted, too
            with pytest.warns(UserWarning, match="an odd count"):
                other.load_weights(path, skip_mismatch=True)
            assert [float(layer.count.numpy()) for layer in other.layers[1:]] == [2.0, 4.0]


def test_files_of_before_nested_lists_were_kept(tmp_path):
    class Nested(keras.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [keras.layers.Dense(3), [keras.layers.Dense(2)]]

        def call(self, x):
            return self.blocks[1][0](self.blocks[0](x))

    model, other = Nested(), Nested()
    model(X), other(X)
    path = str(tmp_path / "nested.weights.h5")
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        del file.attrs["kerasish.checksum"]  # as in a file of before
        place = next(name for name in ("blocks", "layers") if f"{name}/container" in file)
        del file[f"{place}/container"]
        if "layers" in file and place != "layers":
            del file["layers"]
    before = values(other)
    with pytest.warns(UserWarning, match="no layers in nested lists"):
        other.load_weights(path)
    equal(values(other)[:2], values(model)[:2])
    equal(values(other)[2:], before[2:])


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda group: group.create_dataset("7", data=np.zeros(1)), "has 2 variables, the file holds 3"),
        (lambda group: (group.move("1", "9"),), "no variable '1'"),
        (lambda group: (group.__delitem__("1"), group.create_group("1")), "holds 1"),
        (lambda group: (group.__delitem__("1"), group.create_dataset("1", data=[b"ab", b"cd"])), "hold numbers"),
    ],
)
def test_damaged_groups(damage, message, saved):
    _, path = saved
    with h5py.File(path, "a") as file:
        damage(file["layers/dense/vars"])
    ours = build(keras)
    before = values(ours)
    with pytest.raises(ValueError, match=message):
        ours.load_weights(path)
    equal(values(ours), before)


def test_numbers_that_can_not_be_unpacked_change_nothing(tmp_path):
    """A block of a packed dataset is overwritten: the file opens, and only reading finds out."""
    model = keras.Sequential([keras.Input((40,)), keras.layers.Dense(40), keras.layers.Dense(2)])
    path = str(tmp_path / "packed.weights.h5")
    weights_h5.save(model, path)
    with h5py.File(path, "a") as file:
        group = file["layers/dense_1/vars"]
        del group["0"]
        rough = np.random.default_rng(0).standard_normal((40, 2)).astype("float32")
        place = group.create_dataset(
            "0", data=rough, chunks=(40, 2), compression="gzip", fletcher32=True
        ).id.get_chunk_info(0)
    with open(path, "r+b") as file:
        file.seek(place.byte_offset + 20)
        file.write(b"\xff" * 40)
    other = keras.Sequential([keras.Input((40,)), keras.layers.Dense(40), keras.layers.Dense(2)])
    before = values(other)
    with pytest.raises(ValueError, match=re.escape(path)):
        other.load_weights(path)
    equal(values(other), before)
