"""Words for what NumPy does in this process: C's functions of floats, and division of whole numbers by anything."""

from llvmlite import ir

from kerasish.backend.numpy.native.language import numbers, vocabulary
from kerasish.backend.numpy.native.language.numbers import FLOATS, Value
from kerasish.backend.numpy.native.language.words import Word

NAMES = {}


def _word(function):
    """Decorator: the function below writes the code of the word that bears its name."""
    NAMES[function.__name__] = Word(function.__name__, function)
    return function


def _c_function(name, count):
    """A function of C's library, in float64 whatever the floats are."""

    def emit(translator, *values):
        builder = translator.builder
        module, double = builder.module, ir.DoubleType()
        function = module.globals.get(name) or ir.Function(module, ir.FunctionType(double, [double] * count), name)
        given = [numbers.convert(builder, x, "float64").llvm for x in values]
        result = Value("float64", builder.call(function, given))
        return numbers.convert(builder, result, values[0].kind) if values[0].kind in FLOATS else result

    NAMES[f"c_{name}"] = Word(f"c_{name}", emit)


_c_function("sin", 1)
_c_function("cos", 1)
_c_function("tan", 1)
_c_function("asin", 1)
_c_function("acos", 1)
_c_function("atan", 1)
_c_function("sinh", 1)
_c_function("cosh", 1)
_c_function("asinh", 1)
_c_function("acosh", 1)
_c_function("atanh", 1)
_c_function("atan2", 2)
_c_function("fmod", 2)


def _divisor(builder, y):
    """`y`, or 1 where a processor could not divide by it: 0, and -1, which the smallest int can't be divided by."""
    zero, one = numbers.constant(y.kind, 0), numbers.constant(y.kind, 1)
    safe = numbers.select(builder, numbers.compare(builder, "==", y, zero), one, y)
    if numbers.is_signed(y.kind):
        safe = numbers.select(builder, numbers.compare(builder, "==", y, numbers.constant(y.kind, -1)), one, safe)
    return safe


@_word
def quotient(translator, x, y):
    """The quotient, rounded down; of ints 0 where y is 0, as in NumPy."""
    builder = translator.builder
    x, y = numbers.together(builder, x, y)
    if x.kind in FLOATS:
        return vocabulary.NAMES["floor_"].emit(translator, numbers.arithmetic(builder, "/", x, y))
    zero = numbers.constant(x.kind, 0)
    result = numbers.arithmetic(builder, "//", x, _divisor(builder, y))
    if numbers.is_signed(x.kind):
        other = numbers.compare(builder, "==", y, numbers.constant(y.kind, -1))
        result = numbers.select(builder, other, numbers.negative(builder, x), result)
    return numbers.select(builder, numbers.compare(builder, "==", y, zero), zero, result)


@_word
def remainder(translator, x, y):
    """What is left of x by y, with the sign of y; of ints 0 where y is 0, as in NumPy."""
    builder = translator.builder
    x, y = numbers.together(builder, x, y)
    zero = numbers.constant(x.kind, 0)
    if x.kind not in FLOATS:
        result = numbers.arithmetic(builder, "%", x, _divisor(builder, y))
        return numbers.select(builder, numbers.compare(builder, "==", y, zero), zero, result)
    rest = NAMES["c_fmod"].emit(translator, x, y)
    below, negative = numbers.compare(builder, "<", rest, zero), numbers.compare(builder, "<", y, zero)
    differ = Value("bool", builder.xor(below.llvm, negative.llvm))
    off = Value("bool", builder.and_(differ.llvm, numbers.compare(builder, "!=", rest, zero).llvm))
    return numbers.select(builder, off, numbers.arithmetic(builder, "+", rest, y), rest)
