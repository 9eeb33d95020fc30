"""Text that goes in as strings: lookups and vectorizations inside the file."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from tests.export.running import check, exported, kinds

WORDS = np.array([["the", "cat"], ["dog", "bird"], ["", "the"]], dtype=object)
TEXTS = np.array(["The cat, the  CAT!", "a\tdog.\nÉté's end", "", "x.y"], dtype=object)
VOCABULARY = ["the", "cat", "dog", "été", "xy"]


def lookup(**options):
    return layers.StringLookup(vocabulary=VOCABULARY, **options)


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("options", [{}, {"mask_token": ""}, {"num_oov_indices": 1, "oov_token": "?"}], ids=str)
def test_words_are_looked_up(mode, options):
    check(lookup(output_mode=mode, **options), [WORDS], [WORDS[:1]])


def test_weights_of_words():
    layer = layers.StringLookup(vocabulary=["the", "cat"], idf_weights=[0.5, 2.0], output_mode="tf_idf")
    check(layer, [WORDS], [WORDS[:2]])


def test_numbers_are_looked_up_and_come_back():
    numbers = np.array([[5, 7], [7, 9]])
    check(layers.IntegerLookup(vocabulary=[5, 7]), [numbers])
    check(layers.IntegerLookup(vocabulary=[5, 7], invert=True), [np.array([[0, 1], [2, 8]])])
    check(lookup(invert=True), [np.array([[0, 1], [2, 99]])])


@pytest.mark.parametrize("standardize", ["lower_and_strip_punctuation", "lower", "strip_punctuation", None])
@pytest.mark.parametrize("length", [None, 3, 6])
def test_texts_are_cut_into_words(standardize, length):
    layer = layers.TextVectorization(standardize=standardize, vocabulary=VOCABULARY, output_sequence_length=length)
    check(layer, [TEXTS], [TEXTS[:2]], [TEXTS[2:3]] if length else [TEXTS[:1]], opset=20)


@pytest.mark.parametrize("mode", ["multi_hot", "count"])
def test_texts_as_bags(mode):
    layer = layers.TextVectorization(vocabulary=VOCABULARY, output_mode=mode, pad_to_max_tokens=True, max_tokens=9)
    check(layer, [TEXTS[:, None]], [TEXTS[:1, None]], opset=20)


def test_weighted_bags():
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(TEXTS)
    check(layer, [TEXTS], opset=20)


def test_tokens_that_are_cut_already():
    check(layers.TextVectorization(standardize=None, split=None, vocabulary=VOCABULARY), [WORDS], [WORDS[1:]])


def test_a_model_from_text_to_numbers():
    vectorize = layers.TextVectorization(standardize="lower", vocabulary=VOCABULARY)
    text = keras.Input((), dtype="string", name="x0")
    x = layers.Embedding(vectorize.vocabulary_size(), 4, mask_zero=True)(vectorize(text))
    model = keras.Model(text, layers.Dense(2)(layers.LSTM(3)(x)))
    proto = check(model, [TEXTS[:2]], [TEXTS[:1]], opset=20)
    assert {"StringNormalizer", "StringSplit", "LabelEncoder", "Gather", "Scan"} <= set(kinds(proto))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.Hashing(num_bins=3), "'.*_bins_of'.* computes on the host"),
        (lambda: lookup(num_oov_indices=2), "`num_oov_indices=1`"),
        (lambda: layers.TextVectorization(vocabulary=["a"], ngrams=2), "no n-grams"),
        (lambda: layers.TextVectorization(vocabulary=["a"], split="character"), "split='whitespace' or None"),
        (lambda: layers.TextVectorization(vocabulary=["a"], standardize=lambda x: x), "standard ways"),
        (lambda: layers.StringLookup(), "has no vocabulary yet"),
    ],
    ids=["hashing", "spread", "n-grams", "characters", "own", "empty"],
)
def test_what_text_can_not_be(make, message):
    with pytest.raises(ValueError, match=message):
        exported(make(), [TEXTS], opset=20)


def test_splitting_needs_a_newer_opset():
    with pytest.raises(ValueError, match="`opset_version=20` or more, got 17"):
        exported(layers.TextVectorization(vocabulary=["a"]), [TEXTS], opset=17)
