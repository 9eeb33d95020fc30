"""RNN."""

from __future__ import annotations

from typing import Any

from kerasish import ops, tree
from kerasish.backend.graph import Tensor
from kerasish.backend.masks import get_keras_mask
from kerasish.backend.sizes import shown, unlike
from kerasish.backend.variable import Variable, assign_all
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.layers.rnn.over_time import over_time
from kerasish.layers.rnn.stacked_rnn_cells import StackedRNNCells, initial_state, output_size
from kerasish.typing import Config, CustomObjects, ShapeLike, TensorLike


class RNN(Layer):
    """A cell applied to the steps of a sequence, one after the other.

    Args:
        cell: a layer with `call(inputs, states)` -> (output, new states) and `state_size` (an int or a list of
            ints; `output_size` and `get_initial_state(batch_size)` are optional), or a list of such cells, which
            are stacked.
        return_sequences: whether to return the outputs of all steps or of the last.
        return_state: whether to return the final states as well.
        go_backwards: whether to go from the last step to the first; the outputs are in that order then.
        stateful: whether the final states are the initial states of the next batch; the batch size must be known
            then. See `reset_states`.
        unroll: accepted for what it asks of the inputs (a known number of steps); the loop runs the same way.
        zero_output_for_mask: whether the output of a masked step is 0; else it is that of the step before.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        sequences: tensor (batch, steps, features).
        initial_state: list of tensors (batch, units), the states to begin with; None for zeros (or the last ones,
            where `stateful`).
        mask: bool tensor (batch, steps): where it is False a step leaves the states as they are.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Returns:
        (batch, units) or, with `return_sequences`, (batch, steps, units); a tuple of it and the states with
        `return_state`.

    Raises:
        ValueError: for a `cell` that is none, an unknown batch size in a stateful layer, states that do not fit.

    >>> import kerasish as keras
    >>> keras.layers.RNN([keras.layers.LSTMCell(4), keras.layers.GRUCell(3)])(keras.ops.ones((2, 5, 6))).shape
    (2, 3)
    """

    _untracked = Layer._untracked | {"states"}  # what a batch leaves to the next is no weight

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        if not callable(getattr(cell, "call", None)) or isinstance(cell, type):
            raise ValueError(f"`cell` must have a `call` method (be an object, not a class), got {cell!r}.")
        if not hasattr(cell, "state_size"):
            raise ValueError(f"`cell` must have a `state_size`, an int or a list of ints, got {cell!r}.")
        if "input_dim" in kwargs:  # Keras 1: the steps may be left open
            kwargs.setdefault("input_length", None)
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences: bool = return_sequences
        self.return_state: bool = return_state
        self.go_backwards: bool = go_backwards
        self.stateful: bool = stateful
        self.unroll: bool = unroll
        self.zero_output_for_mask: bool = zero_output_for_mask
        size = cell.state_size
        self.state_size: list[int] | list[Any] = [size] if isinstance(size, int) else list(size)
        self.states = None
        self.supports_masking = True

    def build(self, sequences_shape: ShapeLike, initial_state_shape: ShapeLike | None = None) -> None:
        self._check_shape(sequences_shape)
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
            self.cell.built = True
        if self.stateful and self.states is None:
            dtype = self.variable_dtype
            self.states = [
                tree.map_structure(
                    lambda x: Variable(ops.cast(x, dtype), dtype=dtype, trainable=False, name="rnn_state"), state
                )
                for state in self.get_initial_state(sequences_shape[0])
            ]

    def _check_shape(self, shape):
        if len(shape) < 3:
            raise ValueError(
                f"`sequences` of {self.name!r} must have 3 axes or more, (batch, steps, features), got the shape "
                f"{tuple(shape)}."
            )
        if shape[1] == 0:
            raise ValueError(f"`sequences` of {self.name!r} must have a step or more, got the shape {tuple(shape)}.")
        if self.unroll and shape[1] is None:
            raise ValueError(
                f"{self.name!r} has unroll=True, which needs a known number of steps, got the shape {tuple(shape)}. "
                "Leave out `unroll`."
            )
        if self.stateful and shape[0] is None:
            raise ValueError(
                f"{self.name!r} is stateful, which needs a known batch size, got the shape {tuple(shape)}. Give it in "
                "keras.Input(batch_shape=...)."
            )

    # -- states -------------------------------------------------------------------------------------------------

    def get_initial_state(self, batch_size: int) -> Any:
        """The states that a sequence begins with, as a list: those that the cell gives, else zeros."""
        return initial_state(self.cell, batch_size, self.compute_dtype)

    def reset_states(self) -> None:
        """As `reset_state`."""
        self.reset_state()

    def reset_state(self) -> None:
        """Set the states that a stateful layer keeps to 0."""
        states = tree.flatten(self.states) if self.states is not None else []
        assign_all((state, ops.zeros(state.shape, dtype=state.dtype)) for state in states)

    def _begin(self, given, batch):
        """The initial states for a call, checked, as a list in the compute dtype."""
        wanted = tree.flatten(self.cell.state_size)
        if given is None and self.stateful:
            given = self.states
            kept = tree.flatten(given)[0].shape[0]
            if batch is not None and kept != batch:
                raise ValueError(
                    f"{self.name!r} is stateful and keeps the states of a batch of {kept}, got a batch of {batch}."
                )
        elif given is None:
            given = self.get_initial_state(batch)
        given = list(given) if tree.is_nested(given) else [given]
        self._check_states(given, wanted, batch)
        return [tree.map_structure(lambda x: ops.cast(x, self.compute_dtype), state) for state in given]

    def _check_states(self, given, wanted, batch):
        found = tree.flatten(given)
        if len(found) != len(wanted) or any(not hasattr(x, "shape") for x in found):
            raise ValueError(
                f"`initial_state` of {self.name!r} must be a list of {len(wanted)} tensor(s), of sizes {wanted}, got "
                f"{_shapes(found)}."
            )
        for x, size in zip(found, wanted):
            first, last = x.shape[0] if x.shape else 0, x.shape[-1] if x.shape else 0
            if isinstance(size, int) and (unlike(last, size) or unlike(first, batch)):
                raise ValueError(
                    f"`initial_state` of {self.name!r} must hold tensors of shape ({batch}, {size}), got "
                    f"{_shapes(found)}."
                )

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, sequences: TensorLike, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        self._check_shape(shown(sequences.shape))
        states = self._begin(initial_state, sequences.shape[0])
        mask = self._mask_over_time(mask, sequences.shape)
        steps_first = ops.swapaxes(sequences, 0, 1)
        last, outputs, new = over_time(
            self.cell,
            steps_first,
            states,
            mask,
            training,
            self.go_backwards,
            self.return_sequences,
            self.zero_output_for_mask,
        )
        new = tree.pack_sequence_as(states, [ops.cast(x, self.compute_dtype) for x in tree.flatten(new)])
        if self.stateful:
            for variable, value in zip(tree.flatten(self.states), tree.flatten(new)):
                variable.assign(ops.cast(value, variable.dtype))
        output = self._in_order(outputs) if self.return_sequences else last
        output = ops.cast(output, self.compute_dtype)
        return (output, *new) if self.return_state else output

    def _in_order(self, outputs):
        """(steps, batch, ...) with the batch first, in the order of processing."""
        outputs = ops.swapaxes(outputs, 0, 1)
        return ops.flip(outputs, axis=1) if self.go_backwards else outputs

    def _mask_over_time(self, mask, shape):
        """The mask as bool (steps, batch, 1), or None."""
        mask = tree.flatten(mask)[0] if mask is not None else None
        if mask is None:
            return None
        got = tuple(mask.shape)
        if len(got) < 2 or any(map(unlike, got[:2], shape[:2])):
            raise ValueError(
                f"`mask` of {self.name!r} must have the batch and the steps of the sequences, {tuple(shape[:2])}, got "
                f"shape {got}."
            )
        if len(got) > len(shape) or any(unlike(a, b) and unlike(a, 1) for a, b in zip(got[2:], shape[2:])):
            raise ValueError(
                f"`mask` of {self.name!r} must be (batch, steps), or fit the sequences {tuple(shape)}; got shape {got}."
            )
        if len(got) > 2:
            mask = ops.any(ops.cast(mask, "bool"), axis=tuple(range(2, len(got))))
        return ops.expand_dims(ops.swapaxes(ops.cast(mask, "bool"), 0, 1), -1)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        mask = tree.flatten(previous_mask)[0] if previous_mask is not None else None
        output = mask if self.return_sequences else None
        return [output, *[None] * len(tree.flatten(self.cell.state_size))] if self.return_state else output

    def compute_output_shape(self, sequences_shape: ShapeLike, initial_state_shape: ShapeLike | None = None) -> Any:
        self._check_shape(sequences_shape)
        batch, steps = sequences_shape[0], sequences_shape[1]
        size = output_size(self.cell)
        size = size if isinstance(size, tuple) else (size,)
        output = (batch, steps, *size) if self.return_sequences else (batch, *size)
        if not self.return_state:
            return output
        sizes = [
            list(s) if tree.is_nested(s) else [s] if isinstance(self.cell, StackedRNNCells) else s
            for s in self.state_size
        ]
        return (output, *[[(batch, s) for s in size] if isinstance(size, list) else (batch, size) for size in sizes])

    def compute_output_spec(
        self, sequences: TensorLike, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        if type(self).call is not RNN.call:
            return super().compute_output_spec(sequences, initial_state=initial_state, mask=mask, training=training)
        self._check_shape(shown(sequences.shape))
        if initial_state is not None:
            given = list(initial_state) if tree.is_nested(initial_state) else [initial_state]
            self._check_states(given, tree.flatten(self.cell.state_size), sequences.shape[0])
        specs = tree.map_shape_structure(
            lambda shape: Tensor(tuple(shape), self.compute_dtype), self.compute_output_shape(tuple(sequences.shape))
        )
        mask = get_keras_mask(sequences) if mask is None else mask
        if self.return_sequences and mask is not None:
            tree.flatten(specs)[0]._keras_mask = tree.flatten(mask)[0]
        return specs

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> Config:
        names = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "cell": serialize_keras_object(self.cell),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        config = dict(config)
        cell = deserialize_keras_object(config.pop("cell"), custom_objects=custom_objects)
        return cls(cell, **config)


def _shapes(values):
    return ", ".join(str(tuple(x.shape)) if hasattr(x, "shape") else repr(x) for x in values) or "nothing"
