"""What the variables of one step share: scalars that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

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
            return compute(learning_rate, dtype)
        key = (compute.__name__, id(learning_rate), dtype)
        if key not in self._shared:
            self._shared[key] = compute(learning_rate, dtype), learning_rate  # an id is good while its object lives
        return self._shared[key][0]
