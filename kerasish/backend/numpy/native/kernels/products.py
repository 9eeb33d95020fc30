"""Kernels of matrix products. Names given at compile time: T, the dtype; INT, the dtype of BLAS's ints."""

from kerasish.backend.numpy.native.language.vocabulary import call, gemm, helper
from kerasish.backend.numpy.native.product_slots import (
    A_BATCH,
    B_BATCH,
    BATCH,
    BY_COLUMNS,
    C_BATCH,
    COLUMNS,
    EPILOGUE,
    EPILOGUE_ARGS,
    GEMM,
    INNER,
    ITEM,
    LDA,
    LDB,
    LDC,
    ROWS,
    TILE,
    TRANSPOSE_A,
    TRANSPOSE_B,
    A,
    B,
    C,
)  # fmt: skip


@helper
def place(args, strides, matrix):
    """Bytes from the first matrix to number `matrix`: the batch has three axes."""
    inner, rest = matrix % args[BATCH + 2], matrix // args[BATCH + 2]
    return (
        inner * args[strides + 2] + rest % args[BATCH + 1] * args[strides + 1] + rest // args[BATCH + 1] * args[strides]
    )


@helper
def multiply(args, matrix, lo, hi, first, last):
    """Rows lo..hi and columns first..last of one matrix of the batch."""
    item = args[ITEM]
    a = args[A] + place(args, A_BATCH, matrix) + lo * (1 if args[TRANSPOSE_A] else args[LDA]) * item
    b = args[B] + place(args, B_BATCH, matrix) + first * (args[LDB] if args[TRANSPOSE_B] else 1) * item
    c = args[C] + place(args, C_BATCH, matrix) + (lo * args[LDC] + first) * item
    gemm(
        args[GEMM],
        T,
        INT,
        args[TRANSPOSE_A],
        args[TRANSPOSE_B],
        hi - lo,
        last - first,
        args[INNER],
        a,
        args[LDA],
        b,
        args[LDB],
        T(0),
        c,
        args[LDC],
    )


def matmul(args, lo, hi, worker):
    """Units: the rows of all matrices, or (BY_COLUMNS) the columns of the only one."""
    if args[BY_COLUMNS]:
        if hi > lo:
            multiply(args, 0, 0, args[ROWS], lo, hi)
        return
    start = lo
    while start < hi:
        matrix, row = start // args[ROWS], start % args[ROWS]
        count = min(min(args[ROWS] - row, args[TILE]), hi - start)
        multiply(args, matrix, row, row + count, 0, args[COLUMNS])
        if args[EPILOGUE]:
            call(args[EPILOGUE], args[EPILOGUE_ARGS], start, start + count, worker)
        start += count
