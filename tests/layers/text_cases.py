"""What text layers are asked, by a name: functions of a library, ours or Keras on TensorFlow (in a process of its own).

Run as a program it is the oracle: `python -m tests.layers.text_cases FOLDER` answers all cases, reads the models that
are in the folder and writes its own there.
"""

import json
import os
import pickle
import sys

import numpy as np

TEXTS = ["The cat sat, on the mat!", "dogs bark", "", "a cat and a Dog.", "Élan É ß İ", "tab\tand\nline  two"]
WORDS = ["b", "a", "c", "B", "d", "d", "é", "", "a", "😀"]
LENGTHS = [
    "x" * n for n in (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 100, 127, 128, 129, 300)
]
HASHED = [*LENGTHS, "é", "日本", "hello world", "a" * 33 + "b" * 40]
VECTORS = ("one_hot", "multi_hot", "count", "tf_idf")


def adapted(layer, data, **options):
    layer.adapt(data, **options)
    return layer


def idf(mode, count=2):
    return {"idf_weights": [0.5, 0.25, 2.0][:count]} if mode == "tf_idf" else {}


def string_lookup_cases():
    yield "order", lambda k: adapted(k.layers.StringLookup(), np.array(WORDS)).get_vocabulary()
    yield "order, few", lambda k: adapted(k.layers.StringLookup(max_tokens=4), np.array(WORDS)).get_vocabulary()
    yield "order, mask", lambda k: adapted(k.layers.StringLookup(mask_token=""), np.array(WORDS)).get_vocabulary()
    yield (
        "order, unknown in data",
        lambda k: adapted(k.layers.StringLookup(), np.array(["[UNK]", "a", "[UNK]"])).get_vocabulary(),
    )
    yield (
        "adapted twice",
        lambda k: adapted(adapted(k.layers.StringLookup(), np.array(["a", "b"])), np.array(["c"])).get_vocabulary(),
    )
    yield (
        "adapted to batches",
        lambda k: adapted(k.layers.StringLookup(), (np.array(["a", "b"]) for _ in range(2))).get_vocabulary(),
    )
    for given in (["a", "b"], ["[UNK]", "a", "b"]):
        yield f"vocabulary {given}", lambda k, given=given: k.layers.StringLookup(vocabulary=given).get_vocabulary()
    yield (
        "vocabulary with mask",
        lambda k: k.layers.StringLookup(vocabulary=["", "[UNK]", "a"], mask_token="").get_vocabulary(),
    )
    yield (
        "without special tokens",
        lambda k: k.layers.StringLookup(vocabulary=["a"]).get_vocabulary(include_special_tokens=False),
    )
    yield "size", lambda k: k.layers.StringLookup(vocabulary=["a"], num_oov_indices=3, mask_token="m").vocabulary_size()
    for data in (["a", "c", "a"], [["a", "c"], ["b", "z"]], [["a"], ["z"]], [[["a", "b"]]]):
        for mode in ("int", *VECTORS):
            yield (
                f"{mode} of {data}",
                lambda k, mode=mode, data=data: k.layers.StringLookup(
                    vocabulary=["a", "b"], output_mode=mode, **idf(mode)
                )(np.array(data)),
            )
    for count in (1, 2, 3, 7):
        for options in ({}, {"mask_token": "m"}, {"salt": 5}, {"salt": [3, 4]}):
            yield (
                f"{count} unknown, {options}",
                lambda k, count=count, options=options: k.layers.StringLookup(
                    vocabulary=["a", "b"], num_oov_indices=count, **options
                )(np.array([*HASHED, "a", "m"])),
            )
    for options in ({}, {"mask_token": "m"}, {"mask_token": "m", "num_oov_indices": 2}, {"oov_token": "?"}):
        yield (
            f"inverted, {options}",
            lambda k, options=options: k.layers.StringLookup(vocabulary=["a", "b"], invert=True, **options)(
                np.array([0, 1, 2, 3, 4, 9, -1])
            ),
        )
    for mode in VECTORS[1:]:
        yield (
            f"masked {mode}",
            lambda k, mode=mode: k.layers.StringLookup(
                vocabulary=["a", "b"], mask_token="m", output_mode=mode, **idf(mode)
            )(np.array([["m", "a"], ["z", "b"]])),
        )
        yield (
            f"padded {mode}",
            lambda k, mode=mode: k.layers.StringLookup(
                vocabulary=["a", "b"], max_tokens=6, pad_to_max_tokens=True, output_mode=mode, **idf(mode)
            )(np.array([["m", "a"], ["z", "b"]])),
        )
    yield (
        "weights found",
        lambda k: adapted(k.layers.StringLookup(output_mode="tf_idf"), np.array([["a", "b"], ["a", "a"], ["c", "b"]]))(
            np.array([["a", "b"], ["c", "z"]])
        ),
    )
    yield "by hand", _by_hand


def _by_hand(k):
    layer = k.layers.StringLookup()
    layer.update_state(np.array(["a", "b"]))
    layer.update_state(np.array(["a"]))
    layer.finalize_state()
    return layer.get_vocabulary()


def integer_lookup_cases():
    yield "order", lambda k: adapted(k.layers.IntegerLookup(), np.array([5, 3, 3, -7, 100, 20, 5, 9])).get_vocabulary()
    yield (
        "order, mask",
        lambda k: adapted(k.layers.IntegerLookup(mask_token=0), np.array([0, -1, 5, 5, 0])).get_vocabulary(),
    )
    yield "text of digits", lambda k: k.layers.IntegerLookup(vocabulary=["1", "2"]).get_vocabulary()
    for mode in ("int", *VECTORS):
        yield (
            f"{mode}",
            lambda k, mode=mode: k.layers.IntegerLookup(vocabulary=[1, 7], output_mode=mode, **idf(mode))(
                np.array([[0, 1], [7, 7]])
            ),
        )
    for count in (1, 2, 3):
        for options in ({}, {"oov_method": "farmhash"}, {"oov_method": "farmhash", "salt": [3, 4]}, {"mask_token": 9}):
            yield (
                f"{count} unknown, {options}",
                lambda k, count=count, options=options: k.layers.IntegerLookup(
                    vocabulary=[1, 7], num_oov_indices=count, **options
                )(np.array([0, 1, 7, 9, -3, 10, -1, -2, 2**40])),
            )
    for dtype in ("int8", "uint8", "int32", "int64", "bool", "float32"):
        yield dtype, lambda k, dtype=dtype: k.layers.IntegerLookup(vocabulary=[1, 7])(np.array([0, 1], dtype))
    for options in ({}, {"mask_token": 0, "num_oov_indices": 2}, {"oov_token": 99}):
        yield (
            f"inverted, {options}",
            lambda k, options=options: k.layers.IntegerLookup(vocabulary=[1, 7], invert=True, **options)(
                np.array([0, 1, 2, 3, 4, -1])
            ),
        )


def text_vectorization_cases():
    options = [{"split": how} for how in ("whitespace", "character", None)]
    options += [{"standardize": how} for how in ("lower", "strip_punctuation", "lower_and_strip_punctuation", None)]
    options += [{"ngrams": n} for n in (1, 2, 3, (2,), (1, 3))]
    options += [{"max_tokens": n} for n in (3, 5)]
    for given in options:
        yield (
            f"vocabulary, {given}",
            lambda k, given=given: adapted(k.layers.TextVectorization(**given), np.array(TEXTS)).get_vocabulary(),
        )
        yield (
            f"numbers, {given}",
            lambda k, given=given: adapted(k.layers.TextVectorization(**given), np.array(TEXTS))(np.array(TEXTS)),
        )
        for mode in VECTORS[1:]:
            if given.get("split", "whitespace") is not None:
                yield (
                    f"{mode}, {given}",
                    lambda k, given=given, mode=mode: adapted(
                        k.layers.TextVectorization(**given, output_mode=mode), np.array(TEXTS)
                    )(np.array(TEXTS)[:, None]),
                )
    for length in (1, 2, 5):
        for shape in ((6,), (6, 1)):
            yield (
                f"{length} of {shape}",
                lambda k, length=length, shape=shape: k.layers.TextVectorization(
                    output_sequence_length=length, vocabulary=["a", "cat"]
                )(np.array(TEXTS).reshape(shape)),
            )
    rows = np.array([["a", "b"], ["b", "a"]])
    for more in ({}, {"ngrams": 2}, {"output_sequence_length": 3}, {"output_mode": "multi_hot"}):
        yield (
            f"split already, {more}",
            lambda k, more=more: k.layers.TextVectorization(split=None, vocabulary=["a", "b", "a b"], **more)(rows),
        )
    yield "one text", lambda k: k.layers.TextVectorization(vocabulary=["a", "b"])("a b c")
    yield "one text, counted", lambda k: k.layers.TextVectorization(vocabulary=["a"], output_mode="count")("a a c")
    yield (
        "weights given",
        lambda k: k.layers.TextVectorization(output_mode="tf_idf", vocabulary=["a"], idf_weights=[2.0])(
            np.array(["a b", "a"])
        ),
    )
    yield (
        "padded",
        lambda k: k.layers.TextVectorization(
            output_mode="count", vocabulary=["a"], max_tokens=5, pad_to_max_tokens=True
        )(np.array(["a b", "a"])),
    )
    yield "the byte 0", lambda k: k.layers.TextVectorization(vocabulary=["a", "b"])(np.array(["a\0b a", "b"], object))


def hashing_cases():
    for bins in (1, 3, 1000, 2**40):
        for salt in (None, 133, -3, [133, 137]):
            yield (
                f"{bins} bins, salt {salt}",
                lambda k, bins=bins, salt=salt: k.layers.Hashing(bins, salt=salt)(np.array(HASHED)),
            )
    for mode in ("one_hot", "multi_hot", "count"):
        yield mode, lambda k, mode=mode: k.layers.Hashing(3, output_mode=mode)(np.array([["a", "c"], ["b", "z"]]))
    for dtype in ("int8", "int32", "int64", "bool", "float32"):
        yield dtype, lambda k, dtype=dtype: k.layers.Hashing(1000)(np.array([0, 1, 2, 77], dtype))
    yield "large ints", lambda k: k.layers.Hashing(1000)(np.array([123456789012, -5, 2**62]))
    yield "masked", lambda k: k.layers.Hashing(5, mask_value="a")(np.array(["a", "b", "c"]))
    yield "masked ints", lambda k: k.layers.Hashing(5, mask_value=3)(np.array([3, 4, 5]))
    yield "masked, one bin", lambda k: k.layers.Hashing(1, mask_value="a")(np.array(["a", "b"]))
    yield "dtype", lambda k: k.layers.Hashing(7, dtype="int32")(np.array(["a", "b"]))


def hashed_crossing_cases():
    letters, numbers = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, -7, 102, 2**50])
    for bins in (1, 5, 1000):
        yield f"{bins} bins", lambda k, bins=bins: k.layers.HashedCrossing(bins)((letters, numbers))
        yield (
            f"{bins} bins, vectors",
            lambda k, bins=bins: k.layers.HashedCrossing(bins, output_mode="one_hot")((letters, numbers)),
        )
    yield "columns", lambda k: k.layers.HashedCrossing(500)((letters[:, None], numbers[:, None]))
    yield "three", lambda k: k.layers.HashedCrossing(500)((letters, numbers, letters))
    yield "ints", lambda k: k.layers.HashedCrossing(500)((numbers, numbers))
    yield "scalars", lambda k: k.layers.HashedCrossing(500)(("A", 5))


GROUPS = {
    "StringLookup": string_lookup_cases,
    "IntegerLookup": integer_lookup_cases,
    "TextVectorization": text_vectorization_cases,
    "Hashing": hashing_cases,
    "HashedCrossing": hashed_crossing_cases,
}
CASES = {f"{group}: {label}": ask for group, cases in GROUPS.items() for label, ask in cases()}


def plain(value):
    """A result as numbers and strings in nested lists."""
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else str(value) if isinstance(value, str) else value


def answered(keras, ask):
    """What a library answers, or the error."""
    try:
        answer = ask(keras)
        if hasattr(answer, "shape") and not hasattr(answer, "tolist") and not hasattr(answer, "numpy"):
            answer = keras.ops.convert_to_numpy(answer)  # a device holds it
        return plain(answer)
    except Exception as error:  # all are compared
        return type(error).__name__


CONFIGURED = [
    ("StringLookup", {}),
    ("StringLookup", {"vocabulary": ["a", "b"], "num_oov_indices": 2, "mask_token": "m", "salt": 3}),
    ("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "tf_idf", "idf_weights": [1.0, 2.0]}),
    ("StringLookup", {"vocabulary": ["a"], "invert": True, "oov_token": "?"}),
    ("StringLookup", {"max_tokens": 5, "pad_to_max_tokens": True, "output_mode": "count", "encoding": "latin-1"}),
    ("IntegerLookup", {}),
    ("IntegerLookup", {"vocabulary": [1, 2], "mask_token": 0, "oov_token": 9}),
    ("IntegerLookup", {"vocabulary": [1], "num_oov_indices": 3, "oov_method": "farmhash", "salt": [1, 2]}),
    ("TextVectorization", {}),
    ("TextVectorization", {"vocabulary": ["a", "b"], "ngrams": (1, 2), "output_sequence_length": 4}),
    ("TextVectorization", {"vocabulary": ["a"], "output_mode": "tf_idf", "idf_weights": [0.5], "split": "character"}),
    ("TextVectorization", {"max_tokens": 7, "standardize": None, "split": None, "ragged": True}),
    ("Hashing", {"num_bins": 3}),
    ("Hashing", {"num_bins": 3, "output_mode": "one_hot", "salt": [1, 2], "mask_value": "m"}),
    ("HashedCrossing", {"num_bins": 5}),
    ("HashedCrossing", {"num_bins": 5, "output_mode": "one_hot"}),
]


def config_of(keras, name, arguments):
    """As it stands in a file."""
    return json.loads(json.dumps(getattr(keras.layers, name)(name="layer", **arguments).get_config()))


MODELS = {
    "numbers": {"output_sequence_length": 6},
    "marks": {"output_mode": "multi_hot"},
    "weights": {"output_mode": "tf_idf"},
    "runs": {"ngrams": 2, "output_sequence_length": 5, "standardize": "lower"},
}
INPUTS = [np.array(TEXTS)[:, None], np.array([["u"], ["v"], ["z"], ["é"], ["u"], [""]]), np.array([[5], [7], [9]] * 2)]


def model(keras, options):
    """A model of text, of a category and of a number, with vocabularies that were found in data."""
    layers = keras.layers
    vectorize = adapted(layers.TextVectorization(**options), np.array(TEXTS))
    text, kind = (keras.Input((1,), dtype="string", name=name) for name in ("text", "kind"))
    number = keras.Input((1,), dtype="int64", name="number")
    words = vectorize(text)
    if options.get("output_mode", "int") == "int":
        words = layers.GlobalAveragePooling1D()(layers.Embedding(60, 4)(words))
    elif keras.__name__ == "keras":
        words = layers.Reshape((-1,))(words)  # its symbolic shape has an axis too many
    kinds = adapted(layers.StringLookup(num_oov_indices=2), np.array(["u", "v", "u"]))(kind)
    bins = layers.CategoryEncoding(9, "one_hot")(layers.Hashing(9, salt=3)(kind))
    numbers = layers.IntegerLookup(vocabulary=[5, 7], output_mode="one_hot")(number)
    parts = [words, layers.Flatten()(layers.Embedding(6, 3)(kinds)), numbers, bins]
    return keras.Model([text, kind, number], layers.Dense(2)(layers.Concatenate()(parts)))


def main(folder):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow as tf

    inputs = [tf.constant(x) for x in INPUTS]
    answers = {"cases": {name: answered(keras, ask) for name, ask in CASES.items()}}
    answers["configs"] = [config_of(keras, name, arguments) for name, arguments in CONFIGURED]
    answers["read"], answers["predictions"] = {}, {}
    for name, options in MODELS.items():
        loaded = keras.models.load_model(os.path.join(folder, f"ours_{name}.keras"))
        answers["read"][name] = np.asarray(loaded(inputs))
        made = model(keras, options)
        made.save(os.path.join(folder, f"theirs_{name}.keras"))
        answers["predictions"][name] = np.asarray(made(inputs))
    with open(os.path.join(folder, "ours_configs.pickle"), "rb") as file:
        ours = pickle.load(file)
    answers["remade"] = [
        json.loads(json.dumps(getattr(keras.layers, name).from_config(config).get_config()))
        for (name, _), config in zip(CONFIGURED, ours)
    ]
    with open(os.path.join(folder, "answers.pickle"), "wb") as file:
        pickle.dump(answers, file)


if __name__ == "__main__":
    main(sys.argv[1])
