"""StackedRNNCells."""

from __future__ import annotations

from typing import Any

from kerasish import ops, tree
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.arguments import WrongType
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, CustomObjects, DTypeLike, ShapeLike


class StackedRNNCells(Layer):
    """Several cells that act as one: each gets the output of the one before.

    Args:
        cells: list of cells (layers with `call(inputs, states)` and `state_size`).
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: tensor (batch, features), one step.
        states: list of tensors (batch, units), the states before the step.
        training: bool or None; whether dropout acts. None takes it from the call around.

    Returns:
        (output of the last cell, list of new states).

    Raises:
        ValueError: when one of `cells` is no cell.

    >>> import kerasish as keras
    >>> cells = keras.layers.StackedRNNCells([keras.layers.LSTMCell(4), keras.layers.GRUCell(3)])
    >>> cells.state_size, cells.output_size
    ([[4, 4], 3], 3)
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise WrongType(f"`cells` must be a list of one cell or more, got {cells!r}.")
        for cell in cells:
            if not callable(getattr(cell, "call", None)) or isinstance(cell, type):
                raise ValueError(f"All of `cells` must have a `call` method (be objects, not classes), got {cell!r}.")
            if not hasattr(cell, "state_size"):
                raise ValueError(f"All of `cells` must have a `state_size`, an int or a list of ints, got {cell!r}.")
        self.cells: list[Any] = list(cells)

    @property
    def state_size(self) -> Any:
        """The state sizes of the cells, as a list."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the last cell's output."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """The initial states of the cells, as a list."""
        return [initial_state(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: ShapeLike) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            size = output_size(cell)
            input_shape = (input_shape[0], *(size if isinstance(size, tuple) else (size,)))

    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> Any:
        new_states = []
        for cell, state in zip(self.cells, states):
            more = {"training": training} if call_signature(type(cell).call).takes_training else {}
            inputs, state = cell(inputs, list(state) if tree.is_nested(state) else [state], **more)
            new_states.append(state)
        return inputs, new_states

    def get_config(self) -> Config:
        return {**super().get_config(), "cells": [serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        config = dict(config)
        cells = [deserialize_keras_object(cell, custom_objects=custom_objects) for cell in config.pop("cells")]
        return cls(cells, **config)


def output_size(cell: Any) -> Any:
    """The size of a cell's output: as it says, else that of its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size if isinstance(cell.state_size, int) else cell.state_size[0]
    return tuple(size) if isinstance(size, (list, tuple)) else size


def initial_state(cell: Any, batch_size: int, dtype: DTypeLike) -> list[Any]:
    """The states that a cell begins with, as a list: its own idea of them, else zeros."""
    if getattr(cell, "get_initial_state", None) is not None:
        state = cell.get_initial_state(batch_size=batch_size)
    else:
        state = tree.map_structure(lambda size: ops.zeros((batch_size, size), dtype=dtype), cell.state_size)
    return list(state) if tree.is_nested(state) else [state]
