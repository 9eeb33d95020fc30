"""The loop over time: a cell applied to each step, with all that does not hang on the states taken out of the loop."""

from __future__ import annotations

from typing import Any

from kerasish import ops, tree
from kerasish.backend.sizes import unlike_shapes
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.rnn.recurrent_cell import RecurrentCell
from kerasish.layers.rnn.stacked_rnn_cells import StackedRNNCells, output_size
from kerasish.typing import TensorLike


def over_time(
    cell: Any,
    x: TensorLike,
    states: Any,
    mask: Any,
    training: bool,
    reverse: bool,
    sequences: TensorLike,
    zero_output: bool = False,
) -> Any:
    """Apply a cell to all steps.

    Args:
        x: (steps, batch, ...).
        states: list, as the cell wants it.
        mask: bool (steps, batch, 1) or None; where it is False the states stay as they are, and the output is that of
            the step before (0 with `zero_output`).
        reverse: whether to go from the last step to the first.
        sequences: whether all outputs are wanted.

    Returns:
        (last output, outputs (steps, batch, ...) in the order of `x` or None, list of final states).
    """
    if type(cell).call is StackedRNNCells.call:
        return _one_cell_after_another(cell, x, states, mask, training, reverse, sequences, zero_output)
    if isinstance(cell, RecurrentCell) and cell.has_halves:
        states = [ops.cast(s, cell.compute_dtype) for s in states]
        x, step = cell.project(x, training), cell.stepper(states[0], training)
        outputs, states = _with_output_as_state(step, x, states, mask, reverse, sequences, zero_output)
        last = states[0]
        if zero_output and mask is not None:
            last = ops.where(_fitting(mask[0 if reverse else -1], last), last, 0.0)
        return last, outputs, states
    return _any_cell(cell, x, states, mask, training, reverse, sequences, zero_output)


def _one_cell_after_another(stack, x, states, mask, training, reverse, sequences, zero_output):
    """The first cell over all steps, then the second.

    The same as all cells in each step, for a masked step changes no state in any of them.
    """
    new_states, count = [], len(stack.cells)
    for k, (cell, state) in enumerate(zip(stack.cells, states)):
        state = list(state) if tree.is_nested(state) else [state]
        final = k == count - 1
        last, x, state = over_time(
            cell, x, state, mask, training, reverse, sequences or not final, zero_output and final
        )
        new_states.append(state)
    return last, x, new_states


def _with_output_as_state(step, x, states, mask, reverse, sequences, zero_output):
    """The loop of a cell whose output is its first state."""

    masked = mask is not None

    def body(carry, now):
        z, kept = now if masked else (now[0], None)
        new = step(z, carry)
        if kept is not None:
            kept = _fitting(kept, carry[0])
            new = [ops.where(kept, a, b) for a, b in zip(new, carry)]
        if not sequences:
            return new, None
        return new, ops.where(kept, new[0], 0.0) if zero_output and kept is not None else new[0]

    states, outputs = ops.scan(body, states, (x, mask) if masked else (x,), reverse=reverse)
    return outputs, list(states)


def _any_cell(cell, x, states, mask, training, reverse, sequences, zero_output):
    """The loop of a cell of which only `call` is known.

    The output goes along with the states where the next step or the result needs it.
    """
    more = {"training": training} if call_signature(type(cell).call).takes_training else {}
    masked = mask is not None
    carries_output = masked and not zero_output or not sequences
    size = output_size(cell)
    shape = (x.shape[1], *(size if isinstance(size, tuple) else (size,)))
    first = tree.flatten(states)[0]
    start = (
        ops.cast(first, cell.compute_dtype)
        if tuple(first.shape) == shape
        else ops.zeros(shape, dtype=cell.compute_dtype)
    )

    def body(carry, now):
        states, before = carry if carries_output else (carry[0], None)
        step, kept = now if masked else (now[0], None)
        output, new = cell(step, states, **more)
        if unlike_shapes(output.shape, shape):
            raise ValueError(
                f"The cell {cell.name!r} returned an output of shape {tuple(output.shape)}, but its `output_size` (or "
                f"first state) says {shape}."
            )
        output = ops.cast(output, cell.compute_dtype)
        new = _like(new, states)
        if kept is not None:
            new = tree.map_structure(lambda a, b: ops.where(_fitting(kept, a), a, b), new, states)
            output = ops.where(_fitting(kept, output), output, 0.0 if zero_output else before)
        return (new, output) if carries_output else (new,), output if sequences else None

    final, outputs = ops.scan(
        body, (states, start) if carries_output else (states,), (x, mask) if masked else (x,), reverse=reverse
    )
    return final[1] if carries_output else outputs[0 if reverse else -1], outputs, final[0]


def _like(new, states):
    """New states in the nesting and dtypes of the old."""
    flat, old = tree.flatten(new), tree.flatten(states)
    if len(flat) != len(old):
        raise ValueError(f"The cell must return as many states as it got: {len(old)}, got {len(flat)}.")
    return tree.pack_sequence_as(states, [ops.cast(a, _dtype(b)) for a, b in zip(flat, old)])


def _dtype(x):
    return x.dtype if isinstance(x.dtype, str) else x.dtype.name


def _fitting(mask, x):
    """The mask (batch, 1) with as many axes as `x`."""
    return ops.reshape(mask, (*mask.shape, *[1] * (len(x.shape) - 2))) if len(x.shape) > 2 else mask
