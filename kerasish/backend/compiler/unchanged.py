"""What elementwise calls give where some of their operands are known numbers.

Enough to prove that a zero gradient leaves a variable as it is.

A value is one of: a float (every element is that number), a Tensor (every element is that tensor's), FINITE, POSITIVE
(and finite), SHIFTED (a slot and a positive number) or None (anything, NaN and infinity too). What comes from outside
is taken to be finite, and a slot under a root not to be negative: where they are not, the dense update makes NaN of the
whole table, and this one of the rows that it touches.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.primitive import evaluate, p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.variable import to_array
from kerasish.entries import entering
from kerasish.typing import TensorLike


class _Kind:
    """What is known of elements that are no numbers."""

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return self._name


FINITE, POSITIVE, SHIFTED = _Kind("finite"), _Kind("positive"), _Kind("shifted")


class Values:
    """The values of tensors, as far as they are known.

    Args:
        known: dict from Tensor to float. slots: set of the Tensors that are old values of an optimizer's slots.
            constants: dict from Tensor to array.
    """

    def __init__(self, known: Any, slots: Any, constants: Any) -> None:
        self._values, self._slots, self._constants = dict(known), slots, constants

    def add(self, node: Any) -> None:
        """Work out the output of an elementwise (or filling) node whose operands were added, or come from outside."""
        operands = [self.of(x) for x in node.inputs]
        if node.operation is p.full:
            value = float(node.attributes["value"])
        elif node.operation is p.broadcast_to:
            value = operands[0]
        elif all(isinstance(x, float) for x in operands):
            value = _computed(node, operands)
        else:
            value = _known(self, node, operands)
        self._values[node.outputs[0]] = value

    def of(self, tensor: TensorLike) -> Any:
        """The value of `tensor`."""
        if tensor not in self._values:
            array = self._constants.get(tensor)
            is_number = array is not None and product(tensor.shape) == 1
            self._values[tensor] = float(device().to_host(array).reshape(())) if is_number else tensor
        return self._values[tensor]

    def is_same(self, tensor: TensorLike, old: Any) -> bool:
        """Whether `tensor` is known to be `old`, element by element."""
        return self.of(tensor) is old

    def is_zero(self, tensor: TensorLike) -> bool:
        """Whether every element of `tensor` is known to be 0."""
        return _is(self.of(tensor), 0)

    def is_slot(self, value: TensorLike) -> bool:
        """Whether a value is that of a slot."""
        return isinstance(value, Tensor) and value in self._slots


_RULES: dict[str, Any] = {}
_rule = entering(_RULES)  # the function below, of (values, node, *operands), is about the primitive of that name


def _known(values, node, operands):
    rule = _RULES.get(node.operation.name)
    if rule is not None:
        return rule(values, node, *operands)
    return _finite(*operands) if node.operation.traits.finite else None


def _computed(node, numbers):
    """The number that a call on numbers gives, in the dtypes of its operands."""
    on = device()
    with context.escaped():
        arrays = [to_array(on, number, x.dtype) for number, x in zip(numbers, node.inputs)]
        return float(on.to_host(evaluate(node.operation, arrays, node.attributes)).reshape(()))


def _is(value, number):
    """Whether `value` is that number. A Tensor must not be compared: `==` of Tensors makes a node."""
    return isinstance(value, float) and value == number


def _is_finite(value):
    return value is not None and (not isinstance(value, float) or abs(value) < float("inf"))


def _finite(*values):
    return FINITE if all(map(_is_finite, values)) else None


@_rule("add")
def _add(values, _, x, y):
    if _is(x, 0):
        return y
    if _is(y, 0):
        return x
    for slot, number in ((x, y), (y, x)):
        if values.is_slot(slot) and isinstance(number, float) and 0 < number < float("inf"):
            return SHIFTED
    return POSITIVE if x is POSITIVE and y is POSITIVE else _finite(x, y)


@_rule("subtract")
def _subtract(values, _, x, y):
    return x if _is(y, 0) else _finite(x, y)


@_rule("multiply")
def _multiply(values, _, x, y):
    if _is(x, 0) or _is(y, 0):
        return 0.0 if _is_finite(x) and _is_finite(y) else None
    if _is(x, 1) or _is(y, 1):
        return y if _is(x, 1) else x
    return POSITIVE if x is POSITIVE and y is POSITIVE else _finite(x, y)


@_rule("divide")
def _divide(values, _, x, y):
    if y is not POSITIVE and not (isinstance(y, float) and 0 < abs(y) < float("inf")):
        return None
    return 0.0 if _is(x, 0) else x if _is(y, 1) else _finite(x)


@_rule("sqrt")
@_rule("rsqrt")
def _root(values, node, x):
    return POSITIVE if x is SHIFTED or x is POSITIVE else None


@_rule("reciprocal")
def _reciprocal(values, node, x):
    return POSITIVE if x is POSITIVE else None


@_rule("identity")
@_rule("stop_gradient")
def _same(values, node, x):
    return x


@_rule("cast")
def _cast(values, node, x):
    return x if node.inputs[0].dtype == node.outputs[0].dtype else _finite(x)


@_rule("where")
def _where(values, _, condition, x, y):
    return x if x is y or isinstance(x, float) and _is(y, x) else _finite(x, y)
