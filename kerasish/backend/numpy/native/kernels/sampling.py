"""Images read between their points (`primitives/sampling.py`), with bilinear weights or the nearest point.

Names given at compile time: T, the dtype of the images; P, of the points; ORDER, 0 or 1; MODE, the place of the mode in
MODES of the primitive.
"""

from kerasish.backend.numpy.native.language.vocabulary import floor_, helper, int64, max, min, number, pointer


@helper
def folded(index, size):
    """The index of a point of the grid; -1 where there is none."""
    if MODE == 0:
        if index < 0 or index >= size:
            index = int64(-1)
    elif MODE == 1:
        index = min(max(index, 0), size - 1)
    elif MODE == 2:
        if index < 0 or index >= size:
            index = index % size
    elif MODE == 3:
        if index < 0 or index >= size:
            period = max(2 * size - 2, 1)
            index = index % period
            index = min(min(index, period - index), size - 1)
    else:
        if index < 0 or index >= size:
            index = index % (2 * size)
            index = min(index, 2 * size - 1 - index)
    return index


@helper
def near(place):
    """The place as a number that an int can hold."""
    result = P(0)
    if place == place:
        result = max(min(place, P(1e9)), P(-1e9))
    return result


@helper
def nearest(place):
    """The point at a place, halves away from 0."""
    place = near(place)
    result = int64(0)
    if place < 0:
        result = -int64(floor_(P(0.5) - place))
    else:
        result = int64(floor_(place + P(0.5)))
    return result


def sample(args, lo, hi, worker):
    """Each point of the output is read at its place; units: those points.

    Arguments: out, x, places down and across, points of an image of the output, rows, columns and channels of x, the
    bits of the number beyond the edges as a float64.
    """
    out, images = pointer(args[0], T), pointer(args[1], T)
    down, across = pointer(args[2], P), pointer(args[3], P)
    count, rows, columns, channels = args[4], args[5], args[6], args[7]
    fill = T(number(args[8]))
    for unit in range(lo, hi):
        image, target = unit // count * rows * columns, unit * channels
        y, x = down[unit], across[unit]
        if ORDER == 0:
            row, column = folded(nearest(y), rows), folded(nearest(x), columns)
            if row < 0 or column < 0:
                for c in range(channels):
                    out[target + c] = fill
            else:
                source = (image + row * columns + column) * channels
                for c in range(channels):
                    out[target + c] = images[source + c]
        else:
            top, left = int64(floor_(near(y))), int64(floor_(near(x)))
            v, u = y - floor_(y), x - floor_(x)
            row, column = folded(top, rows), folded(left, columns)
            row_below, column_beside = folded(top + 1, rows), folded(left + 1, columns)
            a, b, c0, d = (1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u
            first = (image + row * columns + column) * channels
            second = (image + row * columns + column_beside) * channels
            third = (image + row_below * columns + column) * channels
            fourth = (image + row_below * columns + column_beside) * channels
            if row >= 0 and column >= 0 and row_below >= 0 and column_beside >= 0:
                for c in range(channels):
                    out[target + c] = (
                        images[first + c] * a + images[second + c] * b + images[third + c] * c0 + images[fourth + c] * d
                    )
            else:
                for c in range(channels):
                    total = fill * a
                    if row >= 0 and column >= 0:
                        total = images[first + c] * a
                    if row >= 0 and column_beside >= 0:
                        total += images[second + c] * b
                    else:
                        total += fill * b
                    if row_below >= 0 and column >= 0:
                        total += images[third + c] * c0
                    else:
                        total += fill * c0
                    if row_below >= 0 and column_beside >= 0:
                        total += images[fourth + c] * d
                    else:
                        total += fill * d
                    out[target + c] = total
