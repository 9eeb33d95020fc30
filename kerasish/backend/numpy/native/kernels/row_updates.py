"""Kernels of sparse updates of a table: sums of rows of equal index, and rows put into their places.

Names given at compile time: I, the dtype of the indices; T, of the numbers; FIRST, of a number of rows.
"""

from kerasish.backend.numpy.native.language.vocabulary import copy_bytes, int64, pointer, uint64


def sum_rows(args, lo, hi, worker):
    """out[i] = the sum of those g[j] whose index is that of i, in the order of j; one unit.

    Arguments: out, g, indices, how many, rows of the table, width, and
    a number for each of these rows.
    """
    indices, count, rows, width, first = pointer(args[2], I), args[3], args[4], args[5], pointer(args[6], FIRST)
    size = width * ITEM
    for back in range(count if lo < hi else 0):  # backwards, so that the first of equal indices stays
        i = count - 1 - back
        row = int64(indices[i])
        first[row + rows if row < 0 else row] = i
    for i in range(count if lo < hi else 0):
        row = int64(indices[i])
        one = int64(first[row + rows if row < 0 else row])
        target, source = pointer(args[0] + one * size, T), pointer(args[1] + i * size, T)
        if one == i:
            for c in points(uint64(width)):
                target[c] = source[c] + T(0)  # as a sum that starts at 0 has it: -0.0 becomes 0.0
        else:
            for c in points(uint64(width)):
                target[c] += source[c]
    for i in range(count if lo < hi else 0):
        row = int64(indices[i])
        one = int64(first[row + rows if row < 0 else row])
        if one != i:
            copy_bytes(args[0] + i * size, args[0] + one * size, size)


def put_rows(args, lo, hi, worker):
    """out[indices[i]] = rows[i]; units: rows. Arguments: out, rows, indices, rows of out, bytes of a row."""
    indices, count, size = pointer(args[2], I), args[3], args[4]
    for i in range(lo, hi):
        row = int64(indices[i])
        copy_bytes(args[0] + (row + count if row < 0 else row) * size, args[1] + i * size, size)
