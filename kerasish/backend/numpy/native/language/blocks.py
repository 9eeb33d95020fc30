"""Words for blocks of sums that stay in registers: some rows of some vectors, as many as the source says.

How many is known when the kernel is compiled, so that LLVM sees nothing but vectors.
"""

from llvmlite import ir

from kerasish.backend.numpy.native.language import numbers, vectors
from kerasish.backend.numpy.native.language.numbers import Block, Value
from kerasish.backend.numpy.native.language.words import Word

NAMES = {}


def word(function):
    """Decorator: the function below writes the code of the word that bears its name."""
    NAMES[function.__name__] = Word(function.__name__, function)
    return function


def _beyond(translator, address, step, count):
    """`address + step * count`, for a count that is known now."""
    step = numbers.literal(step) if isinstance(step, int) else step
    offset = numbers.arithmetic(translator.builder, "*", step, numbers.literal(count))
    return numbers.arithmetic(translator.builder, "+", address, offset)


@word
def no_products(translator, item, rows, across):
    """A block of zeros: so many rows of so many vectors."""
    kind = Block(vectors.vector_of(item.name), rows.literal, across.literal)
    return Value(kind, ir.Constant(numbers.llvm_type(kind), None))


@word
def add_products(translator, block, x, step, y):
    """The block and, added to row r, the number at `x + r step` times each of the vectors side by side at `y`."""
    places = [_beyond(translator, y, vectors.BYTES, column) for column in range(block.kind.across)]
    return _with_products(
        translator, block, x, step, [vectors.loaded(translator, p, block.kind.vector) for p in places]
    )


@word
def add_part_products(translator, block, x, step, y, count):
    """The same for blocks of one vector, of which only the first `count` numbers are there."""
    item = Word(block.kind.vector.item, None)
    return _with_products(translator, block, x, step, [vectors.NAMES["load_first"].emit(translator, y, item, count)])


def _with_products(translator, block, x, step, factors):
    builder, (vector, rows, across) = translator.builder, block.kind
    total = block.llvm
    for row in range(rows):
        place = builder.inttoptr(_beyond(translator, x, step, row).llvm, numbers.LLVM[vector.item].as_pointer())
        number = vectors.NAMES["splat"].emit(translator, Value(vector.item, builder.load(place)))
        for column, factor in enumerate(factors):
            before = Value(vector, builder.extract_value(total, row * across + column))
            after = vectors.NAMES["multiply_add"].emit(translator, number, factor, before)
            total = builder.insert_value(total, after.llvm, row * across + column)
    return Value(block.kind, total)


@word
def store_products(translator, address, step, block):
    """Write a block, each row `step` bytes behind the one before."""
    for place, vector in _placed(translator, address, step, block):
        vectors.NAMES["store"].emit(translator, place, vector)


@word
def store_part_products(translator, address, step, block, count):
    """The same for the first `count` numbers of blocks of one vector."""
    for place, vector in _placed(translator, address, step, block):
        vectors.NAMES["store_first"].emit(translator, place, vector, count)


@word
def add_stored(translator, address, step, block):
    """Add a block to what lies there, each row `step` bytes behind the one before."""
    for place, vector in _placed(translator, address, step, block):
        before = vectors.loaded(translator, place, vector.kind)
        vectors.NAMES["store"].emit(translator, place, vectors.NAMES["plus"].emit(translator, before, vector))


def _placed(translator, address, step, block):
    """(address, vector) of each vector of a block."""
    vector, rows, across = block.kind
    for row in range(rows):
        line = _beyond(translator, address, step, row)
        for column in range(across):
            held = translator.builder.extract_value(block.llvm, row * across + column)
            yield _beyond(translator, line, vectors.BYTES, column), Value(vector, held)
