"""A Python function becomes a Graph of primitives: run it once on Tensors and write down what it called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.graph import Graph, KerasTensor, Tensor
from kerasish.backend.node import PrimitiveNode
from kerasish.backend.primitives.primitive import evaluate, is_several, literal_dtype, p
from kerasish.backend.primitives.unary import stop_gradient
from kerasish.backend.variable import Variable, to_array
from kerasish.typing import DTypeLike, ShapeLike, TensorLike


class Trace(context.Interpreter):
    """What one run of a function wrote down; the interpreter while it runs.

    Attributes:
        nodes: list of Node in the order of calls.
        constants: dict from Tensor to the device array (or Python number) it stands for.
        reads: dict from Variable to the Tensor of its value at the start.
        current: dict from Variable to the Tensor of its latest value.
        versions: dict from Variable to the Tensors that were read after assignments to it.
        captures: dict from a Tensor of an enclosing trace to the Tensor that stands for it here.
        adopted: dict from a Tensor of a body that was inlined here to the Tensor that stands for it (a user's own
            gradient rule holds such).
    """

    def __init__(self, name: str = "trace") -> None:
        self.name = name
        self.nodes: list[Any] = []
        self.constants: dict[Any, Any] = {}
        self._constant_of = {}
        self._pinned = []
        self._copies = {}
        self.reads: dict[Any, Any] = {}
        self.current: dict[Any, Any] = {}
        self.captures: dict[Any, Any] = {}
        self.adopted: dict[Any, Any] = {}
        self.updated: dict[Any, Any] = {}
        self.versions: dict[Any, Any] = {}
        self._unread = set()
        self.finished = False

    def __enter__(self) -> Any:
        self._parents = context.active_interpreters()
        self._scope = context.interpreting(self)
        self._scope.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.finished: bool = True
        self._scope.__exit__(*exc)
        self._let_go()

    def _let_go(self):
        """The caller's arrays are not kept alive, and so not known by their ids any more."""
        self._constant_of, self._pinned, self._copies = {}, [], {}

    def input(self, shape: ShapeLike, dtype: DTypeLike, name: str | None = None) -> Any:
        """A new input of the graph."""
        return Tensor(shape, dtype, name, trace=self)

    def constant(self, value: TensorLike, dtype: DTypeLike | None = None) -> Any:
        """The Tensor that stands for a device array or, with `dtype`, for a Python number."""
        key = (repr(value), type(value), dtype) if isinstance(value, (bool, int, float)) else id(value)  # 0.0 == -0.0
        tensor = self._constant_of.get(key)
        if tensor is None:
            array = to_array(device(), value, dtype)
            if array is value:
                array = self._settled(value)
            tensor = Tensor(tuple(array.shape), device().dtype_name(array), "constant", trace=self)
            self.constants[tensor] = array
            self._constant_of[key] = tensor
            self._pinned.append(value)  # an id is only good while its object lives
        return tensor

    def _settled(self, array):
        """An array with the values of `array` that nobody else writes to: a copy, unless it is one already.

        Inner and outer traces share the copies.
        """
        outermost = next(
            (trace for trace in reversed(self._parents) if isinstance(trace, Trace) and not trace.computes),
            self,
        )
        if outermost is not self:
            return outermost._settled(array)
        if id(array) not in self._copies:
            copy = array if _is_fixed(array) else device().copy(array)
            self._copies[id(array)] = self._copies[id(copy)] = copy
            self._pinned.append(array)
        return self._copies[id(array)]

    def lift(self, x: TensorLike) -> Any:
        """`x` as a Tensor of this trace.

        Itself, a constant, a variable's value, or the stand-in for an outer trace's Tensor.
        """
        if isinstance(x, Tensor):
            if x.trace is self:
                return x
            if isinstance(x, KerasTensor):
                raise TypeError(
                    f"{x!r} is part of a functional model; it has no place in a traced function. Make it an input of "
                    "the model, or pass it to "
                    "the layer as an argument of the call."
                )
            if x.trace is not None and x.trace in self._parents:
                return self._capture(x)
            if x in self.adopted:
                return self.adopted[x]
            if x.has_value:
                return self.constant(x.value)
            raise TypeError(
                f"{x!r} was made in another traced function, which has ended. Don't keep tensors between calls: "
                "return them, or keep them in "
                "a Variable."
            )
        if isinstance(x, Variable):
            return self.read(x)
        return self.constant(x)

    def watched(self, x: TensorLike) -> Any:
        return self._constant_of.get(id(x), x)

    def _capture(self, x):
        tensor = self.captures.get(x)
        if tensor is None:
            tensor = self.captures[x] = self.input(x.shape, x.dtype, x.name if x.name != "constant" else None)
        return tensor

    def read(self, variable: Any) -> Any:
        """The latest value of `variable` in this trace.

        What is read after an assignment has a gradient of its own, and none that goes on into what was assigned, as in
        TensorFlow: of several training steps in one trace each sees the weights as they are then, not the way in which
        the step before it made them.
        """
        tensor = self.current.get(variable)
        if tensor is None:
            tensor = self.reads[variable] = self.current[variable] = self._first_value(variable)
        elif variable in self._unread:
            self._unread.discard(variable)
            if is_float_dtype(tensor.dtype):
                tensor = self.current[variable] = self.bind(stop_gradient, [tensor], {})
                self.versions.setdefault(variable, []).append(tensor)
        return tensor

    def leaves(self, variable: Any) -> list[Any]:
        """The tensors that stand for `variable` in this trace: its first value, and those read after assignments."""
        self.read(variable)
        return [*([self.reads[variable]] if variable in self.reads else []), *self.versions.get(variable, [])]

    def _first_value(self, variable):
        if self._parents:
            return self.lift(self._parents[0].read(variable))
        return Tensor(variable._shape, variable._dtype, variable.path, trace=self)

    def assign(self, variable: Any, value: TensorLike) -> Any:
        """Make `value` the variable's value from here on, and at the end of the step."""
        value = (
            self.lift(value)
            if not isinstance(value, (bool, int, float, list, tuple))
            else self.constant(to_array(device(), value, variable._dtype))
        )
        if tuple(value.shape) != variable._shape:
            raise ValueError(
                f"The shape of `value` does not fit variable {variable.path!r}: the variable has {variable._shape}, "
                f"got {tuple(value.shape)}."
            )
        if value.dtype != variable._dtype:
            value = p.cast(value, dtype=variable._dtype)
        self.current[variable] = self.updated[variable] = value
        self._unread.add(variable)
        return value

    def bind(self, primitive: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        """Write down one call of a primitive and return its outputs. A call on constants alone is computed at once."""
        if inputs and not any(isinstance(x, (Tensor, Variable)) for x in inputs):
            with context.escaped():
                return evaluate(primitive, inputs, attributes)
        return self.add_node(primitive, self._operands(inputs), attributes)

    def _operands(self, inputs):
        lifted = [x if isinstance(x, (bool, int, float)) else self.lift(x) for x in inputs]
        if any(type(x) is not Tensor and not isinstance(x, Tensor) for x in lifted):
            dtype = literal_dtype([x.dtype for x in lifted if isinstance(x, Tensor)])
            lifted = [x if isinstance(x, Tensor) else self.constant(x, dtype) for x in lifted]
        return lifted

    def add_node(self, primitive: Any, operands: Any, attributes: dict[str, Any]) -> Any:
        """Append the Node and make its output Tensors."""
        specs = primitive.shape_rule(*operands, **attributes)
        several = is_several(specs)
        scope = context.current()
        node = PrimitiveNode(
            operation=primitive,
            inputs=operands,
            attributes=attributes,
            several=several,
            order=len(self.nodes),
            scope=scope.variable_path or scope.part,
        )
        node.outputs = [self.output(spec, node, i) for i, spec in enumerate(specs if several else [specs])]
        self.nodes.append(node)
        return list(node.outputs) if several else node.outputs[0]

    def output(self, spec: Any, node: Any, index: int) -> Any:
        """A Tensor for one output of `node`."""
        return Tensor(spec[0], spec[1], None, node, index, self)


def _is_fixed(array):
    """Whether it is known that nobody can write to an array.

    A NumPy scalar, or one that is read-only like everything that it is a view of.
    """
    while array is not None and hasattr(array, "flags"):
        if array.flags.writeable:
            return False
        array = getattr(array, "base", None)
    return array is None or isinstance(array, bytes)


class TracedGraph(Graph):
    """A Graph of primitives, with what its Trace found out.

    Attributes:
        inputs, outputs: flat lists of Tensors; `outputs_struct`: what the function returned.
        nodes: in the order of calls.
        constants, reads: as in Trace; `updates`: dict from Variable to the Tensor of its new value.
    """

    def __init__(self, trace: Any, inputs: TensorLike, outputs_struct: Any) -> None:
        self.name: str = trace.name
        self.inputs = inputs
        self.inputs_struct = inputs
        self.outputs_struct = outputs_struct
        self.outputs = tree.flatten(outputs_struct)
        self.nodes = trace.nodes
        self.constants: Any = trace.constants
        self.reads: Any = trace.reads
        self.captures: Any = trace.captures
        self.updates: dict[Any, Any] = dict(trace.updated)
        self.trace = trace


def trace(function: Callable[..., Any], specs: Sequence[Any], name: str | None = None) -> TracedGraph:
    """Run a function once on symbolic Tensors and write down what it computes.

    Non-tensor outputs (None, Python numbers) are made constants; None stays.

    Args:
        function: function of one Tensor a spec; may read and assign Variables.
        specs: flat list of objects with `shape` and `dtype`.
        name: string for messages.

    Returns:
        TracedGraph.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend
        >>> graph = backend.trace(lambda x: x * 2.0 + 1.0, [keras.KerasTensor((2,))])
        >>> [node.operation.name for node in graph.nodes]
        ['multiply', 'add']
    """
    with Trace(name or getattr(function, "__name__", "function")) as current:
        inputs = [current.input(tuple(spec.shape), spec.dtype, getattr(spec, "name", None)) for spec in specs]
        result = function(*inputs)
        outputs = tree.map_structure(lambda x: None if x is None else current.lift(x), result)
    return TracedGraph(current, inputs, outputs)


_STAND_INS = (29, 31)  # primes, so that a product of sizes is not mistaken for another


def infer(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """What `function(*args, **kwargs)` would return, as a structure of Specs, for arguments with KerasTensors in them.

    The body is traced with unknown sizes as None. A body that computes with such a size in Python (`x.shape[0] * 2`)
    raises TypeError on None; it is traced twice instead, with two different sizes in place of None, and a size that
    differs between the two is unknown.
    """
    leaves = tree.flatten((args, kwargs))
    symbolic = [t for t in leaves if isinstance(t, KerasTensor)]
    try:
        return _infer_with(function, args, kwargs, [t.shape for t in symbolic])
    except TypeError:
        if not any(None in t.shape for t in symbolic):
            raise
    first, second = (
        _infer_with(function, args, kwargs, [tuple(size if d is None else d for d in t.shape) for t in symbolic])
        for size in _STAND_INS
    )
    return tree.map_structure(_agreement, first, second)


def _infer_with(function, args, kwargs, shapes):
    remaining = iter(shapes)
    with context.interpreting(None), Trace("infer") as current:

        def stand_in(leaf):
            if not isinstance(leaf, KerasTensor):
                return leaf
            tensor = current.input(next(remaining), leaf.dtype, leaf.name)
            mask = getattr(leaf, "_keras_mask", None)
            if mask is not None:
                tensor._keras_mask = current.input(mask.shape, mask.dtype)
            return tensor

        args, kwargs = tree.map_structure(stand_in, (args, kwargs))
        result = function(*args, **kwargs)
        return tree.map_structure(lambda x: None if x is None else current.lift(x), result)


def _agreement(a, b):
    if a is None:
        return None
    shape = tuple(x if x == y else None for x, y in zip(a.shape, b.shape))
    return Tensor(shape, a.dtype)
