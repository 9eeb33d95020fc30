"""What the variables of one step share: scalars that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from kerasish import ops, tree
from kerasish.backend.float_formats import HALVES
from kerasish.backend.lowbits.widening import WIDE
from kerasish.optimizers.state import OptimizerState
from kerasish.typing import TensorLike


class StepSharing(OptimizerState):
    """The part of an `Optimizer` that remembers scalars for the length of a step."""

    _shared = None

    @contextmanager
    def _sharing(self):
        """A scope in which `once_a_step` remembers. What it holds belongs to one trace, and ends with the update."""
        outer, self._shared = self._shared, {}
        try:
            yield
        finally:
            self._shared = outer

    def once_a_step(self, compute: Callable[[Any, str], Any], learning_rate: TensorLike, dtype: str) -> Any:
        """Scalars that all variables of a dtype share, and that cost once a step.

        Args:
            compute: function of (learning_rate, dtype).
            learning_rate: scalar, the rate of this step.
            dtype: string, that of the variable.

        Returns:
            What `compute` returned when it was first called in this step.
        """
        if self._shared is None:
            return self._computed(compute, learning_rate, dtype)
        key = (compute.__name__, id(learning_rate), dtype)
        if key not in self._shared:
            found = self._computed(compute, learning_rate, dtype)
            self._shared[key] = found, learning_rate  # an id is good while its object lives
        return self._shared[key][0]

    @staticmethod
    def _computed(compute, learning_rate, dtype):
        """Scalars for half precision are worked out in float32: 0.999 is 1 in bfloat16, and 1 - 0.999 would be 0."""
        if dtype not in HALVES:
            return compute(learning_rate, dtype)
        found = compute(learning_rate, WIDE)
        return tree.map_structure(lambda scalar: ops.cast(scalar, dtype), found)
