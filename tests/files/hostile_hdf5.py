"""HDF5 files that point elsewhere, declare what nobody stored, or go in circles."""

import functools
import zlib

import h5py
import numpy as np
import pytest

import kerasish as keras
from tests.files.watched import watching

KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"
SECRET = np.arange(8, dtype="float32")


def small():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


def external_storage(file, secret):
    file.create_dataset(KERNEL, shape=(4, 2), dtype="float32", external=[(str(secret), 0, 32)])


def external_link(file, secret):
    file.require_group("layers/dense/vars")["0"] = h5py.ExternalLink(str(secret) + ".h5", "/secret")


def external_link_of_a_group(file, secret):
    file.require_group("layers")["dense"] = h5py.ExternalLink(str(secret) + ".h5", "/")


def soft_link(file, secret):
    file["elsewhere"] = np.zeros((4, 2), "float32")
    file.require_group("layers/dense/vars")["0"] = h5py.SoftLink("/elsewhere")


def virtual(file, secret):
    layout = h5py.VirtualLayout(shape=(4, 2), dtype="float32")
    layout[:] = h5py.VirtualSource(str(secret) + ".h5", "secret", shape=(4, 2))
    file.create_virtual_dataset(KERNEL, layout)


def chunked_bomb(file, secret):
    file.create_dataset(KERNEL, shape=(10**6, 10**6), dtype="float32", chunks=(1000, 1000), compression="gzip")


def contiguous_bomb(file, secret):
    file.create_dataset(KERNEL, shape=(10**6, 10**6), dtype="float32")


def gzip_bomb(file, secret):
    for index in range(5):
        file.create_dataset(
            f"layers/dense/vars/{index}",
            data=np.zeros(2**24, "uint8"),
            chunks=(2**24,),
            compression="gzip",
            compression_opts=9,
        )


@functools.cache
def packed_zeros(megabytes):
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(megabytes)), packer.flush()])


def chunk_larger_than_its_dataset(file, secret):
    """HDF5 unpacks whole chunks: here 80 MB for one number."""
    dataset = file.create_dataset(
        KERNEL, shape=(1,), maxshape=(None,), dtype="float32", chunks=(20 << 20,), compression="gzip"
    )
    dataset.id.write_direct_chunk((0,), packed_zeros(80))


def gzip_larger_than_its_chunk(file, secret):
    """And as much as comes out of it: 80 MB for a chunk of 64 KB."""
    dataset = file.create_dataset(
        KERNEL, shape=(4, 2), maxshape=(None, 2), dtype="float32", chunks=(8192, 2), compression="gzip"
    )
    dataset.id.write_direct_chunk((0, 0), packed_zeros(80))


def gzip_in_gzip(file, secret):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((8192, 2))
    properties.set_deflate(9)
    properties.set_deflate(9)
    file.require_group("layers/dense/vars")
    dataset = h5py.h5d.create(
        file.id,
        KERNEL.encode(),
        h5py.h5t.IEEE_F32LE,
        h5py.h5s.create_simple((4, 2), (h5py.h5s.UNLIMITED, 2)),
        properties,
    )
    dataset.write_direct_chunk((0, 0), zlib.compress(packed_zeros(80), 9))


def deep_groups(file, secret):
    """Each path is a text, so a chain of groups would be quadratic work."""
    file.create_group("/".join("g" * 300))


def many_attributes(file, secret):
    for index in range(600):
        file.attrs[str(index)] = np.int8(0)


def strings(file, secret):
    file.create_dataset(KERNEL, data=np.array([["a", "b"]] * 4, dtype=object), dtype=h5py.string_dtype())


def fixed_strings(file, secret):
    file.create_dataset(KERNEL, data=np.zeros((4, 2), "S4"))


def references(file, secret):
    file["target"] = 1.0
    file.create_dataset(
        KERNEL, data=np.array([[file["target"].ref] * 2] * 4, dtype=h5py.ref_dtype), dtype=h5py.ref_dtype
    )


def ragged(file, secret):
    dataset = file.create_dataset(KERNEL, shape=(4, 2), dtype=h5py.vlen_dtype("float32"))
    dataset[0, 0] = np.ones(3, "float32")


def compound(file, secret):
    file.create_dataset(KERNEL, data=np.zeros((4, 2), [("a", "f4"), ("b", "f4")]))


def empty(file, secret):
    file.create_dataset(KERNEL, data=h5py.Empty("float32"))


def circle(file, secret):
    inner = file.require_group("layers/dense/vars")
    inner["again"] = file["layers"]


def circle_to_the_root(file, secret):
    file.require_group("layers/dense/vars")["again"] = file["/"]


def group_for_a_dataset(file, secret):
    file.require_group(KERNEL)


def dataset_for_a_group(file, secret):
    file["layers"] = np.zeros(3)


CASES = {
    external_storage: "external storage",
    external_link: "external link",
    external_link_of_a_group: "external link",
    soft_link: "symbolic link",
    chunk_larger_than_its_dataset: "declare",
    gzip_larger_than_its_chunk: "packed bytes",
    gzip_in_gzip: "packed twice",
    deep_groups: "in each other",
    many_attributes: "attributes",
    virtual: "virtual dataset",
    chunked_bomb: "bytes",
    contiguous_bomb: "bytes",
    gzip_bomb: "bytes",
    references: "no model has",
    ragged: "no model has",
    strings: None,
    fixed_strings: None,
    compound: None,
    empty: None,
    circle: "another name",
    circle_to_the_root: "another name",
    group_for_a_dataset: None,
    dataset_for_a_group: None,
}


def refused(load, model, message, secret):
    before = model.get_weights()
    with watching() as events, pytest.raises(ValueError, match=message):
        load()
    assert not [path for event, path in events if event == "open" and "secret" in path]
    for now, then in zip(model.get_weights(), before, strict=True):
        assert np.array_equal(now, then)
