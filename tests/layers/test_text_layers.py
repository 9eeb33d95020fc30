"""Layers of text and categories: what they are adapted to, what they refuse, and their own functions."""

import json
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

pytestmark = pytest.mark.fast
TEXTS = ["the cat sat", "the dog"]
WORDS = ["", "[UNK]", "the", "sat", "dog", "cat"]


def listed(x):
    """Values of an array, which a device may hold, as nested lists."""
    return (x if isinstance(x, np.ndarray) else keras.ops.convert_to_numpy(x)).tolist()


class Batches(keras.utils.PyDataset):
    def __init__(self, data):
        super().__init__()
        self.data = data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return (self.data[index : index + 1], np.zeros(1))


ADAPTED_TO = {
    "list": TEXTS,
    "array": np.array(TEXTS),
    "objects": np.array(TEXTS, dtype=object),
    "bytes": np.array(TEXTS).astype("S"),
    "column": np.array(TEXTS)[:, None],
    "nested list": [[text] for text in TEXTS],
    "generator of texts": lambda: iter(TEXTS),
    "generator of batches": lambda: (np.array([text]) for text in TEXTS),
    "generator of pairs": lambda: ((np.array([text]), 1.0) for text in TEXTS),
    "list of arrays": [np.array([text]) for text in TEXTS],
    "data set": lambda: Batches(np.array(TEXTS)),
}


@pytest.mark.parametrize("form", ADAPTED_TO)
def test_adapt(form):
    data = ADAPTED_TO[form]
    layer = layers.TextVectorization()
    layer.adapt(data() if callable(data) else data)
    assert layer.get_vocabulary() == WORDS
    lookup = layers.StringLookup(mask_token="")
    lookup.adapt(data() if callable(data) else data)
    assert lookup.get_vocabulary() == ["", "[UNK]", *sorted(TEXTS, reverse=True)]


def test_adapt_reads_some_batches():
    layer = layers.StringLookup()
    layer.adapt((np.array([text]) for text in TEXTS), steps=1)
    assert layer.get_vocabulary() == ["[UNK]", TEXTS[0]]
    numbers = layers.IntegerLookup()
    numbers.adapt([[1, 2], [2, 3]])
    assert numbers.get_vocabulary() == [-1, 2, 3, 1]


def test_weights_are_those_of_documents():
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(["a b a", "a", "c"])
    found = keras.ops.convert_to_numpy(layer(["a b c"]))
    np.testing.assert_allclose(found, [[0.0, np.log(1 + 3 / 3), np.log(1 + 3 / 2), np.log(1 + 3 / 2)]], rtol=1e-6)


def test_vocabulary_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("a\nb\nc d\n", encoding="utf-8")
    for layer in (layers.StringLookup(vocabulary=str(path)), layers.StringLookup()):
        layer.set_vocabulary(str(path))
        assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c d"]
        path.write_text("a\nb\nc d", encoding="utf-8")
    assert layers.TextVectorization(vocabulary=str(path)).get_vocabulary() == ["", "[UNK]", "a", "b", "c d"]
    path.write_text("3\n5", encoding="utf-8")
    assert layers.IntegerLookup(vocabulary=str(path)).get_vocabulary() == [-1, 3, 5]
    config = layers.IntegerLookup(vocabulary=str(path)).get_config()
    assert config["vocabulary"] == [3, 5]  # a config stands for itself


def test_functions_of_the_users():
    layer = layers.TextVectorization(
        standardize=lambda texts: np.char.upper(texts),
        split=lambda texts: [text.split("-") for text in texts],
        vocabulary=["A", "B"],
    )
    assert listed(layer(["a-b-c", "b"])) == [[2, 3, 1], [3, 0, 0]]
    options = {"standardize": None, "ngrams": 2, "vocabulary": ["A", "A b"]}
    layer = layers.TextVectorization(split=lambda texts: np.char.split(texts, "-"), **options)
    assert listed(layer([["A-b"]])) == [[2, 1, 3]]


@keras.saving.register_keras_serializable("test_text_layers")
def shout(texts):
    return np.char.upper(texts)


def test_functions_are_kept(tmp_path):
    layer = layers.TextVectorization(standardize=shout, vocabulary=["A"])
    model = keras.Sequential([keras.Input((), dtype="string"), layer])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[0].standardize is shout
    assert listed(again.predict(["a b"], verbose=0)) == [[2, 1]]


def test_encoding():
    latin = np.array(["é".encode("latin-1")])
    assert listed(layers.StringLookup(vocabulary=["é"], encoding="latin-1")(latin)) == [1]
    layer = layers.TextVectorization(encoding="latin-1", vocabulary=["é"])
    assert listed(layer(latin)) == [[2]]


def test_ragged_and_sparse_are_dense():
    assert listed(layers.TextVectorization(ragged=True, vocabulary=["a"])(["a b", "a"])) == [[2, 1], [2, 0]]
    with pytest.warns(UserWarning, match="sparse=True"):
        layer = layers.StringLookup(vocabulary=["a"], output_mode="multi_hot", sparse=True)
    assert listed(layer([["a"], ["b"]])) == [[0.0, 1.0], [1.0, 0.0]]


def test_dtypes():
    assert layers.StringLookup(vocabulary=["a"])(["a"]).dtype == "int64"
    assert layers.StringLookup(vocabulary=["a"], dtype="int32")(["a"]).dtype == "int32"
    assert layers.StringLookup(vocabulary=["a"], output_mode="count", dtype="float16")(["a"]).dtype == "float16"
    assert layers.TextVectorization(vocabulary=["a"], output_mode="multi_hot")(["a"]).dtype == "float32"


def test_symbolic_shapes():
    text = keras.Input((1,), dtype="string")
    assert layers.TextVectorization()(text).shape == (None, None)
    assert layers.TextVectorization(output_sequence_length=5)(text).shape == (None, 5)
    counted = layers.TextVectorization(vocabulary=["a"], output_mode="count")(text)
    assert (counted.shape, counted.dtype) == ((None, 2), "float32")
    assert layers.TextVectorization(vocabulary=["a"], output_mode="one_hot")(text).shape == (None, None, 2)
    assert layers.StringLookup(vocabulary=["a"], output_mode="one_hot")(text).shape == (None, 2)
    assert layers.StringLookup(vocabulary=["a"], invert=True)(keras.Input((1,), dtype="int64")).dtype == "string"
    crossed = layers.HashedCrossing(3)([text, keras.Input((1,), dtype="int32")])
    assert (crossed.shape, crossed.dtype) == ((None, 1), "int64")


def test_integers_within_a_compiled_step():
    number = keras.Input((2,), dtype="int64")
    parts = [layers.IntegerLookup(vocabulary=[5, 7], output_mode=m)(number) for m in ("multi_hot", "count")]
    parts.append(layers.Hashing(4, output_mode="multi_hot")(number))
    model = keras.Model(number, layers.Concatenate()(parts))
    x = np.array([[5, 5], [7, 9]])
    expected = np.concatenate([keras.ops.convert_to_numpy(layer(x)) for layer in model.layers[1:4]], axis=-1)
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)


def test_what_keras_writes_of_masks_and_unknown_tokens_is_read(tmp_path):
    layer = layers.StringLookup(mask_token="m", num_oov_indices=2)
    layer.adapt(["a", "b", "b"])
    layer.save_assets(str(tmp_path))
    assert (tmp_path / "vocabulary.txt").read_text() == "m\n[UNK]\n[UNK]\nb\na"
    again = layers.StringLookup.from_config(layer.get_config())
    again.load_assets(str(tmp_path))
    assert again.get_vocabulary() == layer.get_vocabulary() and json.dumps(again.get_config())


def test_the_size_is_known_before_the_vocabulary():
    layer = layers.StringLookup(output_mode="multi_hot")
    layer.adapt(["a", "b"])
    again = layers.StringLookup.from_config(layer.get_config())
    assert again(keras.Input((1,), dtype="string")).shape == (None, 3)


REFUSED = {
    "repeated tokens": (lambda: layers.StringLookup(vocabulary=["a", "b", "a"]), ValueError, "repeated: .'a'"),
    "no tokens": (lambda: layers.StringLookup(vocabulary=[]), ValueError, "`vocabulary` must hold at least one"),
    "no such file": (lambda: layers.StringLookup(vocabulary="/no/such/file"), ValueError, "does not exist"),
    "mask among tokens": (lambda: layers.StringLookup(vocabulary=["a", "m"], mask_token="m"), ValueError, "index 1"),
    "too many tokens": (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), ValueError, "`max_tokens`"),
    "ints for text": (lambda: layers.StringLookup(vocabulary=[1, 2]), ValueError, "must hold text alone"),
    "an array of ints": (lambda: layers.StringLookup(vocabulary=np.array([1, 2])), ValueError, "must be text"),
    "text for ints": (lambda: layers.IntegerLookup(vocabulary=["a"]), ValueError, "must hold ints"),
    "max_tokens": (lambda: layers.StringLookup(max_tokens=1), ValueError, "`max_tokens`"),
    "num_oov_indices": (lambda: layers.StringLookup(num_oov_indices=-1), ValueError, "`num_oov_indices`"),
    "output_mode": (lambda: layers.StringLookup(output_mode="counts"), ValueError, "Did you mean 'count'"),
    "invert": (lambda: layers.StringLookup(invert=True, output_mode="count"), ValueError, "`output_mode`"),
    "sparse": (lambda: layers.StringLookup(sparse=True), ValueError, "`sparse=True`"),
    "pad": (lambda: layers.StringLookup(output_mode="count", pad_to_max_tokens=True), ValueError, "`max_tokens`"),
    "no weights": (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), ValueError, "`idf_weights`"),
    "weights alone": (
        lambda: layers.StringLookup(idf_weights=[1.0], output_mode="tf_idf"),
        ValueError,
        "goes with `vocabulary`",
    ),
    "useless weights": (lambda: layers.StringLookup(vocabulary=["a"], idf_weights=[1.0]), ValueError, "'tf_idf'"),
    "too few weights": (
        lambda: layers.StringLookup(vocabulary=["a", "b"], idf_weights=[1.0], output_mode="tf_idf"),
        ValueError,
        "2 tokens, 1 weights",
    ),
    "weights of a file": (
        lambda: layers.StringLookup(vocabulary="x.txt", idf_weights=[1.0], output_mode="tf_idf"),
        ValueError,
        "must be a list",
    ),
    "unknown argument": (lambda: layers.StringLookup(vocabluary=["a"]), ValueError, "Did you mean `vocabulary`"),
    "salt of ints": (lambda: layers.IntegerLookup(salt=1), ValueError, "farmhash"),
    "oov_method": (lambda: layers.IntegerLookup(oov_method="x"), ValueError, "`oov_method`"),
    "vocabulary_dtype": (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), ValueError, "`vocabulary_dtype`"),
    "adapt after vocabulary": (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), ValueError, "Can't adapt"),
    "adapt to nothing": (lambda: layers.StringLookup().adapt([]), ValueError, "`data` is empty"),
    "adapt to no batches": (lambda: layers.TextVectorization().adapt(iter([])), ValueError, "`data` is empty"),
    "adapt to an empty array": (
        lambda: layers.TextVectorization().adapt(np.array([], dtype=str)),
        ValueError,
        "`data` is empty",
    ),
    "adapt to numbers": (lambda: layers.StringLookup().adapt(np.array([1])), ValueError, "must be text, got numbers"),
    "adapt to None": (lambda: layers.TextVectorization().adapt(["a", None]), ValueError, "missing values"),
    "adapt ints to text": (lambda: layers.IntegerLookup().adapt(["a"]), ValueError, "must be ints, got text"),
    "adapt ints to floats": (lambda: layers.IntegerLookup().adapt([1.5]), ValueError, "must be ints, got floats"),
    "not adapted": (lambda: layers.TextVectorization(name="t")(["a"]), ValueError, "'t' has no vocabulary yet"),
    "numbers for text": (lambda: layers.StringLookup(vocabulary=["a"])([1]), ValueError, "`IntegerLookup`"),
    "text for numbers": (lambda: layers.IntegerLookup(vocabulary=[1])(["a"]), ValueError, "`StringLookup`"),
    "text to invert": (lambda: layers.StringLookup(vocabulary=["a"], invert=True)(["a"]), ValueError, "`invert`"),
    "all must be known": (
        lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["a", "z"]),
        ValueError,
        "'z'.*num_oov_indices=1",
    ),
    "standardize": (lambda: layers.TextVectorization(standardize="upper"), ValueError, "`standardize`"),
    "split": (lambda: layers.TextVectorization(split="whitespce"), ValueError, "Did you mean 'whitespace'"),
    "ngrams": (lambda: layers.TextVectorization(ngrams=[1, 2]), ValueError, "`ngrams`"),
    "ngrams of 0": (lambda: layers.TextVectorization(ngrams=0), ValueError, "`ngrams`"),
    "length": (lambda: layers.TextVectorization(output_sequence_length=2.5), ValueError, "`output_sequence_length`"),
    "length of vectors": (
        lambda: layers.TextVectorization(output_sequence_length=2, output_mode="count"),
        ValueError,
        "`output_sequence_length`",
    ),
    "ragged vectors": (lambda: layers.TextVectorization(ragged=True, output_mode="count"), ValueError, "`ragged=True`"),
    "several texts": (
        lambda: layers.TextVectorization(vocabulary=["a"])([["a", "b"]]),
        ValueError,
        r"\(batch,\) or \(batch, 1\)",
    ),
    "no split": (
        lambda: layers.TextVectorization(vocabulary=["a"], split=lambda x: x)(["a", "b"]),
        ValueError,
        "`split` must return",
    ),
    "vectorize numbers": (lambda: layers.TextVectorization(vocabulary=["a"])(np.array([1])), ValueError, "be text"),
    "no bins": (lambda: layers.Hashing(0), ValueError, "`num_bins`"),
    "None bins": (lambda: layers.Hashing(None), ValueError, "`num_bins`"),
    "three salts": (lambda: layers.Hashing(3, salt=[1, 2, 3]), ValueError, "`salt`"),
    "a salt of text": (lambda: layers.Hashing(3, salt="x"), ValueError, "`salt`"),
    "floats of ints": (lambda: layers.Hashing(3, dtype="float32"), ValueError, "`dtype`"),
    "mask of text": (lambda: layers.Hashing(3, mask_value="x")([1]), TypeError, "`mask_value`"),
    "mask of numbers": (lambda: layers.Hashing(3, mask_value=1)(["a"]), TypeError, "`mask_value`"),
    "weights of bins": (lambda: layers.Hashing(3, output_mode="tf_idf"), ValueError, "`output_mode`"),
    "crossing of one": (lambda: layers.HashedCrossing(3)((["a"],)), ValueError, "at least two"),
    "crossing of an array": (lambda: layers.HashedCrossing(3)(np.array(["a", "b"])), ValueError, "list or tuple"),
    "crossing of floats": (lambda: layers.HashedCrossing(3)((["a"], np.ones(1))), ValueError, "ints or text"),
    "crossing of ranks": (lambda: layers.HashedCrossing(3)((["a"], [[1]])), ValueError, "must all have shape"),
    "crossing of sizes": (lambda: layers.HashedCrossing(3)((["a"], [1, 2])), ValueError, "equal shapes"),
    "crossing of wide": (lambda: layers.HashedCrossing(3)(([["a", "b"]], [[1, 2]])), ValueError, "must all have shape"),
    "crossed counts": (lambda: layers.HashedCrossing(3, output_mode="count"), ValueError, "`output_mode`"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    do, kind, message = REFUSED[case]
    with warnings.catch_warnings(), pytest.raises(kind, match=message):
        warnings.simplefilter("ignore")
        do()


@pytest.mark.parametrize("layer", [layers.StringLookup, layers.TextVectorization])
@pytest.mark.parametrize("encoding", ["utf-99", -0.0, None])
def test_an_encoding_that_python_has_not_is_refused(layer, encoding):
    with pytest.raises(ValueError, match="`encoding` must name one"):
        layer(encoding=encoding)
