"""What Python's operators do on Tensors and Variables."""

from kerasish.backend.dtypes import BOOL, is_int_dtype
from kerasish.ops import numpy
from kerasish.ops.convert import dtype_of


def _whole(x):
    """Whether an operand of `&`, `|` or `^` is an integer, so that the operator works on its bits."""
    if isinstance(x, (list, tuple)):
        return True
    dtype = dtype_of(x)
    return dtype is int or (dtype not in (bool, float) and dtype not in BOOL and is_int_dtype(dtype))


def _bits_or_truth(bitwise, logical):
    """Integers combine bit by bit, anything else by truth."""
    return lambda x, y: bitwise(x, y) if _whole(x) and _whole(y) else logical(x, y)


OPERATORS = {
    name: getattr(numpy, name)
    for name in (
        "add subtract multiply true_divide floor_divide mod power matmul less less_equal greater greater_equal equal "
        "not_equal negative "
        "absolute round get_item reshape squeeze"
    ).split()
}
OPERATORS["logical_and"] = _bits_or_truth(numpy.bitwise_and, numpy.logical_and)
OPERATORS["logical_or"] = _bits_or_truth(numpy.bitwise_or, numpy.logical_or)
OPERATORS["logical_xor"] = _bits_or_truth(numpy.bitwise_xor, numpy.logical_xor)
OPERATORS["logical_not"] = lambda x: numpy.bitwise_not(x) if _whole(x) else numpy.logical_not(x)
