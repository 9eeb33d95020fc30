"""Hashes of texts by the native kernel beside those of NumPy's arithmetic, whatever holds the texts."""

import numpy as np
import pytest

from kerasish.backend.numpy import native, text_hashes
from kerasish.backend.numpy.native.available import use
from kerasish.backend.numpy.text_runs import ended, with_starts

pytestmark = [pytest.mark.fast, pytest.mark.skipif(not native.enabled(), reason="kernels are not compiled")]
KEY = (2**64 - 3, -5)
LENGTHS = [*range(70), 127, 128, 129, 191, 192, 193, 1000]
TEXTS = ["", "a", "é", "日本", "😀", "word " * 40, *(("é1_" * 400)[:n] for n in LENGTHS)]


def both(texts):
    return text_hashes.fingerprints(texts).tolist(), text_hashes.keyed_hashes(texts, KEY).tolist()


def by_arithmetic(texts):
    before = use(False)
    try:
        return both(texts)
    finally:
        use(before)


HOLDERS = {
    "list": list,
    "list of bytes": lambda texts: [text.encode() for text in texts],
    "both kinds": lambda texts: [text.encode() if place % 2 else text for place, text in enumerate(texts)],
    "objects": lambda texts: np.array(texts, object),
    "rows": np.array,
    "bytes": lambda texts: np.array([text.encode() for text in texts]),
    "StringDType": lambda texts: np.array(texts, np.dtypes.StringDType()),
    "other byte order": lambda texts: np.array(texts).astype(">U1200"),
    "every other row": lambda texts: np.repeat(np.array(texts), 2)[::2],
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_length_in_every_holder(holder):
    held = HOLDERS[holder](TEXTS)
    assert both(held) == by_arithmetic([text.encode() for text in TEXTS]) == by_arithmetic(held)


def test_ints_are_hashed_as_their_digits():
    numbers = np.array([0, 7, -1, 10, 12345678901234567, 2**63 - 1, -(2**63)])
    wanted = by_arithmetic([str(number).encode() for number in numbers.tolist()])
    assert both(numbers) == wanted == by_arithmetic(numbers)
    assert both(numbers.astype("int8")[:4]) == by_arithmetic(numbers[:4])


def test_bytes_0_within_texts():
    texts = ["a\0b", "", "\0", "c"]
    assert both(texts) == by_arithmetic(texts) == both(np.array(texts, object))
    with pytest.raises(ValueError, match="byte 0"):
        ended(texts)
    assert with_starts(texts)[1].tolist() == [0, 4, 5, 7, 9]


@pytest.mark.parametrize("empty", [[], np.array([], "U3"), np.array([], "S3"), np.array([], object), np.array([], int)])
def test_no_texts(empty):
    assert both(empty) == ([], [])


def test_runs_of_texts():
    for texts in (["a", "é", ""], np.array([b"a", "é".encode(), b""]), np.array(["a", "é", ""], object)):
        assert ended(texts) == "a\0é\0\0".encode()
