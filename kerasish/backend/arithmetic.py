"""Python's operators for symbolic values and Variables."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerasish.typing import AnyTensor, Shape, TensorLike


class _Operators(dict):
    """Ops by name. The first that is asked for brings them: an operator may be used before anything of `ops` is."""

    def __missing__(self, name: str) -> Any:
        import_module("kerasish.ops")  # by name: it stands above, and installs them
        return dict.__getitem__(self, name)


_operators: dict[str, Any] = _Operators()


def install_operators(table: Mapping[str, Any]) -> None:
    """Give Tensors and Variables their arithmetic: `{"add": ops.add, ...}`. Called once, by `kerasish.ops`."""
    _operators.update(table)


def operator(name: str) -> Any:
    """The op behind an operator or a method."""
    return _operators[name]


_UFUNC_OPERATORS = {
    "add": "add",
    "subtract": "subtract",
    "multiply": "multiply",
    "divide": "true_divide",
    "true_divide": "true_divide",
    "floor_divide": "floor_divide",
    "remainder": "mod",
    "power": "power",
    "matmul": "matmul",
    "less": "less",
    "less_equal": "less_equal",
    "greater": "greater",
    "greater_equal": "greater_equal",
    "equal": "equal",
    "not_equal": "not_equal",
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "bitwise_xor": "logical_xor",
}


class Arithmetic:
    """Python's operators for symbolic values and Variables; each calls the op of the same name."""

    __array_priority__: int = 100
    shape: Shape

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """`array + tensor` is the tensor's affair; other NumPy functions know nothing of graphs and are refused."""
        name = _UFUNC_OPERATORS.get(ufunc.__name__)
        if method != "__call__" or kwargs or name is None:
            raise TypeError(
                f"NumPy's `{ufunc.__name__}` can't take {self!r}: use `kerasish.ops.{ufunc.__name__}`, which works on "
                "arrays and tensors alike, or "
                "convert a Variable with `.numpy()`."
            )
        return _operators[name](*inputs)

    def __add__(self, other: TensorLike) -> AnyTensor:
        return _operators["add"](self, other)

    def __radd__(self, other: TensorLike) -> AnyTensor:
        return _operators["add"](other, self)

    def __sub__(self, other: TensorLike) -> AnyTensor:
        return _operators["subtract"](self, other)

    def __rsub__(self, other: TensorLike) -> AnyTensor:
        return _operators["subtract"](other, self)

    def __mul__(self, other: TensorLike) -> AnyTensor:
        return _operators["multiply"](self, other)

    def __rmul__(self, other: TensorLike) -> AnyTensor:
        return _operators["multiply"](other, self)

    def __truediv__(self, other: TensorLike) -> AnyTensor:
        return _operators["true_divide"](self, other)

    def __rtruediv__(self, other: TensorLike) -> AnyTensor:
        return _operators["true_divide"](other, self)

    def __floordiv__(self, other: TensorLike) -> AnyTensor:
        return _operators["floor_divide"](self, other)

    def __rfloordiv__(self, other: TensorLike) -> AnyTensor:
        return _operators["floor_divide"](other, self)

    def __mod__(self, other: TensorLike) -> AnyTensor:
        return _operators["mod"](self, other)

    def __rmod__(self, other: TensorLike) -> AnyTensor:
        return _operators["mod"](other, self)

    def __pow__(self, other: TensorLike) -> AnyTensor:
        return _operators["power"](self, other)

    def __rpow__(self, other: TensorLike) -> AnyTensor:
        return _operators["power"](other, self)

    def __matmul__(self, other: TensorLike) -> AnyTensor:
        return _operators["matmul"](self, other)

    def __rmatmul__(self, other: TensorLike) -> AnyTensor:
        return _operators["matmul"](other, self)

    def __and__(self, other: TensorLike) -> AnyTensor:
        return _operators["logical_and"](self, other)

    def __rand__(self, other: TensorLike) -> AnyTensor:
        return _operators["logical_and"](other, self)

    def __or__(self, other: TensorLike) -> AnyTensor:
        return _operators["logical_or"](self, other)

    def __ror__(self, other: TensorLike) -> AnyTensor:
        return _operators["logical_or"](other, self)

    def __xor__(self, other: TensorLike) -> AnyTensor:
        return _operators["logical_xor"](self, other)

    def __rxor__(self, other: TensorLike) -> AnyTensor:
        return _operators["logical_xor"](other, self)

    def __lt__(self, other: TensorLike) -> AnyTensor:
        return _operators["less"](self, other)

    def __le__(self, other: TensorLike) -> AnyTensor:
        return _operators["less_equal"](self, other)

    def __gt__(self, other: TensorLike) -> AnyTensor:
        return _operators["greater"](self, other)

    def __ge__(self, other: TensorLike) -> AnyTensor:
        return _operators["greater_equal"](self, other)

    def __eq__(self, other: object) -> AnyTensor:
        return _operators["equal"](self, other)

    def __ne__(self, other: object) -> AnyTensor:
        return _operators["not_equal"](self, other)

    def __neg__(self) -> AnyTensor:
        return _operators["negative"](self)

    def __abs__(self) -> AnyTensor:
        return _operators["absolute"](self)

    def __invert__(self) -> AnyTensor:
        return _operators["logical_not"](self)

    def __round__(self, ndigits: int | None = None) -> AnyTensor:
        return _operators["round"](self, decimals=ndigits or 0)

    def __getitem__(self, key: Any) -> AnyTensor:
        return _operators["get_item"](self, key)

    if TYPE_CHECKING:

        def __hash__(self) -> int: ...

    else:
        __hash__ = object.__hash__  # by identity, as `==` makes a node; in C, as it is asked for all the time

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a value without axes.")
        if self.shape[0] is None:
            raise TypeError("len() of a tensor whose first axis is unknown until it runs.")
        return self.shape[0]
