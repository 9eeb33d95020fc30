"""Convolutions of images with few channels (the first layer of most networks).

Straight from the image, a line of a window at a time.

The arguments stand as for conv.py. Several points and two vectors of filters are summed up in registers at a time. Name
given at compile time: T.
"""

from kerasish.backend.numpy.native.conv_slots import (
    BEFORE_0,
    BEFORE_1,
    BEFORE_2,
    COLUMNS,
    COUNT_0,
    COUNT_1,
    COUNT_2,
    DILATION_0,
    DILATION_1,
    EPILOGUE,
    EPILOGUE_ARGS,
    FILTERS,
    ITEM,
    OUT,
    PARTIALS,
    PLACE,
    PLACES,
    SCRATCH,
    SIZE_0,
    SIZE_1,
    SIZE_2,
    STRIDE_0,
    STRIDE_1,
    STRIDE_2,
    TILE,
    WINDOW_0,
    WINDOW_1,
    X_0,
    X_1,
    X_2,
    X_BATCH,
    B,
    X,
)  # fmt: skip
from kerasish.backend.numpy.native.language.vectors import load, multiply_add, splat, store
from kerasish.backend.numpy.native.language.vocabulary import call, helper, pointer, zero_bytes


@helper
def four_points(x, step, weights, row, j0, j1, item, target, spacing, first):
    """Four points, two vectors of filters: add the products of places j0..j1 of a line.

    `first`: forget what lies in target.
    """
    a0, a1, b0, b1 = splat(T(0)), splat(T(0)), splat(T(0)), splat(T(0))
    c0, c1, d0, d1 = splat(T(0)), splat(T(0)), splat(T(0)), splat(T(0))
    if not first:
        a0, a1 = load(target, T), load(target + 64, T)
        b0, b1 = load(target + spacing, T), load(target + spacing + 64, T)
        c0, c1 = load(target + 2 * spacing, T), load(target + 2 * spacing + 64, T)
        d0, d1 = load(target + 3 * spacing, T), load(target + 3 * spacing + 64, T)
    p, q, r, s = pointer(x, T), pointer(x + step, T), pointer(x + 2 * step, T), pointer(x + 3 * step, T)
    for j in range(j0, j1):
        w0, w1 = load(weights + j * row, T), load(weights + j * row + 64, T)
        here = splat(p[j])
        a0, a1 = multiply_add(here, w0, a0), multiply_add(here, w1, a1)
        here = splat(q[j])
        b0, b1 = multiply_add(here, w0, b0), multiply_add(here, w1, b1)
        here = splat(r[j])
        c0, c1 = multiply_add(here, w0, c0), multiply_add(here, w1, c1)
        here = splat(s[j])
        d0, d1 = multiply_add(here, w0, d0), multiply_add(here, w1, d1)
    store(target, a0)
    store(target + 64, a1)
    store(target + spacing, b0)
    store(target + spacing + 64, b1)
    store(target + 2 * spacing, c0)
    store(target + 2 * spacing + 64, c1)
    store(target + 3 * spacing, d0)
    store(target + 3 * spacing + 64, d1)


@helper
def one_point(x, weights, row, j0, j1, target, first):
    """As above for one point."""
    a0, a1 = splat(T(0)), splat(T(0))
    if not first:
        a0, a1 = load(target, T), load(target + 64, T)
    p = pointer(x, T)
    for j in range(j0, j1):
        here = splat(p[j])
        a0, a1 = (
            multiply_add(here, load(weights + j * row, T), a0),
            multiply_add(here, load(weights + j * row + 64, T), a1),
        )
    store(target, a0)
    store(target + 64, a1)


@helper
def add_window_line(args, x, weights, target, first):
    """Add one line of the windows to a line of the output; `x`: address of point 0 of the image's line."""
    item, row, width = args[ITEM], args[FILTERS] * args[ITEM], args[PLACES]
    channels, step = args[PLACE] // item, args[STRIDE_2] * args[X_2]
    o2 = 0
    while o2 < args[COUNT_2]:
        p2 = o2 * args[STRIDE_2] - args[BEFORE_2]
        there = target + o2 * row
        if p2 >= 0 and o2 + 4 <= args[COUNT_2] and p2 + 3 * args[STRIDE_2] + width <= args[SIZE_2]:
            for f in range(0, row, 128):
                four_points(
                    x + p2 * args[X_2], step, weights + f, row, 0, width * channels, item, there + f, row, first
                )
            o2 += 4
        else:
            j0, j1 = max(0, -p2) * channels, min(width, args[SIZE_2] - p2) * channels
            for f in range(0, row, 128):
                one_point(x + p2 * args[X_2], weights + f, row, j0, j1, there + f, first)
            o2 += 1


def convolve(args, lo, hi, worker):
    """Units: lines of the output. FILTERS fill whole pairs of vectors."""
    line_bytes, row = args[PLACES] * args[PLACE] // args[ITEM] * args[FILTERS] * args[ITEM], args[FILTERS] * args[ITEM]
    done = lo
    for line in range(lo, hi):
        o1, rest = line % args[COUNT_1], line // args[COUNT_1]
        o0, image = rest % args[COUNT_0], args[X] + rest // args[COUNT_0] * args[X_BATCH]
        target, first = args[OUT] + line * args[COUNT_2] * row, True
        for w0 in range(args[WINDOW_0]):
            y0 = o0 * args[STRIDE_0] - args[BEFORE_0] + w0 * args[DILATION_0]
            if y0 < 0 or y0 >= args[SIZE_0]:
                continue
            for w1 in range(args[WINDOW_1]):
                y1 = o1 * args[STRIDE_1] - args[BEFORE_1] + w1 * args[DILATION_1]
                if y1 < 0 or y1 >= args[SIZE_1]:
                    continue
                weights = args[B] + (w0 * args[WINDOW_1] + w1) * line_bytes
                add_window_line(args, image + y0 * args[X_0] + y1 * args[X_1], weights, target, first)
                first = False
        if first:
            zero_bytes(target, args[COUNT_2] * row)
        if args[EPILOGUE] and (line + 1 == hi or (line + 1 - done) * args[COUNT_2] >= args[TILE]):
            call(args[EPILOGUE], args[EPILOGUE_ARGS], done * args[COUNT_2], (line + 1) * args[COUNT_2], worker)
            done = line + 1


@helper
def add_three(x, step, g, row, first, last, target):
    """target[j] += the sum over the points first..last of x[j] g, for three places j and two vectors of filters."""
    a0, a1, b0, b1 = load(target, T), load(target + 64, T), load(target + row, T), load(target + row + 64, T)
    c0, c1 = load(target + 2 * row, T), load(target + 2 * row + 64, T)
    x += first * step
    g += first * row
    for _ in range(first, last):
        here, g0, g1 = pointer(x, T), load(g, T), load(g + 64, T)
        a, b, c = splat(here[0]), splat(here[1]), splat(here[2])
        a0, a1 = multiply_add(a, g0, a0), multiply_add(a, g1, a1)
        b0, b1 = multiply_add(b, g0, b0), multiply_add(b, g1, b1)
        c0, c1 = multiply_add(c, g0, c0), multiply_add(c, g1, c1)
        x += step
        g += row
    store(target, a0)
    store(target + 64, a1)
    store(target + row, b0)
    store(target + row + 64, b1)
    store(target + 2 * row, c0)
    store(target + 2 * row + 64, c1)


@helper
def add_one(x, step, g, row, first, last, target):
    """As above for one place."""
    a0, a1 = load(target, T), load(target + 64, T)
    x += first * step
    g += first * row
    for _ in range(first, last):
        here = splat(pointer(x, T)[0])
        a0, a1 = multiply_add(here, load(g, T), a0), multiply_add(here, load(g + 64, T), a1)
        x += step
        g += row
    store(target, a0)
    store(target + 64, a1)


@helper
def first_point(args, place):
    """The first window for which this place of a line lies within x."""
    shift, stride = place - args[BEFORE_2], args[STRIDE_2]
    return min(args[COUNT_2], (stride - 1 - shift) // stride) if shift < 0 else 0


@helper
def last_point(args, place):
    """One past the last such window."""
    shift = place - args[BEFORE_2]
    return min(args[COUNT_2], (args[SIZE_2] - 1 - shift) // args[STRIDE_2] + 1) if args[SIZE_2] > shift else 0


@helper
def add_gradient_line(args, x, g, target):
    """Add to one line of the kernel's gradient what a line of g gives."""
    item, row = args[ITEM], args[FILTERS] * args[ITEM]
    channels, step = args[PLACE] // item, args[STRIDE_2] * args[X_2]
    x -= args[BEFORE_2] * args[X_2]
    width, j = args[PLACES] * channels, 0
    while j < width:
        count = 3 if j + 3 <= width else 1
        first, last = first_point(args, j // channels), last_point(args, (j + count - 1) // channels)
        if count == 3:
            first = min(last, first)
            for f in range(0, row, 128):
                if last > first:
                    add_three(x + j * item, step, g + f, row, first, last, target + j * row + f)
                for k in range(j, j + 3):  # the points at the ends, where not all three places lie within x
                    own_last = last_point(args, k // channels)
                    own_first = min(own_last, first_point(args, k // channels))
                    add_one(
                        x + k * item,
                        step,
                        g + f,
                        row,
                        own_first,
                        min(own_last, max(own_first, first)),
                        target + k * row + f,
                    )
                    add_one(
                        x + k * item, step, g + f, row, max(own_first, max(first, last)), own_last, target + k * row + f
                    )
        elif last > first:
            for f in range(0, row, 128):
                add_one(x + j * item, step, g + f, row, first, last, target + j * row + f)
        j += count


def kernel_gradient(args, lo, hi, worker):
    """Units: lines of g (at B). Worker 0 sums up in the output, the others in sums of their own."""
    row, out = args[FILTERS] * args[ITEM], args[OUT]
    size = args[COLUMNS] * args[FILTERS]
    line_bytes = args[PLACES] * args[PLACE] * args[FILTERS]
    if worker > 0:
        out = args[SCRATCH] + args[PARTIALS] + (worker - 1) * size
    zero_bytes(out, size)
    for line in range(lo, hi):
        o1, rest = line % args[COUNT_1], line // args[COUNT_1]
        o0, image = rest % args[COUNT_0], args[X] + rest // args[COUNT_0] * args[X_BATCH]
        for w0 in range(args[WINDOW_0]):
            y0 = o0 * args[STRIDE_0] - args[BEFORE_0] + w0 * args[DILATION_0]
            if y0 < 0 or y0 >= args[SIZE_0]:
                continue
            for w1 in range(args[WINDOW_1]):
                y1 = o1 * args[STRIDE_1] - args[BEFORE_1] + w1 * args[DILATION_1]
                if y1 < 0 or y1 >= args[SIZE_1]:
                    continue
                target = out + (w0 * args[WINDOW_1] + w1) * line_bytes
                add_gradient_line(
                    args, image + y0 * args[X_0] + y1 * args[X_1], args[B] + line * args[COUNT_2] * row, target
                )
