"""Kernels that read and add rows by index: the lookup of an embedding and its gradient.

Names given at compile time: I, the dtype of the indices; T, of the numbers.
"""

from kerasish.backend.numpy.native.language.vocabulary import copy_bytes, int64, pointer, uint64, zero_bytes


def take(args, lo, hi, worker):
    """out[a, i] = x[a, indices[i]]; units: pairs (a, i).

    Arguments: out, x, indices, how many, rows of x, bytes of a row.
    """
    indices, count, rows, size = pointer(args[2], I), args[3], args[4], args[5]
    for unit in range(lo, hi):
        row = int64(indices[unit % count])
        if row < 0:
            row += rows
        copy_bytes(args[0] + unit * size, args[1] + (unit // count * rows + row) * size, size)


def take_gradient(args, lo, hi, worker):
    """out[a, indices[i]] += g[a, i], in the order of i; units: rows of out.

    Arguments: out, g, indices, how many, rows, width, how many a.
    """
    indices, count, rows, width = pointer(args[2], I), args[3], args[4], args[5]
    size = width * ITEM
    for outer in range(args[6]):
        zero_bytes(args[0] + (outer * rows + lo) * size, (hi - lo) * size)
        for i in range(count):
            row = int64(indices[i])
            if row < 0:
                row += rows
            if lo <= row < hi:
                target, source = (
                    pointer(args[0] + (outer * rows + row) * size, T),
                    pointer(args[1] + (outer * count + i) * size, T),
                )
                for c in points(uint64(width)):
                    target[c] += source[c]
