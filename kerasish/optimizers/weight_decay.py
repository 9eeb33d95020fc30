"""Weight decay: which variables shrink before each step, and by how much."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import Variable
from kerasish.optimizers.sharing import StepSharing


class WeightDecay(StepSharing):
    """The part of an `Optimizer` that shrinks the variables."""

    _undecayed, _undecayed_names = frozenset(), None

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Name variables that `weight_decay` leaves alone; call it before the first step.

        Args:
            var_list: list of Variables.
            var_names: list of strings; a variable is left alone when one of them, as a regular expression, is found in
                its name.

        Example:
            >>> import kerasish as keras
            >>> optimizer = keras.optimizers.AdamW(weight_decay=0.01)
            >>> optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        self._undecayed = frozenset(var_list or ())
        self._undecayed_names = re.compile("|".join(var_names)) if var_names else None

    def _use_weight_decay(self, variable):
        named = self._undecayed_names is not None and self._undecayed_names.search(variable.name)
        return variable not in self._undecayed and not named

    def _apply_weight_decay(self, variables):
        for variable in variables if self.weight_decay is not None else ():
            if self._use_weight_decay(variable):
                self._decay(variable, self.once_a_step(self._decay_rate, None, variable.dtype))

    def _decay_rate(self, _, dtype):
        return ops.multiply(ops.cast(self.learning_rate, dtype), self.weight_decay)

    def _decay(self, variable, rate):
        # Not variable * (1 - rate): next to 1, a small rate would lose most of its digits.
        self.assign_sub(variable, ops.multiply(variable, rate))
