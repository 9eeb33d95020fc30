"""The words that kernels are written in.

Types, memory by address, sums in any order, mathematics, BLAS, and what threads meet by.
"""

import ast
import math

from llvmlite import ir

from kerasish.backend.numpy.native import kernels
from kerasish.backend.numpy.native.language import numbers
from kerasish.backend.numpy.native.language.numbers import FLOATS, HALVES, INTS, LLVM, KernelError, Pointer, Value
from kerasish.backend.numpy.native.language.words import Inlined, Word

_WORD, _BYTE = ir.IntType(64), ir.IntType(8)

NAMES = {"inf": math.inf, "nan": math.nan}


def word(function):
    """Decorator: the function below writes the code of the word that bears its name."""
    name = function.__name__.rstrip("_")
    NAMES[name] = Word(name, function)
    return function


def helper(function):
    """Decorator of a function that kernels of the same file call.

    It changes nothing: the decorator is for the reader.
    """
    return function


# -- types
# ----------------------------------------------------------------------------------------------------------------------


def _conversion(kind):
    return Word(kind, lambda translator, x: numbers.convert(translator.builder, x, kind), pure=True)


def _rounding(kind):
    """`float16(x)` is the half nearest to x, which goes on as a float32; as a type it is that of memory."""
    return Word(kind, lambda translator, x: numbers.rounded(translator.builder, x, kind), pure=True)


for _kind in LLVM:
    NAMES[_kind] = _conversion(_kind)
for _kind in HALVES:
    NAMES[_kind] = _rounding(_kind)
for _kind in INTS:
    _bits, _signed = LLVM[_kind].width, numbers.is_signed(_kind)
    NAMES[f"min_{_kind}"] = -(1 << (_bits - 1)) if _signed else 0
    NAMES[f"max_{_kind}"] = (1 << (_bits - 1)) - 1 if _signed else (1 << _bits) - 1


# -- memory
# ----------------------------------------------------------------------------------------------------------------------


def _address(translator, x):
    return numbers.convert(translator.builder, x, "int64").llvm


@word
def pointer(translator, address, item):
    """The memory at `address` as numbers of a type."""
    return Value(
        Pointer(item.name),
        translator.builder.inttoptr(_address(translator, address), numbers.stored_type(item.name).as_pointer()),
    )


@word
def word_at(translator, address):
    """The 64 bits at any address, the first byte lowest."""
    place = translator.builder.inttoptr(_address(translator, address), _WORD.as_pointer())
    return Value("uint64", translator.builder.load(place, align=1))


@word
def address_of(translator, memory):
    """The address that memory begins at."""
    return Value("int64", translator.builder.ptrtoint(memory.llvm, _WORD))


@word
def copy_bytes(translator, target, source, size):
    """`memcpy`."""
    builder, byte = translator.builder, _BYTE.as_pointer()
    function = builder.module.declare_intrinsic("llvm.memcpy", [byte, byte, _WORD])
    places = [builder.inttoptr(_address(translator, x), byte) for x in (target, source)]
    builder.call(function, [*places, _address(translator, size), ir.IntType(1)(0)])


@word
def zero_bytes(translator, target, size):
    """`memset` to 0."""
    builder, byte = translator.builder, _BYTE.as_pointer()
    function = builder.module.declare_intrinsic("llvm.memset", [byte, _WORD])
    builder.call(
        function,
        [builder.inttoptr(_address(translator, target), byte), _BYTE(0), _address(translator, size), ir.IntType(1)(0)],
    )


@word
def stack(translator, size):
    """The address of so many bytes, known now, that are there until the kernel ends."""
    builder = translator.builder
    with builder.goto_entry_block():
        place = builder.alloca(ir.ArrayType(_BYTE, size.literal))
        place.align = 64
    return Value("int64", builder.ptrtoint(place, _WORD))


@word
def number(translator, bits):
    """The float64 whose bits an int64 holds: how a kernel is given a number among its arguments."""
    return Value("float64", translator.builder.bitcast(_address(translator, bits), ir.DoubleType()))


@word
def call(translator, address, args, lo, hi, worker):
    """Call another kernel by its address."""
    builder = translator.builder
    kind = ir.FunctionType(ir.VoidType(), [_WORD.as_pointer(), _WORD, _WORD, _WORD])
    target = builder.inttoptr(_address(translator, address), kind.as_pointer())
    where = builder.inttoptr(_address(translator, args), _WORD.as_pointer())
    builder.call(target, [where, *(_address(translator, x) for x in (lo, hi, worker))])


# -- mathematics
# ----------------------------------------------------------------------------------------------------------------------


@word
def vectorized(translator, total, x):
    """`total + x` in a loop that may add in any order, so that it becomes vector code."""
    total, x = numbers.together(translator.builder, total, x)
    return Value(total.kind, translator.builder.fadd(total.llvm, x.llvm, flags=("reassoc", "contract")))


def _instruction(name, intrinsic):
    """A function of one float that is one instruction."""

    def emit(translator, x):
        function = translator.builder.module.declare_intrinsic(f"llvm.{intrinsic}", [LLVM[x.kind]])
        return Value(x.kind, translator.builder.call(function, [x.llvm]))

    NAMES[name] = Word(name, emit, pure=True)


_instruction("sqrt", "sqrt")
_instruction("floor_", "floor")
_instruction("ceil_", "ceil")
_instruction("trunc_", "trunc")
_instruction("round_", "rint")
_instruction("fabs", "fabs")


def _extreme(name, intrinsic, sign):
    """The larger (smaller) of two numbers; NaN where one is."""

    def emit(translator, x, y):
        builder = translator.builder
        x, y = numbers.together(builder, x, y)
        if x.kind in FLOATS:
            kind = LLVM[x.kind]
            function = builder.module.declare_intrinsic(
                f"llvm.{intrinsic}", [kind], ir.FunctionType(kind, [kind, kind])
            )
            return Value(x.kind, builder.call(function, [x.llvm, y.llvm]))
        return numbers.select(builder, numbers.compare(builder, sign, x, y), x, y)

    return Word(name, emit, pure=True)


NAMES["fmax"], NAMES["fmin"] = _extreme("fmax", "maximum", ">"), _extreme("fmin", "minimum", "<")


def _of_two(name, sign):
    """Python's min and max, of numbers that are not NaN."""

    def emit(translator, x, y):
        builder = translator.builder
        return numbers.select(builder, numbers.compare(builder, sign, x, y), x, y)

    return Word(name, emit, pure=True)


NAMES["min"], NAMES["max"] = _of_two("min", "<"), _of_two("max", ">")


@word
def abs_(translator, x):
    """The size of a number."""
    if x.kind in FLOATS:
        return NAMES["fabs"].emit(translator, x)
    builder = translator.builder
    return numbers.select(
        builder, numbers.compare(builder, "<", x, numbers.literal(0)), numbers.negative(builder, x), x
    )


@word
def multiply_high(translator, x, y):
    """The upper 64 bits of a product of two uint64."""
    builder, long = translator.builder, ir.IntType(128)
    product = builder.mul(builder.zext(x.llvm, long), builder.zext(y.llvm, long))
    return Value("uint64", builder.trunc(builder.lshr(product, long(64)), _WORD))


@word
def power_of_two(translator, n):
    """2.0 ** n in float32, for an int32 n from -126 to 127."""
    builder, bits = translator.builder, ir.IntType(32)
    return Value("float32", builder.bitcast(builder.shl(builder.add(n.llvm, bits(127)), bits(23)), ir.FloatType()))


@word
def bits(translator, x):
    """The bits of a float32 as an int32."""
    return Value("int32", translator.builder.bitcast(x.llvm, ir.IntType(32)))


@word
def from_bits(translator, n):
    """The float32 with the bits of an int32."""
    return Value("float32", translator.builder.bitcast(n.llvm, ir.FloatType()))


_polynomials = {}


def _polynomial(name):
    """The function of `kernels/polynomials.kernel` with this name."""
    if not _polynomials:
        tree = ast.parse(kernels.text("polynomials"))
        scope = dict(NAMES)
        for statement in tree.body[1:]:
            _polynomials[statement.name] = scope[statement.name] = Inlined(statement, scope)
    return _polynomials[name]


def _function(name):
    """A function that is a polynomial for float32 and the C library's for float64."""

    def emit(translator, x):
        if x.kind == "float32":
            return translator.inline(_polynomial(f"{name}32"), [x])
        if x.kind != "float64":
            raise KernelError(f"`{name}` is for floats, got {x.kind}.")
        module = translator.builder.module
        function = module.globals.get(name) or ir.Function(
            module, ir.FunctionType(ir.DoubleType(), [ir.DoubleType()]), name
        )
        return Value("float64", translator.builder.call(function, [x.llvm]))

    NAMES[name] = Word(name, emit)


_function("exp")
_function("log")
_function("tanh")
_function("log1p")
_function("expm1")
_function("erf")
_function("erfc")


@word
def sigmoid(translator, x):
    """1 / (1 + exp(-x))."""
    builder, one = translator.builder, numbers.literal(1)
    e = NAMES["exp"].emit(translator, numbers.negative(builder, x))
    return numbers.arithmetic(builder, "/", numbers.constant(x.kind, 1), numbers.arithmetic(builder, "+", one, e))


@word
def rsqrt(translator, x):
    """1 / sqrt(x)."""
    return numbers.arithmetic(translator.builder, "/", numbers.constant(x.kind, 1), NAMES["sqrt"].emit(translator, x))


@word
def softplus(translator, x):
    """log(1 + exp(x)), without overflow."""
    builder = translator.builder
    e = NAMES["exp"].emit(translator, numbers.negative(builder, NAMES["fabs"].emit(translator, x)))
    above = NAMES["fmax"].emit(translator, x, numbers.constant(x.kind, 0))
    return numbers.arithmetic(builder, "+", above, NAMES["log1p"].emit(translator, e))


@word
def sign(translator, x):
    """-1, 0 or 1; NaN stays."""
    builder, zero = translator.builder, numbers.constant(x.kind, 0)
    positive = numbers.select(builder, numbers.compare(builder, ">", x, zero), numbers.constant(x.kind, 1), zero)
    result = numbers.select(builder, numbers.compare(builder, "<", x, zero), numbers.constant(x.kind, -1), positive)
    return numbers.select(builder, numbers.compare(builder, "==", x, x), result, x)


# -- BLAS and C
# ----------------------------------------------------------------------------------------------------------------------


@word
def gemm(translator, address, item, width, transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc):
    """`c = a @ b + beta * c` by the BLAS function at `address`.

    `width` is the type of its ints, leading dimensions count elements.
    """
    builder, real, flag, size = translator.builder, LLVM[item.name], ir.IntType(32), LLVM[width.name]
    memory = real.as_pointer()
    kinds = [flag] * 3 + [size] * 3 + [real, memory, size, memory, size, real, memory, size]
    target = builder.inttoptr(_address(translator, address), ir.FunctionType(ir.VoidType(), kinds).as_pointer())

    def count(x):
        return numbers.convert(builder, x, width.name).llvm

    def place(x):
        return builder.inttoptr(_address(translator, x), memory)

    def transposed(x):
        return builder.add(numbers.convert(builder, x, "int32").llvm, flag(111))

    left, right = [real(1.0), place(a), count(lda)], [place(b), count(ldb)]
    beta = numbers.convert(builder, beta, item.name).llvm
    sizes = [count(x) for x in (m, n, k)]
    builder.call(
        target,
        [
            flag(101),
            transposed(transpose_a),
            transposed(transpose_b),
            *sizes,
            *left,
            *right,
            beta,
            place(c),
            count(ldc),
        ],
    )


@word
def call_c(translator, address, first, second, third):
    """Call a C function of up to three whole numbers or pointers; the int64 of its result's register."""
    builder = translator.builder
    target = builder.inttoptr(_address(translator, address), ir.FunctionType(_WORD, [_WORD] * 3).as_pointer())
    return Value("int64", builder.call(target, [_address(translator, x) for x in (first, second, third)]))


# -- what threads meet by: all in one total order
# -----------------------------------------------------------------------------------------------------


def _cell(translator, address):
    return translator.builder.inttoptr(_address(translator, address), _WORD.as_pointer())


@word
def atomic_load(translator, address):
    """The int64 at an address."""
    return Value("int64", translator.builder.load_atomic(_cell(translator, address), "seq_cst", 8, typ=_WORD))


@word
def atomic_store(translator, address, value):
    """Write an int64 to an address."""
    translator.builder.store_atomic(_address(translator, value), _cell(translator, address), "seq_cst", 8)


def _exchanging(name, operation):
    """Change the int64 at an address; the number before."""

    def emit(translator, address, value):
        changed = translator.builder.atomic_rmw(
            operation, _cell(translator, address), _address(translator, value), "seq_cst"
        )
        return Value("int64", changed)

    NAMES[name] = Word(name, emit)


_exchanging("atomic_add", "add")
_exchanging("atomic_exchange", "xchg")
_exchanging("atomic_max", "max")


@word
def pause(translator):
    """What a waiting loop tells the processor: a hyper-thread next door may go first."""
    builder = translator.builder
    machine = builder.module.triple.partition("-")[0]
    if machine in ("x86_64", "i386", "i686"):
        builder.call(
            builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), ir.FunctionType(ir.VoidType(), [])), []
        )
    elif machine in ("aarch64", "arm64"):
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(32)])
        builder.call(builder.module.declare_intrinsic("llvm.aarch64.hint", (), kind), [ir.IntType(32)(1)])
