"""What a predict step gives, as arrays of the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import tree
from kerasish.backend.device import device
from kerasish.backend.function import Function
from kerasish.backend.texts import is_text
from kerasish.models.training.lazy_logs import fetched
from kerasish.models.training.text_steps import StepOnText
from kerasish.typing import Arrays


def outputs_on_host(function: Callable[..., Any], x: Arrays, *share: str) -> Any:
    """The outputs of a predict step as NumPy arrays.

    Args:
        function: the step.
        x: inputs of one batch.
        *share: the name of the share that the inputs are, where they are one.
    """
    outputs = function(x, None, None, *share)
    if not isinstance(function, Function):
        return tree.map_structure(_to_host, outputs)
    fetch = device().fetch if type(function) is not StepOnText else _to_host
    return tree.map_structure(fetch, outputs) if tree.is_nested(outputs) else fetch(outputs)


def _to_host(value):
    value = fetched(value)
    if is_text(value):
        return value
    return device().to_host(value) if not isinstance(value, float) and device().is_array(value) else value
