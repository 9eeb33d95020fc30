"""What a primitive is: a name, a shape rule, a gradient rule and its traits.

What it computes is each device's own kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import COMPLEX
from kerasish.backend.float_formats import HALVES
from kerasish.backend.graph import KerasTensor, Tensor, record
from kerasish.backend.lowbits.widening import WIDE, converted, is_widened
from kerasish.backend.primitives.traits import Traits, stated
from kerasish.backend.variable import Variable, to_array
from kerasish.typing import TensorLike

PRIMITIVES = {}


class _Namespace:
    """Primitives by name, looked up when a rule runs: gradient rules of one family may use any other."""

    def __init__(self, primitives):
        self.__dict__ = primitives

    def __getattr__(self, name):
        raise AttributeError(f"There is no primitive named {name!r}.")


p = _Namespace(PRIMITIVES)


class Spec(NamedTuple):
    """Shape (tuple, None where unknown) and dtype (string) of a value."""

    shape: tuple
    dtype: str


class Primitive:
    """One of the closed set of operations.

    Args:
        name: string; the kernel of each device bears it.
        shape: function `(*inputs, **attributes) -> Spec` (or a tuple of Specs); the inputs have `shape` and `dtype`. It
            raises ValueError for operands that do not fit.
        gradient: function `(node, *output_gradients) -> one gradient (or None) an input`, itself written in primitives.
            None where the primitive has no gradient.
        traits: Traits, what is true of it.

    Called on arrays it computes at once; on Tensors it adds a Node to the trace that is active; on KerasTensors, to the
    functional graph.
    """

    def __init__(self, name: str, shape: Callable, gradient: Callable | None, traits: Traits) -> None:
        self.name = name
        self.shape_rule = shape
        self.gradient_rule = gradient
        self.traits = traits

    def in_place_operand(self, node: Any, x: TensorLike) -> bool:
        """Whether the kernel may write its output over operand `x` of a call."""
        safe = self.traits.in_place
        return safe is None or all(place in safe for place, y in enumerate(node.inputs) if y is x)

    def __call__(self, *inputs: Any, **attributes: Any) -> Any:
        interpreter = context.interpreter()
        if interpreter is not None:
            return interpreter.bind(self, inputs, attributes)
        for x in inputs:
            if isinstance(x, KerasTensor):
                specs = self.shape_rule(*literals_as_specs(inputs), **attributes)
                return record(
                    self, inputs, attributes, [Tensor(*spec) for spec in specs] if is_several(specs) else Tensor(*specs)
                )
        return evaluate(self, inputs, attributes)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def is_several(specs: Any) -> bool:
    """Whether a shape rule's answer describes several outputs."""
    return (
        not isinstance(specs, Spec)
        and isinstance(specs, (tuple, list))
        and (not specs or not isinstance(specs[0], (int, type(None))))
    )


def define(name: str, shape: Callable, gradient: Callable | None = None, **traits: Any) -> Primitive:
    """Make and register a Primitive; the name must be new. `traits`: those of `Traits`; see `families` too."""
    if name in PRIMITIVES:
        raise ValueError(f"A primitive named {name!r} exists already.")
    facts = stated(name, traits)
    PRIMITIVES[name] = primitive = Primitive(
        name, shape if facts.complex else _of_real_numbers(name, shape), gradient, facts
    )
    return primitive


def _of_real_numbers(name, shape):
    """The shape rule of a primitive that makes no sense of complex numbers."""

    def checked(*inputs, **attributes):
        for x in inputs:
            if x.dtype in COMPLEX:
                raise TypeError(
                    f"`{name}` takes real numbers, got {x.dtype}. Take `ops.real`, `ops.imag`, `ops.abs` or "
                    "`ops.angle` of it first."
                )
        return shape(*inputs, **attributes)

    return checked


def gradient_of(primitive: Any) -> Any:
    """Decorator.

    The function below is `primitive`'s gradient rule (for rules that need primitives defined after it).
    """

    def attach(rule):
        primitive.gradient_rule = rule
        return rule

    return attach


def literal_dtype(dtypes: Any) -> Any:
    """The dtype that a Python number beside operands of `dtypes` takes: the first that is no mere condition."""
    return next((d for d in dtypes if d != "bool"), "bool" if dtypes else None)


def literals_as_specs(inputs: TensorLike) -> Any:
    """The operands as things with `shape` and `dtype`."""
    dtype = literal_dtype([x.dtype for x in inputs if isinstance(x, (Tensor, Variable))])
    specs = []
    for x in inputs:
        if isinstance(x, (Tensor, Variable)):
            specs.append(x)
        elif isinstance(x, (bool, int, float)):
            specs.append(Spec((), dtype))
        else:
            specs.append(spec_of(x))
    return specs


def spec_of(array: TensorLike) -> Any:
    """The Spec of a device array, Tensor or Variable."""
    if isinstance(array, (Tensor, Variable)):
        return Spec(array.shape, array.dtype)
    on = device()
    if not on.is_array(array):
        array = to_array(on, array, None)
    return Spec(tuple(array.shape), on.dtype_name(array))


def as_arrays(inputs: TensorLike) -> Any:
    """The operands of an eager call as device arrays; Python numbers take the dtype of the first array."""
    on = device()
    arrays, literals = [], False
    for x in inputs:
        if on.is_array(x):
            arrays.append(x)
        elif isinstance(x, (bool, int, float)):
            literals = True
            arrays.append(x)
        else:
            if isinstance(x, Tensor) and not x.has_value:
                raise TypeError(
                    f"{x!r} belongs to a computation that has ended; it has no value here. Return it from the traced "
                    "function, or compute "
                    "what you need inside."
                )
            arrays.append(to_array(on, x, None))
    if literals:
        dtype = literal_dtype([on.dtype_name(a) for a in arrays if on.is_array(a)])
        arrays = [to_array(on, a, dtype) if isinstance(a, (bool, int, float)) else a for a in arrays]
    return arrays


def evaluate(primitive: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
    """Compute `primitive` at once: allocate the outputs, run the device's kernel."""
    on = device()
    allowance = context.current().allowance
    shortcut = on.shortcuts.get(primitive.name)
    if shortcut is not None and allowance is None:
        result = shortcut(*inputs, **attributes)
        if result is not None:
            return result
    arrays = as_arrays(inputs)
    name = on.dtype_name
    if primitive.name in HIGHER_ORDER:
        return HIGHER_ORDER[primitive.name](primitive, arrays, attributes)
    operands = [Spec(a.shape, name(a)) for a in arrays]
    specs = primitive.shape_rule(*operands, **attributes)
    several = is_several(specs)
    dtypes = [spec.dtype for spec in operands]
    if is_widened(primitive, dtypes, on):
        wide = [converted(on, a, WIDE) if dtype in HALVES else a for a, dtype in zip(arrays, dtypes)]
        made = evaluate(primitive, wide, attributes)
        if several:
            return [converted(on, found, spec[1]) for found, spec in zip(made, specs)]
        return converted(on, made, specs[1])
    if allowance is not None:  # a config out of a file asks for it
        for spec in specs if several else (specs,):
            allowance.take_constant(spec[0], spec[1], primitive.name)
    out = tuple(on.empty(shape, dtype) for shape, dtype in specs) if several else on.empty(specs[0], specs[1])
    with on.running():
        on.kernels[primitive.name](out, *arrays, **attributes)
    return list(out) if several else out


HIGHER_ORDER = {}  # primitives that run a whole graph (scan, cond, ...): name -> fn(primitive, arrays, attributes)
