"""Compiled functions: traced once a signature, compiled, and kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasish import forks, tree
from kerasish.backend import context, ranks
from kerasish.backend.arithmetic import Arithmetic
from kerasish.backend.compiled_signatures import ManySignatures, Signatures
from kerasish.backend.compiler import compile_graph
from kerasish.backend.compiler.memory import size_of
from kerasish.backend.device import device
from kerasish.backend.graph import Graph, KerasTensor
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from kerasish.backend.variable import Variable, host_array
from kerasish.suggestions import suggesting

_BYTES_A_NODE = 2_500  # Python's objects for one, measured
_thread = threading.local()  # `traces`: how many traces of Functions this thread is in the middle of


class Function:
    """A Python function that runs as compiled Programs.

    Called with arrays, numbers (made arrays) and None or strings (part of the signature), in any structure. For each
    combination of structure, shapes and dtypes the body is traced and compiled once, and kept within the memory of
    `keras.config.compiled_memory()`. Threads that call at once get a Program each; new signatures of one Function are
    traced one after the other.

    Args:
        body: function of structures of tensors; it may read and assign Variables and returns a structure of tensors.
        name: string for messages.
        apart: whether it computes at once wherever it is called, with the Variables as they are then. By default a call
            inside a trace or on a tape makes the body part of it, so that gradients, Variables and updates are those of
            the whole.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend, ops
        >>> double = backend.Function(lambda x: x * 2.0)
        >>> double(ops.ones((2,))).tolist()
        [2.0, 2.0]
    """

    def __init__(self, body: Callable[..., Any], name: str | None = None, apart: bool = False) -> None:
        self.body = body
        self.name: str = name or getattr(body, "__name__", "function")
        self._apart = apart
        self._signatures, self._many = Signatures(), ManySignatures(self.name, body)
        self._turn = forks.reentrant_lock()
        self.traces = 0

    def __call__(self, *args: Any) -> Any:
        if not self._apart and context.interpreter() is not None:
            return self._inlined(args)
        values, key = [], [device()]
        for arg in args:
            _describe(arg, key, values)
        key = tuple(key)
        entry = self._signatures.get(key)
        if entry is None:
            entry = self._made(key, args)
        program = entry.take()
        try:
            results = program(values)
        finally:
            entry.idle.append(program)
        return entry.pack(results)

    def _inlined(self, args):
        """The results of the body as a part of what is being traced or taped."""
        running = context.interpreter()
        lift = running.lift
        results = self.body(*tree.map_structure(lambda leaf: leaf if _is_static(leaf) else lift(_array(leaf)), args))
        return tree.map_structure(lambda x: None if x is None else lift(x), results)

    def _made(self, key, args):
        """The new signature.

        Threads take turns, since a body may build layers; one that is in the middle of a trace goes on without its
        turn, as two of those might wait for each other.
        """
        turn, depth = self._turn, getattr(_thread, "traces", 0)
        held = turn.acquire(blocking=not depth)
        _thread.traces = depth + 1
        try:
            entry = self._signatures.get(key)
            if entry is None:
                with ranks.slowly():  # other ranks wait meanwhile, and do not take this one for one that hangs
                    entry = _Compiled(self._trace(args), key[0])
                self._many.note(key, args)
                if not self._signatures.put(key, entry):
                    self._many.warn()
            return entry
        finally:
            _thread.traces = depth
            if held:
                turn.release()

    def _trace(self, args):
        self.traces += 1
        leaves = [_array(leaf) for leaf in tree.flatten(args)]
        dynamic = [Spec(tuple(leaf.shape), _dtype_name(leaf.dtype)) for leaf in leaves if not _is_static(leaf)]
        text = next((spec for spec in dynamic if spec.dtype.startswith(("str", "bytes", "object"))), None)
        if text is not None:
            raise ValueError(
                f"{self.name!r} takes arrays of numbers, got one of text or objects (dtype {text.dtype}, shape "
                f"{text.shape}). Turn it into numbers first: "
                "`.astype('float32')` where it holds digits, `np.unique(words, return_inverse=True)[1]` where it "
                "holds words."
            )

        def on_flat(*tensors):
            remaining = iter(tensors)
            return self.body(
                *tree.pack_sequence_as(args, [leaf if _is_static(leaf) else next(remaining) for leaf in leaves])
            )

        with context.escaped():
            return trace(on_flat, dynamic, self.name)

    def program(self, *args: Any) -> Any:
        """The Program for the signature of some arguments, compiled if need be and not run.

        Args:
            *args: as in a call.

        Returns:
            Program.
        """
        entry, _ = self.compiled_for(args)
        program = entry.take()
        entry.idle.append(program)
        return program

    def compiled_for(self, args: Any) -> tuple[Any, ...]:
        """The compiled signature of `args` and the flat list of its arrays."""
        values, key = [], [device()]
        for arg in args:
            _describe(arg, key, values)
        key = tuple(key)
        return self._signatures.get(key) or self._made(key, args), values

    def explain(self, *args: Any, repeat: int | None = None) -> Any:
        """Run a Program step by step with a clock.

        Variables that the function updates are as before when it returns.

        Args:
            *args: as in a call.
            repeat: int, how often each step is timed; None for about a second.

        Returns:
            Explanation, which prints as a table.

        Example:
            >>> import numpy as np
            >>> from kerasish import backend, ops
            >>> found = backend.function(lambda x: ops.matmul(x, x)).explain(np.ones((4, 4), "float32"), repeat=1)
            >>> found.flops, [row["operation"] for row in found.rows]
            (128, ['matmul'])
        """
        from kerasish.backend.compiler.explain import explain_function  # start-up time: seldom asked for

        return explain_function(self, args, repeat)


def _describe(item, key, values):
    """Add to `key` what tells the signature of `item` from others, and to `values` its arrays.

    The arrays come in the order of `tree.flatten`.
    """
    if item is None or isinstance(item, str):
        key.append(item)
    elif hasattr(item, "dtype"):
        if isinstance(item, Arithmetic):
            item = item._buffer if isinstance(item, Variable) else _computed(item)
        values.append(item)
        key.append((item.shape, item.dtype))
    elif tree.is_nested(item):
        inner, children = [], tree.children(item)
        for _, child in children:
            _describe(child, inner, values)
        names = tuple(name for name, _ in children) if isinstance(item, Mapping) else None
        key.append((type(item), names, *inner))
    else:
        _describe(host_array(item), key, values)


def _computed(tensor):
    """The array of a tensor from a tape. Raises TypeError for one that has no value."""
    if not tensor.has_value:
        raise TypeError(
            f"This function computes at once, and {tensor!r} has no value while a graph is being built. Pass an "
            "array; or let the traced function return what "
            "it needs."
        )
    return tensor.value


def _is_static(leaf):
    """Whether a leaf is a part of the signature, and no array."""
    return leaf is None or isinstance(leaf, str)


def _array(leaf):
    return leaf if _is_static(leaf) or hasattr(leaf, "dtype") else host_array(leaf)


def _dtype_name(dtype):
    return dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or str(dtype)


class _Compiled:
    """One signature.

    Its graph, its idle Programs, and how to put the outputs back into the structure that the body returned.
    """

    def __init__(self, graph, on):
        self.graph, self.device = graph, on
        program = compile_graph(graph, on)
        self.idle, self._programs = [program], 1
        self._program_bytes, self.used = program.bytes, 0
        self._graph_bytes = _BYTES_A_NODE * len(graph.nodes) + sum(map(size_of, graph.constants))
        self.pack = tree.packer(graph.outputs_struct)

    @property
    def bytes(self):
        """About how much memory it holds."""
        return self._graph_bytes + self._programs * self._program_bytes

    def take(self):
        """An idle Program, or another one when all are busy."""
        try:
            return self.idle.pop()
        except IndexError:
            program = compile_graph(self.graph, self.device)
            self._programs += 1
            return program


@suggesting
def function(
    inputs: Callable[..., Any] | Sequence[Any],
    outputs: Any = None,
    updates: Sequence[Any] | None = None,
    name: str | None = None,
    specs: Sequence[tuple[Any, Any]] | None = None,
) -> Callable[..., Any]:
    """A compiled function, of a Python function or of a symbolic graph.

    Args:
        inputs: a Python function of tensors, or a list of placeholders (`Input`, `placeholder`), with
            `learning_phase()` among them where each call says whether it is training.
        outputs: with placeholders, a tensor or structure of tensors computed from them.
        updates: list of (Variable, new value) pairs, or of tensors from `variable.assign(...)`, done at each call.
        name: string for messages.
        specs: optional list of (shape, dtype) for which to compile at once.

    Returns:
        A callable. Of a Python function it returns device arrays in the structure of the result; of a graph it takes a
        list of values and returns NumPy arrays in the structure of `outputs`.

    Raises:
        ValueError: when `outputs` need a placeholder that is not among `inputs`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend
        >>> x = backend.placeholder((None, 2))
        >>> double = backend.function([x], [x * 2.0])
        >>> double([[[1.0, 2.0]]])[0].tolist()
        [[2.0, 4.0]]
    """
    if callable(inputs) and not isinstance(inputs, KerasTensor):
        compiled = Function(inputs, name)
        if specs is not None:
            import numpy as np  # start-up time: most functions are not compiled before they are called

            compiled.program(*[np.empty(shape, dtype) for shape, dtype in specs])
        return compiled
    return GraphFunction(inputs, outputs, updates, name)


class GraphFunction:
    """What `function(inputs, outputs, updates)` returns for a symbolic graph."""

    def __init__(
        self, inputs: Sequence[Any], outputs: Any, updates: Sequence[Any] | None = None, name: str | None = None
    ) -> None:
        self._single_input = not tree.is_nested(inputs)
        self._inputs = [t for t in tree.flatten(inputs) if isinstance(t, KerasTensor)]
        self._phase = next((i for i, t in enumerate(tree.flatten(inputs)) if isinstance(t, int)), None)
        updates = list(updates or [])
        pairs = [u for u in updates if isinstance(u, (tuple, list))]
        self._targets = [variable for variable, _ in pairs]
        assigned = [u for u in updates if not isinstance(u, (tuple, list))]
        self._outputs = outputs
        fetches = {"outputs": outputs, "values": [value for _, value in pairs], "assigned": assigned}
        symbolic = [t for t in tree.flatten(fetches) if isinstance(t, KerasTensor)]
        self._graph = Graph(self._inputs, symbolic, name or "function")
        self._fetches = fetches
        self._function = Function(self._run, name or "function", apart=True)  # it returns NumPy arrays

    def _run(self, phase, *values):
        with context.scope(training=None if phase is None else phase == "training"):
            computed = iter(self._graph.run(list(values)))
        found = tree.map_structure(lambda t: next(computed) if isinstance(t, KerasTensor) else t, self._fetches)
        for variable, value in zip(self._targets, found["values"]):
            variable.assign(value)
        return tree.map_structure(lambda t: t.read() if isinstance(t, Variable) else t, found["outputs"])

    def __call__(self, *values: Any) -> Any:
        on = device()
        return tree.map_structure(lambda a: None if a is None else on.to_host(a), self._function(*self._fed(values)))

    def explain(self, *values: Any, repeat: int | None = None) -> Any:
        """Run the Program for `values` step by step with a clock; see `Function.explain`."""
        return self._function.explain(*self._fed(values), repeat=repeat)

    def _fed(self, values):
        """(phase, *values) as `_run` takes them.

        Raises ValueError where there are too many, too few, or of another shape.
        """
        values = (
            list(values[0])
            if len(values) == 1 and not self._single_input and isinstance(values[0], (list, tuple))
            else list(values)
        )
        phase = None
        if self._phase is not None and len(values) == len(self._inputs) + 1:
            phase = "training" if values.pop(self._phase) else "test"
        if len(values) != len(self._inputs):
            raise ValueError(f"This function takes {len(self._inputs)} values, got {len(values)}.")
        values = [
            _checked(tensor, host_array(value) if not hasattr(value, "dtype") else value)
            for tensor, value in zip(self._inputs, values)
        ]
        return phase, *values


def _checked(tensor, value):
    """`value` with the placeholder's dtype. Raises ValueError when the shape does not fit."""
    shape = tuple(value.shape)
    if len(shape) != len(tensor.shape) or any(d is not None and d != n for d, n in zip(tensor.shape, shape)):
        raise ValueError(f"The value for {tensor.name or tensor!r} must have shape {tensor.shape}, got {shape}.")
    on = device()
    if _dtype_name(value.dtype) == tensor.dtype:
        return value
    if on.is_array(value):
        converted = on.empty(shape, tensor.dtype)
        on.copy_into(converted, value)
        return converted
    return value.astype(tensor.dtype)
