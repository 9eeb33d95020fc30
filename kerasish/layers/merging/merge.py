"""`merge` of Keras 1."""

from __future__ import annotations

from typing import Any

from kerasish.backend import deprecation
from kerasish.layers.base.arguments import one_of
from kerasish.layers.merging.add import Add
from kerasish.layers.merging.average import Average
from kerasish.layers.merging.concatenate import Concatenate
from kerasish.layers.merging.dot import Dot
from kerasish.layers.merging.maximum import Maximum
from kerasish.layers.merging.multiply import Multiply
from kerasish.suggestions import suggesting
from kerasish.typing import Axis

_MODES = {"sum": Add, "mul": Multiply, "ave": Average, "max": Maximum, "concat": Concatenate, "dot": Dot, "cos": Dot}


@suggesting
def merge(inputs: Any, mode: str = "sum", concat_axis: Any = -1, dot_axes: Axis = -1, name: str | None = None) -> Any:
    """Keras 1's way to combine tensors; today there is a function (and a layer) for each mode.

    Args:
        inputs: list of tensors.
        mode: "sum", "mul", "ave", "max", "concat", "dot" or "cos".
        concat_axis: int, the axis of "concat".
        dot_axes: int or pair of ints, the axes of "dot" and "cos".
        name: string, by default the class name in snake_case, numbered.

    Raises:
        ValueError: for an unknown mode.

    >>> import kerasish as keras
    >>> keras.layers.merge([keras.ops.ones((1,)), keras.ops.ones((1,))], mode="sum").tolist()
    [2.0]
    """
    mode = one_of(mode, tuple(_MODES), "mode")
    cls = _MODES[mode]
    deprecation.warn_renamed(
        "keras.layers",
        f"merge(mode={mode!r})",
        f"keras.layers.{'dot(normalize=True)' if mode == 'cos' else cls.__name__.lower()}",
    )
    if cls is Concatenate:
        return Concatenate(axis=concat_axis, name=name)(inputs)
    if cls is Dot:
        return Dot(axes=dot_axes, normalize=mode == "cos", name=name)(inputs)
    return cls(name=name)(inputs)
