"""The tensor bundle of TensorFlow: what its reader takes, and what it refuses before memory is taken."""

import os
import random
import struct

import numpy as np
import pytest

import kerasish as keras
from kerasish.files.tensorflow import bundle, slices
from kerasish.files.tensorflow.crc32c import crc32c
from kerasish.files.tensorflow.snappy import unpacked
from kerasish.files.tensorflow.stored_tensor import DTYPES
from tests.files.bundles import BundleWriter, block, message, number, write_checkpoint, write_saved_model
from tests.files.watched import dangerous, watching

KERNEL = np.arange(12, dtype="float32").reshape(3, 4)


def read(path):
    with bundle.opened(path) as opened:
        for tensor in opened.values():
            tensor.check()
        return {name: tensor.read() for name, tensor in opened.items()}


@pytest.mark.parametrize("name", [name for name, _ in DTYPES.values()])
def test_every_dtype(tmp_path, name):
    import ml_dtypes  # noqa: F401  (NumPy knows bfloat16 by name from here on)

    values = np.array([[0, 1, 3], [5, 7, 100]]).astype(name)
    found = read(BundleWriter().add("w", values).write(tmp_path / "ckpt"))["w"]
    assert found.dtype == values.dtype and found.tobytes() == values.tobytes()


@pytest.mark.parametrize("options", [{}, {"kind": 1}, {"blocks": 3}], ids=["plain", "packed", "blocks"])
def test_texts_scalars_empty_arrays_and_parts(tmp_path, options):
    writer = BundleWriter().add("texts", np.array([["a", "bcd"], ["", "ü" * 200]], object)).add("scalar", 2.5)
    large = np.random.default_rng(0).normal(size=(130, 300)).astype("float32")
    writer.add("empty", np.zeros((0, 4))).add_parts("columns", large, 1, 3).add_parts("rows", large, 0, 7)
    found = read(writer.write(tmp_path / "ckpt", **options))
    assert found["texts"].tolist() == [[b"a", b"bcd"], [b"", "ü".encode() * 200]]
    assert found["scalar"] == 2.5 and found["empty"].shape == (0, 4)
    assert np.array_equal(found["columns"], large) and np.array_equal(found["rows"], large)


@pytest.mark.parametrize("size", [0, 1, 3, 4, 63, 64, 65, 255, 257, 65535, 65536, 65537, 200_001])
def test_checksums_are_those_of_the_definition(size):
    data = random.Random(size).randbytes(size)
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    assert crc32c(data) == register ^ 0xFFFFFFFF


def test_snappy_copies_that_overlap_themselves():
    assert unpacked(number(9) + b"\x08abc" + bytes([2 | 5 << 2, 3, 0])) == b"abcabcabc"
    assert unpacked(number(7) + b"\x08abc" + bytes([1, 3])) == b"abcabca"
    assert unpacked(number(61) + bytes([60 << 2, 60]) + b"x" * 61) == b"x" * 61


@pytest.mark.parametrize(
    "data",
    [b"", number(1 << 40) + b"\x00a", number(3) + b"\x08ab", number(9) + b"\x08abc" + bytes([2 | 5 << 2, 4, 0])],
    ids=["nothing", "bomb", "cut off", "before its beginning"],
)
def test_damaged_snappy(data):
    with pytest.raises(ValueError):
        unpacked(data)


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"shape": (1 << 40, 1 << 20)}, "are no float32 numbers of shape"),
        ({"shape": (-3, -4)}, "no array has the shape"),
        ({"offset": 1 << 62}, "ends beyond"),
        ({"size": 1 << 40}, "ends beyond"),
        ({"shard": 7}, "speaks of file 7 of 1"),
        ({"kind": 1 << 20}, "speaks of no numbers"),
        ({"kind": 7}, "are no texts of shape|of other lengths|checksum"),
        ({"offset": 8}, "overlap"),
    ],
    ids=str,
)
def test_lies_about_a_tensor(tmp_path, changes, what):
    path = BundleWriter().add("other", KERNEL).add("w", KERNEL, **changes).write(tmp_path / "ckpt")
    if what == "speaks of no numbers":  # a dtype of tomorrow: its bytes can be looked at
        with bundle.opened(path) as opened:
            assert not opened["w"].is_numeric
        return
    with pytest.raises(ValueError, match=what):
        read(path)


def test_a_changed_number_is_found(tmp_path):
    path = BundleWriter().add("w", KERNEL).write(tmp_path / "ckpt")
    with open(f"{path}.data-00000-of-00001", "r+b") as file:
        file.seek(9)
        file.write(b"\x55")
    with pytest.raises(ValueError, match="'w'.*not those that were saved"):
        read(path)


def test_parts_that_are_not_the_whole(tmp_path):
    whole = np.zeros((6, 4), "float32")
    writer = BundleWriter().add_parts("w", whole, 0, 3)
    parts = sorted(key for key in writer.entries if key != b"w")
    shape = message((2, message((1, 6))), (2, message((1, 4))))

    def entry(*starts):
        extents = [message((1, message((1, start), (2, 2))), (1, message())) for start in starts]
        return message((1, 1), (2, shape), *((7, extent) for extent in extents))

    for starts, what in [((0, 2), "not the whole"), ((0, 2, 2), "not the whole"), ((0, 2, 5), "does not lie")]:
        writer.entries[b"w"] = entry(*starts)
        with pytest.raises(ValueError, match=what):
            read(writer.write(tmp_path / "ckpt"))
    writer.entries[b"w"] = entry(0, 2, 4)
    del writer.entries[parts[1]]
    with pytest.raises(ValueError, match="is not there"):
        read(writer.write(tmp_path / "ckpt"))
    writer.entries[b"w"] = message((1, 1), (2, shape), *((7, message()) for _ in range(slices.MOST + 2)))
    with pytest.raises(ValueError, match="parts|does not lie"):
        read(writer.write(tmp_path / "ckpt"))


def test_shared_keys_that_would_fill_the_memory(tmp_path):
    """A key of a megabyte that a hundred thousand entries of three bytes each take over."""
    first = number(0) + number(1 << 20) + number(0) + b"k" * (1 << 20)
    rest = b"".join(number(1 << 20) + number(2) + number(0) + struct.pack(">H", at % 65536) for at in range(60_000))
    content = first + rest + struct.pack("<II", 0, 1)
    path = BundleWriter().add("w", KERNEL).write(tmp_path / "ckpt", content=content)
    with pytest.raises(ValueError, match="head|keys"):
        read(path)


@pytest.mark.parametrize(
    "name, data, what",
    [
        ("empty", b"", "cut off"),
        ("no footer", b"x" * 100, "does not end"),
        ("unknown packing", block([], 9), "does not end"),
    ],
)
def test_what_is_no_index(tmp_path, name, data, what):
    (tmp_path / "ckpt.index").write_bytes(data)
    with pytest.raises(ValueError, match=what):
        read(str(tmp_path / "ckpt"))


def test_heads(tmp_path):
    writer = BundleWriter().add("w", KERNEL)
    for head, what in [(((1, 0),), "0 files"), (((1, 1 << 40),), "files"), (((1, 1), (2, 1)), "highest byte first")]:
        with pytest.raises(ValueError, match=what):
            read(writer.write(tmp_path / "ckpt", head=head))


def test_missing_files_and_links(tmp_path):
    path = BundleWriter().add("w", KERNEL).write(tmp_path / "ckpt")
    data = tmp_path / "ckpt.data-00000-of-00001"
    data.rename(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="File not found.*data-00000"):
        read(path)
    os.symlink(tmp_path / "elsewhere", data)
    with pytest.raises(ValueError, match="is a link"):
        read(path)


def small():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])


def test_a_load_opens_its_own_files_alone(tmp_path):
    model = small()
    folder = write_saved_model(model, str(tmp_path / "model"))
    keras.models.load_model(folder, compile=False)  # what is imported late is, now
    with watching() as events:
        again = keras.models.load_model(folder, compile=False)
        again.load_weights(folder)
    assert not dangerous(events)
    assert {os.path.relpath(path, folder) for event, path in events if event == "open"} <= {
        "keras_metadata.pb",
        os.path.join("variables", "variables.index"),
        os.path.join("variables", "variables.data-00000-of-00001"),
    }
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights(), strict=True))


def test_a_load_that_fails_late_changes_nothing(tmp_path):
    """The last number of the file is damaged, and told before the first weight is set."""
    model, path = small(), write_checkpoint(small(), str(tmp_path / "ckpt"))
    before = model.get_weights()
    with open(f"{path}.data-00000-of-00001", "r+b") as file:
        file.seek(60)
        file.write(b"\x01\x02\x03")
    with pytest.raises(ValueError, match="damaged"):
        model.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))
