"""Kernels that move elements: strided copies, transposes, fills.

Names given at compile time: T, an unsigned type of the element's size; ITEM, that size; BLOCKS, whether blocks of a
vector's width are transposed in registers. Strides count elements.
"""

from kerasish.backend.numpy.native.language.vectors import transpose_block
from kerasish.backend.numpy.native.language.vocabulary import copy_bytes, helper, pointer, uint64


@helper
def copy_points(args, to, at, count_a, count_b):
    """Element by element."""
    target_a, target_b, source_a, source_b = args[14], args[15], args[20], args[21]
    for a in range(count_a):
        line, seen = (
            pointer(args[0] + (to + a * target_a) * args[2], T),
            pointer(args[1] + (at + a * source_a) * args[2], T),
        )
        for b in range(count_b):
            line[b * target_b] = seen[b * source_b]


def copy(args, lo, hi, worker):
    """target[...] = source[...].

    4 outer axes, an axis `a` cut into blocks (the source's fastest), and the target's fastest axis `b`.

    Units: blocks of `a` of all outer axes. Arguments: target, source, bytes of an element, sizes of the outer axes, of
    a and b, length of a block, strides in the target, in the source.
    """
    item, size_a, size_b, length = args[2], args[7], args[8], args[9]
    blocks = (size_a + length - 1) // length
    target_a, target_b, source_a, source_b = args[14], args[15], args[20], args[21]
    for unit in range(lo, hi):
        rest, a0 = unit // blocks, unit % blocks * length
        to, at = a0 * target_a, a0 * source_a
        for axis in range(4):
            place = 3 - axis
            index = rest % args[3 + place]
            rest //= args[3 + place]
            to += index * args[10 + place]
            at += index * args[16 + place]
        count = min(length, size_a - a0)
        if target_b == 1 and source_b == 1:
            for a in range(count):
                copy_bytes(args[0] + (to + a * target_a) * item, args[1] + (at + a * source_a) * item, size_b * item)
        elif target_b == 1 and source_b == 0:
            for a in range(count):
                line, value = (
                    pointer(args[0] + (to + a * target_a) * item, T),
                    pointer(args[1] + (at + a * source_a) * item, T)[0],
                )
                for b in points(uint64(size_b)):
                    line[b] = value
        elif BLOCKS and target_b == 1 and source_a == 1:
            square = 64 // ITEM
            for b0 in range(0, size_b, square):
                for a1 in range(0, count, square):
                    there, here = to + a1 * target_a + b0, at + a1 + b0 * source_b
                    if b0 + square <= size_b and a1 + square <= count:
                        transpose_block(
                            args[0] + there * item, target_a * item, args[1] + here * item, source_b * item, T
                        )
                    else:
                        copy_points(args, there, here, min(square, count - a1), min(square, size_b - b0))
        else:
            for b0 in range(0, size_b, 16):
                copy_points(args, to + b0 * target_b, at + b0 * source_b, count, min(16, size_b - b0))
