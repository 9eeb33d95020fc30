"""Sources that make some rows of a batch without the others: those that one of several processes computes."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.distribution.shares import Share
from kerasish.models.data import gather, make_data
from kerasish.models.data.columns import ArrayRows
from kerasish.models.data.parts import PartOfBatch
from kerasish.utils.dataset.batched import BatchedDataset
from tests.models.data.test_gather import BATCH, KINDS, ROWS, copies


def second_of_three(total):
    return Share.of(total, 1, 3)


def parts_of(source, share_of):
    source.share_of = share_of
    return [(batch, batch.total, batch.share) for batch in source.epoch()]


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
@pytest.mark.parametrize("kind", KINDS)
def test_parts_are_rows_of_the_batch(tmp_path, kind, shuffle, monkeypatch):
    """With a last batch of two rows, which each of three processes has whole; on a thread or not, memory used again."""
    x, found = KINDS[kind](tmp_path), []
    for worth, reuse in ((10**9, False), (10**9, True), (0, True)):
        monkeypatch.setattr(gather, "_BYTES_WORTH_A_THREAD", worth)
        monkeypatch.setattr(gather, "_BYTES_WORTH_A_THREAD_FROM_DISK", worth)
        source = make_data(x, np.arange(len(x)), batch_size=BATCH, shuffle=shuffle, rng=np.random.default_rng(1))
        wholes = copies(source)[: -(-ROWS // BATCH)]
        source = make_data(x, np.arange(len(x)), batch_size=BATCH, shuffle=shuffle, rng=np.random.default_rng(1))
        source.reuse_memory, source.share_of = reuse, second_of_three
        count = 0
        for part, (rows, labels, _) in zip(source.epoch(), wholes):
            share, count = second_of_three(len(labels)), count + 1
            assert part.total == len(labels) and (part.share is None) == (share is None)
            own = slice(None) if share is None else slice(share.start, share.stop)
            assert np.array_equal(part[0], rows[own]) and np.array_equal(part[1], labels[own])
            assert part[0].dtype == rows.dtype and part[2] is None
            fewer = Share.of(len(labels), 0, 2)  # one of three was lost
            assert np.array_equal(part.of(fewer)[0], rows[: len(labels) if fewer is None else fewer.stop])
            assert part.of(part.share) is part
        found.append(count)
    assert found == [-(-ROWS // BATCH)] * 3


def test_only_these_rows_are_gathered(monkeypatch):
    taken, take = [], ArrayRows.take
    monkeypatch.setattr(
        ArrayRows, "take", lambda self, where, out=None: (taken.append(len(where)), take(self, where, out))[1]
    )
    source = make_data(np.zeros((30, 2)), np.zeros(30), batch_size=10, shuffle=True)
    parts_of(source, lambda total: Share.of(total, 0, 5))
    assert taken == [2] * 6


def test_a_source_gives_whole_batches_again():
    source = make_data(np.arange(6), batch_size=6)
    assert [part[0].tolist() for part, _, _ in parts_of(source, second_of_three)] == [[2, 3]]
    source.share_of = None
    (batch,) = source.epoch()
    assert type(batch) is tuple and len(batch[0]) == 6


class Numbers:
    """Samples that keep a list of those that were read."""

    def __init__(self):
        self.read = []

    def __call__(self, number):
        self.read.append(number)
        return np.full(2, number), np.array(number)


@pytest.mark.parametrize("workers", [1, 3])
def test_samples_of_others_are_not_read(workers):
    numbers = Numbers()
    dataset = BatchedDataset(numbers, 14, 6, shuffle=True, seed=1, workers=workers, makes_parts=True)
    source = make_data(dataset)
    source.on_epoch_begin()
    wholes = [source._dataset[index] for index in range(3)]
    numbers.read.clear()
    parts = parts_of(source, second_of_three)
    assert len(numbers.read) == 2 + 2 + 2  # of the last batch, of two samples, all
    for (part, total, share), (x, y) in zip(parts, wholes):
        own = slice(None) if share is None else slice(share.start, share.stop)
        assert np.array_equal(part[0], x[own]) and np.array_equal(part[1], y[own]) and total == len(y)
        assert np.array_equal(part.of(None)[0], x)


def test_what_needs_a_whole_batch_gets_it():
    """Functions of batches, samples that draw numbers or are padded to the longest, data sets of the user's."""

    class Own(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return np.zeros((6, 2)), np.zeros(6)

    alone = BatchedDataset(Numbers(), 6, 6, makes_parts=True)
    for dataset in (Own(), BatchedDataset(Numbers(), 6, 6), alone.map(lambda x, y: (x[::-1], y))):
        source = make_data(dataset)
        source.share_of = second_of_three
        (batch,) = source.epoch()
        assert type(batch) is not PartOfBatch and len(batch[0]) == 6
