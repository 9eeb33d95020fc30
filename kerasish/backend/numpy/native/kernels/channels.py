"""Kernels that go from point to point and treat each channel by itself, 64 bytes of channels at a time.

Depthwise convolutions and pools.

The arguments stand as for conv.py. For each output point the places of its window that lie within x become a table of
addresses.
Name given at compile time: T, the dtype; JOIN: 0 sums, 1 takes the maximum (pools).
"""

from kerasish.backend.numpy.native.conv_slots import (
    BEFORE_0,
    BEFORE_1,
    BEFORE_2,
    CHANNELS,
    COUNT_0,
    COUNT_1,
    COUNT_2,
    DILATION_0,
    DILATION_1,
    DILATION_2,
    EPILOGUE,
    EPILOGUE_ARGS,
    ITEM,
    LDB,
    OUT,
    OUT_0,
    OUT_1,
    OUT_2,
    OUT_BATCH,
    PART,
    PART_TABLE,
    PARTIALS,
    PARTS,
    SCRATCH,
    SCRATCH_BYTES,
    SIZE_0,
    SIZE_1,
    SIZE_2,
    STRIDE_0,
    STRIDE_1,
    STRIDE_2,
    TILE,
    WINDOW_0,
    WINDOW_1,
    WINDOW_2,
    X_0,
    X_1,
    X_2,
    X_BATCH,
    B,
    X,
)  # fmt: skip
from kerasish.backend.numpy.native.language.vectors import (
    all_of,
    both,
    equal,
    larger,
    load,
    load_first,
    multiply_add,
    plus,
    splat,
    store,
    store_first,
    where,
    without,
)  # fmt: skip
from kerasish.backend.numpy.native.language.vocabulary import call, helper, inf, int64, pointer, zero_bytes


@helper
def list_places(args, x, p0, p1, p2, seen, rows):
    """Write the addresses of the window's places within x, and the numbers of these places.

    Returns how many there are.
    """
    count = 0
    for w0 in range(args[WINDOW_0]):
        y0 = p0 + w0 * args[DILATION_0]
        if y0 < 0 or y0 >= args[SIZE_0]:
            continue
        for w1 in range(args[WINDOW_1]):
            y1 = p1 + w1 * args[DILATION_1]
            if y1 < 0 or y1 >= args[SIZE_1]:
                continue
            line, first = x + y0 * args[X_0] + y1 * args[X_1], (w0 * args[WINDOW_1] + w1) * args[WINDOW_2]
            for w2 in range(args[WINDOW_2]):
                y2 = p2 + w2 * args[DILATION_2]
                if 0 <= y2 < args[SIZE_2]:
                    seen[count], rows[count] = line + y2 * args[X_2], first + w2
                    count += 1
    return count


@helper
def move_on(args, x, p0, p1, p2, seen, rows, count):
    """The table of the point after.

    Where the window lies within x along the last axis before and after, all addresses move by as much.
    """
    before = p2 - args[STRIDE_2]
    if before >= 0 and p2 + (args[WINDOW_2] - 1) * args[DILATION_2] < args[SIZE_2]:
        step = args[STRIDE_2] * args[X_2]
        for i in range(count):
            seen[i] += step
        return count
    return list_places(args, x, p0, p1, p2, seen, rows)


@helper
def rows_of(args, seen, rows, count, weights):
    """The addresses of the kernel's rows, in place of their numbers."""
    table = pointer(args[PART_TABLE], int64)
    for i in range(count):
        weights[i] = args[B] + table[rows[i]]


@helper
def weighted_sum(seen, weights, count, target, channels, item):
    """`target` = the sum over the places of x * weight."""
    lanes = 64 // item
    c = 0
    while c + 2 * lanes <= channels:
        offset = c * item
        total, other = splat(T(0)), splat(T(0))
        for i in range(count):
            a, b = seen[i] + offset, weights[i] + offset
            total = multiply_add(load(a, T), load(b, T), total)
            other = multiply_add(load(a + 64, T), load(b + 64, T), other)
        store(target + offset, total)
        store(target + offset + 64, other)
        c += 2 * lanes
    while c < channels:
        offset, left = c * item, min(lanes, channels - c)
        total = splat(T(0))
        if left == lanes:
            for i in range(count):
                total = multiply_add(load(seen[i] + offset, T), load(weights[i] + offset, T), total)
            store(target + offset, total)
        else:
            for i in range(count):
                total = multiply_add(
                    load_first(seen[i] + offset, T, left), load_first(weights[i] + offset, T, left), total
                )
            store_first(target + offset, total, left)
        c += lanes


@helper
def weighted_sums(seen, weights, count, step, target, spacing, channels, item):
    """Four points at once, whose places are `step` bytes apart."""
    lanes = 64 // item
    for c in range(0, channels, lanes):
        offset, left = c * item, min(lanes, channels - c)
        t0, t1, t2, t3 = splat(T(0)), splat(T(0)), splat(T(0)), splat(T(0))
        there = target + offset
        if left == lanes:
            for i in range(count):
                a, w = seen[i] + offset, load(weights[i] + offset, T)
                t0, t1 = multiply_add(load(a, T), w, t0), multiply_add(load(a + step, T), w, t1)
                t2, t3 = multiply_add(load(a + 2 * step, T), w, t2), multiply_add(load(a + 3 * step, T), w, t3)
            store(there, t0)
            store(there + spacing, t1)
            store(there + 2 * spacing, t2)
            store(there + 3 * spacing, t3)
        else:
            for i in range(count):
                a, w = seen[i] + offset, load_first(weights[i] + offset, T, left)
                t0, t1 = multiply_add(load_first(a, T, left), w, t0), multiply_add(load_first(a + step, T, left), w, t1)
                t2 = multiply_add(load_first(a + 2 * step, T, left), w, t2)
                t3 = multiply_add(load_first(a + 3 * step, T, left), w, t3)
            store_first(there, t0, left)
            store_first(there + spacing, t1, left)
            store_first(there + 2 * spacing, t2, left)
            store_first(there + 3 * spacing, t3, left)


def depthwise(args, lo, hi, worker):
    """Units: lines of the output (all points along the last axis).

    PART_TABLE: the bytes from B to the row of each place; TILE: whether to go by fours;
    PART: after how many points an epilogue follows.
    """
    done = lo
    scratch = args[SCRATCH] + worker * args[SCRATCH_BYTES]
    places = args[WINDOW_0] * args[WINDOW_1] * args[WINDOW_2]
    seen, rows, weights = (
        pointer(scratch, int64),
        pointer(scratch + places * 8, int64),
        pointer(scratch + places * 16, int64),
    )
    for line in range(lo, hi):
        o1, rest = line % args[COUNT_1], line // args[COUNT_1]
        o0, image = rest % args[COUNT_0], rest // args[COUNT_0]
        x = args[X] + image * args[X_BATCH]
        target = args[OUT] + image * args[OUT_BATCH] + o0 * args[OUT_0] + o1 * args[OUT_1]
        p0, p1 = o0 * args[STRIDE_0] - args[BEFORE_0], o1 * args[STRIDE_1] - args[BEFORE_1]
        count, o2, step = 0, 0, args[STRIDE_2] * args[X_2]
        reach = (args[WINDOW_2] - 1) * args[DILATION_2]
        while o2 < args[COUNT_2]:
            p2 = o2 * args[STRIDE_2] - args[BEFORE_2]
            if (
                o2 > 0 and p2 >= args[STRIDE_2] and p2 + reach < args[SIZE_2]
            ):  # as the point before, all places further on
                for i in range(count):
                    seen[i] += step
            else:
                count = list_places(args, x, p0, p1, p2, seen, rows)
                rows_of(args, seen, rows, count, weights)
            if args[TILE] and p2 >= 0 and p2 + 3 * args[STRIDE_2] + reach < args[SIZE_2] and o2 + 4 <= args[COUNT_2]:
                weighted_sums(seen, weights, count, step, target, args[OUT_2], args[CHANNELS], args[ITEM])
                for i in range(count):
                    seen[i] += 3 * step
                target += 4 * args[OUT_2]
                o2 += 4
            else:
                weighted_sum(seen, weights, count, target, args[CHANNELS], args[ITEM])
                target += args[OUT_2]
                o2 += 1
        if args[EPILOGUE] and (line + 1 == hi or (line + 1 - done) * args[COUNT_2] >= args[PART]):
            call(args[EPILOGUE], args[EPILOGUE_ARGS], done * args[COUNT_2], (line + 1) * args[COUNT_2], worker)
            done = line + 1


@helper
def add_line(args, x, g, first, last, out, channels, item):
    """`out` += the sum over the points first..last of a line of x * g; `x` and `g` are the addresses at point 0."""
    lanes, step, arriving = 64 // item, args[STRIDE_2] * args[X_2], args[LDB] * item
    for c in range(0, channels, lanes):
        offset, left = c * item, min(lanes, channels - c)
        a, b = x + first * step + offset, g + first * arriving + offset
        if left == lanes:
            total, other = load(out + offset, T), splat(T(0))
            for _ in range((last - first) // 2):
                total = multiply_add(load(a, T), load(b, T), total)
                other = multiply_add(load(a + step, T), load(b + arriving, T), other)
                a += 2 * step
                b += 2 * arriving
            if (last - first) % 2:
                total = multiply_add(load(a, T), load(b, T), total)
            store(out + offset, plus(total, other))
        else:
            total = load_first(out + offset, T, left)
            for _ in range(last - first):
                total = multiply_add(load_first(a, T, left), load_first(b, T, left), total)
                a += step
                b += arriving
            store_first(out + offset, total, left)


@helper
def add_lines(args, x, w2, g, first, last, out, channels, item):
    """As above for three places of a line of the window, from the one at w2 on.

    `x` is the address of point 0 of the line.
    """
    lanes, step, arriving, apart = (
        64 // item,
        args[STRIDE_2] * args[X_2],
        args[LDB] * item,
        args[DILATION_2] * args[X_2],
    )
    row = channels * item
    x += (w2 * args[DILATION_2] - args[BEFORE_2]) * args[X_2] + first * step
    g += first * arriving
    c = 0
    while c + lanes <= channels and last > first:
        there, a, b = out + c * item, x + c * item, g + c * item
        t0, t1, t2 = load(there, T), load(there + row, T), load(there + 2 * row, T)
        for _ in range(first, last):
            here = load(b, T)
            t0, t1 = multiply_add(load(a, T), here, t0), multiply_add(load(a + apart, T), here, t1)
            t2 = multiply_add(load(a + 2 * apart, T), here, t2)
            a += step
            b += arriving
        store(there, t0)
        store(there + row, t1)
        store(there + 2 * row, t2)
        c += lanes
    left = channels - c
    if left > 0 and last > first:
        there, a, b = out + c * item, x + c * item, g + c * item
        t0, t1, t2 = load_first(there, T, left), load_first(there + row, T, left), load_first(there + 2 * row, T, left)
        for _ in range(first, last):
            here = load_first(b, T, left)
            t0, t1 = (
                multiply_add(load_first(a, T, left), here, t0),
                multiply_add(load_first(a + apart, T, left), here, t1),
            )
            t2 = multiply_add(load_first(a + 2 * apart, T, left), here, t2)
            a += step
            b += arriving
        store_first(there, t0, left)
        store_first(there + row, t1, left)
        store_first(there + 2 * row, t2, left)


@helper
def first_point(args, place):
    """The first window whose place number `place` along the last axis lies within x."""
    shift, stride = place * args[DILATION_2] - args[BEFORE_2], args[STRIDE_2]
    return min(args[COUNT_2], (stride - 1 - shift) // stride) if shift < 0 else 0


@helper
def last_point(args, place):
    """One past the last such window."""
    shift = place * args[DILATION_2] - args[BEFORE_2]
    return min(args[COUNT_2], (args[SIZE_2] - 1 - shift) // args[STRIDE_2] + 1) if args[SIZE_2] > shift else 0


def depthwise_kernel_gradient(args, lo, hi, worker):
    """Units: lines of g. Worker 0 sums up in the output, the others in sums of their own."""
    channels, item = args[CHANNELS], args[ITEM]
    places, out = args[WINDOW_0] * args[WINDOW_1] * args[WINDOW_2], args[OUT]
    if worker > 0:
        out = args[SCRATCH] + args[PARTIALS] + (worker - 1) * places * channels * item
    zero_bytes(out, places * channels * item)
    for line in range(lo, hi):
        o1, rest = line % args[COUNT_1], line // args[COUNT_1]
        o0, image = rest % args[COUNT_0], rest // args[COUNT_0]
        g = args[B] + line * args[COUNT_2] * args[LDB] * item
        for w in range(0, places, args[WINDOW_2]):
            rest = w // args[WINDOW_2]
            y0 = o0 * args[STRIDE_0] - args[BEFORE_0] + rest // args[WINDOW_1] * args[DILATION_0]
            y1 = o1 * args[STRIDE_1] - args[BEFORE_1] + rest % args[WINDOW_1] * args[DILATION_1]
            if y0 < 0 or y0 >= args[SIZE_0] or y1 < 0 or y1 >= args[SIZE_1]:
                continue
            x = args[X] + image * args[X_BATCH] + y0 * args[X_0] + y1 * args[X_1]
            w2, row = 0, channels * item
            while w2 < args[WINDOW_2]:
                target = out + (w + w2) * row
                if w2 + 3 <= args[WINDOW_2]:
                    first, last = first_point(args, w2), last_point(args, w2 + 2)
                    first = min(first, last)
                    add_lines(args, x, w2, g, first, last, target, channels, item)
                    for each in range(w2, w2 + 3):  # the points at the ends, where not all three places lie within x
                        own_last = last_point(args, each)
                        own_first = min(own_last, first_point(args, each))
                        there, shift = out + (w + each) * row, each * args[DILATION_2] - args[BEFORE_2]
                        add_line(
                            args,
                            x + shift * args[X_2],
                            g,
                            own_first,
                            min(own_last, max(own_first, first)),
                            there,
                            channels,
                            item,
                        )
                        add_line(
                            args,
                            x + shift * args[X_2],
                            g,
                            max(own_first, max(first, last)),
                            own_last,
                            there,
                            channels,
                            item,
                        )
                    w2 += 3
                else:
                    shift, last = w2 * args[DILATION_2] - args[BEFORE_2], last_point(args, w2)
                    add_line(
                        args, x + shift * args[X_2], g, min(last, first_point(args, w2)), last, target, channels, item
                    )
                    w2 += 1


@helper
def joined(seen, count, target, channels, item):
    """`target` = the sum or the maximum over the places."""
    lanes = 64 // item
    for c in range(0, channels, lanes):
        offset, left = c * item, min(lanes, channels - c)
        total = splat(T(-inf)) if JOIN else splat(T(0))
        if left == lanes:
            for i in range(count):
                total = larger(total, load(seen[i] + offset, T)) if JOIN else plus(total, load(seen[i] + offset, T))
            store(target + offset, total)
        else:
            for i in range(count):
                here = load_first(seen[i] + offset, T, left)
                total = larger(total, here) if JOIN else plus(total, here)
            store_first(target + offset, total, left)


def pool(args, lo, hi, worker):
    """Units: lines of the output."""
    scratch = args[SCRATCH] + worker * args[SCRATCH_BYTES]
    places = args[WINDOW_0] * args[WINDOW_1] * args[WINDOW_2]
    seen, rows = pointer(scratch, int64), pointer(scratch + places * 8, int64)
    for line in range(lo, hi):
        o1, rest = line % args[COUNT_1], line // args[COUNT_1]
        o0, image = rest % args[COUNT_0], rest // args[COUNT_0]
        x = args[X] + image * args[X_BATCH]
        target = args[OUT] + line * args[COUNT_2] * args[OUT_2]
        p0, p1 = o0 * args[STRIDE_0] - args[BEFORE_0], o1 * args[STRIDE_1] - args[BEFORE_1]
        count = 0
        for o2 in range(args[COUNT_2]):
            p2 = o2 * args[STRIDE_2] - args[BEFORE_2]
            count = (
                move_on(args, x, p0, p1, p2, seen, rows, count) if o2 else list_places(args, x, p0, p1, p2, seen, rows)
            )
            joined(seen, count, target, args[CHANNELS], args[ITEM])
            target += args[OUT_2]


@helper
def spread_maximum(seen, count, shift, y, g, first, last, item):
    """Add g to the first place that holds y, for the channels first..last; `shift`: bytes from x to the output."""
    lanes = 64 // item
    for c in range(first, last, lanes):
        offset, left = c * item, min(lanes, last - c)
        if left == lanes:
            highest, arriving = load(y + offset, T), load(g + offset, T)
            open_ = all_of(highest)
            for i in range(count):
                here, place = load(seen[i] + offset, T), seen[i] + shift + offset
                hit = both(equal(here, highest), open_)
                store(place, plus(load(place, T), where(hit, arriving)))
                open_ = without(open_, hit)
        else:
            highest, arriving = load_first(y + offset, T, left), load_first(g + offset, T, left)
            open_ = all_of(highest)
            for i in range(count):
                here, place = load_first(seen[i] + offset, T, left), seen[i] + shift + offset
                hit = both(equal(here, highest), open_)
                store_first(place, plus(load_first(place, T, left), where(hit, arriving)), left)
                open_ = without(open_, hit)


def max_pool_gradient(args, lo, hi, worker):
    """Units: (image, TILE channels of it).

    Arguments besides: B, y; PARTS, g; both lie as their windows do, and the output as x does.
    """
    scratch, item, channels = args[SCRATCH] + worker * args[SCRATCH_BYTES], args[ITEM], args[CHANNELS]
    places, blocks = args[WINDOW_0] * args[WINDOW_1] * args[WINDOW_2], (args[CHANNELS] + args[TILE] - 1) // args[TILE]
    seen, rows = pointer(scratch, int64), pointer(scratch + places * 8, int64)
    row, points = channels * item, args[SIZE_0] * args[SIZE_1] * args[SIZE_2]
    for unit in range(lo, hi):
        image, first = unit // blocks, unit % blocks * args[TILE]
        last = min(channels, first + args[TILE])
        x = args[X] + image * args[X_BATCH]
        for point in range(1 if blocks == 1 else points):
            zero_bytes(
                args[OUT] + image * points * row + point * row + first * item,
                points * row if blocks == 1 else (last - first) * item,
            )
        line = image * args[COUNT_0] * args[COUNT_1] * args[COUNT_2] * row
        for o0 in range(args[COUNT_0]):
            for o1 in range(args[COUNT_1]):
                p0, p1, count = o0 * args[STRIDE_0] - args[BEFORE_0], o1 * args[STRIDE_1] - args[BEFORE_1], 0
                for o2 in range(args[COUNT_2]):
                    p2 = o2 * args[STRIDE_2] - args[BEFORE_2]
                    count = (
                        move_on(args, x, p0, p1, p2, seen, rows, count)
                        if o2
                        else list_places(args, x, p0, p1, p2, seen, rows)
                    )
                    spread_maximum(
                        seen, count, args[OUT] - args[X], args[B] + line, args[PARTS] + line, first, last, item
                    )
                    line += row


@helper
def reach(point, window, stride, before, count):
    """The windows (first, one past the last) that hold a point of one axis."""
    at = point + before
    first = max(0, (at - window + stride) // stride if at >= window else 0)
    return first, min(count, at // stride + 1 if at >= 0 else 0)


def sum_pool_gradient(args, lo, hi, worker):
    """Units: lines of the output, which lies as x does; X: unused, B: g.

    Each point gets the sum of what arrives for the windows that hold it.
    """
    scratch, item, row = args[SCRATCH] + worker * args[SCRATCH_BYTES], args[ITEM], args[CHANNELS] * args[ITEM]
    seen = pointer(scratch, int64)
    for line in range(lo, hi):
        y1, rest = line % args[SIZE_1], line // args[SIZE_1]
        y0, image = rest % args[SIZE_0], rest // args[SIZE_0]
        g = args[B] + image * args[COUNT_0] * args[COUNT_1] * args[COUNT_2] * row
        a0, b0 = reach(y0, args[WINDOW_0], args[STRIDE_0], args[BEFORE_0], args[COUNT_0])
        a1, b1 = reach(y1, args[WINDOW_1], args[STRIDE_1], args[BEFORE_1], args[COUNT_1])
        for y2 in range(args[SIZE_2]):
            a2, b2 = reach(y2, args[WINDOW_2], args[STRIDE_2], args[BEFORE_2], args[COUNT_2])
            count = 0
            for o0 in range(a0, b0):
                for o1 in range(a1, b1):
                    for o2 in range(a2, b2):
                        seen[count] = g + ((o0 * args[COUNT_1] + o1) * args[COUNT_2] + o2) * row
                        count += 1
            joined(seen, count, args[OUT] + (line * args[SIZE_2] + y2) * row, args[CHANNELS], item)
