"""Bidirectional."""

from __future__ import annotations

from typing import Any

from kerasish import ops, tree
from kerasish.backend.graph import Tensor
from kerasish.backend.masks import get_keras_mask
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.ops.convert import dtype_of
from kerasish.typing import Config, CustomObjects, ShapeLike, TensorLike

_ALIKE = ("stateful", "return_sequences", "return_state")
_MERGE = {
    "concat": lambda a, b: ops.concatenate([a, b], axis=-1),
    "sum": ops.add,
    "mul": ops.multiply,
    "ave": lambda a, b: ops.divide(ops.add(a, b), 2),
}


class Bidirectional(Layer):
    """A recurrent layer that goes through the sequence in both directions, and joins what it finds.

    Args:
        layer: a recurrent layer, of which one is made for each direction.
        merge_mode: "concat", "sum", "mul", "ave", or None to return both outputs.
        weights: list of initial weights (arrays), or None.
        backward_layer: the layer for the other direction, or None for one like `layer`.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        sequences: tensor (batch, steps, features).
        initial_state: list of tensors (batch, units), the states to begin with; None for zeros (or the last ones,
            where `stateful`).
        mask: bool tensor (batch, steps): where it is False a step leaves the states as they are.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Returns:
        The merged outputs (outputs of all steps are in the order of the inputs), and the states of both with
        `return_state`.

    Raises:
        ValueError: for a layer that is no recurrent one, an unknown `merge_mode`, two layers that don't fit
            together.

    Reference:
        Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.

    >>> import kerasish as keras
    >>> keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True))(keras.ops.ones((2, 5, 4))).shape
    (2, 5, 6)
    """

    def __init__(
        self, layer: Any, merge_mode: str = "concat", weights: Any = None, backward_layer: Any = None, **kwargs: Any
    ) -> None:
        for name, value in (("layer", layer), ("backward_layer", backward_layer)):
            if (value is not None or name == "layer") and (
                not isinstance(value, Layer) or not hasattr(value, "go_backwards")
            ):
                raise ValueError(
                    f"`{name}` must be a recurrent layer (an object with `go_backwards`, not a class), got {value!r}."
                )
        if merge_mode is not None and merge_mode not in _MERGE:
            raise ValueError(f"`merge_mode` must be one of {', '.join(map(repr, _MERGE))} or None, got {merge_mode!r}.")
        super().__init__(**kwargs)
        name = layer.name.removeprefix("forward_").removeprefix("backward_")
        self.forward_layer = _copy(layer, name=f"forward_{name}")
        self.backward_layer: Any = backward_layer or _copy(
            layer, name=f"backward_{name}", go_backwards=not layer.go_backwards
        )
        self._check_pair()
        for one in (
            self.forward_layer,
            self.backward_layer,
        ):  # as in Keras: a masked step has no output in either direction, not an old one in one
            if hasattr(one, "zero_output_for_mask"):
                one.zero_output_for_mask = one.return_sequences
        self.merge_mode = merge_mode
        self.stateful, self.return_sequences, self.return_state = (getattr(layer, attribute) for attribute in _ALIKE)
        self.input_spec: Any = layer.input_spec if layer.input_spec is not None else InputSpec(min_ndim=3)
        self.supports_masking = True
        if weights is not None:
            self._old_arguments["weights"] = list(weights)

    def _check_pair(self):
        one, other = self.forward_layer, self.backward_layer
        if one.go_backwards == other.go_backwards:
            raise ValueError(
                f"`backward_layer` must go the other way than `layer`: both have go_backwards={one.go_backwards}."
            )
        for attribute in _ALIKE:
            if getattr(one, attribute) != getattr(other, attribute):
                raise ValueError(
                    f"`layer` and `backward_layer` must have the same `{attribute}`, got {getattr(one, attribute)} "
                    f"and {getattr(other, attribute)}."
                )

    def build(self, sequences_shape: ShapeLike, initial_state_shape: ShapeLike | None = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
                layer.built = True

    # -- states -------------------------------------------------------------------------------------------------

    @property
    def states(self) -> Any:
        """The states that a stateful layer keeps: those of the forward and then of the backward layer.

        None where there are none.
        """
        kept = (self.forward_layer.states, self.backward_layer.states)
        return None if None in kept else (*kept[0], *kept[1])

    def reset_states(self) -> None:
        """As `reset_state`."""
        self.reset_state()

    def reset_state(self) -> None:
        """Set the states that stateful layers keep to 0."""
        if not self.stateful:
            raise ValueError(f"{self.name!r} keeps no states to reset. Make its layer with stateful=True.")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def _halves(self, states):
        """Initial states of either direction, or Nones."""
        if states is None:
            return None, None
        states = list(states) if tree.is_nested(states) else [states]
        if len(states) % 2 or not states:
            raise ValueError(
                f"`initial_state` of {self.name!r} must hold the states of the forward and of the backward layer, got "
                f"{len(states)} values."
            )
        return states[: len(states) // 2], states[len(states) // 2 :]

    # -- calling ------------------------------------------------------------------------------------------------

    def call(
        self, sequences: TensorLike, initial_state: Any = None, mask: Any = None, training: bool | None = None
    ) -> Any:
        given = {} if mask is None else {"mask": mask}
        found = []
        for layer, states in zip((self.forward_layer, self.backward_layer), self._halves(initial_state)):
            more = {} if states is None else {"initial_state": states}
            takes = call_signature(type(layer).call)
            if takes.takes_training and training is not None:
                more["training"] = training
            outputs = layer(sequences, **more, **(given if takes.takes_mask else {}))
            outputs = tree.map_structure(self._in_own_dtype, outputs)
            found.append((outputs[0], list(outputs[1:])) if self.return_state else (outputs, []))
        (y, states), (y_back, states_back) = found
        if self.return_sequences:
            y_back = ops.flip(y_back, axis=1)
        merged = (y, y_back) if self.merge_mode is None else (_MERGE[self.merge_mode](y, y_back),)
        if self.return_state:
            return (*merged, *states, *states_back)
        return merged if self.merge_mode is None else merged[0]

    def _in_own_dtype(self, output):
        """The layers inside may compute in another type than this one."""
        return output if dtype_of(output) == self.compute_dtype else ops.cast(output, self.compute_dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        mask = tree.flatten(previous_mask)[0] if previous_mask is not None and self.return_sequences else None
        return (mask, mask) if self.merge_mode is None else mask

    def compute_output_shape(self, sequences_shape: ShapeLike, initial_state_shape: ShapeLike | None = None) -> Any:
        shapes = [layer.compute_output_shape(sequences_shape) for layer in (self.forward_layer, self.backward_layer)]
        (y, states), (y_back, states_back) = [
            (s[0], list(s[1:])) if self.return_state else (tuple(s), []) for s in shapes
        ]
        if self.merge_mode == "concat":
            merged = ((*y[:-1], y[-1] + y_back[-1]),)
        else:
            merged = (y, y_back) if self.merge_mode is None else (y,)
        if self.return_state:
            return (*merged, *states, *states_back)
        return merged if self.merge_mode is None else merged[0]

    def compute_output_spec(
        self, sequences: TensorLike, initial_state: Any = None, mask: Any = None, training: bool | None = None
    ) -> Any:
        for layer, states in zip((self.forward_layer, self.backward_layer), self._halves(initial_state)):
            layer.compute_output_spec(sequences, initial_state=states, mask=mask)  # it checks what it is given
        shapes = self.compute_output_shape(tuple(sequences.shape))
        specs = tree.map_shape_structure(lambda shape: Tensor(tuple(shape), self.compute_dtype), shapes)
        mask = self.compute_mask(sequences, get_keras_mask(sequences) if mask is None else mask)
        for spec, found in zip(tree.flatten(specs), tree.flatten(mask)):
            if found is not None:
                spec._keras_mask = found
        return specs

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> Config:
        layers = {
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
        }
        return {**super().get_config(), "merge_mode": self.merge_mode, **layers}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        config = dict(config)
        config.pop("num_constants", None)  # of Keras 2's files
        layers = {
            name: deserialize_keras_object(config.pop(name), custom_objects=custom_objects)
            for name in ("layer", "backward_layer")
            if config.get(name)
        }
        return cls(**layers, **config)


def _copy(layer, **changes):
    """An unbuilt layer like `layer`."""
    return type(layer).from_config({**layer.get_config(), **changes})
