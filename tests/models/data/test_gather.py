"""Batches made ahead on a thread, and in memory that is used again: the same numbers, bounded, and cleaned up."""

import gc
import threading
import tracemalloc

import h5py
import numpy as np
import pytest

from kerasish.models.data import gather, make_data

ROWS, WIDTH, BATCH = 50, 7, 8


@pytest.fixture
def worth(monkeypatch):
    """Set from how many bytes on a batch is made on a thread."""

    def set_bytes(count):
        monkeypatch.setattr(gather, "_BYTES_WORTH_A_THREAD", count)
        monkeypatch.setattr(gather, "_BYTES_WORTH_A_THREAD_FROM_DISK", count)

    return set_bytes


def threads():
    return [t for t in threading.enumerate() if t.name == "kerasish-prefetch"]


def base(dtype="float32"):
    return np.arange(ROWS * WIDTH, dtype=dtype).reshape(ROWS, WIDTH)


def mapped(path, array):
    np.save(path / "rows.npy", array)
    return np.load(path / "rows.npy", mmap_mode="r")


def stored(path, array):
    file = h5py.File(path / "rows.h5", "w")
    return file.create_dataset("x", data=array)


KINDS = {
    "float32": lambda path: base(),
    "float64": lambda path: base("float64"),
    "uint8": lambda path: (base() % 251).astype("uint8"),
    "big-endian": lambda path: base(">f4"),
    "not contiguous": lambda path: base("float32")[:, ::2],
    "fortran float64": lambda path: np.asfortranarray(base("float64")),
    "one axis": lambda path: np.arange(ROWS),
    "no columns": lambda path: np.zeros((ROWS, 0), "float64"),
    "mapped": lambda path: mapped(path, base()),
    "mapped float64": lambda path: mapped(path, base("float64"))[1:],
    "in a file": lambda path: stored(path, base("float64")),
}


def copies(source):
    """Every batch of two epochs, copied before the next is asked for."""
    return [
        tuple(None if part is None else part.copy() for part in batch) for _ in range(2) for batch in source.epoch()
    ]


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
@pytest.mark.parametrize("kind", KINDS)
def test_threads_and_used_memory_change_no_number(tmp_path, kind, shuffle, worth):
    x = KINDS[kind](tmp_path)
    y = np.arange(len(x))
    found = []
    for count, reuse in ((10**9, False), (10**9, True), (0, False), (0, True)):
        worth(count)
        source = make_data(x, y, batch_size=BATCH, shuffle=shuffle, rng=np.random.default_rng(1))
        source.reuse_memory = reuse
        found.append(copies(source))
    for batches in found[1:]:
        assert len(batches) == len(found[0]) == 2 * -(-len(x) // BATCH)
        for (rows, labels, _), (rows_first, labels_first, _) in zip(batches, found[0]):
            assert rows.dtype == rows_first.dtype and rows.dtype.isnative
            np.testing.assert_array_equal(rows, rows_first)
            np.testing.assert_array_equal(labels, labels_first)
    for rows, labels, _ in found[0]:
        np.testing.assert_array_equal(rows, np.asarray(x[:])[labels])
    assert not threads()


def test_without_reuse_every_batch_is_kept(worth):
    for count in (0, 10**9):
        worth(count)
        x = base("float64")
        batches = [batch for batch, _, _ in make_data(x, batch_size=BATCH).epoch()]
        np.testing.assert_array_equal(np.concatenate(batches), x)


def test_reused_memory_is_two_batches_with_a_thread_and_one_without(worth):
    for count, expected in ((10**9, 1), (0, 2)):
        worth(count)
        source = make_data(base(), batch_size=10, shuffle=True)
        source.reuse_memory = True
        assert len({batch.ctypes.data for batch, _, _ in source.epoch()}) == expected


def test_which_batches_are_worth_a_thread(tmp_path):
    large, small = np.zeros((4, 2**19), "float32"), np.zeros((4, 2**10), "float32")
    for x, arguments, wanted in (
        (large, dict(shuffle=True), True),
        (large, dict(), False),  # views
        (small, dict(shuffle=True), False),
        (np.zeros((4, 2**19), "float64"), dict(), True),  # cast
        (mapped(tmp_path, np.zeros((4, 2**14), "float32")), dict(), True),  # read from the disk
    ):
        batches = make_data(x, batch_size=2, **arguments).epoch()
        next(batches)
        assert bool(threads()) is wanted
        batches.close()
        assert not threads()


def test_a_pass_that_is_left_early_or_forgotten_ends_its_thread(worth):
    worth(0)
    source = make_data(base(), batch_size=BATCH, shuffle=True)
    batches = source.epoch()
    next(batches)
    assert len(threads()) == 1
    batches.close()
    assert not threads()

    source = make_data(base(), batch_size=BATCH, shuffle=True, steps_per_epoch=2)
    list(source.epoch())
    assert len(threads()) == 1  # the pass goes on in the next epoch
    source.reset()
    assert not threads()

    list(source.epoch())
    del source, batches
    gc.collect()
    assert not threads()


def test_an_error_on_the_thread_is_raised_at_its_batch(worth, tmp_path):
    worth(0)
    x = stored(tmp_path, base())
    source = make_data(x, batch_size=BATCH)
    batches = source.epoch()
    next(batches)
    x.file.close()
    with pytest.raises((RuntimeError, ValueError)):
        list(batches)
    assert not threads()


def test_a_pass_allocates_batches_and_no_data_set():
    x = np.zeros((4096, 512), "float64")  # 16 MiB; a batch is 64 KiB as float32
    for shuffle in (False, True, "batch"):
        source = make_data(x, batch_size=32, shuffle=shuffle)
        source.reuse_memory = True
        tracemalloc.start()
        for _ in source.epoch():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20, (shuffle, peak)
