"""The requests that wait for one version of a model, and which of them make the next batch."""

from __future__ import annotations

from collections import OrderedDict, deque

from kerasish.serving.heart.work import Work
from kerasish.serving.refusals import Busy, TooLate


class BatchQueue:
    """A bounded queue that gives batches. It has no lock and no clock: the Pool has both.

    Rows of different shapes (sentences of different lengths) make different batches.

    Args:
        max_rows: int, rows of a batch. timeout: float, seconds that the first of a batch waits for others.
        capacity: int, rows that may wait.

    Attributes:
        waiting: int, rows that wait.
        spent: float, seconds of computing that its model has had: the Pool's measure of what is fair.
    """

    def __init__(self, max_rows: int, timeout: float, capacity: int) -> None:
        self.max_rows, self.timeout, self.capacity = max_rows, timeout, capacity
        self.waiting, self.spent = 0, 0.0
        self._groups: OrderedDict[object, deque[Work]] = OrderedDict()
        self._rows: dict[object, int] = {}

    def put(self, work: Work, now: float) -> None:
        """Add a request.

        Raises:
            Busy: where too many rows wait already. A single request is never too large for an empty queue.
        """
        if self.waiting and self.waiting + work.rows > self.capacity:
            raise Busy(
                f"{self.waiting} rows wait for the model already (max_queued_rows is {self.capacity}): try again later."
            )
        work.arrived = now
        group = self._groups.get(work.shapes)
        if group is None:
            group = self._groups[work.shapes] = deque()
            self._rows[work.shapes] = 0
        group.append(work)
        self._rows[work.shapes] += work.rows
        self.waiting += work.rows

    def due(self, hurried: bool = False) -> float | None:
        """When the next batch should run; None where nothing waits. What is full is due since it began to wait.

        Args:
            hurried: whether nobody waits for others any more.
        """
        times = [
            group[0].arrived + (0.0 if hurried or self._rows[shapes] >= self.max_rows else self.timeout)
            for shapes, group in self._groups.items()
        ]
        return min(times, default=None)

    def take(self, now: float) -> list[Work]:
        """The requests of the batch that is due first, in the order in which they came.

        Requests whose deadline has passed end here, without costing anything. A request of more rows than a batch is
        taken alone.
        """
        shapes = min(self._groups, key=lambda key: self._groups[key][0].arrived, default=None)
        if self.timeout and shapes is not None:
            full = [key for key in self._groups if self._rows[key] >= self.max_rows]
            shapes = full[0] if full and self._groups[shapes][0].arrived + self.timeout > now else shapes
        batch: list[Work] = []
        late: list[Work] = []
        rows = 0
        group = self._groups.get(shapes, ())
        while group and (not batch or rows + group[0].rows <= self.max_rows):
            work = group.popleft()
            self._rows[shapes] -= work.rows
            self.waiting -= work.rows
            if work.deadline < now:
                late.append(work)
            else:
                batch.append(work)
                rows += work.rows
        if shapes is not None and not group:
            del self._groups[shapes], self._rows[shapes]
        for work in late:
            waited = now - work.arrived
            work.finish(None, TooLate(f"The deadline passed while the request waited for {waited:.3f} s."))
        return batch

    def drop(self) -> list[Work]:
        """All that waits, which nobody will compute."""
        left = [work for group in self._groups.values() for work in group]
        self._groups.clear()
        self._rows.clear()
        self.waiting = 0
        return left
