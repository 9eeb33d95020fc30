"""Columns to be compared: made by TensorFlow's module or ours, of the same features."""

import os
import tempfile

import numpy as np
import tensorflow as tf

# TensorFlow drops weights of 0, so that they must be 0 where there is no category.
FEATURES = {
    "age": np.array([17.0, 18.0, 40.5, 65.0], "float32"),
    "size": np.array([[1.0, -2.0], [0.5, 3.0], [9.0, 0.0], [-1.0, 1.0]], "float32"),
    "town": np.array([["Ulm"], ["Bonn"], [""], ["Köln"]]),
    "words": np.array(
        [["red", "green", "red"], ["blue", "", ""], ["", "", ""], ["violet", "red", "a longer text of words"]]
    ),
    "tags": np.array([["red", "green"], ["blue", "x"], ["red", "red"], ["violet", "a longer text of words"]]),
    "pairs": np.array([[12, 999999999999], [-7, 12], [5, 5], [0, 3]], "int64"),
    "room": np.array([[0], [3], [-1], [2]], "int64"),
    "rooms": np.array([[0, 3], [3, -1], [-1, -1], [1, 1]], "int64"),
    "far": np.array([[7], [1], [99], [-5]], "int64"),
    "weights": np.array([[0.5, 2.0], [1.5, 0.0], [0.0, 0.0], [3.0, 0.25]], "float32"),
    "light": np.array([[0.5, -2.0], [-1.5, 0.0], [0.0, 0.0], [3.0, 0.25]], "float32"),
    "codes": np.array([[12, 999999999999], [-7, 12], [5, 5], [-1, 3]], "int64"),
}
WORDS = ["red", "green", "blue"]


def words_file():
    path = os.path.join(tempfile.gettempdir(), f"kerasish-words-{os.getpid()}.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([*WORDS, "violet"]) + "\n")
    return path


def towns(fc, **options):
    return fc.categorical_column_with_vocabulary_list("town", ["Bonn", "Ulm"], **options)


def words(fc):
    return fc.categorical_column_with_vocabulary_list("words", WORDS, num_oov_buckets=3)


def ages(fc):
    return fc.bucketized_column(fc.numeric_column("age"), [18, 30, 65])


def rooms(fc):
    return fc.categorical_column_with_identity("rooms", 4)


DENSE = {
    "numeric": lambda fc: [fc.numeric_column("age")],
    "numeric of two": lambda fc: [fc.numeric_column("size", shape=(2,))],
    "normalized": lambda fc: [fc.numeric_column("age", normalizer_fn=lambda x: (x - 3.0) / 4.2)],
    "bucketized": lambda fc: [ages(fc)],
    "bucketized of two": lambda fc: [fc.bucketized_column(fc.numeric_column("size", shape=(2,)), [0.0, 1.0])],
    "vocabulary": lambda fc: [fc.indicator_column(towns(fc))],
    "vocabulary with a default": lambda fc: [fc.indicator_column(towns(fc, default_value=1))],
    "vocabulary with buckets": lambda fc: [fc.indicator_column(towns(fc, num_oov_buckets=5))],
    "several words": lambda fc: [fc.indicator_column(words(fc))],
    "vocabulary of integers": lambda fc: [
        fc.indicator_column(fc.categorical_column_with_vocabulary_list("codes", [12, 5], num_oov_buckets=7))
    ],
    "file": lambda fc: [
        fc.indicator_column(fc.categorical_column_with_vocabulary_file("words", words_file(), num_oov_buckets=2))
    ],
    "file cut": lambda fc: [
        fc.indicator_column(
            fc.categorical_column_with_vocabulary_file("words", words_file(), vocabulary_size=2, default_value=0)
        )
    ],
    "identity": lambda fc: [fc.indicator_column(fc.categorical_column_with_identity("room", 4))],
    "identity of several": lambda fc: [fc.indicator_column(rooms(fc))],
    "identity with a default": lambda fc: [fc.indicator_column(fc.categorical_column_with_identity("far", 8, 2))],
    "hashed": lambda fc: [fc.indicator_column(fc.categorical_column_with_hash_bucket("words", 11))],
    "hashed integers": lambda fc: [fc.indicator_column(fc.categorical_column_with_hash_bucket("codes", 11, tf.int64))],
    "crossed": lambda fc: [fc.indicator_column(fc.crossed_column(["town", "tags"], 13))],
    "crossed with ranges": lambda fc: [fc.indicator_column(fc.crossed_column([ages(fc), "town"], 13))],
    "crossed, the column named last": lambda fc: [
        fc.indicator_column(fc.crossed_column(["town", ages(fc), "room"], 13))
    ],
    "crossed with integers": lambda fc: [fc.indicator_column(fc.crossed_column(["room", "pairs"], 13))],
    "crossed by a key": lambda fc: [fc.indicator_column(fc.crossed_column(["town", "tags"], 13, hash_key=7))],
    "crossed of crossed": lambda fc: [
        fc.indicator_column(fc.crossed_column([fc.crossed_column(["town", "pairs"], 9), words(fc)], 13))
    ],
    "weighted": lambda fc: [fc.indicator_column(fc.weighted_categorical_column(rooms(fc), "weights"))],
    "embedded mean": lambda fc: [fc.embedding_column(words(fc), 3)],
    "embedded sum": lambda fc: [fc.embedding_column(words(fc), 3, combiner="sum")],
    "embedded sqrtn": lambda fc: [fc.embedding_column(words(fc), 3, combiner="sqrtn")],
    "embedded, of bounded length": lambda fc: [fc.embedding_column(words(fc), 3, max_norm=0.3)],
    "embedded, weighted": lambda fc: [fc.embedding_column(fc.weighted_categorical_column(rooms(fc), "weights"), 3)],
    "embedded, weighted sqrtn": lambda fc: [
        fc.embedding_column(fc.weighted_categorical_column(rooms(fc), "weights"), 3, combiner="sqrtn")
    ],
    "embedded, some weights negative": lambda fc: [
        fc.embedding_column(fc.weighted_categorical_column(rooms(fc), "light"), 3)
    ],
    "embedded ranges": lambda fc: [fc.embedding_column(ages(fc), 2)],
    "embedded crossed": lambda fc: [fc.embedding_column(fc.crossed_column(["town", "tags"], 13), 3)],
    "side by side": lambda fc: [
        fc.numeric_column("size", shape=(2,)),
        fc.indicator_column(towns(fc)),
        fc.embedding_column(words(fc), 3),
        ages(fc),
        fc.numeric_column("age"),
        fc.embedding_column(rooms(fc), 2, combiner="sum"),
    ],
}

LINEAR = {
    "numbers": (lambda fc: [fc.numeric_column("age"), fc.numeric_column("size", shape=(2,))], {}),
    "words": (lambda fc: [words(fc)], {}),
    "words, mean": (lambda fc: [words(fc)], {"sparse_combiner": "mean"}),
    "words, sqrtn": (lambda fc: [words(fc)], {"sparse_combiner": "sqrtn"}),
    "three units": (lambda fc: [words(fc), fc.numeric_column("age")], {"units": 3}),
    "ranges and crosses": (lambda fc: [ages(fc), fc.crossed_column([ages(fc), "town"], 13)], {}),
    "weighted": (lambda fc: [fc.weighted_categorical_column(rooms(fc), "weights")], {}),
    "ranges of two": (lambda fc: [fc.bucketized_column(fc.numeric_column("size", shape=(2,)), [0.0, 1.0])], {}),
    "indicator": (lambda fc: [fc.indicator_column(towns(fc))], {}),
}
