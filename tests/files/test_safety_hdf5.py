"""HDF5 that points out of its file, loads plug-ins, declares what nobody stored, or goes in circles.

CVE-2026-1669, CVE-2026-0897 and what followed them.
"""

import contextlib
import json
import os
import resource
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.files import hdf5
from kerasish.files.weights_h5 import H5Tensor
from tests.files.hostile import h5_bytes, layer, sequential, write_archive, write_legacy
from tests.files.hostile_hdf5 import BIAS, CASES, KERNEL, SECRET, refused, small


@pytest.mark.parametrize("fill", CASES, ids=lambda fill: fill.__name__)
def test_weights_alone(fill, tmp_path, secret):
    path = str(tmp_path / "hostile.weights.h5")
    with h5py.File(path, "w") as file:
        fill(file, secret)
        with contextlib.suppress(Exception):  # where there is room for it
            file[BIAS] = np.zeros(2, "float32")
    model = small()
    refused(lambda: model.load_weights(path), model, CASES[fill], secret)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("fill", CASES, ids=lambda fill: fill.__name__)
def test_an_archive(fill, packed, tmp_path, secret):
    path = str(tmp_path / "hostile.keras")
    config = json.loads(small().to_json())
    write_archive(
        path, config, h5_bytes(lambda file: fill(file, secret)), zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    )
    model = small()
    refused(lambda: keras.models.load_model(path), model, CASES[fill], secret)
    refused(lambda: model.load_weights(path), model, CASES[fill], secret)


@pytest.mark.parametrize("fill", CASES, ids=lambda fill: fill.__name__)
def test_a_whole_model_of_keras_2(fill, tmp_path, secret):
    path = str(tmp_path / "hostile.h5")
    write_legacy(path, json.loads(small().to_json()))
    with h5py.File(path, "r+") as file:
        fill(file, secret)
    if CASES[fill]:  # the others only put something beside the model, which is nobody's harm
        model = small()
        refused(lambda: keras.models.load_model(path), model, CASES[fill], secret)
        refused(lambda: model.load_weights(path), model, CASES[fill], secret)


def test_a_filter_that_would_be_a_plugin(tmp_path, monkeypatch):
    """HDF5 looks for unknown filters among shared libraries: in a folder that may be the attacker's."""
    path = str(tmp_path / "hostile.weights.h5")
    with h5py.File(path, "w") as file:
        file.create_dataset(KERNEL, data=SECRET.reshape(4, 2), chunks=(4, 2), compression="lzf")
        file[BIAS] = np.zeros(2, "float32")
    data = open(path, "rb").read()
    spot = data.index((32000).to_bytes(2, "little"))
    open(path, "wb").write(data[:spot] + (32999).to_bytes(2, "little") + data[spot + 2 :])
    with pytest.raises(ValueError, match="plug-in"):
        small().load_weights(path)


FILTERS = [
    {"compression": "gzip"},
    {"compression": "lzf"},
    {"compression": "gzip", "shuffle": True},
    {"fletcher32": True},
    {"chunks": (2, 1)},
    {"compression": "gzip", "maxshape": (None, 2)},
]


@pytest.mark.parametrize("options", FILTERS)
def test_harmless_filters_are_read(options, tmp_path):
    path = str(tmp_path / "packed.weights.h5")
    with h5py.File(path, "w") as file:
        file.create_dataset(KERNEL, data=SECRET.reshape(4, 2), **options)
        file[BIAS] = np.ones(2, "float32")
    model = small()
    model.load_weights(path)
    assert np.array_equal(model.get_weights()[0], SECRET.reshape(4, 2))


@pytest.mark.parametrize(
    "options", [{}, {"shuffle": True, "fletcher32": True}, {"compression_opts": 0}, {"chunks": (170, 300)}]
)
def test_large_chunks_are_read(options, tmp_path):
    """They are unpacked once to see how large they become."""
    path, numbers = str(tmp_path / "packed.h5"), np.random.default_rng(0).standard_normal((300, 500)).astype("float32")
    with h5py.File(path, "w") as file:
        file.create_dataset("numbers", data=numbers, **{"chunks": numbers.shape, "compression": "gzip", **options})
    with hdf5.opened(path) as file:
        assert np.array_equal(file["numbers"][()], numbers)


def test_zeros_that_are_packed_well_are_no_bomb(tmp_path):
    path = str(tmp_path / "zeros.h5")
    with h5py.File(path, "w") as file:
        file.create_dataset("zeros", data=np.zeros(2**20, "float32"), compression="gzip")
    with hdf5.opened(path) as file:
        assert H5Tensor(file["zeros"]).read().sum() == 0


def overlapping(path):
    """Many names for the same bytes: the addresses of the datasets' storage are set to one place by hand."""
    with h5py.File(path, "w") as file:
        for index in range(4):
            file[f"d{index}"] = np.full(2000, index, "float64")
        offsets = [file[f"d{index}"].id.get_offset() for index in range(4)]
    data = open(path, "rb").read()
    for offset in offsets[1:]:
        data = data.replace(offset.to_bytes(8, "little"), offsets[0].to_bytes(8, "little"))
    open(path, "wb").write(data[: offsets[0] + 20000])


def test_storage_that_overlaps_or_is_cut_off(tmp_path):
    path = str(tmp_path / "overlapping.h5")
    overlapping(path)
    with pytest.raises(ValueError, match="overlapping.h5"):
        with hdf5.opened(path) as file:
            for name in file:
                H5Tensor(file[name]).read()


@pytest.mark.parametrize("units", [10**12, 2**31, 2**63, 10**400])
@pytest.mark.parametrize("write", [write_archive, write_legacy])
def test_a_config_that_asks_for_more_than_the_file_holds(units, write, tmp_path):
    path = str(tmp_path / ("m.keras" if write is write_archive else "m.h5"))
    write(path, sequential(layer("Dense", {"units": units}, build_config={"input_shape": [None, 3]})))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError):
        keras.models.load_model(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


def test_a_config_alone_can_not_ask_for_more_than_the_machine_has():
    with pytest.raises(ValueError, match="memory"):
        keras.models.model_from_json(
            json.dumps(sequential(layer("Dense", {"units": 10**12}, build_config={"input_shape": [None, 3]})))
        )
    with pytest.raises(ValueError):
        keras.models.model_from_json(json.dumps(sequential(layer("Dense", {"units": -3}))))


def test_an_honest_model_that_is_not_trained_yet_loads(tmp_path):
    """An optimizer's slots are made while loading, and the file doesn't hold them.

    They are within what a file may ask for.
    """
    path = str(tmp_path / "m.keras")
    model = keras.Sequential([keras.Input((1500,)), keras.layers.Dense(1500)])  # 9 MB
    model.compile(keras.optimizers.Adam(amsgrad=True), "mse")
    model.save(path)
    assert keras.models.load_model(path).count_params() == model.count_params()


def test_what_is_no_hdf5(tmp_path):
    path = tmp_path / "file.h5"
    good = h5_bytes(lambda file: file.create_dataset("a", data=np.ones(100)))
    for content in (b"", good[:100], good[:-50], b"\x89HDF\r\n\x1a\n" + b"\xff" * 100, b"nothing"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="file.h5"):
            with hdf5.opened(path):
                pass
    with pytest.raises(ValueError, match="File not found"):
        with hdf5.opened(tmp_path / "nowhere.h5"):
            pass
    path.write_bytes(good)
    for error in (KeyError("x"), OSError("x"), RuntimeError("x"), MemoryError()):
        with pytest.raises(ValueError, match="file.h5"):
            with hdf5.opened(path):
                raise error
    with hdf5.opened(path) as file:
        assert hdf5.name_of(file) == repr(os.fspath(path))


def test_a_zip_bomb(tmp_path):
    path = str(tmp_path / "bomb.keras")
    write_archive(path, json.loads(small().to_json()), bytes(200 << 20), zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="only"):
        keras.models.load_model(path)
    data = bytearray(open(path, "rb").read())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("config.json").file_size
    spot = data.rindex(b"PK\1\2", 0, data.rindex(b"config.json")) + 24  # the size that the directory declares
    assert int.from_bytes(data[spot : spot + 4], "little") == size
    for declared in (2**31, size - 1, size + 1):
        data[spot : spot + 4] = declared.to_bytes(4, "little")
        open(path, "wb").write(data)
        with pytest.raises(ValueError):
            keras.models.load_model(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
@pytest.mark.parametrize(
    "packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["deflate", "bzip2", "lzma"]
)
def test_a_member_that_declares_less_than_it_has(packing, name, tmp_path):
    """`zipfile` believes the declared size only when everything is unpacked."""
    path = str(tmp_path / "bomb.keras")
    write_archive(path, small().to_json())
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(path + ".new", "w") as target:
        for member in source.namelist():
            data = source.read(member).ljust(100 << 20 if member == name else 0)
            target.writestr(member, data, packing if member == name else zipfile.ZIP_STORED, compresslevel=1)
    data = bytearray(open(path + ".new", "rb").read())
    for signature, spot in ((b"PK\1\2", 24), (b"PK\3\4", 22)):  # in the directory, and before the member
        begin = (
            data.index(signature, data.index(name.encode()) - 30)
            if signature == b"PK\3\4"
            else data.rindex(signature, 0, data.rindex(name.encode()))
        )
        assert int.from_bytes(data[begin + spot : begin + spot + 4], "little") == 100 << 20
        data[begin + spot : begin + spot + 4] = (100).to_bytes(4, "little")
    open(path, "wb").write(data)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="bomb.keras"):
            keras.models.load_model(path)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()


def with_attribute(path, value, libver="earliest", **options):
    with h5py.File(path, "w", libver=libver) as file:
        group = file.create_group("group")
        group.attrs.create("text", value, **options)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_text_that_says_it_is_longer_than_the_file(libver, tmp_path):
    """HDF5 would take four gigabytes before it looks."""
    path = str(tmp_path / "hostile.h5")
    with_attribute(path, "seventeen letters", libver)
    with hdf5.opened(path) as file:
        assert file["group"].attrs["text"] == "seventeen letters"
    data = open(path, "rb").read()
    spot = next(
        index
        for index in range(len(data))
        if data[index : index + 4] == b"\x11\0\0\0" and data[index + 12 : index + 16] == b"\1\0\0\0"
    )
    open(path, "wb").write(data[:spot] + b"\xff\xff\xff\xf0" + data[spot + 4 :])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match="bytes of text|damaged"):  # the newer layout has a checksum
        with hdf5.opened(path) as file:
            file["group"].attrs["text"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


ATTRIBUTES = {
    "sequences": {"value": np.array([np.ones(2), np.ones(3)], dtype=object), "dtype": h5py.vlen_dtype("float64")},
    "records": {"value": np.zeros(2, [("a", "f4"), ("b", "f4"), ("c", "S3")])},
    "a record of one": {"value": np.zeros(2, [("a", "f4")])},
    "arrays": {"value": np.zeros((2, 3)), "dtype": np.dtype("(3,)f8")},
}


@pytest.mark.parametrize("case", ATTRIBUTES)
def test_attributes_of_types_that_no_keras_writes(case, tmp_path):
    path = str(tmp_path / "hostile.h5")
    with_attribute(path, **ATTRIBUTES[case])
    with pytest.raises(ValueError, match="which no model has"):
        with hdf5.opened(path):
            pass


def test_a_text_whose_type_is_damaged(tmp_path):
    """Of this HDF5 says that it holds sequences of bytes, and h5py crashes on reading them."""
    path = str(tmp_path / "hostile.h5")
    with_attribute(path, [b"ab", b"c"])
    data = open(path, "rb").read()
    text = b"\x19\x01\0\0\x10"
    assert data.count(text) == 1
    open(path, "wb").write(data.replace(text, b"\x19\xbb\0\0\x10"))
    with pytest.raises(ValueError, match="which no model has"):
        with hdf5.opened(path):
            pass


def test_attributes_in_a_heap_of_their_own(tmp_path):
    path = str(tmp_path / "hostile.h5")
    with h5py.File(path, "w", libver="latest") as file:
        for index in range(20):
            file.attrs[f"text{index}"] = "x"
    with pytest.raises(ValueError, match="heap"):
        with hdf5.opened(path):
            pass


@pytest.mark.parametrize("libver", ["earliest", "latest", ("v108", "v110")])
@pytest.mark.parametrize("block", [0, 512, 4096])
def test_texts_of_every_layout_are_read(libver, block, tmp_path):
    path = str(tmp_path / "good.h5")
    with h5py.File(path, "w", libver=libver, userblock_size=block) as file:
        for holder in (file, file.create_group("g"), file.create_dataset("d", data=np.ones(3))):
            holder.attrs.update(
                {
                    "short": "ä",
                    "long": "x" * 100_000,
                    "list": ["a", "bc"],
                    "fixed": np.bytes_(b"abc"),
                    "number": 3,
                    "flag": True,
                }
            )
            holder.attrs["fixed list"] = np.array([b"ab", b"c"])
    with hdf5.opened(path) as file:
        assert file["g"].attrs["long"] == "x" * 100_000 and list(file["d"].attrs["list"]) == ["a", "bc"]
