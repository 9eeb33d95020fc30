"""Which requests make the next batch: by a clock that the test turns, on one thread and on many."""

import threading

import numpy as np
import pytest

from kerasish.serving.heart.pool import Pool
from kerasish.serving.heart.queue import BatchQueue
from kerasish.serving.heart.work import Waiter, Work
from kerasish.serving.refusals import Busy, Failed, TooLate, Unavailable

NEVER = float("inf")


class Doubling:
    """A servable that doubles rows, and remembers what it computed together."""

    def __init__(self, name="m", max_rows=4, timeout=0.0, capacity=100):
        self.name, self.version = name, 1
        self.queue = BatchQueue(max_rows, timeout, capacity)
        self.batches, self.users = [], 0
        self.before = lambda: None

    def compute(self, works):
        self.before()
        self.batches.append([work.rows for work in works])
        return [[work.arrays[0] * 2] for work in works], sum(work.rows for work in works)

    def leave(self):
        self.users -= 1

    def work(self, rows=1, deadline=NEVER, width=2, value=1.0, done=lambda _: None):
        self.users += 1
        return Work(self, [np.full((rows, width), value)], deadline, done)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_what_waits_is_computed_together_up_to_the_largest_batch(clock):
    pool, model = Pool(0, clock), Doubling()
    works = [model.work(rows) for rows in (1, 2, 1, 3, 1)]
    for work in works:
        pool.submit(work)
    assert pool.waiting() == 8
    assert pool.run_one() == 0.0 and pool.run_one() == 0.0 and pool.run_one() is None
    assert model.batches == [[1, 2, 1], [3, 1]]
    assert all((work.result()[0] == 2.0).all() and len(work.result()[0]) == work.rows for work in works)
    assert model.users == 0 and pool.waiting() == 0


def test_a_batch_waits_for_others_no_longer_than_told(clock):
    pool, model = Pool(0, clock), Doubling(timeout=0.010)
    pool.submit(model.work())
    assert pool.run_one() == pytest.approx(0.010)
    clock.now = 0.004
    pool.submit(model.work())
    assert pool.run_one() == pytest.approx(0.006) and not model.batches
    clock.now = 0.011
    assert pool.run_one() == 0.0
    assert model.batches == [[1, 1]]


def test_a_full_batch_waits_for_nobody(clock):
    pool, model = Pool(0, clock), Doubling(timeout=1.0)
    for _ in range(5):
        pool.submit(model.work())
    assert pool.run_one() == 0.0 and model.batches == [[1, 1, 1, 1]]
    assert pool.run_one() == pytest.approx(1.0)


def test_nobody_waits_for_others_when_the_server_ends(clock):
    pool, model = Pool(0, clock), Doubling(timeout=1.0)
    pool.submit(model.work())
    pool.hurry()
    assert pool.run_one() == 0.0 and model.batches == [[1]]


def test_rows_of_different_shapes_are_computed_apart(clock):
    pool, model = Pool(0, clock), Doubling()
    works = [model.work(width=width) for width in (2, 3, 2, 3)]
    for work in works:
        pool.submit(work)
    while pool.run_one() is not None:
        pass
    assert model.batches == [[1, 1], [1, 1]]
    assert [work.result()[0].shape for work in works] == [(1, 2), (1, 3), (1, 2), (1, 3)]


def test_a_full_batch_of_one_shape_goes_before_one_that_waits(clock):
    pool, model = Pool(0, clock), Doubling(timeout=1.0)
    pool.submit(model.work(width=3))
    for _ in range(4):
        pool.submit(model.work(width=2))
    assert pool.run_one() == 0.0 and model.batches == [[1, 1, 1, 1]]
    assert pool.run_one() == pytest.approx(1.0)


def test_a_full_queue_refuses_what_comes(clock):
    pool, model = Pool(0, clock), Doubling(capacity=3)
    pool.submit(model.work(2))
    pool.submit(model.work(1))
    with pytest.raises(Busy, match="max_queued_rows is 3"):
        pool.submit(model.work(1))
    assert model.users == 2
    pool.run_one()
    pool.submit(model.work(5))  # more than fit, and nothing else waits
    pool.run_one()
    assert model.batches == [[2, 1], [5]] and model.users == 0


def test_a_request_whose_deadline_passed_costs_nothing(clock):
    pool, model = Pool(0, clock), Doubling()
    late, other = model.work(deadline=1.0), model.work(deadline=9.0)
    pool.submit(late)
    pool.submit(other)
    clock.now = 2.0
    pool.run_one()
    with pytest.raises(TooLate, match="2.000 s"):
        late.result()
    assert other.result() and model.batches == [[1]] and model.users == 0


def test_models_share_the_time_and_not_the_requests(clock):
    pool, slow, quick = Pool(0, clock), Doubling("slow", max_rows=1), Doubling("quick", max_rows=1)
    slow.before = lambda: setattr(clock, "now", clock.now + 0.9)
    quick.before = lambda: setattr(clock, "now", clock.now + 0.1)
    for _ in range(40):
        pool.submit(slow.work())
        pool.submit(quick.work())
    for _ in range(20):
        pool.run_one()
    assert len(slow.batches) == 2 and len(quick.batches) == 18


def test_a_model_that_was_idle_has_no_claim_on_the_past(clock):
    pool, busy, late = Pool(0, clock), Doubling("busy", max_rows=1), Doubling("late", max_rows=1)
    for model in (busy, late):
        model.before = lambda: setattr(clock, "now", clock.now + 1.0)
    for _ in range(30):
        pool.submit(busy.work())
    for _ in range(20):
        pool.run_one()
    for _ in range(10):
        pool.submit(late.work())
    for _ in range(10):
        pool.run_one()
    assert 4 <= len(late.batches) <= 6


def test_a_request_that_fails_takes_no_other_with_it(clock):
    class Picky(Doubling):
        def compute(self, works):
            if any((work.arrays[0] < 0).any() for work in works):
                raise ArithmeticError("less than nothing")
            return super().compute(works)

    pool, model = Pool(0, clock), Picky()
    works = [model.work(value=value) for value in (1.0, -1.0, 2.0)]
    for work in works:
        pool.submit(work)
    pool.run_one()
    assert [work.error is None for work in works] == [True, False, True]
    with pytest.raises(Failed, match="ArithmeticError: less than nothing"):
        works[1].result()
    assert model.users == 0


def test_one_model_can_be_computed_apart_from_the_others(clock):
    pool, one, other = Pool(0, clock), Doubling("one"), Doubling("other")
    pool.submit(other.work())
    pool.submit(one.work())
    assert pool.run_one(only=one) == 0.0 and pool.run_one(only=one) is None
    assert one.batches and not other.batches


def test_a_pool_that_stops_computes_what_waits_and_refuses_what_comes():
    pool, model = Pool(0), Doubling(timeout=60.0)
    work = model.work()
    pool.submit(work)
    pool.stop()
    assert work.result()
    with pytest.raises(Unavailable, match="ending"):
        pool.submit(model.work())
    assert model.users == 0


def test_what_cannot_be_computed_in_time_is_refused_at_the_end():
    stuck, go = threading.Event(), threading.Event()
    pool, model = Pool(1), Doubling(max_rows=1)
    model.before = lambda: (stuck.set(), go.wait())
    first, second = model.work(), model.work()
    pool.submit(first)
    stuck.wait()
    pool.submit(second)
    pool.stop(patience=0.01)
    with pytest.raises(Unavailable):
        second.result()
    go.set()


def test_many_threads_ask_and_each_gets_its_own():
    pool, model = Pool(3), Doubling(max_rows=8)
    wrong = []

    def ask(number):
        for turn in range(50):
            ended, value = Waiter(), float(number * 100 + turn)
            work = model.work(rows=1 + turn % 3, value=value, done=ended)
            pool.submit(work)
            ended.wait()
            if not (work.result()[0] == 2 * value).all():
                wrong.append(value)

    lock, leave = threading.Lock(), model.leave

    def counted():
        with lock:
            leave()

    model.leave = counted
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.stop()
    assert not wrong and sum(sum(batch) for batch in model.batches) == 8 * sum(1 + turn % 3 for turn in range(50))
    assert all(sum(batch) <= 8 for batch in model.batches)
    assert pool.waiting() == 0
