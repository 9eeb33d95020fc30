"""Words looked up by a native kernel beside Python."""

from itertools import chain

import numpy as np
import pytest

from kerasish.backend.numpy import native
from kerasish.backend.numpy.word_table import WordTable

pytestmark = [pytest.mark.fast, pytest.mark.skipif(not native.enabled(), reason="kernels are not compiled")]
PUNCTUATION, SPACES = b".,!", b" \t\n\r\v\f"
LOWER = bytes(range(256)).lower()
KINDS = bytes(0 if byte in PUNCTUATION else 1 if byte in SPACES else 2 for byte in range(256))
TOKENS = [b"a", b"b", b"word", "é".encode(), "日本".encode(), "😀".encode(), b"a much longer one", b""]
TEXTS = ["", " ", "a", "A b, word!", "é 日本 😀 É", "wor word words", ".,!", "x\ta\nb  ", "a" * 300 + " b", "\x1c a"]


def expected(texts, table):
    words = (text.encode().translate(LOWER, PUNCTUATION).split() for text in texts)
    return list(chain.from_iterable([*(table.get(word, 1) for word in row), -3] for row in words))


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_words_of_texts(count):
    tokens = [*TOKENS, *(f"token{n}".encode() for n in range(count))]
    texts = [*TEXTS, " ".join(f"token{n}" for n in range(0, count, 7))]
    table = WordTable(tokens, range(2, 2 + len(tokens)))
    wanted = expected(texts, {token: n for n, token in enumerate(tokens, 2)})
    assert table.words_of_rows(np.array(texts), (KINDS, LOWER), 1, -3).tolist() == wanted
    run = "".join(f"{text}\0" for text in texts).encode()
    assert table.words_of_run(run, (KINDS, LOWER), 1, -3).tolist() == wanted


def test_whole_texts():
    table = WordTable(TOKENS, range(len(TOKENS)))
    texts = np.array([*TEXTS, "日本", "a much longer one", "a\0b"])
    numbers = {token.decode(): n for n, token in enumerate(TOKENS)}
    assert table.of_rows(texts, -2).tolist() == [numbers.get(text, -2) for text in texts.tolist()]
    assert table.of_rows(texts[::2].reshape(1, -1), -2).tolist() == [numbers.get(t, -2) for t in texts[::2].tolist()]


def test_whole_texts_of_a_run():
    table = WordTable(TOKENS, range(len(TOKENS)))
    texts = [*TEXTS, "日本", "a much longer one"]
    numbers = {token.decode(): n for n, token in enumerate(TOKENS)}
    run = "".join(f"{text}\0" for text in texts).encode()
    assert table.of_run(run, -2).tolist() == [numbers.get(text, -2) for text in texts]
    assert table.of_run(b"", -2).tolist() == []


def test_an_empty_table():
    assert WordTable([], []).of_rows(np.array(["a", ""]), 7).tolist() == [7, 7]
