"""The heap in which HDF5 keeps texts of any length: where something in it takes no room, HDF5 never ends."""

import struct

import pytest

import kerasish as keras
from tests.files.fuzzing import no_hang


def model():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


@pytest.mark.parametrize("size", [0, 8, 2**64 - 16, 2**64 - 1, 2**40])
@pytest.mark.parametrize("free", [True, False])
def test_a_heap_whose_sizes_are_wrong_is_refused(size, free, tmp_path):
    path = tmp_path / "m.h5"
    model().save(str(path))
    data = bytearray(path.read_bytes())
    place = data.find(b"GCOL") + 16
    assert place > 16
    struct.pack_into("<H6xQ", data, place, 0 if free else 1, size)
    path.write_bytes(bytes(data))
    if size == 8 and not free:
        return  # a text of eight bytes
    with no_hang(), pytest.raises(ValueError):
        keras.models.load_model(str(path))


def test_a_whole_heap_is_read(tmp_path):
    path = str(tmp_path / "m.h5")
    model().save(path)
    assert keras.models.load_model(path).count_params() == 3
