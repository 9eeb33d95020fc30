"""How `catch_up` runs: the device does to the rows that are named the steps that they missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.lowering import lowering
from kerasish.typing import TensorLike


@lowering("catch_up")
def lower_catch_up(node: Any, outputs: Sequence[Any], inputs: TensorLike, device: Any, kept: Any) -> Any:
    """The steps of the table's replayer."""
    rows = node.attributes["rows"]
    indices, scalars = inputs[0], inputs[1 + len(rows.variables) :]
    return rows.replayer.bind(outputs[0], indices, scalars)
