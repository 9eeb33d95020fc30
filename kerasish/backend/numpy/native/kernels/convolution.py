"""Kernels of convolutions.

Windows are gathered into the rows of a matrix, tile by tile, and multiplied by BLAS while they are in the cache.

Values are (batch, 3 axes of space, channels); fewer axes are axes of size 1. Row r of the matrix holds the window of
output point r (row-major over batch and space), its columns are (window, channels of one group). A window is made of
*lines*: runs of columns that lie side by side in x as well (all places along the last axis; one place where that is
dilated, or the channels are those of one group among several).

Names given at compile time: T, the dtype; INT, the dtype of BLAS's ints. All strides and sizes of memory are in bytes.
"""

from kerasish.backend.numpy.native.conv_slots import (
    B_GROUP,
    BEFORE_0,
    BEFORE_1,
    BEFORE_2,
    BY_COLUMNS,
    COLUMNS,
    COUNT_0,
    COUNT_1,
    COUNT_2,
    DILATION_0,
    DILATION_1,
    DILATION_2,
    DIRECT,
    EPILOGUE,
    EPILOGUE_ARGS,
    FILTERS,
    GEMM,
    GROUPS,
    ITEM,
    LDB,
    LDC,
    OUT,
    OUT_0,
    OUT_1,
    OUT_2,
    OUT_BATCH,
    PART,
    PART_TABLE,
    PARTIALS,
    PARTS,
    PLACE,
    PLACES,
    ROWS,
    SCRATCH,
    SCRATCH_BYTES,
    SCRATCH_OUT,
    SIZE_0,
    SIZE_1,
    SIZE_2,
    STRIDE_0,
    STRIDE_1,
    STRIDE_2,
    TILE,
    TRANSPOSED,
    WINDOW_1,
    WINDOW_2,
    X_0,
    X_1,
    X_2,
    X_BATCH,
    X_GROUP,
    B,
    X,
)  # fmt: skip
from kerasish.backend.numpy.native.language.vocabulary import (
    call,
    copy_bytes,
    gemm,
    helper,
    int64,
    pointer,
    uint64,
    zero_bytes,
)


@helper
def gather_line(args, source, target, y2, j0, j1):
    """Bytes j0..j1 of a line whose first place is point y2 of the last axis, of which `source` is point 0."""
    place = args[PLACE]
    first = max(j0, min(j1, -y2 * place)) if y2 < 0 else j0
    last = max(first, min(j1, (args[SIZE_2] - y2) * place))
    if first > j0:
        zero_bytes(target + j0, first - j0)
    if last > first:
        copy_bytes(target + first, source + y2 * args[X_2] + first, last - first)
    if j1 > last:
        zero_bytes(target + last, j1 - last)


@helper
def gather(args, x, target, lo, hi, k0, k1):
    """Bytes k0..k1 of the rows lo..hi, of the group whose first channel of point 0 is at `x`."""
    o2 = lo % args[COUNT_2]
    o1 = lo // args[COUNT_2] % args[COUNT_1]
    o0 = lo // (args[COUNT_2] * args[COUNT_1])
    image = x + o0 // args[COUNT_0] * args[X_BATCH]
    o0 %= args[COUNT_0]
    line_bytes = args[PLACES] * args[PLACE]
    first, last = k0 // line_bytes, (k1 - 1) // line_bytes
    first_2, first_1 = first % args[WINDOW_2], first // args[WINDOW_2]
    first_0, first_1 = first_1 // args[WINDOW_1], first_1 % args[WINDOW_1]
    for _ in range(lo, hi):
        p0, p1 = o0 * args[STRIDE_0] - args[BEFORE_0], o1 * args[STRIDE_1] - args[BEFORE_1]
        p2 = o2 * args[STRIDE_2] - args[BEFORE_2]
        w0, w1, w2 = first_0, first_1, first_2
        for line in range(first, last + 1):
            j0, j1 = max(0, k0 - line * line_bytes), min(line_bytes, k1 - line * line_bytes)
            there = target + line * line_bytes - k0
            y0, y1 = p0 + w0 * args[DILATION_0], p1 + w1 * args[DILATION_1]
            if 0 <= y0 < args[SIZE_0] and 0 <= y1 < args[SIZE_1]:
                gather_line(args, image + y0 * args[X_0] + y1 * args[X_1], there, p2 + w2 * args[DILATION_2], j0, j1)
            else:
                zero_bytes(there + j0, j1 - j0)
            w2 += 1
            if w2 == args[WINDOW_2]:
                w2, w1 = 0, w1 + 1
                if w1 == args[WINDOW_1]:
                    w1, w0 = 0, w0 + 1
        target += k1 - k0
        o2 += 1
        if o2 == args[COUNT_2]:
            o2, o1 = 0, o1 + 1
            if o1 == args[COUNT_1]:
                o1, o0 = 0, o0 + 1
                if o0 == args[COUNT_0]:
                    o0, image = 0, image + args[X_BATCH]


@helper
def spread(args, source, offset, size, lo, hi):
    """Rows lo..hi of the output, `size` bytes each, which are not evenly spaced."""
    for row in range(lo, hi):
        rest = row // args[COUNT_2]
        o0 = rest // args[COUNT_1]
        place = row % args[COUNT_2] * args[OUT_2] + rest % args[COUNT_1] * args[OUT_1]
        place += o0 % args[COUNT_0] * args[OUT_0] + o0 // args[COUNT_0] * args[OUT_BATCH]
        copy_bytes(args[OUT] + place + offset, source + (row - lo) * size, size)


@helper
def multiply(args, scratch, group, lo, hi, f0, f1):
    """Rows lo..hi, filters f0..f1 of a group."""
    item, filters = args[ITEM], args[FILTERS]
    out, ldc = args[OUT] + group * filters * item, args[LDC]
    target, step = out + lo * ldc * item + f0 * item, ldc
    if ldc == 0:
        target, step = scratch + args[SCRATCH_OUT], f1 - f0
    x = args[X] + group * args[X_GROUP]
    table = pointer(args[PART_TABLE], int64)
    columns = f0 * (args[LDB] if args[TRANSPOSED] else 1) * item
    for part in range(args[PARTS]):
        k0 = part * args[PART]
        k1 = min(args[COLUMNS], k0 + args[PART])
        a, lda = scratch, (k1 - k0) // item
        if args[DIRECT]:
            a, lda = x + lo * args[DIRECT] + k0, args[DIRECT] // item
        else:
            gather(args, x, scratch, lo, hi, k0, k1)
        b = args[B] + group * args[B_GROUP] + table[part] + columns
        beta = T(0) if part == 0 else T(1)
        gemm(
            args[GEMM],
            T,
            INT,
            0,
            args[TRANSPOSED],
            hi - lo,
            f1 - f0,
            (k1 - k0) // item,
            a,
            lda,
            b,
            args[LDB],
            beta,
            target,
            step,
        )
    if ldc == 0:
        spread(args, target, (group * filters + f0) * item, (f1 - f0) * item, lo, hi)


def convolve(args, lo, hi, worker):
    """Units: rows of the output, or (BY_COLUMNS) filters of a group."""
    scratch = args[SCRATCH] + worker * args[SCRATCH_BYTES]
    first, last, f0, f1 = lo, hi, 0, args[FILTERS]
    if args[BY_COLUMNS]:
        first, last, f0, f1 = 0, args[ROWS], lo, hi
    if last <= first or f1 <= f0:
        return
    tiles = (last - first + args[TILE] - 1) // args[TILE]
    size = ((last - first + tiles - 1) // tiles + 15) // 16 * 16
    for start in range(first, last, size):
        stop = min(last, start + size)
        for group in range(args[GROUPS]):
            multiply(args, scratch, group, start, stop, f0, f1)
        if args[EPILOGUE]:
            call(args[EPILOGUE], args[EPILOGUE_ARGS], start, stop, worker)


@helper
def correlate(args, scratch, group, lo, hi, k0, k1, out, beta):
    """out, the columns k0..k1 (bytes) of the matrix, transposed, times g: rows lo..hi."""
    item = args[ITEM]
    x = args[X] + group * args[X_GROUP]
    a, lda = scratch, (k1 - k0) // item
    if args[DIRECT]:
        a, lda = x + lo * args[DIRECT] + k0, args[DIRECT] // item
    else:
        gather(args, x, scratch, lo, hi, k0, k1)
    b = args[B] + group * args[B_GROUP] + lo * args[LDB] * item
    place = out + group * args[B_GROUP] + k0 * args[LDC]
    gemm(
        args[GEMM],
        T,
        INT,
        1,
        0,
        (k1 - k0) // item,
        args[FILTERS],
        hi - lo,
        a,
        lda,
        b,
        args[LDB],
        beta,
        place,
        args[LDC],
    )


def kernel_gradient(args, lo, hi, worker):
    """Units: columns of the matrix (BY_COLUMNS), or its rows.

    Then worker 0 sums up in the output and the others in sums of their own.
    """
    scratch = args[SCRATCH] + worker * args[SCRATCH_BYTES]
    first, last, k0, k1, out = lo, hi, 0, args[COLUMNS], args[OUT]
    if args[BY_COLUMNS]:
        first, last, k0, k1 = 0, args[ROWS], lo * args[ITEM], hi * args[ITEM]
    elif worker > 0:
        out = args[SCRATCH] + args[PARTIALS] + (worker - 1) * args[COLUMNS] * args[LDC]
    if last <= first:
        zero_bytes(out, args[COLUMNS] * args[LDC])
        return
    if k1 <= k0:
        return
    tiles = (last - first + args[TILE] - 1) // args[TILE]
    size = ((last - first + tiles - 1) // tiles + 15) // 16 * 16
    beta = T(0)
    for start in range(first, last, size):
        for group in range(args[GROUPS]):
            correlate(args, scratch, group, start, min(last, start + size), k0, k1, out, beta)
        beta = T(1)


def add_partials(args, lo, hi, worker):
    """out[lo:hi] += each of some sums.

    Arguments: out, address of the sums, how many, bytes of one, bytes of an element.
    """
    out, source = pointer(args[0] + lo * args[4], T), args[1] + lo * args[4]
    for _ in range(args[2]):
        part = pointer(source, T)
        for i in points(uint64(hi - lo)):
            out[i] += part[i]
        source += args[3]
