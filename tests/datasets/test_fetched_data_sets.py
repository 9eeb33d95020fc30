"""The data sets of Keras: its URLs, digests and names in the cache, and what it makes of files of their layout."""

import gzip
import hashlib
import importlib
import inspect
import io
import pickle

import keras
import numpy as np
import pytest

import kerasish
from kerasish.backend import deprecation
from kerasish.datasets import cifar, fetching
from tests.datasets.small_files import of_python_2, write_all, write_cifar10
from tests.utils.serving import names

FUNCTIONS = [
    "mnist.load_data",
    "fashion_mnist.load_data",
    "cifar10.load_data",
    "cifar100.load_data",
    "imdb.load_data",
    "imdb.get_word_index",
    "reuters.load_data",
    "reuters.get_word_index",
    "reuters.get_label_names",
    "boston_housing.load_data",
    "california_housing.load_data",
]


def of(library, function):
    module, _, name = function.partition(".")
    return getattr(importlib.import_module(f"{library}.datasets.{module}"), name)


class Hosts:
    """Both libraries fetch from a server, and (unless `keep_digests`) take the digests of its files for the right ones.

    `asked` holds what each asked for: (URL, digest, name in the cache, folder in it, whether to unpack).
    """

    def __init__(self, server, files, cache, monkeypatch):
        self.server, self.files, self.cache, self.keep_digests = server, files, cache, False
        self.asked = {"kerasish": [], "keras": []}
        for module in (fetching, cifar):
            monkeypatch.setattr(module, "get_file", self._fetch("kerasish", kerasish.utils.get_file))
        homes = [inspect.unwrap(of("keras", function)).__globals__ for function in FUNCTIONS]
        for home in homes:
            if "get_file" in home:
                monkeypatch.setitem(home, "get_file", self._fetch("keras", keras.utils.get_file))

    def _fetch(self, library, get_file):
        def fetch(fname, origin, file_hash=None, cache_subdir="datasets", extract=False):
            self.asked[library].append((origin, file_hash, fname, cache_subdir, extract))
            name = origin.rpartition("/")[2]
            if file_hash and not self.keep_digests:
                file_hash = hashlib.sha256((self.files / name).read_bytes()).hexdigest()
            folder = str(self.cache if library == "kerasish" else self.cache.parent / "keras")
            origin = f"{self.server.url}/{name}"
            return get_file(fname, origin, False, None, file_hash, cache_subdir, "auto", extract, "auto", folder)

        return fetch


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_all(folder)
    return folder


@pytest.fixture
def hosts(server, files, cache, monkeypatch):
    for path in files.iterdir():
        (server.folder / path.name).symlink_to(path)
    return Hosts(server, files, cache, monkeypatch)


def assert_same(ours, theirs):
    if isinstance(theirs, tuple):
        assert isinstance(ours, tuple) and len(ours) == len(theirs)
        for one, other in zip(ours, theirs):
            assert_same(one, other)
    elif isinstance(theirs, np.ndarray):
        assert type(ours) is np.ndarray and ours.shape == theirs.shape and ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist() and ours.flags.writeable
    else:
        assert ours == theirs


@pytest.mark.parametrize("function", FUNCTIONS)
def test_signatures_are_those_of_keras(function):
    ours, theirs = (
        [(name, p.default, p.kind) for name, p in inspect.signature(of(library, function)).parameters.items()]
        for library in ("kerasish", "keras")
    )
    assert ours == theirs


WORDS = [
    {},
    {"num_words": 30},
    {"num_words": 20, "skip_top": 8},
    {"maxlen": 6},
    {"maxlen": 5, "num_words": 40, "seed": 7},
    {"start_char": None},
    {"oov_char": None, "num_words": 25},
    {"index_from": 0, "start_char": 9},
    {"index_from": None, "start_char": None, "oov_char": 77, "skip_top": 3},
    {"start_char": 5, "index_from": 10, "oov_char": 4, "num_words": 33, "skip_top": 12, "seed": 1},
]
CASES = [
    ("mnist.load_data", {}),
    ("mnist.load_data", {"path": "other.npz"}),
    ("fashion_mnist.load_data", {}),
    ("cifar100.load_data", {}),
    ("cifar100.load_data", {"label_mode": "coarse"}),
    *(("imdb.load_data", words) for words in WORDS),
    *(("reuters.load_data", words) for words in WORDS),
    ("reuters.load_data", {"test_split": 0.0}),
    ("reuters.load_data", {"test_split": 0.5, "seed": 3}),
    ("imdb.get_word_index", {}),
    ("reuters.get_word_index", {"path": "words.json"}),
    ("reuters.get_label_names", {}),
    ("boston_housing.load_data", {}),
    ("boston_housing.load_data", {"test_split": 0.5, "seed": 3}),
    ("boston_housing.load_data", {"test_split": 0}),
    ("california_housing.load_data", {}),
    ("california_housing.load_data", {"version": "small", "test_split": 0.3, "seed": 0}),
]


@pytest.mark.parametrize("function, arguments", CASES)
def test_asks_for_and_gives_what_keras_does(hosts, function, arguments):
    assert_same(of("kerasish", function)(**arguments), of("keras", function)(**arguments))
    assert hosts.asked["kerasish"] == sorted(hosts.asked["keras"], key=hosts.asked["kerasish"].index)


@pytest.mark.slow
def test_cifar10_gives_what_keras_does(hosts, tmp_path):
    hosts.files = tmp_path / "large"
    hosts.files.mkdir()
    pictures = np.random.default_rng(0).integers(0, 256, (100, 3072), dtype="uint8")
    write_cifar10(hosts.files, np.tile(pictures, (100, 1)))
    (hosts.server.folder / "cifar-10-python.tar.gz").unlink()
    (hosts.server.folder / "cifar-10-python.tar.gz").symlink_to(hosts.files / "cifar-10-python.tar.gz")
    ours, theirs = (of(library, "cifar10.load_data")() for library in ("kerasish", "keras"))
    for one, other in zip((*ours[0], *ours[1]), (*theirs[0], *theirs[1])):
        assert one.dtype == other.dtype and np.array_equal(one, other)
    assert hosts.asked["kerasish"] == hosts.asked["keras"]


def test_cifar10_is_put_together(hosts):
    (x_train, y_train), (x_test, y_test) = kerasish.datasets.cifar10.load_data()
    assert x_train.shape == (20, 32, 32, 3) and x_test.shape == (4, 32, 32, 3) and x_train.dtype == "uint8"
    np.testing.assert_array_equal(x_train[4:8], np.roll(x_train[:4], 1, 0))
    assert y_train[:5].tolist() == [[0], [1], [2], [3], [1]] and y_test.tolist() == [[5], [6], [7], [8]]


def test_they_are_fetched_once_and_lie_where_keras_puts_them(hosts):
    for _ in range(2):
        kerasish.datasets.boston_housing.load_data()
        kerasish.datasets.fashion_mnist.load_data()
    assert len(hosts.server.asked) == 5
    assert names(hosts.cache / "datasets") == ["boston_housing.npz", "fashion-mnist"]
    assert names(hosts.cache / "datasets" / "fashion-mnist") == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]


def test_the_cache_is_that_of_keras_home(server, cache, monkeypatch):
    """Without a stand-in: `KERAS_HOME` is honoured by the way that the data sets take."""
    monkeypatch.setattr(fetching, "_HOST", server.url + "/")
    np.savez(server.folder / "boston_housing.npz", x=np.ones((5, 13)), y=np.ones(5))
    digest = hashlib.sha256((server.folder / "boston_housing.npz").read_bytes()).hexdigest()
    monkeypatch.setattr("kerasish.datasets.boston_housing._SHA256", digest)
    kerasish.datasets.boston_housing.load_data()
    assert names(cache / "datasets") == ["boston_housing.npz"]


WITH_DIGESTS = [f for f in FUNCTIONS if f not in ("fashion_mnist.load_data", "reuters.get_label_names")]


@pytest.mark.parametrize("function", WITH_DIGESTS)
def test_a_file_with_another_digest_is_refused(hosts, function):
    hosts.keep_digests = True
    with pytest.raises(ValueError, match="Incomplete or corrupted file.*Nothing was kept"):
        of("kerasish", function)()
    assert names(hosts.cache / "datasets") == []


@pytest.mark.parametrize("function", FUNCTIONS[:-3])
def test_no_network(hosts, function):
    hosts.server.shutdown()
    hosts.server.server_close()
    with pytest.raises(OSError, match="URL fetch failure on http"):
        of("kerasish", function)()


def test_half_a_file(hosts, monkeypatch):
    hosts.server.url += "/short"
    with pytest.raises(OSError, match="the connection|URL fetch failure"):
        kerasish.datasets.mnist.load_data()
    assert names(hosts.cache / "datasets") == []


@pytest.mark.parametrize("spoil", ["half", "empty", "other", "no gzip"])
def test_a_damaged_file_in_the_cache_is_named(hosts, spoil):
    """Keras knows no digests of Fashion-MNIST's files."""
    kerasish.datasets.fashion_mnist.load_data()
    path = hosts.cache / "datasets" / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    other = gzip.compress(gzip.decompress(whole)[:-5])
    path.write_bytes({"half": whole[: len(whole) // 2], "empty": b"", "other": other, "no gzip": b"<html>"}[spoil])
    with pytest.raises(ValueError, match="train-images-idx3-ubyte.gz.*Remove the file"):
        kerasish.datasets.fashion_mnist.load_data()


@pytest.mark.parametrize(
    "function, arguments, words",
    [
        ("cifar100.load_data", {"label_mode": "rough"}, "label_mode"),
        ("california_housing.load_data", {"version": "tiny"}, "version"),
        ("boston_housing.load_data", {"test_split": 1.0}, "test_split"),
        ("california_housing.load_data", {"test_split": 2}, "test_split"),
        ("reuters.load_data", {"test_split": -0.1}, "test_split"),
        ("imdb.load_data", {"maxlen": 1}, "maxlen"),
        ("mnist.load_data", {"path": "../mnist.npz"}, "fname"),
    ],
)
def test_bad_arguments(hosts, function, arguments, words):
    with pytest.raises(ValueError, match=words):
        of("kerasish", function)(**arguments)


def test_misspelled_and_old_arguments(hosts):
    with pytest.raises(TypeError, match="Did you mean `maxlen`"):
        kerasish.datasets.imdb.load_data(max_len=3)
    deprecation.reset_warnings()
    with pytest.warns(DeprecationWarning, match="num_words"):
        old = kerasish.datasets.imdb.load_data(nb_words=20)
    assert_same(old, kerasish.datasets.imdb.load_data(num_words=20))


# -- pickles --------------------------------------------------------------------------------------------------------


class Attack:
    def __init__(self, *program):
        self.program = program

    def __reduce__(self):
        return self.program


def read(data):
    return fetching.read_pickle(io.BytesIO(data))


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_plain_pickles_are_read(protocol):
    value = {
        "data": np.arange(6, dtype=">i2").reshape(2, 3),
        "order": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "names": ["a", "ä"],
        "texts": np.array([[1, 2], "x", np.arange(2), None], dtype=object),
        "one": np.float32(1.5),
        "bytes": b"\xff",
    }
    found = read(pickle.dumps(value, protocol))
    found = {key.decode() if isinstance(key, bytes) else key: item for key, item in found.items()}
    assert all(type(found[key]) is np.ndarray for key in ("data", "order", "texts"))
    assert found["data"].tolist() == [[0, 1, 2], [3, 4, 5]] and found["order"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["data"].dtype == "i2" and found["one"] == 1.5 and found["bytes"] == b"\xff"
    assert found["texts"][0] == [1, 2] and type(found["texts"][2]) is np.ndarray


def test_pickles_of_python_2_are_read():
    found = read(of_python_2({"data": np.arange(4, dtype="uint8"), "labels": [1, 2]}))
    assert found[b"data"].tolist() == [0, 1, 2, 3] and found[b"labels"] == [1, 2]


STATE = (1, (2,), np.dtype("i4"), False, b"\0" * 8)


@pytest.mark.parametrize(
    "value",
    [
        Attack(print, ("x",)),
        Attack(eval, ("1",)),
        Attack(np.load, ("/etc/passwd",)),
        Attack(getattr, ("", "upper")),
        np.zeros(2, [("a", "O")]),
        np.zeros(2, "M8[s]"),
        np.zeros(2, [("a", "i4")]),
        np.ma.zeros(3),
        np.matrix([[1]]),
        Attack(np.ndarray, ((3,), "O")),
        Attack(np._core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, (9,), np.dtype("i4"), False, b"\0" * 8)),
        Attack(
            np._core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, (1 << 40,), np.dtype("O"), False, [None])
        ),
        Attack(np._core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, (1,), np.dtype("O"), False, b"\1" * 8)),
        Attack(np._core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, (-1,), np.dtype("i4"), False, b"")),
        Attack(np._core.multiarray._reconstruct, (list, (0,), b"b"), STATE),
        Attack(np._core.multiarray.scalar, (np.dtype("O"), b"12345678")),
        Attack(np._core.multiarray.scalar, (np.dtype("i4"), b"1")),
    ],
)
def test_pickles_of_anything_else_are_refused(value, capsys):
    with pytest.raises((pickle.UnpicklingError, TypeError)):
        read(pickle.dumps(value, 2))
    assert capsys.readouterr().out == ""


def test_flags_of_a_dtype_are_not_believed():
    """A state may say of objects that they are bytes: NumPy itself would take what stands there for addresses."""
    data = pickle.dumps(np.array([None, None], object), 2)
    liar = data.replace(b"K\x3f", b"K\x00")  # the flags of objects
    assert liar != data and read(liar).tolist() == [None, None]


def test_a_pickled_attack_in_an_archive_is_named(hosts, monkeypatch):
    objects = np.empty(1, object)
    objects[0] = Attack(print, ("x",))
    np.savez(hosts.server.folder / "evil.npz", x=objects)
    with pytest.raises(ValueError, match=r"evil.npz.*builtins.print.*Remove the file"):
        fetching.read_npz(str(hosts.server.folder / "evil.npz"))
