"""FeatureSpace beside Keras's: every kind, crosses, both outputs, in models and in files."""

import inspect

import keras as real
import numpy as np
import pandas
import pytest
import tensorflow as tf
from keras.src.utils import module_utils

import kerasish as keras

DATA = {
    "f": np.array([[0.0], [0.1], [0.2], [0.3]]),
    "n": np.array([[1.0], [2.0], [3.0], [4.0]]),
    "r": np.array([[1.0], [2.0], [3.0], [4.0]]),
    "d": np.array([[0.0], [1.0], [2.0], [3.0]]),
    "i": np.array([[1], [2], [3], [2]]),
    "s": np.array([["a"], ["b"], ["c"], ["a"]]),
    "ih": np.array([[10], [20], [30], [20]]),
    "sh": np.array([["x"], ["y"], ["z"], ["x"]]),
}
NEW = {
    "f": np.array([[7.0], [-1.0]]),
    "n": np.array([[9.0], [0.5]]),
    "r": np.array([[0.0], [1.0]]),
    "d": np.array([[9.0], [0.7]]),
    "i": np.array([[99], [3]]),
    "s": np.array([["?"], ["c"]]),
    "ih": np.array([[5], [30]]),
    "sh": np.array([["new"], ["z"]]),
}
KINDS = {
    "all by name": dict(
        f="float",
        n="float_normalized",
        r="float_rescaled",
        d="float_discretized",
        i="integer_categorical",
        s="string_categorical",
        ih="integer_hashed",
        sh="string_hashed",
    ),
    "rescaled": lambda F: {"r": F.float_rescaled(scale=2.0, offset=1.0)},
    "discretized": lambda F: {"d": F.float_discretized(num_bins=3), "f": F.float()},
    "few words": lambda F: {"s": F.string_categorical(max_tokens=3), "i": F.integer_categorical(num_oov_indices=2)},
    "hashed": lambda F: {"ih": F.integer_hashed(num_bins=4), "sh": F.string_hashed(num_bins=5)},
    "normalized": lambda F: {"n": F.float_normalized(name="mine")},
}


@pytest.fixture(autouse=True)
def tensorflow_is_there(monkeypatch):
    """`tests/conftest.py` hides it from Keras, whose lookups need it."""
    monkeypatch.setattr(module_utils.tensorflow, "_available", True)


def kinds(library, which):
    made = KINDS[which]
    return dict(made) if isinstance(made, dict) else made(library.utils.FeatureSpace)


def columns(space, data):
    return {name: data[name] for name in space.features}


def both(features, **arguments):
    """Spaces of both libraries that have seen the same data."""
    spaces = []
    for library in (keras, real):
        given = kinds(library, features) if isinstance(features, str) else features(library.utils.FeatureSpace)
        more = {name: make(library.utils.FeatureSpace) if callable(make) else make for name, make in arguments.items()}
        space = library.utils.FeatureSpace(given, **more)
        seen = columns(space, DATA)
        space.adapt(seen if library is keras else tf.data.Dataset.from_tensor_slices(seen))
        spaces.append(space)
    return spaces


def assert_same(ours, theirs, data):
    found = ours(columns(ours, data))
    expected = theirs({name: tf.constant(column) for name, column in columns(theirs, data).items()})
    if not isinstance(expected, dict):
        found, expected = {"": found}, {"": expected}
    assert found.keys() == expected.keys()
    for name, vectors in found.items():
        its = np.asarray(expected[name])
        assert vectors.shape == its.shape, name
        np.testing.assert_allclose(keras.ops.convert_to_numpy(vectors), its, rtol=1e-5, atol=1e-6, err_msg=name)


def test_signatures_are_those_of_keras():
    ours, theirs = (library.utils.FeatureSpace for library in (keras, real))
    for name in ("", "float", "float_rescaled", "float_normalized", "float_discretized", "integer_categorical",
                 "string_categorical", "integer_hashed", "string_hashed", "cross", "feature"):  # fmt: skip
        mine, its = (inspect.signature(getattr(c, name) if name else c).parameters for c in (ours, theirs))
        if name != "cross":  # whose `feature_names` has no default in either
            assert [(p.name, p.default) for p in mine.values()] == [(p.name, p.default) for p in its.values()], name


@pytest.mark.parametrize("which", KINDS)
@pytest.mark.parametrize("output_mode", ["dict", "concat"])
def test_kinds(which, output_mode):
    ours, theirs = both(which, output_mode=output_mode)
    assert_same(ours, theirs, DATA)
    assert_same(ours, theirs, NEW)


@pytest.mark.parametrize(
    "crosses",
    [
        [("i", "s")],
        [("i", "s"), ("ih", "sh")],
        lambda F: [F.cross(("s", "ih"), crossing_dim=5)],
        lambda F: [F.cross(("s", "i"), crossing_dim=7, output_mode="int")],
    ],
)
def test_crosses(crosses):
    features = {
        "i": "integer_categorical",
        "s": "string_categorical",
        "ih": "integer_hashed",
        "sh": "string_hashed",
    }
    ours, theirs = both(lambda F: dict(features), crosses=crosses, output_mode="dict", crossing_dim=6, hashing_dim=8)
    assert_same(ours, theirs, DATA)
    assert_same(ours, theirs, NEW)
    assert list(ours.crossers) == list(theirs.crossers)


def test_numbers_instead_of_vectors():
    ours, theirs = both(
        lambda F: {"s": F.string_categorical(output_mode="int"), "d": F.float_discretized(3, output_mode="int")},
        output_mode="dict",
    )
    assert_same(ours, theirs, NEW)


def made(**arguments):
    arguments = {"features": kinds(keras, "all by name"), "crosses": [("i", "s")], "crossing_dim": 6, **arguments}
    return keras.utils.FeatureSpace(**arguments)


def test_every_way_to_give_data():
    space = made()
    space.adapt(DATA)
    expected = keras.ops.convert_to_numpy(space(DATA))
    flat = {name: column[:, 0] for name, column in DATA.items()}
    rows = [{name: column[index] for name, column in flat.items()} for index in range(4)]
    ways = {
        "flat": flat,
        "lists": {name: column.tolist() for name, column in flat.items()},
        "frame": dict(pandas.DataFrame(flat)),
        "rows": rows,
        "pairs of batches": [(flat, np.ones(4))],
        "a generator": (row for row in rows),
        "tf.data": tf.data.Dataset.from_tensor_slices(DATA).batch(3),
    }
    for name, way in ways.items():
        other = made()
        other.adapt(way)
        np.testing.assert_allclose(keras.ops.convert_to_numpy(other(DATA)), expected, rtol=1e-6, err_msg=name)
    for way in ("flat", "lists", "frame"):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(space(ways[way])), expected, rtol=1e-6, err_msg=way)
    one = keras.ops.convert_to_numpy(space(rows[2]))
    np.testing.assert_allclose(one, expected[2], rtol=1e-6)
    assert {k: v.shape for k, v in made_dict()(rows[0]).items()}["i_X_s"] == (6,)


def made_dict():
    space = made(output_mode="dict")
    space.adapt(DATA)
    return space


@pytest.mark.parametrize("output_mode", ["concat", "dict"])
def test_saved_and_loaded(tmp_path, output_mode):
    space = made(output_mode=output_mode)
    space.adapt(DATA)
    space.save(tmp_path / "space.keras")
    again = keras.models.load_model(tmp_path / "space.keras")
    assert isinstance(again, keras.utils.FeatureSpace) and again.output_mode == output_mode
    for data in (DATA, NEW):
        found, expected = again(data), space(data)
        found, expected = (x if isinstance(x, dict) else {"": x} for x in (found, expected))
        for name in expected:
            np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (found[name], expected[name])))


def test_in_a_model_that_trains_and_is_saved(tmp_path):
    space = made()
    space.adapt(DATA)
    outputs = keras.layers.Dense(1)(space.get_encoded_features())
    model = keras.Model(space.get_inputs(), outputs)
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(DATA, np.ones((4, 1)), verbose=0).history["loss"][0])
    expected = model.predict(NEW, verbose=0)
    np.testing.assert_allclose(expected, keras.ops.convert_to_numpy(model.layers[-1](space(NEW))), rtol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras").predict(NEW, verbose=0), expected)


def test_the_same_layers_as_in_keras():
    ours, theirs = both("all by name", output_mode="dict")
    names = {
        name: type(layer).__name__.replace("TFDIdentity", "Identity") for name, layer in theirs.preprocessors.items()
    }
    assert {name: type(layer).__name__ for name, layer in ours.preprocessors.items()} == names
    mine, its = (space.get_inputs() for space in (ours, theirs))
    assert {n: (x.shape, x.dtype) for n, x in mine.items()} == {n: (x.shape, x.dtype) for n, x in its.items()}
    mine, its = (space.get_encoded_features() for space in (ours, theirs))
    assert {n: x.shape for n, x in mine.items()} == {n: x.shape for n, x in its.items()}


def test_ranges_that_are_given():
    """Keras has the argument, and refuses it."""
    F = keras.utils.FeatureSpace
    space = F({"d": F.float_discretized(num_bins=3, bin_boundaries=[0.5, 2.5], output_mode="int")}, output_mode="dict")
    assert keras.ops.convert_to_numpy(space(columns(space, DATA))["d"]).ravel().tolist() == [0, 1, 1, 2]


def test_a_layer_of_ones_own():
    space = keras.utils.FeatureSpace(
        {"f": keras.utils.FeatureSpace.feature("float32", keras.layers.Rescaling(3.0), "float")}
    )
    np.testing.assert_allclose(keras.ops.convert_to_numpy(space({"f": [1.0, 2.0]})), [[3.0], [6.0]])


BAD = [
    (lambda F: F({}), ValueError, "features"),
    (lambda F: F({"a": "floaty"}), ValueError, "float"),
    (lambda F: F({"a": 3}), ValueError, "a|feature"),
    (lambda F: F({"a": "float"}, output_mode="x"), ValueError, "output_mode"),
    (lambda F: F({"a": "integer_hashed"}, crosses=[("a", "b")]), ValueError, "b"),
    (lambda F: F({"n": "float_normalized"})({"n": np.ones((2, 1))}), ValueError, "adapt"),
    (lambda F: F({"n": "float_normalized"}).get_encoded_features(), ValueError, "adapt"),
    (lambda F: F({"n": "float_normalized"}).adapt(3), ValueError, "dict"),
    (lambda F: F({"f": "float"})([1]), ValueError, "dict"),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_keras_refuses_is_refused(number):
    call, error, words = BAD[number]
    for library in (keras, real):
        with pytest.raises(error, match=words):
            call(library.utils.FeatureSpace)


def test_what_makes_no_sense_is_refused():
    F = keras.utils.FeatureSpace
    with pytest.raises(KeyError, match="'f' is a feature"):
        F({"f": "float"})({"g": [1.0]})
    with pytest.raises(ValueError, match="no column 'n'"):
        F({"n": "float_normalized"}).adapt({"f": [1.0]})
    with pytest.raises(ValueError, match="no category"):
        F({"f": "float", "i": "integer_hashed"}, crosses=[("f", "i")])
    with pytest.raises(ValueError, match="side by side"):
        F({"i": F.integer_hashed(3, output_mode="int")})
    with pytest.raises(ValueError, match="Did you mean 'string_hashed'"):
        F({"i": "string_hash"})
    with pytest.raises(ValueError, match="must be a layer"):
        F.feature("float32", 3, "float")
