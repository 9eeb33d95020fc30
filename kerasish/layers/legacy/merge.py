"""Merge and `merge`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish import ops, tree
from kerasish.backend import deprecation
from kerasish.backend.fixed_arrays import fixed
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.arguments import one_of
from kerasish.layers.base.layer import Layer
from kerasish.layers.merging.add import Add
from kerasish.layers.merging.average import Average
from kerasish.layers.merging.concatenate import Concatenate
from kerasish.layers.merging.dot import Dot
from kerasish.layers.merging.maximum import Maximum
from kerasish.layers.merging.multiply import Multiply
from kerasish.suggestions import suggesting
from kerasish.typing import Axis, Config, CustomObjects, ShapeLike

_TODAY = {
    "sum": "add",
    "mul": "multiply",
    "concat": "concatenate",
    "ave": "average",
    "cos": "dot(normalize=True)",
    "dot": "dot",
    "max": "maximum",
}


class Merge(Layer):
    """A layer of Keras 1: several tensors made one, or the outputs of several models made one.

    Today there is a layer for each mode: Add, Multiply, Concatenate, Average, Dot, Maximum; and Lambda for a function.

    Args:
        layers: list of layers or models, or None. With it, the layer is called on the inputs of all of them, in one
            list, and merges their outputs: so it can be the first of a Sequential.
        mode: "sum", "mul", "concat", "ave", "cos", "dot", "max", or a function of the list of tensors.
        concat_axis: int, the axis of "concat".
        dot_axes: int or pair of ints, the axes of "dot" and "cos".
        output_shape: shape without the batch, or a function of the shapes; accepted, for the shape is found by tracing.
        output_mask: function of the list of masks (each may be None), or a mask; where `mode` is a function. None for
            no mask.
        arguments: dict of further keyword arguments of the function `mode`.
        node_indices: list of ints or None; accepted, as the layers are called here.
        tensor_indices: list of ints or None: which output of each of the `layers` is taken.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: for an unknown mode, or fewer than two layers.

    >>> import kerasish as keras
    >>> keras.layers.Merge(mode="mul")([keras.ops.full((1, 2), 3.0), keras.ops.full((1, 2), 2.0)]).tolist()
    [[6.0, 6.0]]
    """

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        mode: str | Callable[..., Any] = "sum",
        concat_axis: int = -1,
        dot_axes: Axis = -1,
        output_shape: ShapeLike | Callable[..., Any] | None = None,
        output_mask: Any = None,
        arguments: Any = None,
        node_indices: Sequence[int] | None = None,
        tensor_indices: Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if layers is not None and (not isinstance(layers, (list, tuple)) or len(layers) < 2):
            raise ValueError(f"`layers` must be a list of two or more layers, got {layers!r}.")
        self.mode: Any = mode if callable(mode) else one_of(mode, tuple(_TODAY), "mode")
        self.layers: list[Layer] | None = None if layers is None else list(layers)
        self.concat_axis: int = concat_axis
        self.dot_axes: Any = dot_axes
        self.output_mask: Any = output_mask
        self.arguments: dict[str, Any] = fixed(dict(arguments or {}))
        self.node_indices: Any = node_indices
        self.tensor_indices: Any = tensor_indices
        self._output_shape = output_shape
        self._merged = None if callable(mode) else _layer_of(self.mode, concat_axis, dot_axes)
        self.supports_masking = True

    def build(self, input_shape: ShapeLike) -> None:
        """There is nothing to make: the layers inside make their own weights when they are called."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        tensors = list(inputs) if self.layers is None else self._branches(list(inputs))
        if self._merged is None:
            return self.mode(tensors, **self.arguments)
        merged = self._merged(tensors)
        return ops.expand_dims(merged, 1) if self.mode == "cos" else merged

    def _branches(self, inputs):
        """The outputs of the layers, each called on its share of the inputs."""
        wanted = [len(tree.flatten(getattr(layer, "inputs", None) or [None])) for layer in self.layers]
        if len(inputs) != sum(wanted):
            raise ValueError(
                f"The layer {self.name!r} (Merge) takes {sum(wanted)} inputs, those of its {len(self.layers)} layers "
                f"in one list; it received {len(inputs)}."
            )
        outputs, start = [], 0
        for index, (layer, count) in enumerate(zip(self.layers, wanted)):
            share = inputs[start : start + count]
            found = tree.flatten(layer(share[0] if count == 1 else share))
            outputs.append(found[self.tensor_indices[index] if self.tensor_indices else 0])
            start += count
        return outputs

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """What `output_mask` says for a function; else what the layer of today says."""
        if self._merged is not None:
            of_inputs = self.layers is None and self.mode != "cos"
            return self._merged.compute_mask(inputs, mask) if of_inputs else None
        return self.output_mask(mask) if callable(self.output_mask) else self.output_mask

    def get_config(self) -> Config:
        config = {**super().get_config(), "mode": self.mode, "output_shape": self._output_shape}
        names = ("concat_axis", "dot_axes", "output_mask", "arguments", "node_indices", "tensor_indices", "layers")
        config.update({name: getattr(self, name) for name in names})
        return {key: serialize_keras_object(value) for key, value in config.items()}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None, safe_mode: bool | None = None) -> Any:
        made = {
            key: deserialize_keras_object(value, custom_objects, safe_mode=safe_mode is not False)
            if isinstance(value, (dict, list)) and key != "dtype"
            else value
            for key, value in config.items()
        }
        return super().from_config(made)


def _layer_of(mode, concat_axis, dot_axes, name=None):
    """The layer of today that does what a mode did (but for the axis that "cos" added)."""
    if mode == "concat":
        return Concatenate(axis=concat_axis, name=name)
    if mode in ("dot", "cos"):
        axes = dot_axes
        if isinstance(axes, (list, tuple)):  # Keras 1 took lists of axes, too
            axes = tuple(axis[0] if isinstance(axis, (list, tuple)) else axis for axis in axes)
        return Dot(axes=axes, normalize=mode == "cos", name=name)
    return {"sum": Add, "mul": Multiply, "ave": Average, "max": Maximum}[mode](name=name)


@suggesting
def merge(
    inputs: Any,
    mode: str | Callable[..., Any] = "sum",
    concat_axis: int = -1,
    dot_axes: Axis = -1,
    output_shape: ShapeLike | Callable[..., Any] | None = None,
    output_mask: Any = None,
    arguments: Any = None,
    name: str | None = None,
) -> Any:
    """Keras 1's way to combine tensors; today there is a function (and a layer) for each mode.

    Args:
        inputs: list of tensors.
        mode: "sum", "mul", "ave", "max", "concat", "dot" or "cos", or a function of the list of tensors.
        concat_axis: int, the axis of "concat".
        dot_axes: int or pair of ints, the axes of "dot" and "cos".
        output_shape: shape without the batch, or a function of the shapes; accepted, for the shape is found by tracing.
        output_mask: function of the list of masks, or a mask; where `mode` is a function.
        arguments: dict of further keyword arguments of the function `mode`.
        name: string, by default the class name in snake_case, numbered.

    Raises:
        ValueError: for an unknown mode.

    >>> import kerasish as keras
    >>> keras.layers.merge([keras.ops.ones((1,)), keras.ops.ones((1,))], mode="sum").tolist()
    [2.0]
    """
    if callable(mode):
        return Merge(None, mode, concat_axis, dot_axes, output_shape, output_mask, arguments, name=name)(inputs)
    mode = one_of(mode, tuple(_TODAY), "mode")
    deprecation.warn_renamed("keras.layers", f"merge(mode={mode!r})", f"keras.layers.{_TODAY[mode]}")
    if mode == "cos":
        return Merge(None, mode, dot_axes=dot_axes, name=name)(inputs)
    return _layer_of(mode, concat_axis, dot_axes, name)(inputs)
