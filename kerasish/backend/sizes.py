"""Sizes that are not known before a computation runs: integer expressions over named unknowns.

Shape inference (`kerasish.backend.trace.infer`) puts a Size in the place of each None. Outside of it a Size is shown
as None, and a run has no Sizes: there all shapes are ints.

An expression is a polynomial with integer coefficients. Its atoms are the unknowns, and quotients, minima and maxima
that nothing simplifies; a remainder is written with the quotient, a % b = a - b (a // b). So two expressions that are
equal by arithmetic have one form, and a difference that cancels is a plain int.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

from kerasish.backend.arithmetic import operator
from kerasish.backend.guesses import Guesses


class _Atom:
    """What a polynomial is made of: an unknown, or `//`, `min` or `max` of two expressions."""

    __slots__ = ("kind", "operands", "text", "key", "low", "high", "guesses", "about")

    def __init__(self, kind, operands, text, key, low, high, guesses, about):
        self.kind, self.operands, self.text, self.key = kind, operands, text, key
        self.low, self.high, self.guesses, self.about = low, high, guesses, about

    def __eq__(self, other):
        return self.key == other.key

    def __lt__(self, other):
        return self.key < other.key

    def __hash__(self):
        return hash(self.key)


def unknown(name: str, about: str, guesses: Guesses) -> Size:
    """A new size of 1 or more.

    Args:
        name: how shapes in messages show it, such as "image.shape[1]".
        about: what it is, such as "the size of axis 1 of input 'image'".
        guesses: of the trace that it belongs to.
    """
    guesses.unknowns += 1
    return Size({(_Atom("unknown", (), name, f"{name}#{guesses.unknowns}", 1, math.inf, guesses, about),): 1})


def unknown_beside(size: Size, name: str, about: str) -> Size:
    """A new size of 1 or more, of the trace that `size` belongs to; `name` and `about` as for `unknown`."""
    return unknown(name, about, size._first().guesses)


def _compound(kind, a, b, low, high):
    if kind == "//":
        text = f"{_grouped(a)} // {_grouped(b)}"
    else:
        a, b = sorted((a, b), key=_key)
        text = f"{kind}({a}, {b})"
    of = next(x for x in (a, b) if type(x) is Size)._first()
    return Size({(_Atom(kind, (a, b), text, f"{kind}({_key(a)},{_key(b)})", low, high, of.guesses, of.about),): 1})


def _key(x):
    return x.key if type(x) is Size else str(x)


def _grouped(x):
    return f"({x})" if type(x) is Size and not x.is_unknown() else str(x)


def _operand(x):
    """An int or Size as it is, NumPy's integers as ints; None for anything else."""
    if type(x) is int or type(x) is Size:
        return x
    return int(x) if isinstance(x, numbers.Integral) else None


def _binary(name, compute):
    """`compute(a, b)` for whole numbers, an OpenFloat with floats; with tensors and arrays the op of that name."""

    def apply(a, b, other):
        if _operand(other) is not None:
            return compute(_operand(a), _operand(b))
        if hasattr(other, "dtype"):
            return operator(name)(a, b)
        return OpenFloat(a if type(a) is Size else b, (name, a, b)) if isinstance(other, float) else NotImplemented

    return lambda self, other: apply(self, other, other), lambda self, other: apply(other, self, other)


class Size:
    """An expression over open sizes; see the top of this file.

    `+ - * // % **` with ints and Sizes give Sizes (or an int, where what is open cancels). A comparison is decided by
    the bounds of both sides, or else guessed (see `Guesses`). With tensors a Size is a scalar tensor.
    """

    __slots__ = ("terms", "key", "_bounds")
    __array_ufunc__ = None  # `array * size` is the size's affair

    def __init__(self, terms: dict[tuple[_Atom, ...], int]) -> None:
        self.terms = terms
        self.key = "+".join(f"{c}*{'*'.join(a.key for a in atoms)}" for atoms, c in sorted(terms.items()))
        self._bounds = None

    # -- what Python needs numbers for --------------------------------------------------------------------------

    def _no_number(self, *_args):
        first = self._first()
        what = "it" if self.is_unknown() else f"{self}, which depends on it,"
        raise TypeError(
            f"{first.about[0].upper()}{first.about[1:]} is not known before the model runs: {what} can't be used as a "
            "Python number (`range`, `int`, `float`, an index of a list). Compute on whole axes (`ops.arange`, "
            "`ops.reshape`, `x[:, start:]` take open sizes; `ops.scan` and `ops.map` are loops over an axis), give the "
            "size in `Input(shape=...)`, or define `compute_output_shape` in the layer."
        )

    __index__ = __int__ = __float__ = __len__ = __iter__ = _no_number

    def _first(self):
        return min(atom for atoms in self.terms for atom in atoms)

    def is_unknown(self) -> bool:
        """Whether it is one unknown and nothing more."""
        return len(self.terms) == 1 and self.terms.get((self._first(),)) == 1 and self._first().kind == "unknown"

    def __repr__(self) -> str:
        text = ""
        for atoms, count in sorted(self.terms.items(), key=lambda term: (-len(term[0]), term[0])):
            alone = len(self.terms) == len(atoms) == count == 1
            factors = [f"({atom.text})" if atom.kind == "//" and not alone else atom.text for atom in atoms]
            if abs(count) != 1 or not factors:
                factors.insert(0, str(abs(count)))
            sign = (" - " if count < 0 else " + ") if text else ("-" if count < 0 else "")
            text += sign + "*".join(factors)
        return text

    # -- arithmetic ---------------------------------------------------------------------------------------------

    __add__, __radd__ = _binary("add", lambda a, b: _sum(a, b, 1))
    __sub__, __rsub__ = _binary("subtract", lambda a, b: _sum(a, b, -1))
    __mul__, __rmul__ = _binary("multiply", lambda a, b: _product(a, b))
    __floordiv__, __rfloordiv__ = _binary("floor_divide", lambda a, b: _quotient(a, b))
    __mod__, __rmod__ = _binary("mod", lambda a, b: a - b * _quotient(a, b))

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    __truediv__, __rtruediv__ = _binary("true_divide", lambda a, b: _divided(a, b))
    __pow__, __rpow__ = _binary("power", lambda a, b: _power(a, b))

    def __neg__(self) -> Size:
        return _product(self, -1)

    def __pos__(self) -> Size:
        return self

    def __abs__(self) -> Any:
        return largest(self, -self)

    def __round__(self, digits: Any = None) -> Size:
        return self

    __floor__ = __ceil__ = __trunc__ = __pos__

    # -- comparison ---------------------------------------------------------------------------------------------

    def bounds(self) -> tuple[Any, Any]:
        """(least, largest) value that it can have: ints, or infinities."""
        if self._bounds is None:
            self._bounds = _bounds(self)
        return self._bounds

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: Any) -> Any:
        if _operand(other) is None:
            return operator("equal")(self, other) if hasattr(other, "dtype") else False
        difference = self - _operand(other)
        if type(difference) is int:
            return difference == 0
        low, high = difference.bounds()
        if low > 0 or high < 0 or math.inf in (-low, high):
            return False  # in general two such sizes differ
        return self._first().guesses.answer(("=", difference.key), low == 0)

    def __bool__(self) -> bool:
        return self != 0

    __gt__, __lt__ = _binary("greater", lambda a, b: _is_positive(a - b))
    __le__, __ge__ = _binary("less_equal", lambda a, b: not _is_positive(a - b))


class OpenFloat:
    """A number worked out from an open size that is none itself: `size / 2`, `size * 0.5`, `size ** -0.5`.

    With tensors it is a scalar of their type. The quotient of two sizes can be rounded, which gives a Size.

    Args:
        size: the Size, which errors name; made: (name of an op, operand, operand), how it is worked out.
    """

    __slots__ = ("size", "made")
    __array_ufunc__ = None

    def __init__(self, size: Size, made: tuple[str, Any, Any]) -> None:
        self.size, self.made = size, made

    def _no_number(self, *_args):
        self.size._no_number()

    __index__ = __int__ = __float__ = _no_number

    def _combined(name):  # noqa: N805  (it makes methods)
        def apply(self, other, a, b):
            if hasattr(other, "dtype"):
                return operator(name)(a, b)
            known = isinstance(other, (int, float, Size, OpenFloat))
            return OpenFloat(self.size, (name, a, b)) if known else NotImplemented

        return lambda self, other: apply(self, other, self, other), lambda self, other: apply(self, other, other, self)

    __add__, __radd__ = _combined("add")
    __sub__, __rsub__ = _combined("subtract")
    __mul__, __rmul__ = _combined("multiply")
    __truediv__, __rtruediv__ = _combined("true_divide")
    __floordiv__, __rfloordiv__ = _combined("floor_divide")
    __mod__, __rmod__ = _combined("mod")
    __pow__, __rpow__ = _combined("power")

    def __neg__(self) -> OpenFloat:
        return OpenFloat(self.size, ("multiply", self, -1))

    def __abs__(self) -> OpenFloat:
        return OpenFloat(self.size, ("absolute", self, None))

    def __pos__(self) -> OpenFloat:
        return self

    def _quotient(self):
        """(numerator, denominator) of a quotient of whole numbers."""
        name, a, b = self.made
        return (a, b) if name == "true_divide" and None not in (_operand(a), _operand(b)) else self._no_number()

    def __floor__(self) -> Any:
        a, b = self._quotient()
        return a // b

    def __ceil__(self) -> Any:
        a, b = self._quotient()
        return -(-a // b)

    __trunc__ = __floor__

    def __round__(self, digits: Any = None) -> Any:
        return self if digits else self.__floor__()


OPEN = (Size, OpenFloat)  # numbers that only the run knows


def _is_positive(x):
    if type(x) is int:
        return x > 0
    low, high = x.bounds()
    if low > 0 or high <= 0:
        return low > 0
    return x._first().guesses.answer((">", x.key), high == math.inf and low > -math.inf)


# -- normal form ----------------------------------------------------------------------------------------------------


def _terms(x):
    return x.terms if type(x) is Size else {(): x} if x else {}


def _normal(terms):
    """The Size of these terms; an int where they hold nothing that is open."""
    terms = {atoms: count for atoms, count in terms.items() if count}
    return Size(terms) if any(terms) else terms.get((), 0)


def _sum(a, b, sign):
    terms = dict(_terms(a))
    for atoms, count in _terms(b).items():
        terms[atoms] = terms.get(atoms, 0) + sign * count
    return _normal(terms)


def _product(a, b):
    terms = {}
    for first, count in _terms(a).items():
        for second, more in _terms(b).items():
            atoms = tuple(sorted(first + second))
            terms[atoms] = terms.get(atoms, 0) + count * more
    return _normal(terms)


def _power(base, exponent):
    if type(exponent) is int and exponent >= 0:
        return math.prod([base] * exponent)
    return OpenFloat(base if type(base) is Size else exponent, ("power", base, exponent))


def _divided(a, b):
    return OpenFloat(a if type(a) is Size else b, ("true_divide", a, b))


def _quotient(a, b):
    if type(b) is int and b == 0:
        raise ZeroDivisionError(f"{a} // 0")
    if type(b) is int:
        return _over_int(a, b) if b > 0 else _over_int(-a, -b)
    exact = _exact_quotient(a, b)
    if exact is not None:
        return exact
    (low, high), (least, most) = _limits(a), _limits(b)
    if low >= 0 and exceeds(b, a):
        return 0
    within = (low // most if most < math.inf else 0, high // least if high < math.inf else high)
    return _compound("//", a, b, *(within if low >= 0 and least > 0 else (-math.inf, math.inf)))


def _over_int(a, b):
    """A // b for b > 0: what b divides stands outside of the quotient that is left."""
    if type(a) is int:
        return a // b
    whole = _normal({atoms: count // b for atoms, count in a.terms.items() if count % b == 0 or not atoms})
    rest = a - whole * b
    low, high = _limits(rest)
    if 0 <= low and high < b:
        return whole
    inner = [
        atoms[0] for atoms, count in rest.terms.items() if len(atoms) == 1 and count == 1 and atoms[0].kind == "//"
    ]
    if len(inner) == 1 and len(rest.terms) <= 1 + (() in rest.terms) and type(inner[0].operands[1]) is int:
        under, divisor = inner[0].operands  # (x // k + c) // b
        return whole + _over_int(under + rest.terms.get((), 0) * divisor, divisor * b)
    return whole + _compound("//", rest, b, *(x // b if abs(x) < math.inf else x for x in (low, high)))


def _exact_quotient(a, b):
    """The polynomial q with a = q b, or None."""
    quotient, rest = 0, a
    lead, unit = _leading(b)
    while type(rest) is Size or rest:
        atoms, count = _leading(rest)
        left = list(atoms)
        for atom in lead:
            if atom not in left:
                return None
            left.remove(atom)
        if count % unit:
            return None
        part = _normal({tuple(left): count // unit})
        quotient, rest = quotient + part, rest - part * b
    return quotient


def _leading(x):
    return max(_terms(x).items(), key=lambda term: (len(term[0]), term[0]))


def _limits(x):
    return x.bounds() if type(x) is Size else (x, x)


def _bounds(size):
    low = high = 0
    for atoms, count in size.terms.items():
        least, most = count, count
        for atom in atoms:
            if atom.low < 0 and len(atoms) > 1:
                least, most = -math.inf, math.inf
                break
            ends = [0 if 0 in (x, y) else x * y for x, y in ((least, atom.low), (most, atom.high))]
            if count < 0:
                ends = [0 if 0 in (x, y) else x * y for x, y in ((least, atom.high), (most, atom.low))]
            least, most = ends
        low, high = low + least, high + most
    for atoms, count in size.terms.items():
        if len(atoms) == 1 and atoms[0].kind == "//" and type(atoms[0].operands[1]) is int:
            # k (rest + count (x // k)) = k rest + count (x - r), with a remainder 0 <= r < k
            under, k = atoms[0].operands
            least, most = _limits((size - _normal({atoms: count})) * k + under * count)
            slack = -count * (k - 1)
            least, most = least + min(0, slack), most + max(0, slack)
            low = low if least == -math.inf else max(low, -(-least // k))
            high = high if most == math.inf else min(high, most // k)
            break
    return low, high


# -- questions of shape rules ---------------------------------------------------------------------------------------


def unlike(a: int | Size | None, b: int | Size | None) -> bool:
    """Whether two sizes differ for sure; None may be any.

    >>> from kerasish.backend.sizes import unlike
    >>> unlike(2, 3), unlike(2, None)
    (True, False)
    """
    if a is None or b is None:
        return False
    difference = a - b
    if type(difference) is not Size:
        return difference != 0
    low, high = difference.bounds()
    return low > 0 or high < 0


def unlike_shapes(a: Sequence[int | Size | None], b: Sequence[int | Size | None]) -> bool:
    """Whether two shapes differ for sure, in rank or in a size."""
    return len(a) != len(b) or any(map(unlike, a, b))


def exceeds(a: int | Size | None, b: int | Size | None) -> bool:
    """Whether a > b for sure; None may be any."""
    return a is not None and b is not None and (_limits(a - b)[0] > 0)


def largest(a: int | Size, b: int | Size) -> int | Size:
    """The larger of two sizes, an expression where it is open which one that is."""
    if type(a) is not Size and type(b) is not Size:
        return max(a, b)
    low, high = _limits(a - b)
    if low >= 0 or high <= 0:
        return a if low >= 0 else b
    (a_low, a_high), (b_low, b_high) = _limits(a), _limits(b)
    return _compound("max", a, b, max(a_low, b_low), max(a_high, b_high))


def smallest(a: int | Size, b: int | Size) -> int | Size:
    """The smaller of two sizes, an expression where it is open which one that is."""
    if type(a) is not Size and type(b) is not Size:
        return min(a, b)
    low, high = _limits(a - b)
    if low >= 0 or high <= 0:
        return b if low >= 0 else a
    (a_low, a_high), (b_low, b_high) = _limits(a), _limits(b)
    return _compound("min", a, b, min(a_low, b_low), min(a_high, b_high))


def is_open(value: Any) -> bool:
    """Whether `value` is a number that only the run knows, or a tuple or list with one in it."""
    return type(value) in OPEN or (type(value) in (tuple, list) and any(map(is_open, value)))


def shown(shape: Sequence[Any]) -> tuple[int | None, ...]:
    """A shape as it is seen outside of shape inference: None where a size is open."""
    return tuple(None if type(size) is Size else size for size in shape)
