"""Words for kernels that say themselves which numbers go through the vector unit together: 64 bytes at a time.

LLVM makes two or four instructions of one where the processor's registers are shorter.
"""

from llvmlite import ir

from kerasish.backend.numpy.native.language import numbers
from kerasish.backend.numpy.native.language.numbers import LLVM, Mask, Value, Vector
from kerasish.backend.numpy.native.language.words import Word

BYTES = 64
NAMES = {}
_WORD, _INT = ir.IntType(64), ir.IntType(32)


def word(function):
    """Decorator: the function below writes the code of the word that bears its name."""
    NAMES[function.__name__] = Word(function.__name__, function)
    return function


def vector_of(item):
    """The kind of a vector of such numbers."""
    return Vector(item, BYTES * 8 // {"float32": 32, "float64": 64}[item])


def _letter(kind):
    return f"v{kind.lanes}{'f32' if kind.item == 'float32' else 'f64'}"


def _place(translator, address, kind):
    return translator.builder.inttoptr(numbers.convert(translator.builder, address, "int64").llvm, kind.as_pointer())


def _many(builder, kind, x):
    """A vector of one LLVM value."""
    seed = builder.insert_element(ir.Constant(kind, ir.Undefined), x, _INT(0))
    return builder.shuffle_vector(
        seed, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(_INT, kind.count), [0] * kind.count)
    )


def _first(translator, count, lanes):
    """The mask of the first `count` numbers."""
    kind = ir.VectorType(_WORD, lanes)
    count = numbers.convert(translator.builder, count, "int64").llvm
    return translator.builder.icmp_unsigned(
        "<", ir.Constant(kind, list(range(lanes))), _many(translator.builder, kind, count)
    )


@word
def load(translator, address, item):
    """64 bytes of a type at an address."""
    return loaded(translator, address, vector_of(item.name))


def loaded(translator, address, kind):
    """The vector at an address."""
    place = _place(translator, address, numbers.llvm_type(kind))
    return Value(kind, translator.builder.load(place, align=LLVM_BYTES[kind.item]))


LLVM_BYTES = {"float32": 4, "float64": 8}


@word
def load_first(translator, address, item, count):
    """The first `count` numbers at an address, then zeros."""
    kind = vector_of(item.name)
    vector, mask = numbers.llvm_type(kind), _first(translator, count, kind.lanes)
    shape = ir.FunctionType(vector, [vector.as_pointer(), _INT, mask.type, vector])
    function = translator.builder.module.declare_intrinsic(f"llvm.masked.load.{_letter(kind)}.p0", (), shape)
    zeros = ir.Constant(vector, [0.0] * kind.lanes)
    return Value(
        kind,
        translator.builder.call(
            function, [_place(translator, address, vector), _INT(LLVM_BYTES[item.name]), mask, zeros]
        ),
    )


@word
def store(translator, address, vector):
    """Write 64 bytes."""
    translator.builder.store(
        vector.llvm, _place(translator, address, vector.llvm.type), align=LLVM_BYTES[vector.kind.item]
    )


@word
def store_first(translator, address, vector, count):
    """Write the first `count` numbers of a vector."""
    kind, mask = vector.llvm.type, _first(translator, count, vector.kind.lanes)
    shape = ir.FunctionType(ir.VoidType(), [kind, kind.as_pointer(), _INT, mask.type])
    function = translator.builder.module.declare_intrinsic(f"llvm.masked.store.{_letter(vector.kind)}.p0", (), shape)
    translator.builder.call(
        function, [vector.llvm, _place(translator, address, kind), _INT(LLVM_BYTES[vector.kind.item]), mask]
    )


@word
def splat(translator, x):
    """A vector of one number, many times."""
    kind = vector_of(x.kind)
    return Value(kind, _many(translator.builder, numbers.llvm_type(kind), x.llvm))


@word
def multiply_add(translator, x, y, total):
    """`x * y + total`, rounded once where the processor can."""
    kind = x.llvm.type
    function = translator.builder.module.declare_intrinsic(
        f"llvm.fmuladd.{_letter(x.kind)}", (), ir.FunctionType(kind, [kind] * 3)
    )
    return Value(x.kind, translator.builder.call(function, [x.llvm, y.llvm, total.llvm]))


def _binary(name, make):
    NAMES[name] = Word(name, lambda translator, x, y: Value(x.kind, make(translator.builder, x.llvm, y.llvm)))


_binary("plus", lambda builder, x, y: builder.fadd(x, y))
_binary("minus", lambda builder, x, y: builder.fsub(x, y))
_binary("times", lambda builder, x, y: builder.fmul(x, y))
_binary("both", lambda builder, x, y: builder.and_(x, y))
_binary("without", lambda builder, x, y: builder.and_(x, builder.not_(y)))


@word
def larger(translator, x, y):
    """The larger numbers; NaN where one is."""
    builder, x_, y_ = translator.builder, x.llvm, y.llvm
    keep = builder.or_(builder.fcmp_unordered(">", x_, y_), builder.fcmp_unordered("uno", x_, x_))
    return Value(x.kind, builder.select(builder.and_(keep, builder.fcmp_ordered("ord", y_, y_)), x_, y_))


@word
def all_of(translator, vector):
    """The mask of all numbers of such a vector."""
    kind = Mask(vector.kind.lanes)
    return Value(kind, ir.Constant(numbers.llvm_type(kind), [1] * kind.lanes))


@word
def equal(translator, x, y):
    """The mask of equal numbers."""
    return Value(Mask(x.kind.lanes), translator.builder.fcmp_ordered("==", x.llvm, y.llvm))


@word
def where(translator, mask, x):
    """The numbers of x in the mask, zeros elsewhere."""
    zeros = ir.Constant(x.llvm.type, [0.0] * x.kind.lanes)
    return Value(x.kind, translator.builder.select(mask.llvm, x.llvm, zeros))


@word
def transpose_block(translator, target, target_step, source, source_step, item):
    """Write the square block of numbers at `source` to `target`, transposed.

    It has as many rows and columns as fill a vector; rows of the source are `source_step` bytes apart.

    In each round a block's upper right and lower left quarters change places, in all its blocks of half the size at
    once.
    """
    builder, width = translator.builder, LLVM[item.name].width
    lanes = BYTES * 8 // width
    kind, index = ir.VectorType(ir.IntType(width), lanes), ir.VectorType(_INT, lanes)

    def address(base, step, row):
        base, step = (numbers.convert(builder, x, "int64").llvm for x in (base, step))
        return builder.inttoptr(builder.add(base, builder.mul(step, _WORD(row))), kind.as_pointer())

    rows = [builder.load(address(source, source_step, row), align=width // 8) for row in range(lanes)]
    half = lanes // 2
    while half:
        upper = ir.Constant(index, [lane if not lane & half else lanes + lane - half for lane in range(lanes)])
        lower = ir.Constant(index, [lane + half if not lane & half else lanes + lane for lane in range(lanes)])
        for row in range(lanes):
            if not row & half:
                a, b = rows[row], rows[row + half]
                rows[row], rows[row + half] = builder.shuffle_vector(a, b, upper), builder.shuffle_vector(a, b, lower)
        half //= 2
    for row, vector in enumerate(rows):
        builder.store(vector, address(target, target_step, row), align=width // 8)
