"""Functions applied along time and along the first axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish import ops
from kerasish.ops.operation import operation
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


@suggesting
def map_fn(fn: Callable[..., Any], elems: TensorLike, name: str | None = None, dtype: DTypeLike | None = None) -> Any:
    """A function applied to each slice along the first axis.

    Args:
        fn: function of a slice.
        elems: tensor.
        name: accepted for programs written for TensorFlow.
        dtype: string, the type of the result; by default what `fn` gives.

    Returns:
        The results, stacked.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.map_fn(lambda x: x * 2.0, keras.ops.array([1.0, 2.0])).tolist()
        [2.0, 4.0]
    """
    results = ops.map(fn, elems)
    return results if dtype is None else ops.cast(results, dtype)


@suggesting
def foldl(
    fn: Callable[..., Any], elems: TensorLike, initializer: TensorLike | None = None, name: str | None = None
) -> AnyTensor:
    """What remains of the slices along the first axis when a function joins them, from the first to the last.

    Args:
        fn: function of (what is joined so far, slice).
        elems: tensor.
        initializer: tensor to begin with; by default the first slice.
        name: accepted for programs written for TensorFlow.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> float(K.foldl(lambda a, x: a - x, keras.ops.array([1.0, 2.0, 4.0])))
        -5.0
    """
    return _fold(elems, fn=fn, initializer=initializer, reverse=False)


@suggesting
def foldr(
    fn: Callable[..., Any], elems: TensorLike, initializer: TensorLike | None = None, name: str | None = None
) -> AnyTensor:
    """What remains of the slices along the first axis when a function joins them, from the last to the first.

    Args:
        fn: function of (what is joined so far, slice).
        elems: tensor.
        initializer: tensor to begin with; by default the last slice.
        name: accepted for programs written for TensorFlow.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> float(K.foldr(lambda a, x: a - x, keras.ops.array([1.0, 2.0, 4.0])))
        1.0
    """
    return _fold(elems, fn=fn, initializer=initializer, reverse=True)


_PRINT = "classic_print"


@operation
def _fold(elems, initializer=None, fn=None, reverse=False):
    if initializer is None:
        initializer, elems = (elems[-1], elems[:-1]) if reverse else (elems[0], elems[1:])
    return ops.scan(lambda total, x: (fn(total, x), None), initializer, elems, reverse=reverse)[0]


@suggesting
def rnn(
    step_function: Callable[..., Any],
    inputs: TensorLike,
    initial_states: Sequence[TensorLike],
    go_backwards: bool = False,
    mask: TensorLike | None = None,
    constants: Sequence[TensorLike] | None = None,
    unroll: bool = False,
    input_length: int | None = None,
) -> tuple[AnyTensor, AnyTensor, list[AnyTensor]]:
    """A step applied to each time step of sequences, with states that go along.

    Args:
        step_function: function of (inputs of a step, states and constants) that returns (output, list of new states).
        inputs: tensor (batch, steps, ...).
        initial_states: list of tensors (batch, ...).
        go_backwards: bool. Begin with the last step; the outputs stand in the order in which they are made.
        mask: bool tensor (batch, steps) or (batch, steps, 1): where it is False the states stay, and the
            output is that of the step before.
        constants: list of tensors that each step gets behind the states, or None.
        unroll: accepted, as the compiler decides.
        input_length: accepted, as the number of steps is read off `inputs`.

    Returns:
        (last output, outputs (batch, steps, ...), list of final states).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> total = lambda x, states: (states[0] + x, [states[0] + x])
        >>> K.rnn(total, keras.ops.ones((1, 3, 2)), [keras.ops.zeros((1, 2))])[0].tolist()
        [[3.0, 3.0]]
    """
    constants = list(constants or ())
    return _loop(inputs, list(initial_states), mask, constants, step=step_function, go_backwards=go_backwards)


@operation
def _loop(inputs, states, mask, constants, step=None, go_backwards=False):
    steps = ops.moveaxis(inputs, 1, 0)
    states, constants = ([ops.convert_to_tensor(x) for x in given] for given in (states, constants))
    kept = None
    if mask is not None:
        mask = ops.cast(mask, "bool")
        kept = ops.moveaxis(mask if len(mask.shape) == 2 else ops.squeeze(mask, -1), 1, 0)
    if go_backwards:
        steps, kept = ops.flip(steps, 0), None if kept is None else ops.flip(kept, 0)
    count = len(states)
    first, _ = step(steps[0], [*states, *constants])

    def body(carry, now):
        states, before = list(carry[:count]), carry[count]
        output, new = step(now[0], [*states, *constants])
        if kept is not None:
            output = ops.where(_over(now[1], output), output, before)
            new = [ops.where(_over(now[1], a), a, b) for a, b in zip(new, states)]
        return (*new, output), output

    carry, outputs = ops.scan(body, (*states, ops.zeros_like(first)), (steps,) if kept is None else (steps, kept))
    return outputs[-1], ops.moveaxis(outputs, 0, 1), list(carry[:count])


def _over(kept, x):
    """The mask of a step (batch,) with as many axes as `x`."""
    return ops.reshape(kept, (-1, *[1] * (len(x.shape) - 1)))
