"""Random steps with calls of all ranks give the same compiled, by messages and in common memory, as a call at a time.

`exchanges.py SEED ROUNDS`, on several ranks. Three steps of a round run in turns, as models that train by turns do. All
numbers are small integers, so that no order of summing shows; ranks bring unequal rows, some none.
"""

import random
import sys
import time

import numpy as np

from kerasish import backend, ops
from kerasish.backend import Variable, ranks
from kerasish.backend.numpy import communication
from kerasish.backend.primitives import p

seed, rounds = int(sys.argv[1]), int(sys.argv[2])
world = ranks.start(timeout=60.0)
rank, size, common = world.rank, world.size, world.common
WAYS = {
    "one by one": (None, 2),
    "messages": (None, 2),
    "added while read": (common, 4),
    "added up by parts": (common, 1),
}


class Step:
    """A step that a seed draws: the same on every rank.

    Values are of three kinds: `squares` (width, width), `own` (this rank's rows, width), `every` (those of all ranks).
    """

    def __init__(self, seed):
        self.seed, draw = seed, np.random.default_rng(seed)
        self.width = int(draw.choice([1, 3, 4, 16, 20]))
        rows = tuple(int(count) for count in draw.integers(0 if draw.random() < 0.3 else 1, 5, size))
        self.rows = rows if any(rows) else (1,) * size
        dtypes = ["float64" if draw.random() < 0.3 else "float32" for _ in range(draw.integers(1, 5))]
        shape = (self.width, self.width)
        self.variables = [Variable(draw.integers(-3, 4, shape), dtype=dtype) for dtype in dtypes]
        self.compiled = backend.function(self.run)

    def run(self, own, square):
        self._draw = np.random.default_rng(self.seed + 1)
        self._squares, self._own, self._every, outputs = [square, *(v.value for v in self.variables)], [own], [], []
        for _ in range(self._draw.integers(4, 22)):
            self._grow()
        for variable in self.variables:
            value = self._updated(variable)
            if value is not None:
                variable.assign(tame(ops.cast(value, variable.dtype)))
        for values in (self._squares, self._squares, self._own, self._every):
            outputs += [self._one(values)] if values else []
        return outputs

    def _one(self, values):
        return values[self._draw.integers(len(values))]

    def _float(self, values):
        return ops.cast(self._one(values), "float32")

    def _grow(self):
        """One value more."""
        squares, own, every, where = self._squares, self._own, self._every, {"rows": self.rows, "rank": rank}
        kind = self._draw.integers(13)
        if kind < 2:
            squares.append(p.all_reduce(tame(self._one(squares))))
        elif kind == 2:
            squares.append(p.all_reduce(self._one(squares), op=("max", "min")[self._draw.integers(2)]))
        elif kind == 3:
            squares.append(p.all_reduce(p.all_reduce(tame(self._one(squares)))))
        elif kind == 4:
            every.append(p.all_gather(self._one(own), **where))
        elif kind == 5 and every:
            own.append(tame(p.reduce_scatter(self._one(every), **where)))
        elif kind == 6 and every:
            every.append(tame(self._float(every) * 2))
        elif kind == 7:
            squares.append(tame(self._float(squares) + self._float(squares)))
        elif kind == 8:
            squares.append(ops.transpose(self._one(squares)))
        elif kind == 9:
            squares.append(tame(ops.matmul(self._float(squares), self._float(squares))))
        elif kind == 10:
            squares.append(tame(ops.matmul(ops.transpose(self._float(own)), self._float(own))))
        elif kind == 11:
            own.append(tame(ops.matmul(self._float(own), self._float(squares))))
        else:
            square, half = self._one(squares), self.width // 2
            squares.append(ops.concatenate([square[half:], square[:half]], axis=0))

    def _updated(self, variable):
        kind = self._draw.integers(5)
        if kind == 0:
            return self._one(self._squares)
        if kind < 3:
            return variable + ops.cast(p.all_reduce(tame(self._one(self._squares))), variable.dtype)
        return p.all_reduce(ops.cast(tame(self._one(self._squares)), variable.dtype)) if kind == 3 else None


def tame(x):
    """Numbers whose sums and products stay exact."""
    return ops.clip(x, -40.0, 40.0)


def given(seed, way):
    """What three steps give, in turns, and which calls of all ranks they make."""
    world.common, communication._ADDED_WHILE_READ = WAYS[way]
    steps, found = [Step(3 * seed + number) for number in range(3)], []
    for turn, number in enumerate(np.random.default_rng(seed).integers(0, 3, 8)):
        step, draw = steps[number], np.random.default_rng([seed, turn, rank])
        own = draw.integers(-3, 4, (step.rows[rank], step.width)).astype("float32")
        square = draw.integers(-3, 4, (step.width, step.width)).astype("float32")
        time.sleep(random.choice([0.0, 0.0, 0.002]))  # nobody is always first
        outputs = step.run(own, square) if way == "one by one" else step.compiled(own, square)
        found += [np.asarray(value) for value in [*outputs, *step.variables]]
    return found


for number in range(seed, seed + rounds):
    wanted = given(number, "one by one")
    for way in list(WAYS)[1:]:
        wrong = [place for place, (a, b) in enumerate(zip(wanted, given(number, way))) if not np.array_equal(a, b)]
        assert not any(world.gather(wrong)), f"round {number}, {way}: values {wrong} are others on rank {rank}"
