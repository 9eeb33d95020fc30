"""Data that lie in files: read in stretches, once a pass, and columns of data sets of other libraries."""

import h5py
import numpy as np
import pytest

from kerasish.models.data import arrays, make_data
from kerasish.models.data.stored_rows import StoredRows


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """An array of 100 rows in a file, a window of 24 of which is read at once."""
    monkeypatch.setattr(arrays, "_WINDOW_BYTES", 24 * 8)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        yield file.create_dataset("x", data=np.arange(200, dtype="float32").reshape(100, 2))


def numbers(batches):
    return [int(row[0]) // 2 for x, _, _ in batches for row in x]


def test_a_shuffled_pass_reads_every_stretch_once(stored, monkeypatch):
    reads = []
    read = StoredRows.read
    monkeypatch.setattr(
        StoredRows, "read", lambda self, where: reads.append((where.start, where.stop)) or read(self, where)
    )
    source = make_data(stored, batch_size=8, shuffle=True, rng=np.random.default_rng(0))
    passes = [numbers(source.epoch()) for _ in range(2)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(100)) and passes[0] != passes[1]
    windows = [(0, 24), (24, 48), (48, 72), (72, 96), (96, 100)]
    assert sorted(reads[:5]) == sorted(reads[5:]) == windows and reads[:5] != windows
    assert sum(abs(a - b) for a, b in zip(passes[0], passes[0][1:])) > 3 * 99  # mixed within


def test_what_fits_one_window_is_shuffled_as_in_memory(stored, monkeypatch):
    monkeypatch.setattr(arrays, "_WINDOW_BYTES", 1 << 26)
    there, here = [make_data(x, batch_size=8, shuffle=True, rng=np.random.default_rng(1)) for x in (stored, stored[:])]
    assert numbers(there.epoch()) == numbers(here.epoch())


def test_a_pass_that_is_left_and_begun_again_gives_the_right_rows(stored):
    source = make_data(stored, np.arange(100), batch_size=8, shuffle=True, rng=np.random.default_rng(2))
    left = source.epoch()
    next(left)
    for _ in range(2):
        for x, y, _ in source.epoch():
            assert x[:, 0].tolist() == (2 * y).tolist()
    for x, y, _ in left:
        assert x[:, 0].tolist() == (2 * y).tolist()


def test_columns_of_hugging_faces_data_sets():
    datasets = pytest.importorskip("datasets", reason="the library is not installed")
    x = np.arange(20, dtype="float32").reshape(10, 2)
    made = datasets.Dataset.from_dict({"x": x.tolist(), "y": list(range(10))})
    for table in (made, made.with_format("numpy")):
        for shuffle in (False, True):
            for inputs, labels, _ in make_data(table["x"], table["y"], batch_size=4, shuffle=shuffle).epoch():
                assert inputs.dtype == "float32" and inputs[:, 0].tolist() == (2 * labels).tolist()
        ((inputs, _, _),) = make_data(table, batch_size=10).epoch()
        assert list(inputs) == ["x", "y"] and np.array_equal(inputs["x"], x)
