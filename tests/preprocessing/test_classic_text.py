"""Keras 2's text and sequence helpers give the numbers that Keras 2 gives."""

import random
import warnings

import numpy as np
import pytest
from tf_keras.preprocessing import sequence as their_sequence
from tf_keras.preprocessing import text as their_text

from kerasish.backend import deprecation
from kerasish.preprocessing import sequence, text

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
BOTH = ((text, sequence), (their_text, their_sequence))
TEXTS = ["The cat, the dog; the MAT.", "a dog ran! ran\tran", "", "é ü-x", ["The", "Cat", "zz"]]
ASKED = ["The cat, the dog; the MAT.", "a dog ran! ran\tran", "cat unknown mat"]


def outcomes(action):
    """What an action gives with each library: a value, or the kind of error."""
    found = []
    for modules in BOTH:
        try:
            found.append(action(*modules))
        except (TypeError, ValueError) as error:
            found.append(type(error))
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"num_words": 4},
        {"oov_token": "<u>"},
        {"oov_token": "<u>", "num_words": 4},
        {"char_level": True},
        {"char_level": True, "lower": False, "num_words": 5},
        {"lower": False},
        {"split": "-"},
        {"filters": ""},
        {"analyzer": lambda text: text.split("a")},
        {"document_count": 3},
    ],
    ids=lambda arguments: " ".join(arguments) or "plain",
)
def test_tokenizer(arguments):
    def action(text, sequence):
        tokenizer = text.Tokenizer(**arguments)
        tokenizer.fit_on_texts(TEXTS[:4] if "analyzer" in arguments else TEXTS)
        again = text.tokenizer_from_json(tokenizer.to_json())
        found = [
            tokenizer.word_index,
            tokenizer.index_word,
            list(tokenizer.word_counts.items()),
            dict(tokenizer.word_docs),
            dict(tokenizer.index_docs),
            tokenizer.document_count,
            tokenizer.texts_to_sequences(ASKED),
            tokenizer.sequences_to_texts([[1, 2, 30], [4, 3]]),
            [tokenizer.texts_to_matrix(ASKED, mode).tolist() for mode in ("binary", "count", "freq", "tfidf")],
            sorted(tokenizer.get_config()),
            tokenizer.get_config()["word_index"],
            again.word_index,
            dict(again.index_docs),
            again.index_word,
        ]
        tokenizer.fit_on_sequences([[1, 2], [2, 3]])
        return [*found, dict(tokenizer.index_docs), tokenizer.texts_to_matrix(ASKED, "tfidf").tolist()]

    ours, theirs = outcomes(action)
    assert ours == theirs and isinstance(ours, list)


@pytest.mark.parametrize(
    "action",
    [
        lambda text, _: text.Tokenizer().texts_to_matrix(["a"]),
        lambda text, _: text.Tokenizer(num_words=3).sequences_to_matrix([[1]], mode="tfidf"),
        lambda text, _: text.Tokenizer(num_words=3).sequences_to_matrix([[1]], mode="x"),
        lambda text, _: text.Tokenizer(foo=1),
        lambda _, sequence: sequence.TimeseriesGenerator(np.arange(5), np.arange(3), 2),
        lambda _, sequence: sequence.TimeseriesGenerator(np.arange(5), np.arange(5), 30),
        lambda _, sequence: sequence.TimeseriesGenerator([object()] * 5, [object()] * 5, 2).to_json(),
    ],
)
def test_what_keras_2_refuses_is_refused(action):
    ours, theirs = outcomes(action)
    assert ours == theirs and isinstance(ours, type)


def test_words_and_hashes():
    for arguments in ({}, {"lower": False}, {"split": "-"}, {"filters": "ab"}):
        for given in TEXTS[:4]:
            ours, theirs = outcomes(lambda t, _, g=given, a=arguments: t.text_to_word_sequence(g, **a))
            assert ours == theirs
            for function in ("md5", None, len):
                ours, theirs = outcomes(lambda t, _, g=given, a=arguments, f=function: t.hashing_trick(g, 20, f, **a))
                assert ours == theirs
            ours, theirs = outcomes(lambda t, _, g=given, a=arguments: t.one_hot(g, 20, **a))
            assert ours == theirs
    ours, theirs = outcomes(lambda t, _: t.hashing_trick("a b c", 9, "md5", analyzer=list))
    assert ours == theirs


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"categorical": True},
        {"negative_samples": 0},
        {"negative_samples": 2.5, "window_size": 1},
        {"shuffle": False},
        {"seed": 3},
        {"sampling_table": [0.5] * 9},
    ],
    ids=str,
)
def test_skipgrams(arguments):
    def action(_, sequence):
        random.seed(1)
        return sequence.skipgrams([1, 2, 0, 3, 4, 5, 1], 9, **arguments)

    ours, theirs = outcomes(action)
    assert ours == theirs and len(ours[0]) == len(ours[1])


@pytest.mark.parametrize("arguments", [(30,), (5, 0.1), (2,), (1000, 1e-3)])
def test_sampling_table(arguments):
    ours, theirs = outcomes(lambda _, sequence: sequence.make_sampling_table(*arguments).tolist())
    assert ours == theirs


DATA = np.arange(20.0).reshape(10, 2)


@pytest.mark.parametrize(
    "arguments",
    [
        {"length": 3},
        {"length": 3, "batch_size": 2},
        {"length": 4, "sampling_rate": 2, "batch_size": 3},
        {"length": 3, "stride": 2, "batch_size": 2},
        {"length": 2, "start_index": 2, "end_index": 7, "batch_size": 3},
        {"length": 3, "reverse": True},
        {"length": 3, "shuffle": True, "batch_size": 4},
    ],
    ids=str,
)
def test_windows_by_number(arguments):
    def action(_, sequence):
        np.random.seed(0)
        generator = sequence.TimeseriesGenerator(DATA, np.arange(10), **arguments)
        batches = [generator[i] for i in range(len(generator))]
        return [(x.tolist(), y.tolist()) for x, y in batches], generator.get_config(), generator.to_json()

    ours, theirs = outcomes(action)
    assert ours == theirs


@pytest.mark.filterwarnings("default::DeprecationWarning")
@pytest.mark.parametrize(
    "call",
    [
        lambda: text.Tokenizer(),
        lambda: text.text_to_word_sequence("a"),
        lambda: text.one_hot("a", 5),
        lambda: text.hashing_trick("a", 5),
        lambda: sequence.skipgrams([1, 2], 3),
        lambda: sequence.make_sampling_table(3),
        lambda: sequence.TimeseriesGenerator(DATA, DATA, 2),
    ],
)
def test_one_warning_points_here(call):
    deprecation.reset_warnings()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
        call()
    assert [w.category for w in caught] == [DeprecationWarning] and caught[0].filename == __file__
