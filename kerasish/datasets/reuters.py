"""Reuters: 11,228 newswires as lists of word numbers, on 46 topics."""

from __future__ import annotations

import numpy as np

from kerasish.datasets.fetching import fetched, read_npz, read_word_index
from kerasish.datasets.splits import Parts, check_test_split
from kerasish.datasets.word_sequences import as_objects, limited, marked, without_long
from kerasish.suggestions import suggesting
from kerasish.typing import PathLike

__all__ = ["get_label_names", "get_word_index", "load_data"]

_WIRES_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_WORDS_MD5 = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass crude
    nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi iron-steel
    rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead
"""


@suggesting
def load_data(
    path: PathLike = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> Parts:
    """Load the Reuters newswires: each a list of word numbers, with the number of its topic.

    Words are numbered by frequency, so a small `num_words` keeps the common ones. 0 is no word: it is free for padding.

    Args:
        path: name of the file in the cache, `~/.keras/datasets` (or `datasets` in the folder that KERAS_HOME names).
            It is fetched (2 MB) where it is not there.
        num_words: numbers stay below it, all others become `oov_char`. None: below the largest number that occurs.
        skip_top: numbers below it become `oov_char` too.
        maxlen: newswires of this many numbers and more are left out. None keeps all.
        test_split: share of the newswires that is test data, from 0 to below 1.
        seed: of the order of the newswires.
        start_char: number that begins every newswire; None for none.
        oov_char: number of words that are not kept; None leaves them out.
        index_from: added to the words' numbers.

    Returns:
        `((x_train, y_train), (x_test, y_test))`. `x_train` and `x_test` are object arrays of lists of ints, `y_train`
        and `y_test` int64 arrays of topics, 0 to 45: `get_label_names()` says which.

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant, where `maxlen` leaves no newswire, and for a `test_split`
            of 1 and more.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), (x_test, y_test) = keras.datasets.reuters.load_data()  # doctest: +SKIP
        >>> len(x_train), len(x_test)  # doctest: +SKIP
        (8982, 2246)
    """
    check_test_split(test_split)
    stored = read_npz(fetched("reuters.npz", _WIRES_SHA256, saved_as=path))
    order = np.arange(len(stored["x"]))
    np.random.RandomState(seed).shuffle(order)
    texts, labels = marked(stored["x"][order], start_char, index_from), stored["y"][order]
    if maxlen:
        texts, labels = without_long(maxlen, texts, labels)
    texts, labels = limited(texts, num_words, skip_top, oov_char), np.array(labels)
    border = int(len(texts) * (1 - test_split))
    return (as_objects(texts[:border]), labels[:border]), (as_objects(texts[border:]), labels[border:])


@suggesting
def get_word_index(path: PathLike = "reuters_word_index.json") -> dict[str, int]:
    """The numbers of the words in the Reuters newswires, by word, before `index_from` is added.

    Args:
        path: name of the file in the cache, `datasets` in Keras's folder. It is fetched (0.5 MB) where it is not
            there.

    Returns:
        Dict from word to number, 1 the most frequent.

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant.

    Example:
        >>> import kerasish as keras
        >>> keras.datasets.reuters.get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return read_word_index(fetched("reuters_word_index.json", _WORDS_MD5, saved_as=path))


def get_label_names() -> tuple[str, ...]:
    """The names of the Reuters topics, in the order of their numbers.

    Returns:
        Tuple of 46 strings.

    Example:
        >>> import kerasish as keras
        >>> keras.datasets.reuters.get_label_names()[:3]
        ('cocoa', 'grain', 'veg-oil')
    """
    return tuple(_TOPICS.split())
