"""A user's own operation written in NumPy, with its own gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.graph import KerasTensor, record
from kerasish.backend.primitives.host import HOST_GRADIENTS, host_call
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import infer
from kerasish.backend.variable import Variable
from kerasish.suggestions import suggesting
from kerasish.typing import AnyFunction, DTypeLike, ShapeLike


def register_gradient(name: str) -> Callable[[AnyFunction], AnyFunction]:
    """Decorator: the function below gives the gradients of an operation of `numpy_operation`.

    It is called as `gradient(op, *output_gradients)`, where `op.inputs` and `op.outputs` are the operation's tensors,
    and returns one gradient (or None) an input, computed with `kerasish.ops`.

    Args:
        name: string, the operation's name.

    Returns:
        The decorator.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> from kerasish import backend
        >>> triple = backend.numpy_operation("doctest_triple", lambda x: 3.0 * x)
        >>> @backend.register_gradient("doctest_triple")
        ... def _(op, g):
        ...     return g * 3.0
        >>> backend.function(lambda x: backend.gradients(triple(x), x)[0])(np.array([2.0], "float32")).tolist()
        [3.0]
    """

    def register(rule):
        HOST_GRADIENTS[name] = rule
        return rule

    return register


@suggesting
def numpy_operation(
    name: str,
    function: Callable[..., Any] | None = None,
    output_shape: ShapeLike | Callable[..., Any] | None = None,
    output_dtype: DTypeLike | Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """An operation that calls a NumPy function, in graphs, compiled steps and eagerly.

    Args:
        name: string under which `register_gradient` gives its gradient.
        function: function that takes and returns NumPy arrays; without it, a decorator.
        output_shape: a shape, or a function of the input shapes; by default that of the first input.
        output_dtype: a dtype, or a function of the input dtypes; by default that of the first input.

    Returns:
        The operation: a function of tensors.

    Example:
        >>> import numpy as np
        >>> from kerasish import backend, ops
        >>> @backend.numpy_operation("doctest_cube")
        ... def cube(x):
        ...     return x**3
        >>> @backend.register_gradient("doctest_cube")
        ... def _(op, g):
        ...     return g * 3.0 * ops.square(op.inputs[0])
        >>> step = backend.function(lambda x: backend.gradients(cube(x), x)[0])
        >>> step(np.array([2.0], "float32")).tolist()
        [12.0]
    """
    if function is None:
        return lambda f: numpy_operation(name, f, output_shape, output_dtype)

    def spec_for(*inputs):
        shape = output_shape(*[x.shape for x in inputs]) if callable(output_shape) else output_shape
        return Spec(tuple(inputs[0].shape if shape is None else shape), output_dtype or inputs[0].dtype)

    def body(*inputs):
        inputs = [x.read() if isinstance(x, Variable) else x for x in inputs]
        return host_call(*inputs, function=function, specs=spec_for, name=name)

    def operation(*inputs):
        if any(isinstance(x, KerasTensor) for x in inputs):
            return record(operation, inputs, {}, infer(body, inputs, {}))
        return body(*inputs)

    operation.name = operation.__name__ = name
    operation.__doc__ = function.__doc__
    return operation
