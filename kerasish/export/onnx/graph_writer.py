"""The ONNX graph that is being written: nodes, names, constants, and the words in which forms speak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import Size, is_open
from kerasish.export.onnx.onnx_package import onnx_dtype, onnx_module
from kerasish.export.onnx.open_sizes import SizeWriter
from kerasish.export.onnx.value import Value, inverse

_NARROW = {"int8": "int32", "int16": "int32", "uint8": "int32", "uint16": "int32", "uint32": "int64"}


class File:
    """What all graphs of one file share.

    Attributes:
        opset: int, the version of ONNX's operators.
        names: the names that are taken.
        constants: list of Values with an array and a name, which become initializers.
        domains: the domains of operators beside ONNX's own.
        scope: path of the layer whose part is being written.
    """

    def __init__(self, opset: int) -> None:
        self.opset = opset
        self.names: dict[str, int] = {}
        self.constants: list[Value] = []
        self.domains: set[str] = set()
        self.scope = ""

    def unique(self, name: str) -> str:
        """`name`, with a number where it is taken."""
        if name not in self.names:
            self.names[name] = 0
            return name
        while True:
            self.names[name] += 1
            candidate = f"{name}_{self.names[name]}"
            if candidate not in self.names:
                self.names[candidate] = 0
                return candidate


class GraphWriter:
    """One graph of a file: the main one, or the body of a loop or a branch, which sees the values around it.

    Args:
        file: File.
        around: the GraphWriter in which a body stands, or None.
    """

    def __init__(self, file: File, around: GraphWriter | None = None) -> None:
        self.file, self.around = file, around
        self.nodes: list[Any] = []
        self._scalars = around._scalars if around else {}
        self._moved = {}
        self.sizes: SizeWriter = around.sizes if around else SizeWriter(self)

    @property
    def opset(self) -> int:
        """The version of ONNX's operators."""
        return self.file.opset

    # -- nodes and constants ------------------------------------------------------------------------------------

    def op(
        self,
        kind: str,
        *inputs: Any,
        dtype: str | None = None,
        shape: Sequence[Any] | None = None,
        outputs: int = 1,
        dtypes: Sequence[str] | None = None,
        domain: str = "",
        **attributes: Any,
    ) -> Any:
        """Write one node.

        Args:
            kind: the operator.
            *inputs: Values, numbers (constants of the first Value's dtype), None for inputs left out.
            dtype: of the outputs; that of the first Value when None. `dtypes`: one for each output.
            shape: of the output, where somebody will ask.
            outputs: how many; a list of Values comes then.
            domain: of the operator.
            **attributes: of the node; those that are None are left out.
        """
        like = next((x.dtype for x in inputs if isinstance(x, Value)), dtype)
        names = ["" if x is None else self.name(self.value(x, like)) for x in inputs]
        while names and not names[-1]:
            names.pop()
        label = self.file.unique(f"{self.file.scope}/{kind}" if self.file.scope else kind)
        made = [self.file.unique(f"{label}:{i}") for i in range(outputs)]
        if domain:
            self.file.domains.add(domain)
        given = {key: value for key, value in attributes.items() if value is not None}
        self.nodes.append(onnx_module().helper.make_node(kind, names, made, name=label, domain=domain, **given))
        values = [
            Value(self, name, dtypes[i] if dtypes else dtype or like, shape if i == 0 else None)
            for i, name in enumerate(made)
        ]
        return values[0] if outputs == 1 else values

    def value(self, x: Any, dtype: str | None = None) -> Value:
        """`x` as a Value: numbers and arrays become constants."""
        return x if isinstance(x, Value) else self.constant(x, dtype)

    def constant(self, x: Any, dtype: str | None = None, name: str | None = None) -> Value:
        """A constant of a number, a list or an array, of a dtype where one is given; `name`: what it is called."""
        if dtype == "string":
            return Value(self, None, "string", np.shape(x), np.asarray(x, dtype=object), hint=name)
        array = np.asarray(x, dtype=None if dtype is None else onnx_dtype(dtype).numpy)
        if name is None and array.size <= 16:
            key = (array.shape, array.dtype.name, array.tobytes())
            if key not in self._scalars:
                self._scalars[key] = Value(self, None, array.dtype.name, array.shape, array)
            return self._scalars[key]
        return Value(self, None, array.dtype.name, array.shape, array, hint=name)

    def name(self, value: Value) -> str:
        """The name of a Value in ONNX; what has none yet is written now."""
        if value.name is None:
            if value.base is not None:
                value.name = value.graph.op("Transpose", value.base, perm=list(value.axes)).name
            else:
                scope = self.file.scope
                value.name = self.file.unique(value.hint or (f"{scope}/constant" if scope else "constant"))
                self.file.constants.append(value)
        return value.name

    # -- dtypes and shapes --------------------------------------------------------------------------------------

    def cast(self, x: Value, dtype: str) -> Value:
        """`x` as another dtype."""
        if x.dtype == dtype:
            return x
        if x.array is not None and x.dtype != "string":
            return self.constant(x.array.astype(onnx_dtype(dtype).numpy), None, x.hint)
        return self.below(x, lambda base: self.op("Cast", base, to=onnx_dtype(dtype).code, dtype=dtype))

    def vector(self, sizes: Sequence[Any], dtype: str = "int64") -> Value:
        """A vector of ints, worked out in the graph where some are open."""
        return self.cast(self.sizes.vector(sizes), dtype)

    def reshape(self, x: Value, shape: Sequence[Any]) -> Value:
        """`x` in another shape."""
        shape = tuple(shape)
        if x.array is not None and not is_open(shape):
            return self.constant(x.array.reshape(shape), x.dtype, x.hint)
        if x.shape is not None and _is_same(x.shape, shape):
            return x
        opened = [i for i, size in enumerate(shape) if type(size) is Size]
        if not opened:
            return self.op("Reshape", x, self.vector(shape), shape=shape, allowzero=1 if 0 in shape else None)
        if len(opened) == 1 and 0 not in shape:
            return self.op("Reshape", x, self.vector([-1 if type(n) is Size else n for n in shape]), shape=shape)
        kept = x.shape is not None and all(i < len(x.shape) and _is_same([x.shape[i]], [shape[i]]) for i in opened[:-1])
        if kept and 0 not in shape:  # 0 says: as it is
            wanted = [-1 if i == opened[-1] else 0 if i in opened else n for i, n in enumerate(shape)]
            return self.op("Reshape", x, self.vector(wanted), shape=shape)
        return self.op("Reshape", x, self.vector(shape), shape=shape, allowzero=1 if 0 in shape else None)

    # -- orders of axes -----------------------------------------------------------------------------------------

    def transpose(self, x: Value, axes: Sequence[int]) -> Value:
        """`x` with its axes in another order, which is written when somebody needs it."""
        axes = tuple(axes)
        if x.array is not None:
            return self._once(
                x, axes, lambda: self.constant(np.ascontiguousarray(x.array.transpose(axes)), x.dtype, x.hint)
            )
        base, before = self.seen(x)
        axes = tuple(before[a] for a in axes)
        return self.viewed(base, axes)

    def seen(self, x: Value) -> tuple[Value, tuple[int, ...]]:
        """(what lies below, the order of its axes in which x shows it)."""
        return (x, tuple(range(x.rank))) if x.base is None else (x.base, x.axes)

    def viewed(self, base: Value, axes: Sequence[int]) -> Value:
        """`base` with its axes in the order `axes`."""
        axes = tuple(axes)
        if axes == tuple(range(len(axes))):
            return base
        shape = None if base.shape is None else [base.shape[a] for a in axes]
        return Value(self, None, base.dtype, shape, base=base, axes=axes)

    def under(self, x: Value, axes: Sequence[int]) -> Value:
        """What gives `x` when its axes are put in the order `axes`; fewer axes than those count from the last."""
        axes, rank = tuple(axes), len(axes)
        if x.rank == 0 or (x.array is not None and x.array.size == 1):
            return x if x.rank <= rank else self.reshape(x, (1,) * rank)
        if x.rank < rank:
            x = self._once(x, rank, lambda: self.reshape(x, (*[1] * (rank - x.rank), *x.shape)))
        back = inverse(axes)
        if x.base is not None and x.axes == axes:
            return x.base
        if x.array is not None:
            return self.transpose(x, back)
        base, before = self.seen(x)
        order = [before[a] for a in back]
        if order == list(range(rank)):
            return base
        return self._once(x, back, lambda: self._reordered(base, order))

    def _once(self, x, how, make):
        """`make()`, which says `x` in another way, or what it gave before."""
        if (id(x), how) not in self._moved:
            self._moved[id(x), how] = (x, make())  # an id is only good while its object lives
        return self._moved[id(x), how][1]

    def _reordered(self, x, order):
        """`x` transposed now; where nothing but axes of size 1 moves that is another shape."""
        shape = [x.shape[a] for a in order]
        telling = [a for a in order if not (type(x.shape[a]) is int and x.shape[a] == 1)]
        if telling == sorted(telling):
            return self.reshape(x, shape)
        return self.op("Transpose", x, perm=order, shape=shape)

    def below(self, x: Value, compute: Any) -> Value:
        """`compute(base)`, which keeps the axes, below the order in which `x` shows it."""
        base, axes = self.seen(x)
        out = compute(base)
        out.shape = base.shape
        return self.viewed(out, axes)

    def elementwise(self, kind: str, *inputs: Any, dtype: str | None = None, **attributes: Any) -> Value:
        """An operator that computes element by element, below the order of axes of its operands."""
        like = next(x for x in inputs if isinstance(x, Value)).dtype
        values = [self.value(x, dtype if kind == "Where" else like) for x in inputs]
        through = _NARROW.get(like) if kind not in ("Identity", "BitwiseAnd", "BitwiseOr") else None
        if through is not None and dtype is None:
            wide = [self.cast(x, through) if x.dtype == like else x for x in values]
            return self.cast(self.elementwise(kind, *wide, **attributes), like)
        return self.jointly(values, lambda *below: self.op(kind, *below, dtype=dtype, **attributes))

    def jointly(self, values: Sequence[Value], compute: Any) -> Value:
        """`compute(*values)`, element by element, with all values below one order of axes."""
        shape = _broadcast([x.shape for x in values])
        rank = len(shape)
        axes = next((x.axes for x in values if x.base is not None and x.rank == rank), None)
        if axes is not None:
            values = [self.under(x, axes) for x in values]
        out = compute(*values)
        out.shape = shape if axes is None else tuple(shape[a] for a in inverse(axes))
        return out if axes is None else self.viewed(out, axes)

    def count(self, shape: Sequence[Any]) -> Any:
        """The number of elements of a shape."""
        return product(shape)


def _is_same(a, b):
    return len(a) == len(b) and all(
        type(m) is type(n) and (m.key == n.key if type(m) is Size else m == n) for m, n in zip(a, b)
    )


def _broadcast(shapes):
    rank = max(map(len, shapes))
    found = []
    for axis in range(-rank, 0):
        sizes = [s[axis] for s in shapes if len(s) >= -axis and not (type(s[axis]) is int and s[axis] == 1)]
        known = [n for n in sizes if type(n) is not Size]
        found.append((known or sizes or [1])[0])
    return tuple(found)
