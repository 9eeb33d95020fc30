"""PyDatasets: in turn, by threads, by processes; what workers raise; that they end."""

import itertools
import os
import threading
import time

import numpy as np
import pytest

from kerasish.models.data import PyDatasetData, make_data, prefetch
from kerasish.utils import PyDataset

# Other tests of the session start JAX, which warns of every fork; the workers here never touch it.
pytestmark = pytest.mark.filterwarnings("ignore:os.fork")


class Numbered(PyDataset):
    def __init__(self, count=5, fails_at=None, **kwargs):
        super().__init__(**kwargs)
        self.count, self.fails_at, self.calls = count, fails_at, []

    @property
    def num_batches(self):
        return self.count

    def __getitem__(self, index):
        self.calls.append(index)
        if index == self.fails_at:
            raise KeyError(f"no batch {index}")
        return np.full((2, 3), index, "float64"), np.array([index, os.getpid()])

    def on_epoch_begin(self):
        self.calls.append("begin")

    def on_epoch_end(self):
        self.calls.append("end")


WAYS = {
    "in turn": {},
    "no workers": dict(workers=0, use_multiprocessing=True),
    "threads": dict(workers=3, max_queue_size=4),
    "short queue": dict(workers=3, max_queue_size=1),
    "processes": dict(workers=2, use_multiprocessing=True),
}


def labels(source):
    return [int(y[0]) for _, y, _ in source.epoch()]


def worker_threads():
    return [
        thread for thread in threading.enumerate() if thread.name.startswith(("kerasish-data", "kerasish-prefetch"))
    ]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_batches_come_once_and_in_order(way):
    source = make_data(Numbered(**way))
    assert isinstance(source, PyDatasetData) and source.num_batches == 5 and source.has_more()
    batches = list(source.epoch())
    assert [int(y[0]) for _, y, _ in batches] == [0, 1, 2, 3, 4]
    x, y, sample_weight = batches[1]
    assert x.dtype == "float32" and x.tolist() == [[1] * 3] * 2 and sample_weight is None
    in_workers = way.get("use_multiprocessing") and way["workers"]
    assert (int(y[1]) == os.getpid()) == (not in_workers)
    assert not worker_threads()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_shuffling_draws_a_new_order_of_batches(way):
    one, two = (make_data(Numbered(20, **way), shuffle=True, rng=np.random.default_rng(1)) for _ in range(2))
    first, second = labels(one), labels(one)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second and first != sorted(first)
    assert labels(two) == first


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_a_worker_raises_reaches_the_training_thread_in_its_turn(way):
    batches = make_data(Numbered(fails_at=2, **way)).epoch()
    assert [int(next(batches)[1][0]) for _ in range(2)] == [0, 1]
    with pytest.raises(KeyError, match="no batch 2"):
        next(batches)
    assert not worker_threads()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_epoch_left_early_ends_its_workers(way):
    source = make_data(Numbered(1000, **way))
    batches = source.epoch()
    next(batches)
    batches.close()
    assert not worker_threads()
    assert labels(source)[:2] == [0, 1]


def test_the_queue_bounds_what_is_made_ahead():
    dataset = Numbered(100, workers=2, max_queue_size=3)
    batches = make_data(dataset).epoch()
    next(batches)
    time.sleep(0.05)
    assert sorted(dataset.calls) == [0, 1, 2]
    batches.close()


def test_threads_work_at_the_same_time():
    barrier = threading.Barrier(3, timeout=20)

    class Meeting(Numbered):
        def __getitem__(self, index):
            barrier.wait()  # passes only when three workers are here at once
            return super().__getitem__(index)

    assert labels(make_data(Meeting(6, workers=3))) == list(range(6))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_data_set_without_end_goes_on_over_epochs(way):
    source = make_data(Numbered(None, **way), steps_per_epoch=3)
    assert source.num_batches == 3
    assert [labels(source), labels(source)] == [[0, 1, 2], [3, 4, 5]]
    source.reset()
    assert not worker_threads()
    assert labels(source) == [0, 1, 2]
    source.reset()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_steps_cut_epochs(way):
    source = make_data(Numbered(4, **way), steps_per_epoch=2)
    assert [labels(source) for _ in range(3)] == [[0, 1], [2, 3], [0, 1]]
    source.reset()


def test_what_changes_between_epochs_reaches_worker_processes():
    class Growing(Numbered):
        epoch = 0

        def on_epoch_end(self):
            self.epoch += 1
            self.count += 1

        def __getitem__(self, index):
            return np.array([self.epoch]), np.array([self.epoch])

    source = make_data(Growing(2, workers=1, use_multiprocessing=True))
    seen = []
    for _ in range(2):
        source.on_epoch_begin()
        seen.append(labels(source))
        source.on_epoch_end()
    assert seen == [[0, 0], [1, 1, 1]] and source.num_batches == 4


def test_worker_processes_draw_random_numbers_by_batch():
    class Noisy(Numbered):
        def __getitem__(self, index):
            return np.random.uniform(size=1), np.array([index])

    def draws(seed):
        source = make_data(Noisy(6, workers=2, use_multiprocessing=True), rng=np.random.default_rng(seed))
        return [float(x[0]) for x, _, _ in source.epoch()]

    first = draws(0)
    assert len(set(first)) == 6 and draws(0) == first and draws(1) != first


def test_the_data_set_is_told_of_epochs():
    dataset = Numbered(1)
    source = make_data(dataset)
    source.on_epoch_begin()
    labels(source)
    source.on_epoch_end()
    assert dataset.calls == ["begin", 0, "end"]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_class_weight(way):
    source = make_data(Numbered(**way), class_weight={3: 5.0})
    assert [weight.tolist() for _, _, weight in source.epoch()][3] == [5, 1]


@pytest.mark.parametrize(
    "dataset, arguments, message",
    [
        (Numbered(0), {}, "Numbered has no batches: its length is 0"),
        (Numbered(None), {}, "pass `steps_per_epoch`"),
        (Numbered(), dict(y=np.ones(2)), "`y` must not be passed when `x` is a PyDataset"),
        (Numbered(), dict(sample_weight=np.ones(2)), "`sample_weight` must not be passed when `x` is a PyDataset"),
    ],
)
def test_bad_data_sets_are_refused(dataset, arguments, message):
    with pytest.raises(ValueError, match=message):
        make_data(dataset, **arguments)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_bad_batches_name_the_data_set(way):
    class Wrong(Numbered):
        def __getitem__(self, index):
            return np.ones(2), np.ones(3)

    with pytest.raises(ValueError, match="Wrong.__getitem__ gave a batch that cannot be used.*`x` has 2, `y` has 3"):
        list(make_data(Wrong(**way)).epoch())
    assert not worker_threads()


def test_a_worker_process_that_dies_is_reported():
    class Deadly(Numbered):
        def __getitem__(self, index):
            os._exit(1)

    with pytest.raises(RuntimeError, match="A worker process of Deadly died"):
        list(make_data(Deadly(workers=1, use_multiprocessing=True)).epoch())
    assert not worker_threads()


def test_prefetch_keeps_the_order_and_ends():
    assert list(prefetch(range(100), depth=3)) == list(range(100))
    assert list(prefetch([])) == []
    assert not worker_threads()


def test_prefetch_works_ahead_by_its_depth_and_no_more():
    made, third = [], threading.Event()

    def items():
        for number in itertools.count():
            made.append(number)
            if number == 2:
                third.set()
            yield number

    ahead = prefetch(items(), depth=2)
    assert next(ahead) == 0
    assert third.wait(20)  # two more are made while the first is in use
    time.sleep(0.02)
    assert made == [0, 1, 2]
    ahead.close()
    assert not worker_threads()


def test_prefetch_raises_what_its_source_raises_and_closes_it():
    closed = []

    def failing():
        try:
            yield 1
            raise KeyError("lost")
        finally:
            closed.append(True)

    ahead = prefetch(failing())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="lost"):
        next(ahead)
    assert closed == [True] and not worker_threads()
