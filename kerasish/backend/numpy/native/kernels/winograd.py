"""Convolutions with windows of 3 x 3 by Winograd's algorithm F(4 x 4, 3 x 3).

36 products for 16 points of output, where a window at a time takes 144.

Source: A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, 2015; the points of interpolation are
0, 3/4, -3/4, 3/2, -3/2 and infinity, exact in binary and five times as accurate as 0, 1, -1, 2, -2 (after B. Barabasz
et al., Error Analysis and Improving the Accuracy of Winograd Convolution, 2018). Each number of the 36 has a plane, a
matrix (tiles, channels); the planes are multiplied by BLAS.
"""

from kerasish.backend.numpy.native.language.vectors import load, minus, multiply_add, plus, splat, store, times
from kerasish.backend.numpy.native.language.vocabulary import call, float32, gemm, helper, int64, pointer, zero_bytes
from kerasish.backend.numpy.native.winograd_slots import (
    BEFORE_1,
    BEFORE_2,
    BLOCK,
    CHANNELS,
    COUNT_1,
    COUNT_2,
    EPILOGUE,
    EPILOGUE_ARGS,
    FILTERS,
    GEMM,
    KERNEL,
    PARTS,
    SCRATCH,
    SCRATCH_BYTES,
    SCRATCH_FIRST,
    SIZE_1,
    SIZE_2,
    TILES_1,
    TILES_2,
    U_PLANE,
    X_1,
    X_2,
    X_BATCH,
    Y_1,
    Y_2,
    Y_BATCH,
    U,
    X,
    Y,
)  # fmt: skip

A, B = 0.75, 1.5  # the points
AA, BB = A * A, B * B
BY_A, BY_B, BY_0 = 1 / (2 * AA * (AA - BB)), 1 / (2 * BB * (BB - AA)), 1 / (AA * BB)


@helper
def read_points(d0, d1, d2, d3, d4, d5):
    """The transform of 6 points of x."""
    even, odd = (
        multiply_add(splat(float32(-BB)), d2, d4),
        times(splat(float32(A)), multiply_add(splat(float32(-BB)), d1, d3)),
    )
    even_b, odd_b = (
        multiply_add(splat(float32(-AA)), d2, d4),
        times(splat(float32(B)), multiply_add(splat(float32(-AA)), d1, d3)),
    )
    product, total = splat(float32(AA * BB)), splat(float32(-AA - BB))
    first, last = (
        multiply_add(product, d0, multiply_add(total, d2, d4)),
        multiply_add(product, d1, multiply_add(total, d3, d5)),
    )
    return first, plus(even, odd), minus(even, odd), plus(even_b, odd_b), minus(even_b, odd_b), last


@helper
def written_points(m0, m1, m2, m3, m4, m5):
    """4 points of the output, from the 6 products."""
    even, odd, even_b, odd_b = plus(m1, m2), minus(m1, m2), plus(m3, m4), minus(m3, m4)
    y1 = multiply_add(splat(float32(B)), odd_b, times(splat(float32(A)), odd))
    y2 = multiply_add(splat(float32(BB)), even_b, times(splat(float32(AA)), even))
    y3 = multiply_add(splat(float32(BB * B)), odd_b, multiply_add(splat(float32(AA * A)), odd, m5))
    return plus(m0, plus(even, even_b)), y1, y2, y3


@helper
def arriving_points(g0, g1, g2, g3):
    """The transform of 4 points of a gradient: `written_points` transposed."""
    even, odd = (
        multiply_add(splat(float32(AA)), g2, g0),
        multiply_add(splat(float32(AA * A)), g3, times(splat(float32(A)), g1)),
    )
    even_b, odd_b = (
        multiply_add(splat(float32(BB)), g2, g0),
        multiply_add(splat(float32(BB * B)), g3, times(splat(float32(B)), g1)),
    )
    return g0, plus(even, odd), minus(even, odd), plus(even_b, odd_b), minus(even_b, odd_b), g3


@helper
def kernel_points(k0, k1, k2):
    """The transform of 3 places of the kernel."""
    by_a, by_b = splat(float32(BY_A)), splat(float32(BY_B))
    even, odd = times(by_a, multiply_add(splat(float32(AA)), k2, k0)), times(by_a, times(splat(float32(A)), k1))
    even_b, odd_b = times(by_b, multiply_add(splat(float32(BB)), k2, k0)), times(by_b, times(splat(float32(B)), k1))
    return (
        times(splat(float32(BY_0)), k0),
        plus(even, odd),
        minus(even, odd),
        plus(even_b, odd_b),
        minus(even_b, odd_b),
        k2,
    )


@helper
def gradient_points(u0, u1, u2, u3, u4, u5):
    """`kernel_points` transposed."""
    by_a, by_b = splat(float32(BY_A)), splat(float32(BY_B))
    even, odd, even_b, odd_b = (
        times(by_a, plus(u1, u2)),
        times(by_a, minus(u1, u2)),
        times(by_b, plus(u3, u4)),
        times(by_b, minus(u3, u4)),
    )
    w1 = multiply_add(splat(float32(B)), odd_b, times(splat(float32(A)), odd))
    w2 = multiply_add(splat(float32(BB)), even_b, multiply_add(splat(float32(AA)), even, u5))
    return multiply_add(splat(float32(BY_0)), u0, plus(even, even_b)), w1, w2


@helper
def store_6(target, step, v0, v1, v2, v3, v4, v5):
    store(target, v0)
    store(target + step, v1)
    store(target + 2 * step, v2)
    store(target + 3 * step, v3)
    store(target + 4 * step, v4)
    store(target + 5 * step, v5)


@helper
def load_6(source, step):
    v0, v1, v2 = load(source, float32), load(source + step, float32), load(source + 2 * step, float32)
    return (
        v0,
        v1,
        v2,
        load(source + 3 * step, float32),
        load(source + 4 * step, float32),
        load(source + 5 * step, float32),
    )


@helper
def list_points(table, side, base, step_1, step_2, y1, y2, size_1, size_2, zeros):
    """The addresses of side x side points from (y1, y2) on; `zeros` where there is none."""
    for i in range(side):
        for j in range(side):
            inside = 0 <= y1 + i < size_1 and 0 <= y2 + j < size_2
            table[i * side + j] = base + (y1 + i) * step_1 + (y2 + j) * step_2 if inside else zeros


@helper
def read_tile(table, middle, target, plane, size):
    """6 x 6 points, `size` bytes each, to their places in the planes."""
    for c in range(0, size, 64):
        for j in range(6):
            d0, d1, d2 = load(table[j] + c, float32), load(table[6 + j] + c, float32), load(table[12 + j] + c, float32)
            d3, d4, d5 = (
                load(table[18 + j] + c, float32),
                load(table[24 + j] + c, float32),
                load(table[30 + j] + c, float32),
            )
            v0, v1, v2, v3, v4, v5 = read_points(d0, d1, d2, d3, d4, d5)
            store_6(middle + j * 64, 384, v0, v1, v2, v3, v4, v5)
        for i in range(6):
            d0, d1, d2, d3, d4, d5 = load_6(middle + i * 384, 64)
            v0, v1, v2, v3, v4, v5 = read_points(d0, d1, d2, d3, d4, d5)
            store_6(target + i * 6 * plane + c, plane, v0, v1, v2, v3, v4, v5)


@helper
def arriving_tile(table, middle, target, plane, size):
    """4 x 4 points of a gradient to their places in the planes."""
    for c in range(0, size, 64):
        for j in range(4):
            d0, d1 = load(table[j] + c, float32), load(table[4 + j] + c, float32)
            d2, d3 = load(table[8 + j] + c, float32), load(table[12 + j] + c, float32)
            v0, v1, v2, v3, v4, v5 = arriving_points(d0, d1, d2, d3)
            store_6(middle + j * 64, 256, v0, v1, v2, v3, v4, v5)
        for i in range(6):
            at = middle + i * 256
            d0, d1, d2, d3 = load(at, float32), load(at + 64, float32), load(at + 128, float32), load(at + 192, float32)
            v0, v1, v2, v3, v4, v5 = arriving_points(d0, d1, d2, d3)
            store_6(target + i * 6 * plane + c, plane, v0, v1, v2, v3, v4, v5)


@helper
def write_tile(source, plane, middle, table, size):
    """4 x 4 points of the output from the planes; those that are not in the output go where `table` says."""
    for c in range(0, size, 64):
        for j in range(6):
            d0, d1, d2, d3, d4, d5 = load_6(source + j * plane + c, 6 * plane)
            y0, y1, y2, y3 = written_points(d0, d1, d2, d3, d4, d5)
            store(middle + j * 64, y0)
            store(middle + 384 + j * 64, y1)
            store(middle + 768 + j * 64, y2)
            store(middle + 1152 + j * 64, y3)
        for i in range(4):
            d0, d1, d2, d3, d4, d5 = load_6(middle + i * 384, 64)
            y0, y1, y2, y3 = written_points(d0, d1, d2, d3, d4, d5)
            store(table[i * 4] + c, y0)
            store(table[i * 4 + 1] + c, y1)
            store(table[i * 4 + 2] + c, y2)
            store(table[i * 4 + 3] + c, y3)


def transform_kernel(args, lo, hi, worker):
    """Units: rows (channels) of the kernel (3, 3, CHANNELS, FILTERS)."""
    row, plane = args[FILTERS] * 4, args[U_PLANE]
    place = args[CHANNELS] * row
    middle = args[SCRATCH] + worker * 1536
    for unit in range(lo, hi):
        for c in range(0, row, 64):
            for j in range(3):
                at = args[KERNEL] + j * place + unit * row + c
                k0, k1, k2 = load(at, float32), load(at + 3 * place, float32), load(at + 6 * place, float32)
                v0, v1, v2, v3, v4, v5 = kernel_points(k0, k1, k2)
                store_6(middle + j * 64, 192, v0, v1, v2, v3, v4, v5)
            for i in range(6):
                at = middle + i * 192
                v0, v1, v2, v3, v4, v5 = kernel_points(
                    load(at, float32), load(at + 64, float32), load(at + 128, float32)
                )
                store_6(args[SCRATCH] + args[U] + i * 6 * plane + unit * row + c, plane, v0, v1, v2, v3, v4, v5)


@helper
def read_tiles(args, lo, hi, target, plane, table, middle, zeros):
    """The planes of all tiles of the rows lo..hi of tiles."""
    size = args[CHANNELS] * 4
    for row in range(lo, hi):
        x, y1 = args[X] + row // args[TILES_1] * args[X_BATCH], row % args[TILES_1] * 4 - args[BEFORE_1]
        for tile in range(args[TILES_2]):
            list_points(
                table, 6, x, args[X_1], args[X_2], y1, tile * 4 - args[BEFORE_2], args[SIZE_1], args[SIZE_2], zeros
            )
            read_tile(table, middle, target, plane, size)
            target += size


@helper
def points_of_tile(args, row, tile, table, nowhere):
    y = args[Y] + row // args[TILES_1] * args[Y_BATCH]
    list_points(
        table, 4, y, args[Y_1], args[Y_2], row % args[TILES_1] * 4, tile * 4, args[COUNT_1], args[COUNT_2], nowhere
    )


def convolve(args, lo, hi, worker):
    """Units: rows of tiles."""
    read, written = args[CHANNELS] * 4, args[FILTERS] * 4
    zeros = args[SCRATCH] + args[SCRATCH_FIRST] + worker * args[SCRATCH_BYTES]
    nowhere, middle = zeros + read, zeros + read + written
    table, planes = pointer(middle + 2304, int64), middle + 2304 + 320
    zero_bytes(zeros, read)
    for start in range(lo, hi, args[BLOCK]):
        stop = min(hi, start + args[BLOCK])
        tiles = (stop - start) * args[TILES_2]
        read_plane, written_plane = tiles * read + 64, tiles * written + 64
        products = planes + 36 * read_plane
        read_tiles(args, start, stop, planes, read_plane, table, middle, zeros)
        for k in range(36):
            a, b, c = planes + k * read_plane, args[SCRATCH] + args[U] + k * args[U_PLANE], products + k * written_plane
            gemm(
                args[GEMM], float32, INT, 0, 0, tiles, args[FILTERS], args[CHANNELS], a, args[CHANNELS], b,
                args[FILTERS],
                float32(0), c, args[FILTERS],
            )  # fmt: skip
        for row in range(start, stop):
            for tile in range(args[TILES_2]):
                points_of_tile(args, row, tile, table, nowhere)
                write_tile(
                    products + ((row - start) * args[TILES_2] + tile) * written, written_plane, middle, table, written
                )
        if args[EPILOGUE]:
            line = start // args[TILES_1] * args[COUNT_1] + start % args[TILES_1] * 4
            last = (stop - 1) // args[TILES_1] * args[COUNT_1] + min(args[COUNT_1], (stop - 1) % args[TILES_1] * 4 + 4)
            call(args[EPILOGUE], args[EPILOGUE_ARGS], line * args[COUNT_2], last * args[COUNT_2], worker)


def kernel_gradient(args, lo, hi, worker):
    """Units: rows of tiles.

    Each worker adds up planes (CHANNELS, FILTERS) of its own, U bytes from the scratch memory's beginning on.
    """
    read, arriving = args[CHANNELS] * 4, args[FILTERS] * 4
    zeros = args[SCRATCH] + args[SCRATCH_FIRST] + worker * args[SCRATCH_BYTES]
    middle = zeros + max(read, arriving)
    table, planes = pointer(middle + 2304, int64), middle + 2304 + 320
    sums = args[SCRATCH] + args[U] + worker * 36 * args[U_PLANE]
    zero_bytes(zeros, max(read, arriving))
    if hi <= lo:
        zero_bytes(sums, 36 * args[U_PLANE])
    beta = float32(0)
    for start in range(lo, hi, args[BLOCK]):
        stop = min(hi, start + args[BLOCK])
        tiles = (stop - start) * args[TILES_2]
        read_plane, arriving_plane = tiles * read + 64, tiles * arriving + 64
        others = planes + 36 * read_plane
        read_tiles(args, start, stop, planes, read_plane, table, middle, zeros)
        for row in range(start, stop):
            for tile in range(args[TILES_2]):
                points_of_tile(args, row, tile, table, zeros)
                arriving_tile(
                    table, middle, others + ((row - start) * args[TILES_2] + tile) * arriving, arriving_plane, arriving
                )
        for k in range(36):
            a, b, c = planes + k * read_plane, others + k * arriving_plane, sums + k * args[U_PLANE]
            gemm(
                args[GEMM], float32, INT, 1, 0, args[CHANNELS], args[FILTERS], tiles, a, args[CHANNELS], b,
                args[FILTERS], beta, c,
                args[FILTERS],
            )  # fmt: skip
        beta = float32(1)


@helper
def total(source, step, count):
    """The sum of some vectors, `step` bytes apart."""
    found = load(source, float32)
    for i in range(1, count):
        found = plus(found, load(source + i * step, float32))
    return found


def transform_gradient(args, lo, hi, worker):
    """Units: rows (channels) of the kernel's gradient, from the sum of PARTS planes."""
    row, plane, count = args[FILTERS] * 4, args[U_PLANE], args[PARTS]
    place, part = args[CHANNELS] * row, 36 * plane
    middle = args[SCRATCH] + worker * 1536
    for unit in range(lo, hi):
        for c in range(0, row, 64):
            at = args[SCRATCH] + args[U] + unit * row + c
            for j in range(6):
                u0, u1, u2 = (
                    total(at + j * plane, part, count),
                    total(at + (6 + j) * plane, part, count),
                    total(at + (12 + j) * plane, part, count),
                )
                u3, u4 = total(at + (18 + j) * plane, part, count), total(at + (24 + j) * plane, part, count)
                w0, w1, w2 = gradient_points(u0, u1, u2, u3, u4, total(at + (30 + j) * plane, part, count))
                store(middle + j * 64, w0)
                store(middle + 384 + j * 64, w1)
                store(middle + 768 + j * 64, w2)
            for i in range(3):
                d0, d1, d2, d3, d4, d5 = load_6(middle + i * 384, 64)
                w0, w1, w2 = gradient_points(d0, d1, d2, d3, d4, d5)
                target = args[KERNEL] + i * 3 * place + unit * row + c
                store(target, w0)
                store(target + place, w1)
                store(target + 2 * place, w2)
