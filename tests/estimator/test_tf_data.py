"""Input functions may return TensorFlow's data sets, dense, ragged and sparse."""

import numpy as np
import tensorflow as tf

from kerasish import estimator
from kerasish import feature_column as fc
from kerasish.estimator.batches import batches_of
from tests.estimator.test_estimator import X, Y, made, ragged, rows, words_fn


def test_a_data_set_of_tensorflow_trains_the_same():
    def input_fn():
        return tf.data.Dataset.from_tensor_slices(({"x": X}, Y)).repeat(2).batch(4)

    want = made().train(rows(epochs=2)).evaluate(rows(epochs=1))
    assert made().train(input_fn).evaluate(input_fn, steps=3) == want


def test_ragged_and_sparse_text():
    words = [["red", "green"], ["x"], ["blue", "red", "x"], []]

    def read(as_one):
        return lambda: iter([({"words": as_one(tf.ragged.constant(words, dtype=tf.string))}, np.zeros(4))])

    column = fc.indicator_column(fc.categorical_column_with_hash_bucket("words", 7))
    want = np.zeros((4, 7))
    for row, items in enumerate(words):
        for item in items:
            want[row] += np.asarray(fc.DenseFeatures([column])({"words": [[item]]}))[0]
    for as_one in (lambda ragged: ragged, lambda ragged: ragged.to_sparse()):
        batch, _ = next(batches_of(read(as_one), True))
        assert np.array_equal(np.asarray(fc.DenseFeatures([column])(batch)), want)


def test_a_model_of_text_trains_on_ragged_batches(tmp_path):
    def input_fn():
        for features, labels in ragged():
            yield {"words": tf.ragged.constant(features["words"].tolist())}, labels

    mine, theirs = (estimator.Estimator(words_fn, tmp_path / name) for name in ("mine", "theirs"))
    mine.train(ragged, steps=1)
    theirs.train(input_fn, steps=1)
    assert mine.get_variable_names() == theirs.get_variable_names()
