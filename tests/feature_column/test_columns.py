"""Columns in models: training, files, readers, and what is refused."""

import os

import numpy as np
import pytest

import kerasish as keras
from kerasish import data
from kerasish import feature_column as fc

TOWNS = ["Bonn", "Ulm", "Köln"]


def columns():
    town = fc.categorical_column_with_vocabulary_list("town", TOWNS)
    age = fc.bucketized_column(fc.numeric_column("age"), [18, 65])
    return [
        fc.numeric_column("age"),
        age,
        fc.indicator_column(town),
        fc.embedding_column(fc.crossed_column([age, "town"], 50), 4),
        fc.embedding_column(fc.categorical_column_with_hash_bucket("word", 20), 2),
    ]


def rows(count=40):
    generator = np.random.default_rng(0)
    return {
        "town": generator.choice(TOWNS, count),
        "age": generator.uniform(5, 90, count).astype("float32"),
        "word": generator.choice(["red", "green", ""], (count, 3)),
    }


def labels(x):
    return ((x["town"] == "Ulm") ^ (x["age"] > 40)).astype("float32")


def functional():
    inputs = {
        "town": keras.Input((), dtype="string", name="town"),
        "age": keras.Input((), name="age"),
        "word": keras.Input((3,), dtype="string", name="word"),
    }
    hidden = keras.layers.Dense(8, "relu")(fc.DenseFeatures(columns())(inputs))
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(hidden))


@pytest.mark.parametrize(
    "make",
    [functional, lambda: keras.Sequential([fc.DenseFeatures(columns()), keras.layers.Dense(1, "sigmoid")])],
    ids=["functional", "sequential"],
)
def test_a_model_of_columns_trains_on_text(make, recwarn):
    model = make()
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy")
    x = rows()
    losses = model.fit(x, labels(x), epochs=20, batch_size=20, verbose=0).history["loss"]
    assert losses[-1] < 0.6 * losses[0]
    assert not [warning for warning in recwarn if "op by op" in str(warning.message)]


def test_a_saved_model_of_columns_opens(tmp_path):
    model, x = functional(), rows()
    path = os.fspath(tmp_path / "model.keras")
    model.save(path)
    again = keras.models.load_model(path)
    assert np.array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))


def test_a_linear_model_of_columns_opens(tmp_path):
    inputs = {"town": keras.Input((), dtype="string", name="town"), "age": keras.Input((), name="age")}
    town = fc.categorical_column_with_vocabulary_list("town", TOWNS, num_oov_buckets=2)
    layer = fc.LinearModel([town, fc.numeric_column("age")], kernel_initializer="ones", sparse_combiner="mean")
    model, x = keras.Model(inputs, layer(inputs)), rows()
    model.save(tmp_path / "model.keras")
    want = model.predict(x, verbose=0)
    assert np.array_equal(want, keras.models.load_model(tmp_path / "model.keras").predict(x, verbose=0))
    assert np.allclose(want[:, 0], x["age"] + 1)


def test_every_column_comes_back_from_its_config():
    shared = fc.shared_embeddings([fc.categorical_column_with_identity("room", 3)], 2)
    words = fc.sequence_categorical_column_with_vocabulary_list("words", ["a", "b"], num_oov_buckets=1)
    weighted = fc.weighted_categorical_column(fc.categorical_column_with_identity("room", 3), "weight")
    others = [*shared, fc.embedding_column(words, 2), fc.indicator_column(weighted), fc.sequence_numeric_column("heat")]
    for column in columns() + others:
        config = keras.saving.serialize_keras_object(column)
        again = keras.saving.deserialize_keras_object(config)
        assert type(again) is type(column)
        assert again.get_config() == column.get_config()
        assert again.name == column.name


def test_examples_are_read_by_the_columns_spec(tmp_path):
    x = rows(10)
    path = os.fspath(tmp_path / "rows.tfrecord")
    records = (
        {"town": x["town"][i], "age": x["age"][i], "word": list(x["word"][i][: i % 3 + 1]), "label": i % 2}
        for i in range(10)
    )
    data.tfrecord.write(path, map(data.tfrecord.encode_example, records))
    spec = {**fc.make_parse_example_spec(columns()), "label": data.Feature((), "int64")}
    batches = list(data.TFRecordBatches(path, spec, label="label", batch_size=5))
    layer = fc.DenseFeatures(columns())
    assert [layer(features).shape for features, _ in batches] == [(5, 13), (5, 13)]
    word = x["word"][:5].copy()
    for i in range(5):
        word[i, i % 3 + 1 :] = ""
    first = {key: value[:5] for key, value in x.items()}
    host = keras.ops.convert_to_numpy
    assert np.allclose(host(layer({**first, "word": word})), host(layer(batches[0][0])))


def test_two_columns_that_differ_about_a_feature_make_no_spec():
    with pytest.raises(ValueError, match="different things of 'age'"):
        fc.make_parse_example_spec(
            [fc.numeric_column("age"), fc.categorical_column_with_hash_bucket("age", 3)][:1]
            + [fc.indicator_column(fc.categorical_column_with_hash_bucket("age", 3))]
        )


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: fc.numeric_column(3), "`key` must be the name of a feature"),
        (lambda: fc.numeric_column("a", shape=0), "`shape` must be an int of at least 1"),
        (lambda: fc.numeric_column("a", dtype="string"), "`dtype` must be one of"),
        (lambda: fc.bucketized_column(fc.numeric_column("a"), [2, 1]), "`boundaries` must be a list of numbers that"),
        (lambda: fc.bucketized_column("a", [1]), "`source_column` must be what `numeric_column` gave"),
        (lambda: fc.categorical_column_with_identity("a", 3, default_value=3), "`default_value` must be from 0 to 2"),
        (lambda: fc.categorical_column_with_hash_bucket("a", 1), "`hash_bucket_size` must be an int of at least 2"),
        (lambda: fc.categorical_column_with_vocabulary_list("a", []), "must not be empty"),
        (lambda: fc.categorical_column_with_vocabulary_list("a", ["x", "x"]), "'x' more than once"),
        (
            lambda: fc.categorical_column_with_vocabulary_list("a", ["x"], default_value=0, num_oov_buckets=1),
            "not both",
        ),
        (lambda: fc.categorical_column_with_vocabulary_list("a", "xy"), "must be a list of values"),
        (lambda: fc.crossed_column(["a"], 10), "at least two"),
        (lambda: fc.crossed_column(["a", fc.categorical_column_with_hash_bucket("b", 9)], 10), "name its feature, 'b'"),
        (lambda: fc.crossed_column(["a", fc.numeric_column("b")], 10), "names of features or categorical columns"),
        (lambda: fc.indicator_column(fc.numeric_column("a")), "must be a categorical column"),
        (lambda: fc.embedding_column(fc.categorical_column_with_identity("a", 3), 0), "`dimension` must be an int"),
        (lambda: fc.embedding_column(fc.categorical_column_with_identity("a", 3), 2, "max"), "`combiner` must be one"),
        (
            lambda: fc.shared_embeddings(
                [fc.categorical_column_with_identity(k, n) for k, n in (("a", 3), ("b", 4))], 2
            ),
            "equally many categories",
        ),
        (lambda: fc.DenseFeatures([]), "at least one column"),
        (lambda: fc.DenseFeatures([fc.numeric_column("a"), fc.numeric_column("a", 2)]), "two columns of the name 'a'"),
        (lambda: fc.DenseFeatures([fc.categorical_column_with_identity("a", 3)]), "`indicator_column` or"),
        (lambda: fc.DenseFeatures([fc.sequence_numeric_column("a")]), "`SequenceFeatures` takes those"),
        (lambda: fc.SequenceFeatures([fc.numeric_column("a")]), "must be sequences of vectors"),
        (lambda: fc.DenseFeatures([fc.numeric_column("a")])([1.0]), "must be called on a dict"),
        (lambda: fc.DenseFeatures([fc.numeric_column("a")])({"b": [1.0]}), "reads the feature 'a', which is not there"),
        (lambda: fc.DenseFeatures([fc.numeric_column("a", 2)])({"a": [[1.0]]}), "must have rows of shape"),
        (
            lambda: fc.DenseFeatures([fc.indicator_column(fc.categorical_column_with_identity("a", 3))])({"a": [[3]]}),
            "must hold integers from 0 to 2",
        ),
        (
            lambda: fc.LinearModel([fc.categorical_column_with_hash_bucket("a", 3)])({"a": [[3]]}),
            "must be of dtype string",
        ),
    ],
    ids=range(28),
)
def test_what_makes_no_sense_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
