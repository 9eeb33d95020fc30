"""Types, values and arithmetic of the kernel language.

A type is a dtype's name, "bool", or a Pointer. An int or float literal takes the type of what it stands beside, else
int64 or float64. As in C, ints wrap; unlike C, `//` and `%` round down, as in Python.
"""

from typing import NamedTuple

from llvmlite import ir

FLOATS = {"float32": ir.FloatType(), "float64": ir.DoubleType()}
INTS = {f"{sign}int{bits}": ir.IntType(bits) for bits in (8, 16, 32, 64) for sign in ("", "u")}
HALVES = {"float16": ir.HalfType(), "bfloat16": ir.IntType(16)}  # in memory alone: read as float32, written rounded
LLVM = {**FLOATS, **INTS, "bool": ir.IntType(1)}
FLAGS = ("contract",)  # a product and a sum may become one instruction, which rounds once


class Pointer(NamedTuple):
    """Memory that holds numbers of one type."""

    item: str


class Vector(NamedTuple):
    """Numbers of one type that go through the vector unit together (`vectors.py`)."""

    item: str
    lanes: int


class Mask(NamedTuple):
    """A bit for each number of a vector."""

    lanes: int


class Block(NamedTuple):
    """Rows of vectors, in which products are summed up (`blocks.py`)."""

    vector: Vector
    rows: int
    across: int


def llvm_type(kind):
    """LLVM's type for any kind of value."""
    if isinstance(kind, Block):
        return ir.ArrayType(llvm_type(kind.vector), kind.rows * kind.across)
    if isinstance(kind, Pointer):
        return stored_type(kind.item).as_pointer()
    if isinstance(kind, Vector):
        return ir.VectorType(LLVM[kind.item], kind.lanes)
    return ir.VectorType(ir.IntType(1), kind.lanes) if isinstance(kind, Mask) else LLVM[kind]


def stored_type(item):
    """LLVM's type for what memory holds."""
    return HALVES[item] if item in HALVES else LLVM[item]


class Value(NamedTuple):
    """A number while the kernel runs: its type and LLVM's name for it.

    `literal` is its Python number where the source says it outright.
    """

    kind: object
    llvm: object
    literal: object = None


class KernelError(TypeError):
    """The source of a kernel says something that the language has no words for."""


def constant(kind, number):
    """The Value of a Python number."""
    if kind in FLOATS:
        return Value(kind, ir.Constant(LLVM[kind], float(number)))
    if kind == "bool":
        return Value(kind, ir.Constant(LLVM[kind], bool(number)))
    width = LLVM[kind].width
    return Value(kind, ir.Constant(LLVM[kind], int(number) % (1 << width)))


def literal(number):
    """A literal, whose type is settled by what it meets."""
    kind = "bool" if isinstance(number, bool) else "int64" if isinstance(number, int) else "float64"
    return constant(kind, number)._replace(literal=None if kind == "bool" else number)


def is_signed(kind):
    """Whether ints of this type may be negative."""
    return kind in INTS and not kind.startswith("u")


def together(builder, x, y):
    """Both operands in the type that their result has."""
    if x.kind == y.kind:
        return x, y
    if (
        x.literal is not None
        and (isinstance(x.literal, int) or y.kind in FLOATS)
        and isinstance(y.kind, str)
        and y.kind != "bool"
    ):
        return constant(y.kind, x.literal), y
    if (
        y.literal is not None
        and (isinstance(y.literal, int) or x.kind in FLOATS)
        and isinstance(x.kind, str)
        and x.kind != "bool"
    ):
        return x, constant(x.kind, y.literal)
    kind = _common(x.kind, y.kind)
    return convert(builder, x, kind), convert(builder, y, kind)


def _common(a, b):
    for kind in (a, b):
        if not isinstance(kind, str):
            raise KernelError(f"{kind} is no number: memory is read with [...], vectors have words of their own.")
    if "float64" in (a, b) or "float32" in (a, b):
        return "float64" if "float64" in (a, b) else "float32"
    if a == "bool" or b == "bool":
        return b if a == "bool" else a
    width_a, width_b = LLVM[a].width, LLVM[b].width
    if width_a != width_b:
        return a if width_a > width_b else b
    return a if not is_signed(a) else b


def convert(builder, x, kind):
    """`x` as a number of type `kind`, as NumPy's astype does."""
    if x.kind == kind:
        return x._replace(literal=None)
    if x.literal is not None and not (kind in INTS and isinstance(x.literal, float)):
        return constant(kind, x.literal)
    if not isinstance(x.kind, str) or not isinstance(kind, str):
        raise KernelError(f"Can't make {kind} of {x.kind}.")
    target = LLVM[kind]
    if kind == "bool":
        return truth(builder, x)
    if x.kind == "bool":
        one, zero = constant(kind, 1), constant(kind, 0)
        return Value(kind, builder.select(x.llvm, one.llvm, zero.llvm))
    if x.kind in FLOATS and kind in FLOATS:
        return Value(kind, builder.fpext(x.llvm, target) if kind == "float64" else builder.fptrunc(x.llvm, target))
    if x.kind in FLOATS:
        return Value(kind, builder.fptosi(x.llvm, target) if is_signed(kind) else builder.fptoui(x.llvm, target))
    if kind in FLOATS:
        return Value(kind, builder.sitofp(x.llvm, target) if is_signed(x.kind) else builder.uitofp(x.llvm, target))
    before, after = LLVM[x.kind].width, target.width
    if after == before:
        return Value(kind, x.llvm)
    if after < before:
        return Value(kind, builder.trunc(x.llvm, target))
    return Value(kind, builder.sext(x.llvm, target) if is_signed(x.kind) else builder.zext(x.llvm, target))


def loaded(builder, item, x):
    """The Value of what was read from memory of type `item`: a half as float32."""
    if item == "float16":
        return Value("float32", builder.fpext(x, LLVM["float32"]))
    if item == "bfloat16":  # the upper half of a float32
        whole = builder.shl(builder.zext(x, LLVM["uint32"]), ir.Constant(LLVM["uint32"], 16))
        return Value("float32", builder.bitcast(whole, LLVM["float32"]))
    return Value(item, x)


def to_store(builder, x, item):
    """What is written to memory of type `item`: halves are rounded to the nearest, of two such to the even one."""
    if item not in HALVES:
        return convert(builder, x, item).llvm
    x = convert(builder, x, "float32")
    if item == "float16":
        return builder.fptrunc(x.llvm, HALVES[item])
    return builder.trunc(builder.lshr(_bfloat16_bits(builder, x), ir.Constant(LLVM["uint32"], 16)), HALVES[item])


def rounded(builder, x, item):
    """The number of type `item`, a half, nearest to `x`, as float32."""
    x = convert(builder, x, "float32")
    if item == "float16":
        return Value("float32", builder.fpext(builder.fptrunc(x.llvm, HALVES[item]), LLVM["float32"]))
    bits = builder.and_(_bfloat16_bits(builder, x), ir.Constant(LLVM["uint32"], 0xFFFF0000))
    return Value("float32", builder.bitcast(bits, LLVM["float32"]))


def _bfloat16_bits(builder, x):
    """The bits of `x`, of which the upper 16 are those of the bfloat16 nearest to it; of a NaN a quiet NaN.

    In whole numbers: the processors' own instruction takes subnormal numbers for 0.
    """
    word = LLVM["uint32"]
    bits = builder.bitcast(x.llvm, word)
    odd = builder.and_(builder.lshr(bits, ir.Constant(word, 16)), ir.Constant(word, 1))
    nearest = builder.add(bits, builder.add(odd, ir.Constant(word, 0x7FFF)))
    quiet = builder.or_(bits, ir.Constant(word, 0x400000))
    return builder.select(builder.fcmp_unordered("uno", x.llvm, x.llvm), quiet, nearest)


def truth(builder, x):
    """Whether `x` is not zero."""
    if x.kind == "bool":
        return x
    if x.kind in FLOATS:
        return Value("bool", builder.fcmp_unordered("!=", x.llvm, constant(x.kind, 0).llvm))
    return Value("bool", builder.icmp_unsigned("!=", x.llvm, constant(x.kind, 0).llvm))


_FLOAT = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_INT = {"+": "add", "-": "sub", "*": "mul", "&": "and_", "|": "or_", "^": "xor", "<<": "shl"}


def arithmetic(builder, sign, x, y):
    """`x (+ - * / // % ** & | ^ << >>) y`."""
    if sign == "/" and x.kind not in FLOATS and y.kind not in FLOATS:
        x, y = convert(builder, x, "float64"), convert(builder, y, "float64")
    x, y = together(builder, x, y)
    kind = x.kind
    if kind in FLOATS:
        if sign == "**":
            return _power(builder, x, y)
        if sign not in _FLOAT:
            raise KernelError(f"`{sign}` is for ints.")
        return Value(kind, getattr(builder, _FLOAT[sign])(x.llvm, y.llvm, flags=FLAGS))
    if kind == "bool" and sign in "&|^":
        return Value(kind, getattr(builder, _INT[sign])(x.llvm, y.llvm))
    if kind not in INTS:
        raise KernelError(f"`{sign}` can't join {x.kind} and {y.kind}.")
    if sign == ">>":
        return Value(kind, builder.ashr(x.llvm, y.llvm) if is_signed(kind) else builder.lshr(x.llvm, y.llvm))
    if sign in ("//", "%"):
        return _floor_division(builder, sign, x, y)
    if sign not in _INT:
        raise KernelError(f"`{sign}` is for floats.")
    return Value(kind, getattr(builder, _INT[sign])(x.llvm, y.llvm))


def _power(builder, x, y):
    function = builder.module.declare_intrinsic("llvm.pow", [LLVM[x.kind]])
    return Value(x.kind, builder.call(function, [x.llvm, y.llvm]))


def _floor_division(builder, sign, x, y):
    """Rounding down: one less than C says where the signs differ and something is left."""
    if not is_signed(x.kind):
        return Value(x.kind, builder.udiv(x.llvm, y.llvm) if sign == "//" else builder.urem(x.llvm, y.llvm))
    zero = constant(x.kind, 0).llvm
    rest = builder.srem(x.llvm, y.llvm)
    differ = builder.icmp_signed("<", builder.xor(rest, y.llvm), zero)
    off = builder.and_(builder.icmp_signed("!=", rest, zero), differ)
    if sign == "%":
        return Value(x.kind, builder.select(off, builder.add(rest, y.llvm), rest))
    return Value(x.kind, builder.sub(builder.sdiv(x.llvm, y.llvm), builder.zext(off, LLVM[x.kind])))


def compare(builder, sign, x, y):
    """`x (== != < <= > >=) y`; anything compared with NaN is unequal."""
    x, y = together(builder, x, y)
    if x.kind in FLOATS:
        test = builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered
    else:
        test = builder.icmp_signed if is_signed(x.kind) else builder.icmp_unsigned
    return Value("bool", test(sign, x.llvm, y.llvm))


def negative(builder, x):
    """-x."""
    if x.literal is not None:
        return literal(-x.literal)
    if x.kind in FLOATS:
        return Value(x.kind, builder.fneg(x.llvm))
    return Value(x.kind, builder.neg(x.llvm))


def select(builder, condition, x, y):
    """`x` where the condition holds, else y."""
    x, y = together(builder, x, y)
    return Value(x.kind, builder.select(truth(builder, condition).llvm, x.llvm, y.llvm))
