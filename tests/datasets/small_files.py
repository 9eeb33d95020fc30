"""Small files of the layout of the data sets that Keras's hosts serve, and a way to have both libraries read them."""

import gzip
import io
import json
import pickle
import struct
import tarfile

import numpy as np


class PicklerOfPython2(pickle._Pickler):
    """Writes a pickle as Python 2 wrote it: all texts and bytes are strings of bytes, NumPy's module has its old name.

    (CIFAR's batches were written in 2009.)
    """

    dispatch = dict(pickle._Pickler.dispatch)

    def save_text(self, value):
        data = value.encode("latin1") if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_text

    def save_global(self, obj, name=None):
        if obj is bytes:
            raise ValueError("Python 2 has none")
        module = obj.__module__.replace("numpy._core", "numpy.core")
        self.write(pickle.GLOBAL + f"{module}\n{name or obj.__qualname__}\n".encode())
        self.memoize(obj)

    dispatch[type] = dispatch[type(np.array)] = dispatch[type(save_global)] = save_global


def of_python_2(value):
    """The bytes of such a pickle."""
    file = io.BytesIO()
    PicklerOfPython2(file, 2).dump(value)
    return file.getvalue()


def texts(generator, count, longest=9, words=60):
    """An object array of lists of ints, as `imdb.npz` and `reuters.npz` hold them."""
    made = np.empty(count, object)
    made[:] = [generator.integers(1, words, 1 + i % longest).tolist() for i in range(count)]
    return made


def idx(array):
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape)
    return gzip.compress(head + array.tobytes())


def tar_of(folder, members, path):
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def write_cifar10(folder, pictures):
    """The archive of CIFAR-10, six times the same pictures in other orders; Keras reads one of 10,000 only."""
    batches = {}
    for shift, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        labels = [(number + shift) % 10 for number in range(len(pictures))]
        batches[name] = of_python_2({"data": np.roll(pictures, shift, 0), "labels": labels})
    tar_of("cifar-10-batches-py", batches, folder / "cifar-10-python.tar.gz")


def write_all(folder):
    """One small file for every name at the hosts."""
    generator = np.random.default_rng(0)

    def pictures(*shape):
        return generator.integers(0, 256, shape, dtype="uint8")

    np.savez(
        folder / "mnist.npz",
        x_train=pictures(6, 28, 28),
        y_train=pictures(6) % 10,
        x_test=pictures(3, 28, 28),
        y_test=pictures(3) % 10,
    )
    for part, count in (("train", 5), ("t10k", 4)):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(pictures(count, 28, 28)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(pictures(count) % 10))
    write_cifar10(folder, pictures(4, 3072))
    hundred = {
        name: of_python_2(
            {
                "data": pictures(count, 3072),
                "fine_labels": (pictures(count) % 100).tolist(),
                "coarse_labels": (pictures(count) % 20).tolist(),
            }
        )
        for name, count in (("train", 7), ("test", 3))
    }
    tar_of("cifar-100-python", hundred, folder / "cifar-100-python.tar.gz")
    np.savez(
        folder / "imdb.npz",
        x_train=texts(generator, 23),
        y_train=generator.integers(0, 2, 23),
        x_test=texts(generator, 11),
        y_test=generator.integers(0, 2, 11),
    )
    np.savez(folder / "reuters.npz", x=texts(generator, 37), y=generator.integers(0, 46, 37))
    for name in ("imdb", "reuters"):
        (folder / f"{name}_word_index.json").write_text(json.dumps({"the": 1, "é": 2}))
    np.savez(folder / "boston_housing.npz", x=generator.random((31, 13)), y=generator.random(31))
    np.savez(
        folder / "california_housing.npz",
        x=generator.random((640, 8)).astype("float32"),
        y=generator.random(640).astype("float32"),
    )
