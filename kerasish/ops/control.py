"""Loops, branches and functions with a gradient of their own (`keras.ops.scan`, `cond`, `while_loop`, ...)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import context, control_flow
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import higher_order as primitives
from kerasish.backend.primitives import p
from kerasish.backend.sizes import Size, is_open, unlike
from kerasish.backend.variable import Variable
from kerasish.ops.convert import as_dtype, value_of
from kerasish.ops.numpy import arange, concatenate, flip, moveaxis, stack
from kerasish.ops.numpy.helpers import known_int, own
from kerasish.ops.operation import operation
from kerasish.typing import TensorLike


def _values(structure):
    return tree.map_structure(lambda x: None if x is None else value_of(x), structure)


def _apart(results, *given):
    """Results that have arrays of their own.

    What a body handed on untouched is copied, since a Variable's array changes when it is assigned to.
    """
    held = {id(x) for x in tree.flatten(given) if x is not None}
    return tree.map_structure(lambda x: own(x) if id(x) in held else _read(x), results)


def _read(x):
    return own(value_of(x)) if isinstance(x, Variable) else x


def _stack(items):
    """Structures of equal nesting, stacked along a new first axis."""
    return tree.map_structure(lambda *leaves: None if leaves[0] is None else stack(leaves, axis=0), *items)


@operation
def scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: bool | int = 1,
) -> tuple[Any, Any]:
    """Apply `f(carry, x) -> (carry, y)` to each slice of `xs` along its first axis, carrying state along.

    Args:
        f: function of (carry, x) that returns (carry, y); the carry keeps its shape and dtype.
        init: structure of tensors, the carry at the start.
        xs: structure of tensors with one first axis, or None.
        length: int, the number of steps; needed where `xs` is None.
        reverse: bool, whether to go from the last slice to the first.
        unroll: accepted, as the compiler decides.

    Returns:
        (carry, ys): the final carry, and the structure of the y, stacked along a first axis.

    Raises:
        TypeError: when `f` can't be called.
        ValueError: when neither `xs` nor `length` is given, or the first axes differ.

    Example:
        >>> import kerasish as keras
        >>> total, sums = keras.ops.scan(lambda c, x: (c + x, c + x), keras.ops.zeros(()), keras.ops.arange(1.0, 4.0))
        >>> float(total), sums.tolist()
        (6.0, [1.0, 3.0, 6.0])
    """
    if not callable(f):
        raise TypeError(f"`f` must be a function of (carry, x), got {f!r}.")
    init, xs = _values(init), _values(xs)
    leaves = [x for x in tree.flatten(xs) if x is not None]
    if not all(x.shape for x in leaves):
        raise ValueError("`xs` must have a first axis to go along; got a scalar in it.")
    sizes = {x.shape[0] for x in leaves}
    if not sizes and length is None:
        raise ValueError("`scan` needs `xs` or `length`.")
    if any(unlike(a, b) for a in sizes for b in (*sizes, length)):
        raise ValueError(
            f"The first axes of `xs` (and `length`) must be equal, got {sorted(sizes, key=str)} and length={length}."
        )
    length = known_int(sizes.pop() if sizes else length, "length")
    if not context.computing() and length > 0:
        return control_flow.scan(lambda c, x: _stepped(f, c, x), init, xs, length, reverse)
    carry, ys = init, []
    for t in reversed(range(length)) if reverse else range(length):
        carry, y = f(carry, tree.map_structure(lambda x, t=t: None if x is None else x[t], xs))
        ys.append(y)
    if not ys:
        stacked = control_flow.no_steps(lambda c, x: _stepped(f, c, x), init, xs)
    else:
        stacked = _stack(ys[::-1] if reverse else ys)
    return _apart(carry, init), stacked


def _stepped(f, carry, x):
    result = f(carry, x)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise ValueError(f"`f` must return (carry, y), got {result!r}.")
    return _values(result[0]), _values(result[1])


@operation
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Repeat `body(*loop_vars)` while `cond(*loop_vars)` is true.

    Has no gradient in a compiled step; see `fori_loop` and `scan`.

    Args:
        cond: function of the loop variables that returns a bool scalar.
        body: function of the loop variables that returns new ones of the same shapes and dtypes.
        loop_vars: tensor, or tuple or list of structures of tensors.
        maximum_iterations: int, at which the loop ends in any case, or None.

    Returns:
        What `loop_vars` is, with the values after the last round.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.while_loop(lambda x: x < 10.0, lambda x: (x * 2.0,), (keras.ops.ones(()),))[0])
        16.0
    """
    single = not isinstance(loop_vars, (tuple, list))
    state = _values((loop_vars,) if single else tuple(loop_vars))

    def step(values):
        new = body(*values)
        new = tuple(new) if isinstance(new, (tuple, list)) and not (single and not isinstance(new, tuple)) else (new,)
        return _values(new)

    if context.computing():
        count, new = 0, state
        while bool(cond(*new)) and (maximum_iterations is None or count < maximum_iterations):
            new = step(new)
            count += 1
        state = _apart(new, state)
    else:
        flat = control_flow.while_loop(
            lambda *leaves: as_dtype(cond(*tree.pack_sequence_as(state, leaves)), "bool"),
            lambda *leaves: tree.flatten(step(tree.pack_sequence_as(state, leaves))),
            tree.flatten(state),
            maximum_iterations,
        )
        state = tree.pack_sequence_as(state, flat)
    return state[0] if single else (type(loop_vars)(state) if isinstance(loop_vars, list) else state)


@operation
def fori_loop(lower: TensorLike, upper: TensorLike, body_fun: Callable[..., Any], init_val: Any) -> Any:
    """Carry a value through a counted loop: `for i in range(lower, upper): value = body_fun(i, value)`.

    Differentiable where the bounds are Python ints.

    Args:
        lower: int or int scalar: the first index.
        upper: int or int scalar: the index before which the loop ends.
        body_fun: function of (index, value) that returns the next value.
        init_val: structure of tensors, the value at the start.

    Returns:
        The value after the last round.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.fori_loop(0, 4, lambda i, x: x * 2.0, keras.ops.ones(())))
        16.0
    """
    if isinstance(lower, (int, Size)) and isinstance(upper, (int, Size)):
        if upper <= lower:
            init_val = _values(init_val)
            return _apart(init_val, init_val)
        indices = arange(lower, upper, dtype="int32")
        return scan(lambda c, i: (body_fun(i, c), None), init_val, indices)[0]
    start = value_of(lower)
    final = while_loop(lambda i, *_: i < upper, lambda i, c: (i + 1, body_fun(i, c)), (start, init_val))
    return final[1]


@operation
def cond(pred: TensorLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` where the bool scalar `pred` is true, else `false_fn()`; only one is run.

    Args:
        pred: bool or bool scalar.
        true_fn: function without arguments that returns a structure of tensors.
        false_fn: function without arguments that returns one of the same shapes and dtypes.

    Returns:
        What the chosen function returns.

    Raises:
        TypeError: when `true_fn` or `false_fn` can't be called.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.cond(keras.ops.ones(()) > 0.0, lambda: keras.ops.ones(()), lambda: keras.ops.zeros(())))
        1.0
    """
    for name, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(branch):
            raise TypeError(f"`{name}` must be a function without arguments, got {branch!r}.")
    if isinstance(pred, bool) or not isinstance(pred, Tensor) or pred.has_value:
        return tree.map_structure(
            _read, true_fn() if bool(value_of(pred) if not isinstance(pred, bool) else pred) else false_fn()
        )
    return control_flow.cond(as_dtype(pred, "bool"), lambda: _values(true_fn()), lambda: _values(false_fn()))


@operation
def switch(index: TensorLike, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """`branches[index](*operands)`, with `index` clamped to the branches; only one is run.

    Args:
        index: int or int scalar.
        branches: list of functions of `operands` that return structures of the same shapes and dtypes.
        *operands: arguments of the branches.

    Returns:
        What the chosen branch returns.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.switch(1, [lambda x: x + 1.0, lambda x: x * 10.0], keras.ops.ones(())).tolist()
        10.0
    """
    operands = [value_of(x) for x in operands]
    if isinstance(index, float) and not math.isfinite(index):
        raise ValueError(f"`index` must be an int, got {index!r}.")
    if not isinstance(index, Tensor) or index.has_value:
        return _apart(branches[min(max(int(index), 0), len(branches) - 1)](*operands), operands)

    def choose(first, last):
        if first == last:
            return branches[first](*operands)
        middle = (first + last) // 2
        return cond(index <= middle, lambda: choose(first, middle), lambda: choose(middle + 1, last))

    return choose(0, len(branches) - 1)


@operation
def map(f: Callable[..., Any], xs: Any) -> Any:
    """Apply `f` to each slice of `xs` along its first axis and stack the results.

    Args:
        f: function of one slice (a structure like `xs`).
        xs: structure of tensors with one first axis.

    Returns:
        Structure of what `f` returns, stacked along a first axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.map(lambda x: x * x, keras.ops.arange(3)).tolist()
        [0, 1, 4]
    """
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


@operation
def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    """Apply a function to each slice along the first axis and stack the results.

    A tuple of `elements` is passed as one structure.

    Args:
        function: function of one slice (a structure like `elements`).
        elements: structure of tensors with one first axis.

    Returns:
        Structure of what `function` returns, stacked along a first axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.vectorized_map(lambda x: x * x, keras.ops.arange(3)).tolist()
        [0, 1, 4]
    """
    return map(function, elements)


@operation
def associative_scan(f: Callable[..., Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """Running combinations of slices under an associative function, in a logarithmic number of steps.

    Args:
        f: associative function of two structures like `elems`, which works on many slices at once.
        elems: structure of tensors with as many slices each.
        reverse: bool, whether to combine from the last slice to the first.
        axis: int, along which the slices lie.

    Returns:
        Structure like `elems`: slice i is the combination of the slices up to i.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.associative_scan(lambda a, b: a + b, keras.ops.arange(4)).tolist()
        [0, 1, 3, 6]
    """
    given = _values(elems)
    elems = tree.map_structure(lambda x: moveaxis(x, axis, 0), given)
    if reverse:
        elems = tree.map_structure(lambda x: flip(x, 0), elems)
    size = tree.flatten(elems)[0].shape[0]
    if is_open(size):
        f(elems, elems)  # any number of steps gives the same shapes
        return given
    step = 1
    while step < size:
        before = tree.map_structure(lambda x, step=step: x[:-step], elems)
        after = tree.map_structure(lambda x, step=step: x[step:], elems)
        combined = f(before, after)
        elems = tree.map_structure(lambda x, c, step=step: concatenate([x[:step], c], axis=0), elems, combined)
        step *= 2
    if reverse:
        elems = tree.map_structure(lambda x: flip(x, 0), elems)
    return _apart(tree.map_structure(lambda x: moveaxis(x, 0, axis), elems), given)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of its own.

    The gradient function is called as `grad(*args, upstream=g)` (or `grad(*gs)`), with one upstream gradient an output,
    and returns one gradient an argument.

    Args:
        f: function of tensors that returns (outputs, gradient function).

    Returns:
        A function of the same arguments that returns the outputs.

    Example:
        >>> import kerasish as keras
        >>> @keras.ops.custom_gradient
        ... def log1pexp(x):
        ...     e = keras.ops.exp(x)
        ...     def grad(*args, upstream=None):
        ...         return upstream * (1.0 - 1.0 / (1.0 + e))
        ...     return keras.ops.log(1.0 + e), grad
        >>> round(float(log1pexp(keras.ops.zeros(()))), 4)
        0.6931
    """

    def call(*args, **kwargs):
        args = tuple(_values(args))
        outputs, grad = f(*args, **kwargs)
        if context.interpreter() is None:
            return outputs
        flat = tree.flatten(outputs)

        def rule(*gs):
            upstream = gs[0] if len(gs) == 1 else list(gs)
            try:
                found = grad(*args, upstream=upstream)
            except TypeError as error:
                if "upstream" not in str(error):
                    raise
                found = grad(*gs)
            return list(found) if isinstance(found, (tuple, list)) else [found]

        results = primitives.custom_gradient(
            *[p.stop_gradient(y) if isinstance(y, Tensor) else y for y in flat], *args, count=len(flat), rule=rule
        )
        return tree.pack_sequence_as(outputs, results)

    return call
