"""Columns give TensorFlow's numbers: `tf.compat.v1.feature_column` computes the same beside us."""

import numpy as np
import pytest
import tensorflow as tf

import kerasish as keras
from kerasish import feature_column as fc
from tests.feature_column.columns_cases import DENSE, FEATURES, LINEAR

tf.get_logger().setLevel("ERROR")


def numbered(shape):
    """Weights that differ everywhere."""
    return (np.arange(np.prod(shape)).reshape(shape) % 17 / 10.0 - 0.6).astype("float32")


class NumberedVariables:
    """All of TensorFlow's variables begin as `numbered` ones."""

    def __call__(self, getter, *args, **kwargs):
        kwargs["initializer"] = lambda shape, dtype=None, partition_info=None: tf.constant(numbered(tuple(shape)))
        return getter(*args, **kwargs)


def as_tensors():
    return {
        key: tf.constant(value.tolist(), tf.string) if value.dtype.kind == "U" else tf.constant(value)
        for key, value in FEATURES.items()
    }


@pytest.fixture(scope="module")
def expected():
    """What TensorFlow says of all cases, from one graph."""
    v1 = tf.compat.v1
    found = {}
    with tf.Graph().as_default():
        features = as_tensors()
        for name, make in DENSE.items():
            with v1.variable_scope(f"dense{len(found)}", custom_getter=NumberedVariables()):
                found["dense", name] = v1.feature_column.input_layer(features, make(v1.feature_column))
        for name, (make, options) in LINEAR.items():
            with v1.variable_scope(f"linear{len(found)}", custom_getter=NumberedVariables()):
                found["linear", name] = v1.feature_column.linear_model(features, make(v1.feature_column), **options)
        with v1.Session() as session:
            session.run([v1.global_variables_initializer(), v1.tables_initializer()])
            return session.run(found)


def with_numbers(layer):
    layer(FEATURES)
    for weight in layer.weights:
        weight.assign(numbered(weight.shape))
    return layer


def model_of(layer):
    inputs = {
        key: keras.Input(value.shape[1:], dtype="string" if value.dtype.kind == "U" else value.dtype, name=key)
        for key, value in FEATURES.items()
    }
    return keras.Model(inputs, layer(inputs))


@pytest.mark.parametrize("name", DENSE)
def test_dense_features(name, expected):
    layer = with_numbers(fc.DenseFeatures(DENSE[name](fc)))
    want = expected["dense", name]
    assert np.allclose(keras.ops.convert_to_numpy(layer(FEATURES)), want, rtol=1e-5, atol=1e-6)
    assert np.allclose(model_of(layer).predict(FEATURES, verbose=0), want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LINEAR)
def test_linear_model(name, expected):
    make, options = LINEAR[name]
    layer = with_numbers(fc.LinearModel(make(fc), **options))
    want = expected["linear", name]
    assert np.allclose(keras.ops.convert_to_numpy(layer(FEATURES)), want, rtol=1e-5, atol=1e-6)
    assert np.allclose(model_of(layer).predict(FEATURES, verbose=0), want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", DENSE)
def test_names_are_tensorflows(name):
    theirs = DENSE[name](tf.compat.v1.feature_column)
    assert [column.name for column in DENSE[name](fc)] == [column.name for column in theirs]


def test_shared_embeddings():
    columns = lambda module: [module.categorical_column_with_identity(key, 4) for key in ("room", "rooms")]  # noqa: E731
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.variable_scope("shared", custom_getter=NumberedVariables()):
        shared = v1.feature_column.shared_embedding_columns(columns(v1.feature_column), 3)
        names = [column.name for column in shared]
        vectors = v1.feature_column.input_layer(as_tensors(), shared)
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            want = session.run(vectors)
    layer = with_numbers(fc.DenseFeatures(fc.shared_embeddings(columns(fc), 3)))
    assert len(layer.weights) == 1
    assert sorted(names) == [column.name for column in layer.feature_columns]
    assert np.allclose(layer(FEATURES), want, rtol=1e-5, atol=1e-6)


SEQUENCES = {
    "words": np.array(
        [["red", "green", "red"], ["blue", "", ""], ["", "", ""], ["violet", "red", "blue"], ["red", "blue", ""]]
    ),
    "rooms": np.array([[0, 3, 1], [3, -1, -1], [-1, -1, -1], [1, 1, 2], [1, 2, -1]], "int64"),
}


def test_a_value_in_no_category_is_a_step():
    """Also at the end of a row."""
    import tf_keras

    make = lambda module: module.indicator_column(  # noqa: E731
        module.sequence_categorical_column_with_vocabulary_list("words", ["red", "green"])
    )
    words = np.array([["red", "blue", ""], ["blue", "", ""], ["", "", ""], ["red", "blue", "green"]])
    theirs = tf_keras.experimental.SequenceFeatures([make(tf.feature_column)])
    want, lengths = theirs({"words": tf.sparse.from_dense(words.tolist())})
    vectors, ours = fc.SequenceFeatures([make(fc)])({"words": words})
    assert np.array_equal(vectors, want.numpy()) and ours.tolist() == lengths.numpy().tolist() == [2, 1, 0, 3]


def test_sequences():
    import tf_keras

    make = lambda module: [  # noqa: E731
        module.indicator_column(module.sequence_categorical_column_with_vocabulary_list("words", ["red", "green"])),
        module.embedding_column(module.sequence_categorical_column_with_identity("rooms", 4), 3),
    ]
    layer = fc.SequenceFeatures(make(fc))
    layer(SEQUENCES)
    layer.weights[0].assign(numbered((4, 3)))
    theirs = tf_keras.experimental.SequenceFeatures(make(tf.feature_column))
    tensors = {key: tf.constant(value.tolist()) for key, value in SEQUENCES.items()}
    sparse = {
        "words": tf.sparse.from_dense(tensors["words"]),
        "rooms": tf.sparse.map_values(lambda x: x - 1, tf.sparse.from_dense(tf.cast(tensors["rooms"], tf.int64) + 1)),
    }
    theirs(sparse)
    theirs.weights[0].assign(numbered((4, 3)))
    want, lengths = theirs(sparse)
    vectors, ours = layer(SEQUENCES)
    assert np.allclose(vectors, want.numpy(), rtol=1e-5, atol=1e-6)
    assert ours.tolist() == lengths.numpy().tolist()
