"""Computations of other frameworks on the host, as operations with gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives.host import HostOperation, host_call
from kerasish.backend.primitives.primitive import Spec, p
from kerasish.backend.variable import Variable

_STAND_IN, _OTHER = 64, 96  # numbers in the place of open sizes: large enough for windows, and halved several times


class HostFunction:
    """A function of arrays that another framework computes on the host.

    Args:
        name: string, for messages and reports.
        describe: function of a list of Specs with sizes that are ints, which returns the list of those of the outputs.
        forward: function of NumPy arrays, which returns the list of the outputs' arrays.
        backward: function of the NumPy arrays of the inputs and of the gradients of the outputs, which returns a list
            of the gradients of those inputs that are floating-point; None where there is no gradient.
    """

    def __init__(
        self,
        name: str,
        describe: Callable[[list[Spec]], list[Spec]],
        forward: Callable[..., Sequence[Any]],
        backward: Callable[..., Sequence[Any]] | None = None,
    ) -> None:
        self.name = name
        self.describe = describe
        self._forward = forward
        self._backward = backward

    def on(self, *inputs: Any) -> list[Any]:
        """The outputs for tensors, Variables or arrays, which may be symbolic."""
        values = [x.read() if isinstance(x, Variable) else x for x in inputs]
        return list(host_call(*values, function=self, specs=self._specs, name=self.name))

    def _specs(self, *inputs):
        return tuple(specs_for(self.describe, [Spec(tuple(x.shape), str(x.dtype)) for x in inputs]))

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """What the device's kernel calls."""
        return tuple(self._forward(*arrays))

    def gradient(self, operation: HostOperation, *gradients: Any) -> list[Any]:
        """One gradient (or None) an input of the operation."""
        if self._backward is None:
            raise ValueError(f"{self.name!r} has no gradient (second derivatives go no further than one call of it).")
        inputs, outputs = operation.inputs, operation.outputs
        wanted = [index for index, x in enumerate(inputs) if is_float_dtype(str(x.dtype))]
        if not wanted:
            return [None] * len(inputs)
        given = [
            p.full(shape=tuple(y.shape), value=0.0, dtype=y.dtype) if g is None else g
            for g, y in zip(gradients, outputs)
        ]

        def describe(specs):
            return [specs[index] for index in wanted]

        found = HostFunction(f"gradient of {self.name}", describe, self._backward).on(*inputs, *given)
        made = dict(zip(wanted, found))
        return [made.get(index) for index in range(len(inputs))]


def specs_for(describe: Callable[[list[Spec]], list[Spec]], inputs: Sequence[Spec]) -> list[Spec]:
    """The Specs of outputs, where `describe` knows numbers alone and `inputs` have open sizes.

    It is asked with other numbers in their place, and once more for each of them with another one: what stays is fixed,
    what changes with one of them in a straight line is said in that one, and anything else is unknown (None).
    """
    sizes = {_key(n, axis): n for spec in inputs for axis, n in enumerate(spec.shape) if not isinstance(n, int)}
    first = dict.fromkeys(sizes, _STAND_IN)
    found = describe([_closed(spec, first) for spec in inputs])
    others = {key: describe([_closed(spec, {**first, key: _OTHER}) for spec in inputs]) for key in sizes}
    return [
        Spec(
            tuple(
                _opened(n, {sizes[key]: other[place].shape[axis] for key, other in others.items()})
                for axis, n in enumerate(spec.shape)
            ),
            spec.dtype,
        )
        for place, spec in enumerate(found)
    ]


def _key(size: Any, axis: int) -> Any:
    """What tells one open size from another: its expression; of one that has none, the axis."""
    return axis if size is None else repr(size)


def _closed(spec: Spec, numbers: dict[Any, int]) -> Spec:
    """A Spec with numbers in the place of open sizes."""
    return Spec(
        tuple(n if isinstance(n, int) else numbers[_key(n, axis)] for axis, n in enumerate(spec.shape)), spec.dtype
    )


def _opened(n: int, others: dict[Any, int]) -> Any:
    """The size that is `n` at first, and something else where one open size is another.

    None where that is not plain.
    """
    changing = [(size, other) for size, other in others.items() if other != n]
    if not changing:
        return n
    (size, other), *more = changing
    slope, rest = divmod(other - n, _OTHER - _STAND_IN)
    offset = n - slope * _STAND_IN
    if more or rest or size is None:
        return None
    made = size if slope == 1 else size * slope
    return made + offset if offset else made
