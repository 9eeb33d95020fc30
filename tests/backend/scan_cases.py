"""Bodies of loops of many kinds, as functions of a `scan` and of values."""

import numpy as np

from kerasish import backend, ops

T, B, D, U = 5, 3, 4, 2
RNG = np.random.default_rng(7)
VALUES = {
    "x": RNG.normal(size=(T, B, D)), "h": RNG.normal(size=(B, U)), "w": RNG.normal(size=(D, U)) / 2,
    "r": RNG.normal(size=(U, U)) / 2, "b": RNG.normal(size=(U,)),
    "w4": RNG.normal(size=(D, 4 * U)) / 2, "r4": RNG.normal(size=(U, 4 * U)) / 2, "b4": RNG.normal(size=(4 * U,)),
    "weights": RNG.normal(size=(T, B, U)),
}  # fmt: skip


def unrolled(f, init, xs, reverse=False):
    """What `ops.scan` does, as one node a call."""
    carry, ys, length = init, [], ops.shape(xs[0] if isinstance(xs, (list, tuple)) else xs)[0]
    for t in reversed(range(length)) if reverse else range(length):
        carry, y = f(carry, [x[t] for x in xs] if isinstance(xs, (list, tuple)) else xs[t])
        ys.append(y)
    ys = ys[::-1] if reverse else ys
    return carry, None if ys[0] is None else [ops.stack(list(y)) for y in zip(*ys)] if isinstance(
        ys[0], (list, tuple)
    ) else ops.stack(ys)


def simple(scan, v, reverse=False):
    def step(h, x):
        h = ops.tanh(ops.matmul(x, v["w"]) + ops.matmul(h, v["r"]) + v["b"])
        return h, h

    h, ys = scan(step, v["h"], v["x"], reverse=reverse)
    return ops.sum(h * h) + ops.sum(ys * v["weights"])


def last_only(scan, v):
    def step(h, x):
        return ops.relu(
            ops.matmul(ops.concatenate([x, h], -1), ops.concatenate([v["w"], v["r"]], 0)) + v["b"] * v["b"]
        ), None

    return ops.sum(scan(step, v["h"], v["x"])[0] ** 2)


def lstm(scan, v, reverse=False, use="both"):
    z = ops.matmul(v["x"], v["w4"]) + v["b4"]

    def step(state, z):
        h, c = state
        i, f, g, o = ops.split(z + ops.matmul(h, v["r4"]), 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return [h, c], h

    (h, c), ys = scan(step, [v["h"], v["h"] * 0.5], z, reverse=reverse)
    return ops.sum(c * c) * (use != "ys") + (ops.sum(ys * v["weights"]) if use != "last" else 0.0)


def lstm_cell(scan, v):
    """With the input's projection inside."""

    def step(state, x):
        h, c = state
        i, f, g, o = ops.split(ops.matmul(x, v["w4"]) + v["b4"] + ops.matmul(h, v["r4"]), 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        return [ops.sigmoid(o) * ops.tanh(c), c], None

    (h, c), _ = scan(step, [v["h"], v["h"]], v["x"])
    return ops.sum(h * h)


def gru(scan, v):
    """The weight is read in two places of the body."""

    def step(h, x):
        z = ops.sigmoid(ops.matmul(x, v["w"]) + ops.matmul(h, v["r"]))
        new = ops.tanh(ops.matmul(z * h, v["r"]) + v["b"])
        return z * h + (1.0 - z) * new, z

    h, zs = scan(step, v["h"], v["x"])
    return ops.sum(h * h) + ops.sum(zs * v["weights"])


def masked(scan, v):
    mask = ops.convert_to_tensor(np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 1, 1], [1, 1, 0]], "bool"))

    def step(state, values):
        h, y = state
        x, m = values
        m = ops.expand_dims(m, -1)
        new = ops.tanh(ops.matmul(x, v["w"]) + ops.matmul(h, v["r"]))
        y = ops.where(m, new, y)
        return [ops.where(m, new, h), y], y

    (h, _), ys = scan(step, [v["h"], ops.zeros_like(v["h"])], [v["x"], mask])
    return ops.sum(h * h) + ops.sum(ys * v["weights"])


def counted(scan, v):
    """An integer carry, which has no gradient, and a float carry that depends on it."""

    def step(state, x):
        n, h = state
        return [n + 1, h * ops.cast(n, "float64") * 0.3 + ops.matmul(x, v["w"])], None

    (n, h), _ = scan(step, [ops.convert_to_tensor(np.int32(0)), v["h"]], v["x"])
    return ops.sum(h * h) * ops.cast(n, "float64")


def shifted(scan, v):
    """Carries that pass each other on, swap, and stay."""

    def step(state, x):
        a, b, c, d = state
        return [ops.matmul(x, v["w"]) * b, a, c, b], [a * b, d]

    (a, b, c, d), (ys, ds) = scan(step, [v["h"], v["h"] * 2.0, v["h"] * 3.0, v["h"] * 4.0], v["x"])
    return ops.sum(a * b + c * d) + ops.sum((ys + ds) * v["weights"])


def unread(scan, v):
    """Results and a carry that nobody reads."""

    def step(state, x):
        h, other = state
        h = ops.tanh(ops.matmul(x, v["w"]) + h)
        return [h, ops.sin(other)], [ops.exp(h), x * 2.0, h]

    (h, _), ys = scan(step, [v["h"], v["h"]], v["x"])
    return ops.sum(ys[2] * v["weights"])


def nested(scan, v):
    def step(h, x):
        def inner(c, row):
            c = ops.tanh(c + ops.matmul(ops.expand_dims(row, 0), v["w"])[0] * h[0])
            return c, c * c

        c, cs = scan(inner, h[1], x)
        return ops.sin(ops.matmul(h, v["r"])) + c + ops.sum(cs, 0), None

    return ops.sum(scan(step, v["h"], v["x"])[0] ** 2)


def batched(scan, v):
    """A weight under operands of three axes, and attention-like products of carried matrices."""

    def step(h, x):
        wide = ops.stack([x, x * x])
        scores = ops.matmul(ops.expand_dims(h, 1), ops.transpose(ops.matmul(ops.expand_dims(h, 1), v["r"]), (0, 2, 1)))
        return h * 0.5 + ops.sum(ops.matmul(wide, v["w"]), 0) + ops.squeeze(scores, -1), None

    return ops.sum(scan(step, v["h"], v["x"])[0] ** 2)


def transposed(scan, v):
    """Weights read the other way round, and a captured value with an elementwise gradient."""

    def step(h, x):
        return ops.tanh(ops.matmul(h, ops.transpose(v["r"])) + ops.matmul(x, v["w"]) * v["h"]) + v["h"] * h, None

    return ops.sum(scan(step, v["h"], v["x"])[0] ** 2)


def views(scan, v):
    """New carries and results that are views of what a step computes, or of what it was given."""

    def step(state, x):
        h, flat, turned = state
        new = ops.tanh(ops.matmul(x, v["w"]) + h + ops.reshape(flat, (B, U)) + ops.transpose(turned))
        return [new, ops.reshape(new * 2.0, (B * U,)), ops.transpose(h)], [
            ops.reshape(new, (U, B)),
            ops.transpose(h),
            x[:, :1],
        ]

    (h, flat, turned), ys = scan(step, [v["h"], ops.reshape(v["h"], (B * U,)), ops.transpose(v["h"])], v["x"])
    return ops.sum(h * h) + ops.sum(flat * 3.0) + ops.sum(turned**2) + sum(ops.sum(y * y) for y in ys)


def constant_carry(scan, v):
    def step(state, x):
        h, c = state
        return [ops.matmul(x, v["w"]) * c, ops.ones((B, U), "float64")], ops.full((B, U), 2.0, "float64") * h

    (h, c), ys = scan(step, [v["h"], v["h"]], v["x"])
    return ops.sum(h * h * c) + ops.sum(ys)


def sums_inside(scan, v):
    def step(h, x):
        x = (x - ops.mean(x, -1, keepdims=True)) / ops.std(x, -1, keepdims=True)
        return ops.softmax(ops.matmul(x, v["w"]) + ops.max(h, -1, keepdims=True) * h), ops.sum(h, 0)

    h, ys = scan(step, v["h"], v["x"])
    return ops.sum(h * v["h"]) + ops.sum(ys**2)


def conv_lstm(scan, v):
    """An LSTM over rows of points, with the convolution of the inputs in the body."""
    kernel, recurrent = ops.reshape(v["w4"], (2, 2, 4 * U)), ops.reshape(v["r4"], (1, U, 4 * U))
    film, start = ops.stack([v["x"], v["x"] * 2.0], -1), ops.stack([v["h"], v["h"], v["h"]], 1)

    def step(state, x):
        h, c = state
        z = ops.conv(x, kernel, padding="valid") + v["b4"] + ops.conv(h, recurrent, padding="same")
        i, f, g, o = ops.split(z, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return [h, c], h

    (h, c), hs = scan(step, [start, start * 0.5], film)
    return ops.sum(h * c) + ops.sum(hs[:, :, 0] * v["weights"])


def own_kernels(scan, v):
    """Another kernel in each step, and one that two convolutions share."""
    same = ops.reshape(v["r"], (1, U, U))

    def step(h, kernel):
        h = ops.tanh(ops.conv(h, ops.reshape(kernel, (3, U, U)), padding="same") + ops.conv(h, same, padding="same"))
        return h, ops.sum(ops.conv(ops.conv(h, same), same), 1)

    start = ops.stack([v["h"], v["h"], v["h"]], 1)
    h, ys = scan(step, start, v["x"])
    return ops.sum(h * h) + ops.sum(ys * v["weights"])


CASES = {
    "simple": simple, "simple reverse": lambda s, v: simple(s, v, True), "last only": last_only, "lstm": lstm,
    "lstm reverse": lambda s, v: lstm(s, v, True),
    "lstm last": lambda s, v: lstm(s, v, use="last"), "lstm ys": lambda s, v: lstm(s, v, use="ys"),
    "lstm cell": lstm_cell, "gru": gru, "masked": masked,
    "counted": counted, "shifted": shifted, "unread": unread, "nested": nested, "batched": batched,
    "transposed": transposed, "views": views,
    "constant carry": constant_carry, "sums inside": sums_inside, "conv lstm": conv_lstm,
    "own kernels": own_kernels,
}  # fmt: skip


def loss_of(function, scan):
    return backend.function(lambda v: function(scan, v))


def gradient_of(function, scan, names):
    def step(v):
        loss = function(scan, v)
        return loss, dict(zip(names, backend.gradients(loss, [v[n] for n in names])))

    return backend.function(step)
