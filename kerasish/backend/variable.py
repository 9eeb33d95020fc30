"""Variable: a value that outlives the computation that reads and updates it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerasish import forks, tree
from kerasish.backend import context
from kerasish.backend.arithmetic import Arithmetic
from kerasish.backend.device import device
from kerasish.backend.dtypes import COMPLEX, is_float_dtype, standardize_dtype
from kerasish.backend.graph import KerasTensor, Symbolic, Tensor, record
from kerasish.backend.host_arrays import as_numpy
from kerasish.backend.interrupts import whole
from kerasish.backend.names import unique_name
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, InitializerLike, ShapeLike, TensorLike

if TYPE_CHECKING:
    import numpy as np

AGGREGATIONS: tuple[str | None, ...] = (None, "none", "mean", "sum", "only_first_replica")
_drawing = forks.reentrant_lock()
_NOT_COPIED = ("_buffer", "_device", "_waiting", "_behind")


class Variable(Arithmetic):
    """A mutable array on the device, e.g. a weight.

    Args:
        initializer: array-like, the name or config of an initializer, or a callable `(shape, dtype) -> value`.
        shape: tuple of ints; needed with an initializer or a callable.
        dtype: string, default `floatx()` (or that of the array-like).
        trainable: bool, whether optimizers update it.
        autocast: bool, whether reads inside a mixed-precision layer are cast to its compute dtype.
        aggregation: "none", "mean", "sum" or "only_first_replica": kept for programs written for Keras.
        synchronization: string, kept for programs written for Keras.
        name: string without "/".
        layout: `keras.distribution.TensorLayout`, how it is cut over the devices of a distribution; None leaves that to
            the distribution.

    Raises:
        ValueError: for a `layout` that is none, a missing shape, an unknown initializer or a bad name.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable([1.0, 2.0], name="v")
        >>> v.assign_add([1.0, 1.0]).tolist()
        [2.0, 3.0]
    """

    _behind: Any = None  # the RowsBehind that may hide the buffer
    _layout: Any = None  # the TensorLayout that it was made with

    @suggesting
    def __init__(
        self,
        initializer: TensorLike | InitializerLike,
        shape: ShapeLike | None = None,
        dtype: DTypeLike | None = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
        layout: Any = None,
    ) -> None:
        if layout is not None and not hasattr(layout, "axes"):
            raise ValueError(
                f"`layout` must be a `keras.distribution.TensorLayout` or None, got {layout!r}. It says how a variable "
                "is cut over several devices: leave it out where there is one."
            )
        name = name or unique_name("variable")
        if not isinstance(name, str) or "/" in name:
            raise ValueError(f"`name` must be a string without '/', got {name!r}.")
        if aggregation not in AGGREGATIONS:
            raise ValueError(f"`aggregation` must be one of {AGGREGATIONS}, got {aggregation!r}.")
        self._name = name
        self._path = context.current().path_of(name)
        self.born_trainable: bool = bool(trainable)
        self._trainable = self.born_trainable
        self._autocast = bool(autocast)
        self._aggregation = aggregation or "none"
        self._synchronization = synchronization
        self._regularizer = self._constraint = None
        if layout is not None:
            self._layout = layout
        self.overwrite_with_gradient: bool = False
        self._device = device()
        if isinstance(initializer, (str, dict)):
            initializer = import_module("kerasish.initializers").get(initializer)  # named: they stand above, by need
        if callable(initializer) and not isinstance(initializer, Arithmetic):
            self._shape, self._dtype = self._checked_shape(shape), standardize_dtype(dtype)
            allowance = context.current().allowance
            if allowance is not None:  # a config out of a file asks for it
                allowance.take_variable(self._shape, self._dtype, self._name)
            if not context.current().initial_values:
                self._waiting = initializer  # for `__getattr__`
                return
        with context.escaped(), context.scope(allowance=None, share=None):  # its memory is accounted for
            self._buffer = self._initial_buffer(initializer, shape, dtype)
        self._shape = tuple(int(d) for d in self._buffer.shape)
        self._dtype = self._device.dtype_name(self._buffer)

    def _checked_shape(self, shape):
        if shape is None:
            raise ValueError(f"Variable {self._name!r}: `shape` is needed when `initializer` is a callable.")
        shape = tuple(shape)
        if any(d is None or d < 0 for d in shape):
            raise ValueError(f"Variable {self._name!r}: every dimension of `shape` must be known, got {shape}.")
        return shape

    def __getattr__(self, name: str) -> Any:
        """The buffer, where it is not at hand.

        Initial values that wait until something reads them are drawn now; rows that are behind catch up.
        """
        if name != "_buffer":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if self._behind is not None:
            self._behind.open()
            return self._buffer
        with _drawing, context.escaped(), context.scope(share=None):
            if "_buffer" not in vars(self):
                self._buffer = self._initial_buffer(self._waiting, self._shape, self._dtype)
        return self._buffer

    def memory(self) -> Any:
        """The device's array behind the Variable, for values that replace all of it.

        Initial values which nothing has read are then never drawn.
        """
        if "_buffer" not in vars(self) and self._behind is None:
            self._buffer = self._device.buffer(self._shape, self._dtype)
        return self._buffer

    def _initial_buffer(self, initializer, shape, dtype):
        drawn = callable(initializer) and not isinstance(initializer, Arithmetic)
        value = initializer(self._shape, dtype=self._dtype) if drawn else initializer
        value = to_array(self._device, value, standardize_dtype(dtype) if dtype is not None else None)
        if shape is not None and tuple(value.shape) != tuple(shape):
            raise ValueError(
                f"Variable {self._name!r}: the initial value has shape {tuple(value.shape)}, `shape` is {tuple(shape)}."
            )
        buffer = self._device.buffer(value.shape, self._device.dtype_name(value))
        self._device.copy_into(buffer, value)
        return buffer

    @property
    def name(self) -> str:
        """The variable's own name."""
        return self._name

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of its axes."""
        return self._shape

    @property
    def dtype(self) -> str:
        """The dtype that a read gives here."""
        return autocast_dtype(self)

    @property
    def autocast(self) -> bool:
        """Whether reads inside a mixed-precision layer are cast to its compute dtype."""
        return self._autocast

    @property
    def aggregation(self) -> str:
        """How the values of several replicas become one."""
        return self._aggregation

    @property
    def synchronization(self) -> str:
        """When the values of several replicas become one."""
        return self._synchronization

    @property
    def path(self) -> str:
        """The names of the layers around it and its own, joined by "/"."""
        return self._path

    @property
    def trainable(self) -> bool:
        """Whether optimizers update it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)

    @property
    def regularizer(self) -> Callable[..., Any] | None:
        """A function of the value that adds to the loss, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Callable[..., Any] | None) -> None:
        self._check_callable("regularizer", value)
        self._regularizer = value

    @property
    def constraint(self) -> Callable[..., Any] | None:
        """A function applied to the value after each update, or None."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Callable[..., Any] | None) -> None:
        self._check_callable("constraint", value)
        self._constraint = value

    def _check_callable(self, role, value):
        if value is not None and not callable(value):
            raise ValueError(f"The {role} of variable {self._name!r} must be callable or None, got {value!r}.")

    def read(self) -> AnyTensor:
        """The value as the running interpreter sees it.

        A Tensor in a trace, else the device array itself (do not write to it).
        """
        interpreter = context.interpreter()
        return self._buffer if interpreter is None else interpreter.read(self)

    @property
    def value(self) -> AnyTensor:
        """The value: a Tensor in a trace, else a copy that later updates leave alone."""
        value = self.read()
        return self._snapshot() if value is self._buffer_at_hand() else value

    def _buffer_at_hand(self):
        """The buffer, None while initial values wait: asking for it would draw them."""
        return vars(self).get("_buffer")

    def _snapshot(self):
        copy = self._device.empty(self._shape, self._dtype)
        self._device.copy_into(copy, self._buffer)
        return copy

    def numpy(self) -> np.ndarray[Any, Any]:
        """A NumPy copy of the value."""
        then = context.current().values_then
        if then is not None and id(self) in then:
            return then[id(self)].copy()
        return self._device.to_host(self._buffer)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Any:
        value = self.numpy()
        return value.astype(dtype) if dtype is not None else value

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle and `copy`: the value as a NumPy array, and all else that is known of the Variable."""
        value = self.numpy()  # first, as it draws what waits
        return (
            _rebuild,
            (type(self), value),
            {name: item for name, item in vars(self).items() if name not in _NOT_COPIED},
        )

    def assign(self, value: TensorLike) -> AnyTensor:
        """Replace the value; in a trace, an update at the end of the step.

        Args:
            value: tensor of the same shape.

        Returns:
            The new value.

        Raises:
            ValueError: when the shape does not fit.
        """
        interpreter = context.interpreter()
        if interpreter is None and isinstance(value, KerasTensor):
            return record(Assignment(self), (value,), {}, value)
        if interpreter is not None:
            return interpreter.assign(self, value)
        given, value = value, to_array(self._device, value, None)
        if tuple(value.shape) != self._shape:
            raise ValueError(
                f"The shape of `value` does not fit variable {self._path!r}: the variable has {self._shape}, got "
                f"{tuple(value.shape)}."
            )
        self._device.copy_into(self.memory(), value)
        return self._snapshot() if isinstance(given, Variable) else value

    def assign_add(self, value: TensorLike) -> AnyTensor:
        """Add to the value.

        Args:
            value: tensor of the same shape.

        Returns:
            The new value.
        """
        return self.assign(self + value)

    def assign_sub(self, value: TensorLike) -> AnyTensor:
        """Subtract from the value.

        Args:
            value: tensor of the same shape.

        Returns:
            The new value.
        """
        return self.assign(self - value)

    def __repr__(self) -> str:
        value = f", value={self.numpy()}" if context.interpreter() is None else ""
        return f"<Variable path={self._path}, shape={self._shape}, dtype={self._dtype}{value}>"


class GraphVariable(Variable, Symbolic):
    """What `K.variable` makes.

    In expressions outside a trace it is a part of the graph, as in TensorFlow 1, and so is assigning to it.
    """

    def is_symbolic(self) -> bool:
        return context.interpreter() is None

    def assign(self, value: TensorLike) -> AnyTensor:
        """A symbolic update, done by `session.run` or `function(updates=...)`; `K.set_value` assigns at once."""
        if self.is_symbolic():
            value = value if hasattr(value, "shape") else to_array(self._device, value, self._dtype)
            if tuple(value.shape) != self._shape:
                raise ValueError(
                    f"The shape of `value` does not fit variable {self._path!r}: the variable has {self._shape}, got "
                    f"{tuple(value.shape)}."
                )
            return record(Assignment(self), (value,), {}, self)
        return super().assign(value)

    def set(self, value: TensorLike) -> None:
        """Assign at once."""
        Variable.assign(self, value)


def _rebuild(cls, value):
    """A Variable on the current device, which is given its attributes afterwards."""
    variable = cls.__new__(cls)
    variable._device = device()
    variable._buffer = variable._device.buffer(value.shape, value.dtype.name)
    variable._device.write(variable._buffer, value)
    return variable


def autocast_dtype(variable: Variable) -> str:
    """What a read of `variable` gives inside the current layer call."""
    wanted = context.current().autocast
    if wanted is not None and variable._autocast and is_float_dtype(variable._dtype):
        return wanted
    return variable._dtype


def to_array(on: Any, value: TensorLike, dtype: DTypeLike) -> Any:
    """`value` (device array, Variable, taped value, NumPy array, numbers) as an array of device `on`.

    `dtype` None keeps its own.
    """
    if isinstance(value, Variable):
        value = value._buffer
    value = value.value if isinstance(value, Tensor) and value.has_value else value
    if on.is_array(value):
        if dtype is None or on.dtype_name(value) == dtype:
            return value
        out = on.empty(value.shape, dtype)
        on.copy_into(out, value)
        return out
    adopted = on.adopt(value)
    if adopted is not None:
        return to_array(on, adopted, dtype)
    return on.from_host(host_array(value, dtype))


def host_copy(on: Any, value: TensorLike) -> np.ndarray[Any, Any]:
    """A NumPy copy of `value` (as for `to_array`); what lies on the host goes to no device for it."""
    import numpy as np  # start-up time: building a model needs no numbers

    if isinstance(value, (Variable, Tensor)) or on.is_array(value):
        return on.to_host(to_array(on, value, None))
    adopted = on.adopt(value)
    if adopted is not None:
        return on.to_host(adopted)
    return np.array(value if isinstance(value, (np.ndarray, np.generic)) else host_array(value))


def host_array(value: TensorLike, dtype: DTypeLike | None = None) -> np.ndarray[Any, Any]:
    """A NumPy array of numbers; Python floats take `floatx()`, Python ints int32 (int64 where they need it).

    Raises: ValueError for ragged nesting and for objects that are no numbers.
    """
    import numpy as np  # start-up time: building a model needs no numbers

    if hasattr(value, "toarray") and hasattr(value, "tocsr"):  # SciPy's sparse matrices and arrays
        value = made_dense(value)
    try:
        array = as_numpy(value)
    except (ValueError, TypeError) as error:
        raise ValueError(f"Can't make an array of {type(value).__name__}: {error}.") from None
    if array.dtype == object:
        raise ValueError(f"Can't make an array of numbers from {value!r} (NumPy sees objects).")
    if dtype is None and not hasattr(value, "dtype"):
        dtype = _natural_dtype(np, array, value)
    if dtype == "string":
        return array
    if array.dtype.kind == "c" and dtype is not None and dtype not in COMPLEX:
        raise TypeError(f"{value!r} is complex, where numbers of {dtype} are needed. Take its real part.")
    return array if dtype is None or array.dtype.name == dtype else array.astype(dtype)


_MANY_BYTES = 1 << 28
_spoken_of: set[str] = set()


def made_dense(matrix: Any) -> np.ndarray[Any, Any]:
    """A sparse matrix as an array. Of a large one there is a warning, the first time."""
    size = matrix.dtype.itemsize
    for length in matrix.shape:
        size *= length
    if size > _MANY_BYTES and "sparse" not in _spoken_of:
        _spoken_of.add("sparse")
        warnings.warn(
            f"A sparse matrix of shape {tuple(matrix.shape)} is made dense as a whole, which takes {size / 1e6:,.0f} "
            "MB. `fit`, `evaluate` and `predict` make it dense batch by batch.",
            stacklevel=4,
        )
    return matrix.toarray()


def _natural_dtype(np, array, value):
    leaf_types = (
        {getattr(v, "dtype", None) for v in tree.flatten(value)} if isinstance(value, (list, tuple)) else {None}
    )
    if leaf_types - {None}:
        return None
    if array.dtype.kind in "fc":
        return standardize_dtype(float if array.dtype.kind == "f" else complex)
    if array.dtype.kind == "i" and (array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)):
        return "int32" if array.size else standardize_dtype(None)
    return None


@whole
def assign_all(pairs: Iterable[tuple[Variable, TensorLike]]) -> None:
    """Assign to Variables that belong together: all of them, also where an interrupt comes in between.

    Args:
        pairs: (Variable, new value), of its shape.
    """
    for variable, value in list(pairs):
        variable.assign(value)


class Assignment:
    """The operation behind a symbolic `variable.assign(tensor)`."""

    def __init__(self, variable: Variable) -> None:
        self.variable: Variable = variable
        self.name: str = f"assign_{variable.name}"

    def __call__(self, value: TensorLike) -> AnyTensor:
        return self.variable.assign(value)
