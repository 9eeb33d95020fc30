"""What layers share that compute on the host: on text, and on numbers by tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.host import host_call
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.sizes import Size, unknown_beside
from kerasish.backend.texts import holds_text, is_text, text_array
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.ops import convert_to_numpy, convert_to_tensor
from kerasish.typing import DTypeLike, Shape


class HostLayer(DataLayer):
    """A layer that computes in Python on the host.

    It takes strings and lists as well as arrays. In a model's graph what lies between text and such layers is computed
    on each batch before the compiled step; numbers reach them within it.
    """

    runs_on_host = True

    def _taken(self, inputs):
        return on_host(inputs, f"inputs of {self.name!r}")


def on_host(inputs: Any, name: str) -> Any:
    """Strings, lists and what other libraries hold as host arrays; symbolic tensors stay.

    Args:
        inputs: one tensor, array, scalar or nested list.
        name: what it is, for messages.

    Raises:
        ValueError: for text among numbers, missing values, and lists whose rows differ in length.
    """
    if isinstance(inputs, Tensor):
        return inputs
    if holds_text(inputs) or is_text(inputs):
        return text_array(inputs, name)
    if hasattr(inputs, "to_numpy"):
        return inputs.to_numpy()
    return inputs if hasattr(inputs, "dtype") else convert_to_tensor(inputs)


def applied(function: Callable[..., Any], inputs: list[Any], shape: Shape, dtype: DTypeLike) -> Any:
    """`function(*arrays)`, a host function, on values or as a part of what is being traced.

    Args:
        function: takes host arrays, returns one of `shape` and `dtype`.
        inputs: list of tensors or arrays.
        shape, dtype: of the result; the shape only matters while tracing.
    """
    if any(isinstance(x, Tensor) and not x.has_value for x in inputs):
        name = getattr(function, "__qualname__", "host function")
        spec = Spec(_with_sizes(shape, inputs), dtype)
        return host_call(*inputs, function=function, specs=lambda *_: spec, name=name)
    return function(*[x if is_text(x) else convert_to_numpy(x) for x in inputs])


def _with_sizes(shape, inputs):
    """A shape with a new Size for each axis that only the values tell."""
    known = next((size for x in inputs for size in x.shape if type(size) is Size), None)
    if known is None or None not in shape:
        return tuple(shape)
    return tuple(
        unknown_beside(known, f"tokens[{axis}]", "the number of tokens") if size is None else size
        for axis, size in enumerate(shape)
    )
