"""IMDB: 50,000 film reviews as lists of word numbers, praise or blame."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.deprecation import renamed
from kerasish.datasets.fetching import fetched, read_npz, read_word_index
from kerasish.datasets.splits import Parts
from kerasish.datasets.word_sequences import as_objects, limited, marked, without_long
from kerasish.suggestions import refuse_unknown, suggesting
from kerasish.typing import PathLike

__all__ = ["get_word_index", "load_data"]

_REVIEWS_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_WORDS_MD5 = "bfafd718b763782e994055a2d397834f"


@suggesting
def load_data(
    path: PathLike = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **kwargs: Any,
) -> Parts:
    """Load the IMDB reviews: 25,000 to train on, 25,000 to test with, each a list of word numbers.

    Words are numbered by frequency, so a small `num_words` keeps the common ones. 0 is no word: it is free for padding.

    Args:
        path: name of the file in the cache, `~/.keras/datasets` (or `datasets` in the folder that KERAS_HOME names).
            It is fetched (17 MB) where it is not there.
        num_words: numbers stay below it, all others become `oov_char`. None: below the largest number that occurs.
        skip_top: numbers below it become `oov_char` too.
        maxlen: reviews of this many numbers and more are left out. None keeps all.
        seed: of the order of the reviews.
        start_char: number that begins every review; None for none.
        oov_char: number of words that are not kept; None leaves them out.
        index_from: added to the words' numbers.
        **kwargs: `nb_words`, an old spelling of `num_words`.

    Returns:
        `((x_train, y_train), (x_test, y_test))`. `x_train` and `x_test` are object arrays of lists of ints, `y_train`
        and `y_test` int64 arrays of 0 (blame) and 1 (praise).

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant, and where `maxlen` leaves no review.

    Example:
        >>> import kerasish as keras
        >>> (x_train, y_train), _ = keras.datasets.imdb.load_data(num_words=10_000)  # doctest: +SKIP
        >>> x_train[0][:5], y_train[0]  # doctest: +SKIP
        ([1, 14, 22, 16, 43], 1)

    Reference:
        A. Maas et al., Learning word vectors for sentiment analysis, ACL 2011.
    """
    num_words = renamed("imdb.load_data", kwargs, {"nb_words": "num_words"}).pop("num_words", num_words)
    refuse_unknown("imdb.load_data", kwargs, load_data)
    stored = read_npz(fetched("imdb.npz", _REVIEWS_SHA256, saved_as=path))
    generator = np.random.RandomState(seed)
    texts, labels, count = [], [], 0
    for part in ("train", "test"):
        order = np.arange(len(stored[f"x_{part}"]))
        generator.shuffle(order)
        kept = marked(stored[f"x_{part}"][order], start_char, index_from)
        targets = stored[f"y_{part}"][order]
        if maxlen:
            kept, targets = without_long(maxlen, kept, targets)
        count = count or len(kept)
        texts += kept
        labels.append(np.array(targets))
    texts = limited(texts, num_words, skip_top, oov_char)
    return (as_objects(texts[:count]), labels[0]), (as_objects(texts[count:]), labels[1])


@suggesting
def get_word_index(path: PathLike = "imdb_word_index.json") -> dict[str, int]:
    """The numbers of the words in the IMDB reviews, by word, before `index_from` is added.

    Args:
        path: name of the file in the cache, `datasets` in Keras's folder. It is fetched (2 MB) where it is not there.

    Returns:
        Dict from word to number, 1 the most frequent.

    Raises:
        OSError: where the file can't be fetched.
        ValueError: where it is not the file that is meant.

    Example:
        >>> import kerasish as keras
        >>> words = keras.datasets.imdb.get_word_index()  # doctest: +SKIP
        >>> words["the"], words["film"]  # doctest: +SKIP
        (1, 19)
    """
    return read_word_index(fetched("imdb_word_index.json", _WORDS_MD5, saved_as=path))
