"""What a computation is.

A Tensor is a value that is not there yet, a Node (`node.py`) one call that makes Tensors, a Graph what its outputs
reach. One vocabulary serves a functional model (nodes are layers) and a traced step (nodes are primitives); `Graph.run`
turns the first into the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasish import tree
from kerasish.backend.arithmetic import Arithmetic, operator
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.fixed_arrays import fixed
from kerasish.backend.node import ModelNode, Node
from kerasish.typing import AnyTensor, Axis, DTypeLike, Shape, ShapeLike


class Tensor(Arithmetic):
    """A value of a graph: `shape` (a tuple, None where unknown), `dtype` (a string), and the Node that makes it.

    Args:
        shape: tuple of ints, None where a size is not known.
        dtype: string.
        name: string or None.
        node: Node that makes it; None for an input, a constant or a variable's value.
        index: int, which of the node's outputs this is.
        trace: Trace in which it was made, None for a functional graph.

    Attributes:
        node: the Node, or None for an input, a constant or a variable's value.
        index: which of the node's outputs this is.
        trace: the Trace in which it was made, None for a functional graph.
        has_value: whether its numbers are there, as `value`: those of a tape's tensors are.

    Example:
        >>> import kerasish as keras
        >>> graph = keras.backend.trace(lambda x: x * 2.0, [keras.KerasTensor((2,))])
        >>> graph.outputs[0].shape, graph.outputs[0].dtype
        ((2,), 'float32')
    """

    has_value: bool = False
    _keras_mask: Any = None  # which of its steps count, as a Tensor

    def __init__(
        self,
        shape: ShapeLike,
        dtype: DTypeLike,
        name: str | None = None,
        node: Any = None,
        index: int = 0,
        trace: Any = None,
    ) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype: str = dtype
        self.name: str | None = name
        self.node: Node | None = node
        self.index: int = index
        self.trace: Any = trace

    def __getstate__(self) -> Any:
        """What pickle and `copy` take: of a trace's tensor what describes it, and nothing of the trace."""
        return vars(self) if self.trace is None else {**vars(self), "trace": None, "node": None}

    if not TYPE_CHECKING:  # who reads types knows that no other attribute is there

        def __getattr__(self, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}.{_instead(name)}")

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no value while the graph is being built, so it can't decide an `if`. "
            "Use `ops.where` or `ops.cond`, or compile with `run_eagerly=True`."
        )

    def __iter__(self) -> Iterator[Any]:
        length = len(self)
        return (self[i] for i in range(length))

    def numpy(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refused: a symbolic tensor has no value."""
        raise TypeError(
            f"{self!r} has no value while the graph is being built. Use `kerasish.ops` instead of NumPy functions or "
            "Python "
            "numbers, or compile with `run_eagerly=True`."
        )

    def __array__(self, *_args: Any, **_kwargs: Any) -> Any:
        self.numpy()

    def __float__(self) -> float:
        return self.numpy()

    def __int__(self) -> int:
        return self.numpy()

    def __index__(self) -> int:
        return self.numpy()

    def __repr__(self) -> str:
        name = f", name={self.name}" if self.name else ""
        return f"<{type(self).__name__} shape={self.shape}, dtype={self.dtype}{name}>"


_WRITE_INSTEAD = {  # what programs read of tensors of TensorFlow 1 and of Keras 1 and 2
    "_id": "`id(tensor)`",
    "_op": "`tensor.node`, the call that makes it",
    "op": "`tensor.node`, the call that makes it",
    "_keras_shape": "`tensor.shape`",
    "_shape": "`tensor.shape`",
    "get_shape": "`tensor.shape`",
    "set_shape": "`ops.reshape(tensor, shape)`",
    "_dtype": "`tensor.dtype`",
    "_uses_learning_phase": "nothing: `training` reaches the layers by itself",
    "_layer": "`tensor.node.operation`",
    "_inferred_value": "nothing: a symbolic tensor has no value",
    "graph": "`keras.backend.Graph(inputs, outputs)`, for there is no global graph",
    "consumers": "`layer.inbound_nodes` of the layers that read it",
    "eval": "`keras.backend.eval(tensor)`",
    "device": "`keras.backend.device()`",
}


def _instead(name):
    """What to write in place of a name that a tensor does not have."""
    if name in _WRITE_INSTEAD:
        return f" Write {_WRITE_INSTEAD[name]}."
    return " It is private to another library." if name.startswith("_") and not name.startswith("__") else ""


class Symbolic:
    """Marks values on which an op records a node of a functional graph instead of computing."""

    def is_symbolic(self) -> bool:
        """Whether it does so right now."""
        return True


class KerasHistory(NamedTuple):
    """The call that made a symbolic tensor: the layer or op, which of its calls, which of that call's outputs."""

    operation: Any
    node_index: int
    tensor_index: int


class KerasTensor(Tensor, Symbolic):
    """A symbolic value of a functional model: what `Input` and a layer called on it return.

    Args:
        shape: tuple of int or None.
        dtype: string.
        sparse: bool, whether it stands for sparse matrices; their values are dense here.
        ragged: bool, kept for programs written for Keras.
        record_history: bool, kept for programs written for Keras.
        name: string, by default made of the class's name.
        **kwargs: kept for programs written for Keras.

    Raises:
        ValueError: when `sparse` and `ragged` are both true, or `dtype` is none.

    Example:
        >>> import kerasish as keras
        >>> keras.KerasTensor((None, 3), "float32", name="x")
        <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=x>
    """

    def __init__(
        self,
        shape: ShapeLike,
        dtype: DTypeLike = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if sparse and ragged:
            raise ValueError("A KerasTensor can't have both `sparse=True` and `ragged=True`.")
        super().__init__(shape, standardize_dtype(dtype), name, kwargs.get("node"), kwargs.get("index", 0))
        self.sparse: bool = sparse
        self.ragged: bool = ragged
        self.record_history: bool = record_history

    def __repr__(self) -> str:
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse={self.sparse}, "
            f"ragged={self.ragged}, name={self.name}>"
        )

    @property
    def _keras_history(self):
        """Which call made it, as programs of Keras read it; None for one that no layer or op has made."""
        if self.node is None:
            return None
        calls = getattr(self.node.operation, "_inbound_nodes", ())
        number = next((i for i, node in enumerate(calls) if node is self.node), 0)
        return KerasHistory(self.node.operation, number, self.index)

    def reshape(self, newshape: ShapeLike) -> AnyTensor:
        """`ops.reshape(self, newshape)`."""
        return operator("reshape")(self, newshape)

    def squeeze(self, axis: Axis = None) -> AnyTensor:
        """`ops.squeeze(self, axis)`."""
        return operator("squeeze")(self, axis)


class Graph:
    """Everything that `outputs` reach, back to `inputs`.

    Args:
        inputs: structure (lists, tuples, dicts) of Tensors.
        outputs: structure of Tensors that are computed from them.
        name: string.

    Raises:
        ValueError: when an output depends on an Input that is not among `inputs`; it names the tensor.

    Example:
        >>> import kerasish as keras
        >>> x = keras.Input((2,))
        >>> graph = keras.backend.Graph(x, x * 2.0)
        >>> graph.run([keras.ops.ones((1, 2))]).tolist()
        [[2.0, 2.0]]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str = "graph") -> None:
        self.inputs_struct: Any = inputs
        self.outputs_struct: Any = outputs
        self.inputs: list[Any] = tree.flatten(inputs)
        self.outputs: list[Any] = tree.flatten(outputs)
        self.name: str = name
        self.nodes: list[Node] = self._sort()

    def __getstate__(self) -> Any:
        """What pickle and `copy` take: the nodes first, so that each finds those that it reads from done."""
        return {"nodes": self.nodes, **vars(self)}

    def _sort(self):
        """Nodes in an order in which each comes after what it reads (depth first, without recursion)."""
        known = {id(t) for t in self.inputs}
        placed, order = set(), []
        for output in self.outputs:
            if not isinstance(output, Tensor):
                raise ValueError(f"Outputs of {self.name!r} must be symbolic tensors, got {output!r}.")
            stack = [(output, False)]
            while stack:
                tensor, leaving = stack.pop()
                if id(tensor) in known:
                    continue
                node = tensor.node
                if node is None or node.is_source:
                    raise ValueError(
                        f"Graph disconnected in {self.name!r}: {tensor!r} is needed by the outputs but is not among "
                        "the inputs "
                        f"{[t.name for t in self.inputs]}. Add it to the inputs, or build the outputs from the inputs "
                        "given."
                    )
                if id(node) in placed:
                    continue
                if leaving:
                    placed.add(id(node))
                    order.append(node)
                else:
                    stack.append((tensor, True))
                    stack.extend((t, False) for t in reversed(node.inputs) if isinstance(t, Tensor))
        return order

    @property
    def operations(self) -> list[Any]:
        """The distinct operations, in order of their first call."""
        return list({id(node.operation): node.operation for node in self.nodes}.values())

    def run(self, values: Sequence[Any], call: Callable[..., Any] | None = None) -> Any:
        """Apply every node to real or traced values.

        For the graph of a functional model; the nodes of a traced one are run by a Program.

        Args:
            values: flat list of values for `inputs`.
            call: function (node, args, kwargs) -> result; by default the node's operation is called.

        Returns:
            The outputs in their structure.
        """
        computed = {id(tensor): value for tensor, value in zip(self.inputs, values)}

        def substitute(item):
            return computed[id(item)] if isinstance(item, Tensor) and id(item) in computed else item

        for node in self.nodes:
            if all(id(t) in computed for t in node.outputs):
                continue
            args = tree.map_structure(substitute, node.args)
            kwargs = tree.map_structure(substitute, node.kwargs)
            result = call(node, args, kwargs) if call else node.operation(*args, **kwargs)
            for tensor, value in zip(node.outputs, tree.flatten(result)):
                computed.setdefault(id(tensor), value)
        return tree.pack_sequence_as(self.outputs_struct, [computed[id(t)] for t in self.outputs])


def is_keras_tensor(x: Any) -> bool:
    """Whether something is a symbolic value of a functional model.

    Args:
        x: anything.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.is_keras_tensor(keras.Input((3,)))
        True
    """
    return isinstance(x, KerasTensor)


def has_keras_tensor(args: Any, kwargs: dict[str, Any] | None = None) -> bool:
    """Whether any leaf of the call's arguments is a KerasTensor (or a classic variable outside a trace)."""
    for value in args:
        if isinstance(value, Symbolic):
            if value.is_symbolic():
                return True
        elif isinstance(value, (list, tuple, dict)) and any(
            isinstance(t, Symbolic) and t.is_symbolic() for t in tree.flatten(value)
        ):
            return True
    return bool(kwargs) and has_keras_tensor(tuple(kwargs.values()))


def record(operation: Any, args: Any, kwargs: dict[str, Any], specs: Any) -> Any:
    """Add a ModelNode to a functional graph.

    Args:
        operation: what was called (a layer, an op).
        args, kwargs: its arguments, with KerasTensors in them; the graph keeps copies of arrays among them.
        specs: structure of objects with `shape` and `dtype` that describe the outputs.

    Returns: the same structure of new KerasTensors.
    """
    inputs = [t for t in tree.flatten((args, kwargs)) if isinstance(t, KerasTensor)]
    node = ModelNode(operation=operation, args=fixed(args), kwargs=fixed(kwargs), inputs=inputs)
    outputs = tree.map_structure(
        lambda spec: KerasTensor(spec.shape, spec.dtype, name=getattr(spec, "name", None)), specs
    )
    node.structure = outputs
    node.outputs = tree.flatten(outputs)
    for index, tensor in enumerate(node.outputs):
        tensor.node, tensor.index = node, index
        tensor.name = tensor.name or operation.name
    return outputs
