"""Elementwise primitives with two or more operands: arithmetic, comparison, logic, selection. Operands broadcast."""

from __future__ import annotations

from typing import Any

from kerasish.backend.dtypes import COMPLEX
from kerasish.backend.primitives.costs import CHEAP, EXPENSIVE
from kerasish.backend.primitives.families import binary, elementwise
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import broadcast, same_dtype
from kerasish.backend.primitives.traits import ANYTHING, BOOLS, FLOATS, NOTHING, NUMBERS, STORED, Sign
from kerasish.typing import TensorLike


def _predicate(name, **facts):
    def shape(x, y):
        same_dtype(name, x, y)
        return Spec(broadcast(x.shape, y.shape), "bool")

    return elementwise(name, shape, cost=CHEAP, **facts)


_AS = Sign.AS_OPERANDS
add: Primitive = binary(
    "add", cost=CHEAP, complex=True, fuses=NUMBERS, commutative=True, neutral=0, terms=(1, 1), sign=_AS
)
subtract: Primitive = binary("subtract", cost=CHEAP, complex=True, fuses=NUMBERS, neutral=0, terms=(1, -1))
multiply: Primitive = binary("multiply", cost=CHEAP, complex=True, fuses=NUMBERS, commutative=True, neutral=1, sign=_AS)
divide: Primitive = binary("divide", cost=EXPENSIVE, complex=True, fuses=FLOATS, neutral=1, sign=_AS)
floor_divide: Primitive = binary("floor_divide", cost=EXPENSIVE, fuses=NOTHING)
remainder: Primitive = binary("remainder", cost=EXPENSIVE, fuses=NOTHING)
power: Primitive = binary("power", cost=EXPENSIVE, complex=True, fuses=FLOATS, fuses_up_to=64, neutral=1)
maximum: Primitive = binary(
    "maximum", cost=CHEAP, fuses=NUMBERS, commutative=True, idempotent=True, sign=_AS, finite=True
)
minimum: Primitive = binary("minimum", cost=CHEAP, fuses=NUMBERS, commutative=True, idempotent=True, finite=True)
arctan2: Primitive = binary("arctan2", cost=EXPENSIVE, fuses=NOTHING)

equal: Primitive = _predicate("equal", complex=True, fuses=ANYTHING, commutative=True, opposite="not_equal")
not_equal: Primitive = _predicate("not_equal", complex=True, fuses=ANYTHING, commutative=True, opposite="equal")
# less and greater_equal are no opposites: both are False beside NaN
less: Primitive = _predicate("less", fuses=NUMBERS)
less_equal: Primitive = _predicate("less_equal", fuses=NUMBERS)
greater: Primitive = _predicate("greater", fuses=NUMBERS)
greater_equal: Primitive = _predicate("greater_equal", fuses=NUMBERS)

logical_and: Primitive = binary("logical_and", cost=CHEAP, fuses=BOOLS, commutative=True, absorbing=False)
logical_or: Primitive = binary("logical_or", cost=CHEAP, fuses=BOOLS, commutative=True, absorbing=True)
logical_xor: Primitive = binary("logical_xor", cost=CHEAP, fuses=BOOLS, commutative=True)
bitwise_and: Primitive = binary("bitwise_and", cost=CHEAP, fuses=NOTHING, commutative=True)
bitwise_or: Primitive = binary("bitwise_or", cost=CHEAP, fuses=NOTHING, commutative=True)
bitwise_xor: Primitive = binary("bitwise_xor", cost=CHEAP, fuses=NOTHING, commutative=True)
left_shift: Primitive = binary("left_shift", cost=CHEAP, fuses=NOTHING)
right_shift: Primitive = binary("right_shift", cost=CHEAP, fuses=NOTHING)


def _where_shape(condition, x, y):
    if condition.dtype != "bool":
        raise ValueError(f"The condition of `where` must be bool, got {condition.dtype}.")
    return Spec(broadcast(condition.shape, x.shape, y.shape), same_dtype("where", x, y))


# kernels of `where` write one operand after the other, so only the last may be written over
where: Primitive = elementwise("where", _where_shape, cost=CHEAP, fuses=ANYTHING, in_place=(2,), complex=True)
cast: Primitive = elementwise(
    "cast",
    lambda x, dtype: Spec(tuple(x.shape), dtype),
    cost=CHEAP,
    fuses=STORED,
    computes=False,
    converts=True,
    complex=True,
)
# A cast to half precision that the pass `widen` puts behind a computation: it rounds where the value is stored. What
# reads the value in the same Group may read it as it was.
narrow: Primitive = elementwise(
    "narrow",
    lambda x, dtype: Spec(tuple(x.shape), dtype),
    lambda node, g: [cast(g, dtype=node.inputs[0].dtype)],
    cost=CHEAP,
    fuses=FLOATS,
    computes=False,
    converts=True,
)


def unbroadcast(gradient: TensorLike, x: TensorLike) -> Any:
    """Sum `gradient` over the axes along which `x` was broadcast. Every elementwise rule ends here."""
    if gradient is None or gradient.shape == x.shape:
        return gradient
    extra = len(gradient.shape) - len(x.shape)
    stretched = tuple(i for i, d in enumerate(gradient.shape) if i < extra or (x.shape[i - extra] == 1 and d != 1))
    if stretched:
        gradient = p.sum(gradient, axis=stretched, keepdims=False)
    return gradient if gradient.shape == x.shape else p.reshape(gradient, shape=x.shape)


def elementwise_gradient(primitive: Any) -> Any:
    """Decorator for a rule that may ignore broadcasting: its gradients are summed back to the operands' shapes."""

    def attach(rule):
        def with_unbroadcast(node, g):
            return [unbroadcast(found, x) for found, x in zip(rule(node, g), node.inputs)]

        return gradient_of(primitive)(with_unbroadcast)

    return attach


@elementwise_gradient(add)
def _add(node, g):
    return g, g


@elementwise_gradient(subtract)
def _subtract(node, g):
    x, y = node.inputs
    return g, _wanted(y, lambda: p.negative(g))


@elementwise_gradient(multiply)
def _multiply(node, g):
    x, y = node.inputs
    return _wanted(x, lambda: multiply(g, y)), _wanted(y, lambda: multiply(g, x))


@elementwise_gradient(divide)
def _divide(node, g):
    x, y = node.inputs
    quotient = node.outputs[0]
    return _wanted(x, lambda: divide(g, y)), _wanted(y, lambda: p.negative(divide(multiply(g, quotient), y)))


@elementwise_gradient(remainder)
def _remainder(node, g):
    x, y = node.inputs
    return g, _wanted(y, lambda: p.negative(multiply(g, floor_divide(x, y))))


@elementwise_gradient(power)
def _power(node, g):
    x, y = node.inputs
    return _wanted(x, lambda: _power_base(x, y, g)), _wanted(y, lambda: _power_exponent(x, node.outputs[0], g))


def _power_base(x, y, g):
    """`d x**y / dx = y x**(y-1)`, and 0 where y is 0 whatever x is (0**-1 would be infinite)."""
    constant = equal(y, 0.0)
    slope = multiply(y, power(x, subtract(where(constant, 1.0, y), 1.0)))
    return multiply(g, slope)


def _power_exponent(x, result, g):
    if x.dtype in COMPLEX:
        zero = equal(x, 0.0)
        return multiply(g, where(zero, 0.0, multiply(result, p.log(where(zero, 1.0, x)))))
    positive = greater(x, 0.0)
    return multiply(g, where(positive, multiply(result, p.log(where(positive, x, 1.0))), 0.0))


@elementwise_gradient(maximum)
def _maximum(node, g):
    return _share(node, g)


@elementwise_gradient(minimum)
def _minimum(node, g):
    return _share(node, g)


def _share(node, g):
    """The gradient goes to the operand that was taken, half to each where they are equal."""
    x, y = node.inputs
    chosen = node.outputs[0]
    share = where(equal(x, y), multiply(g, 0.5), g)
    return _wanted(x, lambda: where(equal(x, chosen), share, 0.0)), _wanted(
        y, lambda: where(equal(y, chosen), share, 0.0)
    )


@elementwise_gradient(arctan2)
def _arctan2(node, g):
    y, x = node.inputs
    scale = divide(g, add(multiply(x, x), multiply(y, y)))
    return multiply(scale, x), p.negative(multiply(scale, y))


@elementwise_gradient(where)
def _where(node, g):
    condition, x, y = node.inputs
    return None, _wanted(x, lambda: where(condition, g, 0.0)), _wanted(y, lambda: where(condition, 0.0, g))


@gradient_of(cast)
def _cast(node, g):
    wanted = node.inputs[0].dtype
    return [cast(g if wanted in COMPLEX or g.dtype not in COMPLEX else p.real(g), dtype=wanted)]


def _wanted(x, compute):
    """Skip work for an operand that is a constant: nobody asks for its gradient."""
    return None if is_constant(x) else compute()


def is_constant(x: TensorLike) -> bool:
    """Whether `x` is a constant of the trace, which can't depend on anything."""
    return getattr(x, "name", None) == "constant"
