"""The CPU device of a Program that is drawn for another process."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.device import device
from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.device import NumpyDevice
from kerasish.backend.numpy.library import forms
from kerasish.backend.numpy.library.forms import elementwise
from kerasish.backend.numpy.library.loops import LOWERINGS
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.primitives import PRIMITIVES


class LibraryDevice(NumpyDevice):
    """Binds steps to memory of the blueprint that is drawn; nothing is run."""

    places_numbers = True
    lowerings = LOWERINGS
    most_calls = 200_000

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[int, Any] = {}

    def held(self, variable: Any) -> Any:
        """A copy of a Variable as it is now: what changes here later does not show there."""
        found = self._held.get(id(variable))
        if found is None:
            value = np.asarray(variable.numpy())
            found = self._held[id(variable)] = aligned.empty(value.shape, value.dtype)
            found[...] = value
        return found

    def to_host(self, array: Any) -> Any:
        return super().to_host(_here(array))

    def copy_into(self, target: Any, source: Any) -> None:
        super().copy_into(target, _here(source))

    def dtype_name(self, array: Any) -> Any:
        return super().dtype_name(_here(array))

    def bind(self, name: str, out: Any, inputs: Any, attributes: dict[str, Any]) -> Any:
        """The native steps of a call; where there are none, what `draw` will refuse."""
        bound = super().bind(name, out, inputs, attributes)
        steps = bound if isinstance(bound, list) else [bound]
        if all(isinstance(step, NativeStep) for step in steps):
            return bound
        made = forms.make(name, out, inputs, attributes)
        if made is None and name in PRIMITIVES:
            made = elementwise.alone(name, out, inputs, attributes, self.dtype_name)
        return bound if made is None else made

    def assemble(self, steps: Any) -> Any:
        """Nothing: the steps are walked elsewhere."""
        return lambda: None


def _here(array):
    """An array of NumPy's; a constant may be one of the device that the model computes on."""
    return array if isinstance(array, (np.ndarray, np.generic)) else device().to_host(array)
