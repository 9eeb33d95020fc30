"""Gradients of eager computations.

A tape is a trace that also computes each value at once, so a debugger sees numbers.
"""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.autodiff import gradients
from kerasish.backend.device import device
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.primitive import evaluate
from kerasish.backend.trace import Trace
from kerasish.backend.variable import Variable, to_array
from kerasish.suggestions import suggesting
from kerasish.typing import DTypeLike, ShapeLike, TensorLike


class TapedTensor(Tensor):
    """A value on a tape: a Tensor that has its numbers with it."""

    has_value = True

    def __init__(
        self, value: TensorLike, name: str | None = None, node: Any = None, index: int = 0, trace: Any = None
    ) -> None:
        super().__init__(tuple(value.shape), device().dtype_name(value), name, node, index, trace)
        self.value = value

    def numpy(self) -> Any:
        """The value as a NumPy array."""
        return device().to_host(self.value)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Any:
        value = self.numpy()
        return value.astype(dtype) if dtype is not None else value

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def __index__(self) -> int:
        return self.numpy().__index__()

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __repr__(self) -> str:
        return f"<TapedTensor shape={self.shape}, dtype={self.dtype}, value={self.numpy()}>"


class Tape(Trace):
    """The interpreter that computes as it records."""

    computes = True

    def input(self, shape: ShapeLike, dtype: DTypeLike, name: str | None = None) -> Any:
        raise TypeError("A tape has values, not open inputs; use `watch`.")

    def constant(self, value: TensorLike, dtype: DTypeLike | None = None) -> Any:
        if isinstance(value, (bool, int, float)):
            return TapedTensor(to_array(device(), value, dtype), "constant", trace=self)
        watched = self._constant_of.get(id(value))
        return watched if watched is not None else TapedTensor(to_array(device(), value, dtype), "constant", trace=self)

    def _let_go(self):
        """Nothing: what was watched is asked for when the tape has ended."""

    def watch(self, value: TensorLike) -> Any:
        """The tape's own tensor for an array; the same array met again in an op is recognised."""
        if isinstance(value, Variable):
            return self.read(value)
        if isinstance(value, Tensor) and value.trace is self:
            return value
        tensor = TapedTensor(to_array(device(), value, None), trace=self)
        self._constant_of[id(value)] = tensor
        self._pinned.append(value)
        return tensor

    def lift(self, x: TensorLike) -> Any:
        if isinstance(x, TapedTensor) and x.trace is not self:
            return self.constant(x.value)
        return super().lift(x)

    def _first_value(self, variable):
        return TapedTensor(to_array(device(), variable._snapshot(), None), variable.path, trace=self)

    def assign(self, variable: Any, value: TensorLike) -> Any:
        tensor = super().assign(variable, value)
        device().copy_into(variable._buffer, tensor.value)
        return tensor

    def bind(self, primitive: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        if not any(isinstance(x, (Tensor, Variable)) or id(x) in self._constant_of for x in inputs):
            with context.escaped():
                return evaluate(primitive, inputs, attributes)
        return self.add_node(primitive, self._operands(inputs), attributes)

    def add_node(self, primitive: Any, operands: Any, attributes: dict[str, Any]) -> Any:
        with context.escaped():
            values = evaluate(primitive, [x.value for x in operands], attributes)
        self._results = values if isinstance(values, list) else [values]
        return super().add_node(primitive, operands, attributes)

    def output(self, spec: Any, node: Any, index: int) -> Any:
        return TapedTensor(self._results[index], None, node, index, self)


class GradientTape:
    """Records what is computed inside `with`, then gives gradients.

    Works on eager values, inside a traced train step (where the graph itself is the record), and nested. Variables are
    watched by themselves; arrays after `watch`.

    Plain arrays are plain: `x * x` on a NumPy array is NumPy's and leaves no record. Use what `watch` returns, or
    `ops.*`.

    Args:
        persistent: bool, accepted for programs written for TensorFlow; a tape here can always be asked again.
        watch_accessed_variables: bool, accepted for programs written for TensorFlow.

    Example:
        >>> import kerasish as keras
        >>> x = keras.ops.convert_to_tensor([1.0, 2.0])
        >>> with keras.backend.GradientTape() as tape:
        ...     x = tape.watch(x)
        ...     loss = keras.ops.sum(x * x)
        >>> tape.gradient(loss, x).tolist()
        [2.0, 4.0]
    """

    @suggesting
    def __init__(self, persistent: bool = True, watch_accessed_variables: bool = True) -> None:
        self._own = None
        self._record = None

    def __enter__(self) -> Any:
        outer = context.interpreter()
        if outer is None:
            self._own = Tape("tape").__enter__()
        self._record = outer or self._own
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._own is not None:
            self._own.__exit__(*exc)

    def watch(self, value: Any) -> Any:
        """Make arrays part of the record.

        Args:
            value: structure of arrays.

        Returns:
            The watched tensors, in the same structure.

        Raises:
            RuntimeError: outside of `with`.
        """
        if self._record is None:
            raise RuntimeError("`watch` must be called inside `with GradientTape() as tape:`.")
        return tree.map_structure(self._record.watch, value)

    def gradient(self, target: Any, sources: Any, output_gradients: Any = None) -> Any:
        """The derivatives of a target.

        Args:
            target: tensor (a sum is taken over its elements) or structure of tensors.
            sources: structure of watched tensors and Variables.
            output_gradients: the gradient that arrives at `target`, by default ones.

        Returns:
            Gradients in the structure of `sources`; None where there is no dependence.

        Raises:
            ValueError: when `target` was not computed on this tape.
            RuntimeError: when the tape has recorded nothing.
        """
        if self._record is None:
            raise RuntimeError("`gradient` needs a tape that has recorded: use `with GradientTape() as tape:` first.")
        if self._own is None or not self._own.finished:
            return gradients(target, self._known(sources), output_gradients)
        for y in tree.flatten(target):
            if not isinstance(y, Tensor):
                raise ValueError(
                    "`target` is a plain array that this tape knows nothing of. Operators on plain arrays are NumPy's "
                    "own and leave no record: "
                    "compute with `ops.*`, or with the tensors that `tape.watch` returns."
                )
        with context.interpreting(self._own):
            found = gradients(target, self._known(sources), output_gradients)
        return tree.map_structure(lambda g: None if g is None else g.value, found)

    def _known(self, sources):
        watched = self._record.watched
        return tree.map_structure(lambda x: x if isinstance(x, (Tensor, Variable)) else watched(x), sources)
