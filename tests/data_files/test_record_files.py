"""TFRecord files and their examples, beside TensorFlow's own reader and writer; damaged ones."""

import gzip
import os
import zlib

import numpy as np
import pytest

from kerasish.data import tfrecord

FEATURES = {
    "whole": [3, -1, 1 << 60],
    "part": np.array([[0.5, -2.0], [1e-30, 3e38]], np.float32),
    "flag": True,
    "words": ["red", "grün"],
    "raw": b"\x00\xff",
    "number": np.int32(7),
    "nothing": [],
}
DECODED = {
    "whole": [3, -1, 1 << 60],
    "part": np.array([0.5, -2.0, 1e-30, 3e38], np.float32).tolist(),
    "flag": [1],
    "words": [b"red", "grün".encode()],
    "raw": [b"\x00\xff"],
    "number": [7],
    "nothing": [],
}
KINDS = [None, "gzip", "zlib"]


def plain(features):
    return {name: value if isinstance(value, list) else value.tolist() for name, value in features.items()}


def test_examples_come_back():
    decoded = tfrecord.decode_example(tfrecord.encode_example(FEATURES))
    assert plain(decoded) == DECODED
    assert decoded["whole"].dtype == np.int64 and decoded["part"].dtype == np.float32


def test_sequence_examples_come_back():
    record = tfrecord.encode_sequence_example({"user": 5}, {"ids": [[1, 2], [3]], "words": ["a", b"b"], "none": []})
    context, sequences = tfrecord.decode_sequence_example(record)
    assert plain(context) == {"user": [5]}
    assert [step.tolist() for step in sequences["ids"]] == [[1, 2], [3]]
    assert sequences["words"] == [[b"a"], [b"b"]] and sequences["none"] == []


@pytest.mark.parametrize("compression", KINDS)
def test_tensorflow_reads_what_is_written_and_the_other_way(tmp_path, compression):
    tf = pytest.importorskip("tensorflow", reason="TensorFlow's own reader is the oracle")
    path, option = str(tmp_path / "ours"), (compression or "").upper()
    records = [tfrecord.encode_example(FEATURES), b"", os.urandom(3 << 20)]
    tfrecord.write(path, records, compression)
    assert [record.numpy() for record in tf.data.TFRecordDataset(path, compression_type=option)] == records
    example = tf.train.Example.FromString(records[0])
    held = {
        name: list(getattr(f, f.WhichOneof("kind") or "bytes_list").value)
        for name, f in example.features.feature.items()
    }
    assert held == DECODED

    theirs = str(tmp_path / "theirs")
    with tf.io.TFRecordWriter(theirs, option) as writer:
        for record in [example.SerializeToString(), *records[1:]]:
            writer.write(record)
    came = list(tfrecord.read(theirs))
    assert plain(tfrecord.decode_example(came[0])) == DECODED and came[1:] == records[1:]


@pytest.mark.parametrize("compression", KINDS)
def test_a_damaged_record_is_named_by_file_and_place(tmp_path, compression):
    path = tmp_path / "three"
    tfrecord.write(path, [b"first", b"second", b"third"], compression)
    pack = {None: bytes, "gzip": gzip.compress, "zlib": zlib.compress}[compression]
    data = {None: bytes, "gzip": gzip.decompress, "zlib": zlib.decompress}[compression](path.read_bytes())
    second = 16 + len(b"first")

    def came_and_said(data):
        path.write_bytes(pack(data))
        came = []
        with pytest.raises(ValueError) as error:
            came.extend([]) or [came.append(record) for record in tfrecord.read(path, compression)]
        return came, str(error.value)

    turned = bytearray(data)
    turned[second + 12] ^= 1
    came, said = came_and_said(turned)
    assert came == [b"first"] and f"data of record 1 of '{path}', at byte {second}" in said
    path.write_bytes(pack(bytes(turned)))
    assert list(tfrecord.read(path, check=False)) == [b"first", b"recond", b"third"]
    turned = bytearray(data)
    turned[second] ^= 1
    came, said = came_and_said(turned)
    assert came == [b"first"] and f"length of record 1 of '{path}', at byte {second}" in said
    for cut in range(second + 1, len(data)):
        if cut not in (second + 22,):  # a whole number of records
            came, said = came_and_said(data[:cut])
            assert "The file ends within record" in said


def test_a_stream_that_is_cut_off_is_told(tmp_path):
    for compression in ("gzip", "zlib"):
        path = tmp_path / compression
        tfrecord.write(path, [os.urandom(100_000)], compression)
        path.write_bytes(path.read_bytes()[:50_000])
        with pytest.raises(ValueError, match="damaged within record 0|ends within record 0"):
            list(tfrecord.read(path))


def test_a_length_that_lies_takes_no_memory(tmp_path):
    path = tmp_path / "lies"
    tfrecord.write(path, [b"x"])
    from kerasish.data.record_files import _masked_checksum

    length = (1 << 40).to_bytes(8, "little")
    path.write_bytes(length + _masked_checksum()(length).to_bytes(4, "little") + b"few")
    with pytest.raises(ValueError, match="ends within record 0"):
        list(tfrecord.read(path))


def test_a_failed_write_leaves_the_old_files(tmp_path):
    path = tmp_path / "kept"
    tfrecord.write(path, [b"old"])

    def records():
        yield b"new"
        raise RuntimeError("the source ends")

    with pytest.raises(RuntimeError):
        tfrecord.write(path, records())
    assert list(tfrecord.read(path)) == [b"old"] and os.listdir(tmp_path) == ["kept"]


def test_the_same_records_make_the_same_bytes(tmp_path):
    for compression in KINDS:
        for name in "ab":
            tfrecord.write(tmp_path / name, map(tfrecord.encode_example, [FEATURES]), compression)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda path: tfrecord.encode_example({"when": np.datetime64("2020-01-01")}), ValueError, "when"),
        (lambda path: tfrecord.encode_example({"x": [1, "a"]}), ValueError, "'x'"),
        (lambda path: tfrecord.encode_example({"x": [[1], [2, 3]]}), ValueError, "no array"),
        (lambda path: tfrecord.encode_example({"x": np.uint64(1 << 63)}), ValueError, "int64"),
        (lambda path: tfrecord.encode_example({3: 1}), ValueError, "names"),
        (lambda path: tfrecord.encode_example([1]), TypeError, "must be a dict"),
        (lambda path: tfrecord.decode_example(b"\xff\xff\xff"), ValueError, "no Example"),
        (lambda path: tfrecord.decode_example("text"), ValueError, "no Example"),
        (lambda path: tfrecord.write(path, ["text"]), TypeError, "must be bytes"),
        (lambda path: tfrecord.write(path, [], "gzp"), ValueError, "gzip"),
        (lambda path: tfrecord.write(path, [], shards=0), ValueError, "shards"),
        (lambda path: tfrecord.Writer(path).write(b""), ValueError, "not open"),
        (lambda path: list(tfrecord.read(path)), FileNotFoundError, "none"),
    ],
)
def test_what_is_refused(tmp_path, call, error, words):
    with pytest.raises(error, match=words):
        call(tmp_path / "none")
    assert os.listdir(tmp_path) == []
