"""How a public op behaves on each kind of value.

Compute on arrays, add primitives in a trace, record one node on KerasTensors.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.fixed_arrays import fixed
from kerasish.backend.graph import KerasTensor, has_keras_tensor, record
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.backend.trace import infer
from kerasish.backend.variable import Variable
from kerasish.scalars import is_numpy_scalar, plain_numbers
from kerasish.suggestions import name_the_nearest
from kerasish.typing import AnyFunction

OPERATIONS = {}  # the ops that files name by their class alone: those of `kerasish.ops`
ELSEWHERE = {}  # (module, name) -> op: the words of classic Keras's backend share names with ops, and mean other things
_PUBLIC = "kerasish.ops."


class OpCall:
    """One recorded call of a public op in a functional model: the op, and the arguments that are no tensors.

    Args:
        op: the public function.
        attributes: dict of its static arguments by name.
        name: unique string, e.g. "add_1"; by default made of the function's name.

    Attributes:
        name: unique string, e.g. "add_1".
        op: the public function; `attributes`: dict of its static arguments by name.
    """

    def __init__(self, op: Callable[..., Any], attributes: dict[str, Any], name: str | None = None) -> None:
        self.op, self.attributes = op, fixed(attributes)
        self.name = name or unique_name(to_snake_case(op.__name__))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.op(*args, **kwargs, **self.attributes)

    def __repr__(self) -> str:
        return f"<OpCall {self.name}>"


def operation(function: AnyFunction) -> AnyFunction:
    """Decorator for a public op. Inside the body no KerasTensor is ever seen."""

    @functools.wraps(function)
    def op(*args, **kwargs):
        try:
            if has_keras_tensor(args, kwargs):
                return _record(op, inspect.signature(function), plain_numbers(args), plain_numbers(kwargs))
            for given in args:
                if is_numpy_scalar(given):
                    args = tuple(given.item() if is_numpy_scalar(given) else given for given in args)
                    break
            result = function(*args, **plain_numbers(kwargs)) if kwargs else function(*args)
            observer = context.current().observer
            if observer is not None:
                observer(op, args, kwargs, result)
            for given in args[:1] or kwargs.values():
                if isinstance(given, Variable) and result is given._buffer:
                    return given.value  # nothing was computed: hand out a copy, which later updates leave alone
            return result
        except TypeError as error:
            name_the_nearest(error, function, function, kwargs)
            raise

    op.body = function
    if function.__module__.startswith(_PUBLIC):
        OPERATIONS[function.__name__] = op
    else:
        ELSEWHERE[function.__module__, function.__name__] = op
    return op


def _record(op, signature, args, kwargs):
    """Tensor arguments become the node's arguments, in order and by position where they can.

    The rest its attributes.
    """
    bound = signature.bind(*args, **kwargs)
    arguments = _named(signature, bound.arguments)
    variadic = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
    if variadic:
        specs = infer(op.body, args, kwargs)
        return record(OpCall(op, {}), args, kwargs, specs)
    tensors, attributes, leading = [], {}, True
    named = {}
    positions = list(signature.parameters)
    for index, (name, value) in enumerate(arguments.items()):
        leading = leading and positions[index : index + 1] == [
            name
        ]  # after one that was left out, the others can't go by position
        holds_tensor = any(isinstance(leaf, KerasTensor) for leaf in tree.flatten(value))
        if leading and (holds_tensor or _is_operand(name)):
            tensors.append(value)
        else:
            leading = False
            (named if holds_tensor else attributes)[name] = value
    specs = infer(op.body, tuple(tensors), {**named, **attributes})
    return record(OpCall(op, attributes), tuple(tensors), named, specs)


def _named(signature, arguments):
    """The bound arguments by name, those of a `**kwargs` beside the others."""
    spread = next((name for name, p in signature.parameters.items() if p.kind is p.VAR_KEYWORD), None)
    if spread not in arguments:
        return arguments
    return {**{name: value for name, value in arguments.items() if name != spread}, **arguments[spread]}


_OPERANDS = frozenset(
    "x x1 x2 inputs condition target output indices values kernel bias updates start_indices key".split()
)


def _is_operand(name):
    """Whether a parameter of this name takes a tensor, by the naming habits of `keras.ops`."""
    return name in _OPERANDS
