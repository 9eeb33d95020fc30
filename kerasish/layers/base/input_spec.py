"""InputSpec: what a layer demands of its inputs, checked before it runs."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.sizes import unlike
from kerasish.suggestions import suggesting
from kerasish.typing import Axis, Config, DTypeLike, ShapeLike


class InputSpec:
    """Rank, shape and dtype that an input must have; a field that is None demands nothing.

    Args:
        dtype: string, the dtype.
        shape: tuple with None for free sizes.
        ndim: int, the number of axes.
        max_ndim: int, the largest number of axes.
        min_ndim: int, the smallest number of axes.
        axes: dict from axis to size.
        allow_last_axis_squeeze: whether a last axis of size 1 may be missing or extra.
        name: string, the key of the input in a dict of inputs.
        optional: whether the input may be None.

    >>> import kerasish as keras
    >>> keras.layers.InputSpec(min_ndim=2, axes={-1: 8})
    InputSpec(min_ndim=2, axes={-1: 8})
    """

    @suggesting
    def __init__(
        self,
        dtype: DTypeLike | None = None,
        shape: ShapeLike | None = None,
        ndim: int | None = None,
        max_ndim: Any = None,
        min_ndim: Any = None,
        axes: Axis = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype: str | None = standardize_dtype(dtype) if dtype is not None else None
        self.shape: tuple[int | None, ...] | None = tuple(shape) if shape is not None else None
        self.ndim: int | None = len(self.shape) if shape is not None else ndim
        self.max_ndim: int | None = max_ndim
        self.min_ndim: int | None = min_ndim
        self.name: str = name
        self.optional: bool = optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        if axes is not None and not isinstance(axes, dict):
            raise TypeError(f"`axes` must be a dict from axis to size, got {axes!r}.")
        self.axes: dict[int, Any] = {int(k): v for k, v in (axes or {}).items()}
        rank = self.ndim if self.ndim is not None else max_ndim
        if rank is not None and self.axes and max(self.axes) > rank - 1:
            raise ValueError(f"`axes` names axis {max(self.axes)}, but the input has at most {rank} axes.")

    def get_config(self) -> Config:
        """The fields as a dict."""
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """The InputSpec that `get_config` describes."""
        return cls(**config)

    def __repr__(self) -> str:
        fields = {k: v for k, v in self.get_config().items() if v not in (None, {})}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in fields.items())})"


def check_inputs(specs: Any, inputs: Any, layer_name: str) -> None:
    """Raise ValueError when `inputs` do not meet `specs`.

    It names the layer, what it expects and the shape that came.
    """
    if not specs:
        return
    if isinstance(specs, dict) and isinstance(inputs, dict):
        missing = [key for key in specs if key not in inputs]
        if missing:
            raise ValueError(
                f"Layer {layer_name!r} expects the inputs {sorted(specs)}, but {missing} are missing; got "
                f"{sorted(inputs)}."
            )
        pairs = [(specs[key], inputs[key]) for key in specs]
    else:
        flat_specs, values = tree.flatten(specs), tree.flatten(inputs)
        if len(flat_specs) != len(values):
            raise ValueError(
                f"Layer {layer_name!r} expects {len(flat_specs)} input(s), but it received {len(values)}: "
                f"{_shapes(values)}."
            )
        pairs = list(zip(flat_specs, values))
    for index, (spec, value) in enumerate(pairs):
        problem = _mismatch(spec, value)
        if problem:
            raise ValueError(f"Input {index} of layer {layer_name!r} is incompatible with the layer: {problem}.")


def _shapes(values):
    return ", ".join(str(tuple(v.shape)) if hasattr(v, "shape") else type(v).__name__ for v in values)


def _mismatch(spec, value):
    """What is wrong with `value`, in words, or None."""
    if spec is None or value is None and spec.optional:
        return None
    if not hasattr(value, "shape"):
        return f"expected a tensor, got {value!r}"
    shape = tuple(value.shape)
    full = f"; full shape received: {shape}"
    if spec.ndim is not None and len(shape) != spec.ndim and not _squeezable(spec, shape):
        return f"expected ndim={spec.ndim}, found ndim={len(shape)}{full}"
    if spec.max_ndim is not None and len(shape) > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={len(shape)}{full}"
    if spec.min_ndim is not None and len(shape) < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={len(shape)}{full}"
    if spec.dtype is not None and standardize_dtype(value.dtype) != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={standardize_dtype(value.dtype)}"
    for axis, size in spec.axes.items():
        if unlike(shape[axis], size):
            return f"expected axis {axis} of input shape to have value {size}, but received input with shape {shape}"
    if spec.shape is not None and not _squeezable(spec, shape):
        if any(map(unlike, spec.shape, shape)):
            return f"expected shape={spec.shape}, found shape={shape}"
    return None


def _squeezable(spec, shape):
    """Whether the shapes differ by a last axis of size 1 that may come or go."""
    if not spec.allow_last_axis_squeeze or spec.shape is None:
        return False
    return (
        shape == spec.shape[:-1] and spec.shape[-1] == 1 or shape[:-1] == spec.shape and bool(shape) and shape[-1] == 1
    )
