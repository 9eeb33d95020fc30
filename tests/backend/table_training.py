"""A table of which each step touches some rows, in training: on whatever device is in use."""

import numpy as np

from kerasish import backend, ops
from kerasish.backend.autodiff import gradients
from tests.backend.reading import host

LOOKUPS = 20


class Trained:
    """A table, its optimizer and a step, after `steps`; the gradients do not depend on the table.

    Args:
        optimizer: function that makes one. steps, rows, width: ints. dtype: string, of the indices, which repeat.
            negative: bool, whether some are.
        look: function `look(table, optimizer, i)` that is called behind step i, or None.
    """

    def __init__(self, optimizer, steps, rows, width, dtype="int32", negative=False, look=None):
        random = np.random.default_rng(0)
        self.table = backend.Variable(random.standard_normal((rows, width)).astype("float32"), name="table")
        self.optimizer = optimizer()
        self.optimizer.build([self.table])
        self.function = backend.Function(self._step)
        for i in range(steps):
            indices = (np.minimum(random.zipf(1.2, LOOKUPS), rows) - 1).astype(dtype)
            if negative:
                indices[::7] -= rows
            scale = 10.0 ** random.uniform(-4, 2, (LOOKUPS, 1))
            weights = (random.normal(size=(LOOKUPS, width)) * scale).astype("float32")
            self.function(indices, weights)
            if look is not None:
                look(self.table, self.optimizer, i)
        program = self.function.program(indices, weights)
        self.launch = program.launch
        are_behind = type(backend.device()).replayer is not None
        assert ({"catch_up", "put_rows"} <= set(program.names)) is are_behind

    def _step(self, indices, weights):
        taken = ops.take(self.table, indices, axis=0)
        gradient = gradients(ops.sum(taken * weights), [self.table.read()])[0]
        self.optimizer.apply([gradient], [self.table])

    @property
    def state(self):
        """The numbers of the table and its slots."""
        return [host(variable) for variable in (self.table, *self.optimizer.variables)]


def assert_equal(found, wanted, rtol=1e-5):
    """Equal but for rounding, which is that of the largest number of a row."""
    for x, y in zip(found, wanted):
        size = np.abs(y).max(axis=-1, keepdims=True) if y.ndim > 1 else np.abs(y)
        assert (np.abs(x.astype("float64") - y) <= rtol * size + 1e-30).all()
