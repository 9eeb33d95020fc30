"""A Python function becomes a Graph of primitives: run it once on Tensors and write down what it called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import is_inexact_dtype
from kerasish.backend.fixed_arrays import is_fixed
from kerasish.backend.graph import Graph, KerasTensor, Tensor
from kerasish.backend.guesses import explored
from kerasish.backend.node import PrimitiveNode
from kerasish.backend.primitives.primitive import evaluate, is_several, literal_dtype, p
from kerasish.backend.primitives.unary import stop_gradient
from kerasish.backend.settings import floatx
from kerasish.backend.sizes import OPEN, Size, is_open, shown, unknown, unlike_shapes
from kerasish.backend.variable import Variable, to_array
from kerasish.typing import DTypeLike, ShapeLike, TensorLike

_OPERANDS, _NUMBERS = (Tensor, Variable, *OPEN), (bool, int, float, *OPEN)


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
        region: the `recomputation.Region` to which what is written down now belongs, or None.
    """

    def __init__(self, name: str = "trace") -> None:
        self.name = name
        self.nodes: list[Any] = []
        self.remarks: list[str] = []
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
        self.region: Any = None
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
        """The Tensor that stands for a device array or, with `dtype`, for a Python number (or an open size)."""
        if type(value) in OPEN:
            return self._open_scalar(value, dtype)
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

    def _open_scalar(self, size, dtype):
        """A size that only the run knows, as a value."""
        tensor = self.input((), dtype or ("int32" if type(size) is Size else floatx()), None)
        tensor.open_size = size  # for ops that take sizes
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
            copy = array if is_fixed(array) else device().copy(array)
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
            if is_inexact_dtype(tensor.dtype):
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
        if unlike_shapes(value.shape, variable._shape):
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
        if inputs and not primitive.traits.together and not any(isinstance(x, _OPERANDS) for x in inputs):
            if not any(map(is_open, attributes.values())):
                with context.escaped():
                    return evaluate(primitive, inputs, attributes)
        return self.add_node(primitive, self._operands(inputs), attributes)

    def _operands(self, inputs):
        lifted = [x if isinstance(x, _NUMBERS) else self.lift(x) for x in inputs]
        if any(type(x) is not Tensor and not isinstance(x, Tensor) for x in lifted):
            dtype = literal_dtype([x.dtype for x in lifted if isinstance(x, Tensor)])
            lifted = [x if isinstance(x, Tensor) else self.constant(x, dtype) for x in lifted]
        return lifted

    def add_node(self, primitive: Any, operands: Any, attributes: dict[str, Any]) -> Any:
        """Append the Node and make its output Tensors."""
        specs = primitive.shape_rule(*operands, **attributes)
        several = is_several(specs)
        scope = context.current()
        if scope.allowance is not None:
            scope.allowance.take_objects(len(specs) if several else 1, primitive.name)
        node = PrimitiveNode(
            operation=primitive,
            inputs=operands,
            attributes=attributes,
            several=several,
            order=len(self.nodes),
            scope=scope.variable_path or scope.part,
            region=self.region,
        )
        node.outputs = [self.output(spec, node, i) for i, spec in enumerate(specs if several else [specs])]
        self.nodes.append(node)
        return list(node.outputs) if several else node.outputs[0]

    def output(self, spec: Any, node: Any, index: int) -> Any:
        """A Tensor for one output of `node`."""
        return Tensor(spec[0], spec[1], None, node, index, self)


class TracedGraph(Graph):
    """A Graph of primitives, with what its Trace found out.

    Attributes:
        inputs, outputs: flat lists of Tensors; `outputs_struct`: what the function returned.
        nodes: in the order of calls.
        constants, reads: as in Trace; `updates`: dict from Variable to the Tensor of its new value.
        adopted: of a part of a Trace, that of the Trace.
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
        self.remarks: list[str] = trace.remarks
        self.adopted: dict[Any, Any] = {}


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


def infer(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """What `function(*args, **kwargs)` would return, as a structure of Specs, for arguments with KerasTensors in them.

    The body is traced with a Size in place of each None; sizes of the result that depend on one are None again. Where
    it raises, and it had to decide on a size that only the run knows, it is traced again with another decision.
    """
    symbolic = [t for t in tree.flatten((args, kwargs)) if isinstance(t, KerasTensor)]
    if any(None in t.shape or _is_size(t) for t in symbolic):
        return explored(lambda guesses: _attempted(function, args, kwargs, guesses))
    with context.interpreting(None), Trace("infer") as current:
        return _inferred(current, function, args, kwargs, lambda tensor: tensor.shape)


def _is_size(tensor):
    """Whether a KerasTensor is a scalar worked out from the shapes of others alone (`K.shape(x)[0]`)."""
    return tensor.shape == () and tensor.dtype == "int32" and _comes_from_shapes(tensor)


def _comes_from_shapes(tensor):
    node = tensor.node
    if node is None:
        return False
    if getattr(getattr(node.operation, "op", None), "gives_sizes", False):
        return True
    return bool(node.inputs) and all(map(_comes_from_shapes, node.inputs))


def _attempted(function, args, kwargs, guesses):
    """(result, None), or (how many nodes were written down, the error that came then)."""
    opened = {}  # a KerasTensor that occurs twice has the same sizes in both places

    def shape_of(tensor):
        if id(tensor) not in opened:
            opened[id(tensor)] = _opened(tensor, guesses, opened)
        return opened[id(tensor)]

    with context.interpreting(None), Trace("infer") as current:
        try:
            return _inferred(current, function, args, kwargs, shape_of, guesses), None
        except Exception as error:
            return len(current.nodes), error


def _opened(tensor, guesses, opened):
    """The shape of a KerasTensor with a Size for each None. As in Keras, all open first axes are one batch."""
    name = tensor.name or "input"
    shape = list(tensor.shape)
    for axis, size in enumerate(shape):
        if size is None:
            about = f"the size of axis {axis} of input {name!r}"
            shape[axis] = unknown(f"{name}.shape[{axis}]", about, guesses)
    if shape and tensor.shape[0] is None:
        guesses.batches.add(id(tensor))
        if guesses.one_batch:
            shape[0] = opened.setdefault("batch", shape[0])
    return tuple(shape)


def _inferred(current, function, args, kwargs, shape_of, guesses=None):
    def begun(leaf):
        if not isinstance(leaf, KerasTensor):
            return leaf
        tensor = current.input(shape_of(leaf), leaf.dtype, leaf.name)
        if _is_size(leaf):
            tensor.open_size = unknown(leaf.name, f"the size {leaf.name!r}", guesses)
        mask = leaf._keras_mask
        if mask is not None:
            shape = (own if size is None else size for size, own in zip(mask.shape, tensor.shape))
            tensor._keras_mask = current.input(tuple(shape), mask.dtype)
        return tensor

    def ended(leaf):
        if leaf is None:
            return None
        tensor = current.lift(leaf)
        mask = tensor._keras_mask
        for value in (tensor,) if mask is None else (tensor, mask):
            value.shape = shown(value.shape)
        return tensor

    args, kwargs = tree.map_structure(begun, (args, kwargs))
    return tree.map_structure(ended, function(*args, **kwargs))
