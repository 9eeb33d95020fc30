"""Rows of primitives/arithmetic.py and special.py."""

import numpy as np

from tests.backend.primitives.harness import Row, bools, integers, values


def _both(name, function, low=-2.0, **judged):
    """Operands of one shape, and such that broadcast both ways."""
    pairs = [
        (values(2, 3, low=low), values(2, 3, low=low)),
        (values(3, 1, low=low), values(2, 1, 4, low=low)),
        (values(low=low), values(3, low=low)),
    ]
    return [Row(name, x, y, reference=function, **judged) for x, y in pairs]


def _whole(name, function):
    cases = [(integers(2, 3, dtype=d), integers(3, low=1, dtype=d)) for d in ("int32", "int64")]
    return [Row(name, x, y, reference=function) for x, y in cases]


def _compared(name, function):
    x = np.array([1.0, 2.0, 3.0, np.nan])
    return [
        Row(name, x, np.array([1.0, 3.0, 2.0, np.nan]), reference=function),
        Row(name, integers(3, 1), integers(4), reference=function),
        Row(name, bools(4), bools(4), reference=function),
    ]


ROWS = [
    *_both("add", np.add), *_whole("add", np.add), *_both("subtract", np.subtract), *_both("multiply", np.multiply),
    *_whole("multiply", np.multiply),
    *_both("divide", np.divide, low=0.5), *_both("power", np.power, low=0.5), *_whole("power", lambda x, y: x**y),
    *_both("arctan2", np.arctan2),
    Row(
        "power",
        np.array([[-3, -2, -1, 0, 1, 2, 3]], "int32"),
        np.array([[-1], [-2], [-3], [2]], "int32"),
        reference=lambda x, y: np.array(
            [[0, 0, -1, 0, 1, 0, 0], [0, 0, 1, 0, 1, 0, 0], [0, 0, -1, 0, 1, 0, 0], [9, 4, 1, 0, 1, 4, 9]], "int32"
        ),
    ),
    Row("power", np.array([-2.0, 3.0]), np.array([3.0, -1.0]), fixed=(1,), reference=np.power),
    *_both("floor_divide", np.floor_divide, low=0.5), *_whole("floor_divide", np.floor_divide),
    Row("remainder", np.array([5.3, -5.3, 7.1]), np.array([2.2, 2.2, -2.2]), reference=np.remainder),
    *_whole("remainder", np.remainder),
    Row("maximum", values(2, 3, apart=0.05), values(3, apart=0.07), reference=np.maximum),
    Row("maximum", np.array([1.0, np.nan]), np.array([np.nan, 1.0]), reference=np.maximum, gradient=False),
    Row("minimum", values(2, 3, apart=0.05), values(3, apart=0.07), reference=np.minimum), *_whole("minimum",
    np.minimum),
    *_compared("equal", np.equal), *_compared("not_equal", np.not_equal), *_compared("less", np.less),
    *_compared("less_equal", np.less_equal),
    *_compared("greater", np.greater), *_compared("greater_equal", np.greater_equal),
    *[Row(f"logical_{f}", bools(3, 1), bools(4), reference=getattr(np, f"logical_{f}")) for f in ("and", "or", "xor")],
    *[Row(f"bitwise_{f}", integers(3, 1), integers(4), reference=getattr(np, f"bitwise_{f}")) for f in ("and", "or",
    "xor")],
    *[Row(f, integers(3, 1), integers(4, low=0), reference=getattr(np, f)) for f in ("left_shift", "right_shift")],
    Row("right_shift", integers(5, low=0, high=2**32, dtype="uint32"), np.array([8, 0, 31, 1, 16], "uint32"),
    reference=np.right_shift),
    Row("where", bools(2, 3), values(2, 3), values(3), reference=np.where), Row("where", bools(3), values(2, 1),
    values(), reference=np.where),
    *[
        # long enough for the kernel that blends bits
        Row("where", bools(40, 50), *operands, reference=np.where, gradient=False)
        for operands in ((values(40, 50), values(40, 50)), (values(40, 50), np.array(0.0)), (np.array(3.0), values(40,
        50)))
    ],
    Row("where", bools(2000), integers(2000, dtype="int8"), integers(dtype="int8"), reference=np.where),
    Row("where", bools(2000), bools(2000), bools(2000), reference=np.where),
    Row("cast", values(2, 3), dtype="float64", reference=lambda x, dtype: x),
    Row("cast", integers(3), dtype="float32", reference=lambda x, dtype: x.astype(dtype)),
    Row("cast", np.array([1.7, -1.7]), dtype="int32", reference=lambda x, dtype: x.astype(dtype)),
    Row("cast", np.array([0.0, 0.5]), dtype="bool", reference=lambda x, dtype: x.astype(dtype)),
    Row("gcd", integers(3, 1), integers(4), reference=np.gcd),
    Row("nextafter", values(3), values(3), reference=np.nextafter, rtol=0),
    Row("narrow", values(2, 3), dtype="float64", reference=lambda x, dtype: x),
    *[
        Row("narrow", values(2, 3), dtype=kind, gradient=False, reference=lambda x, dtype: x.astype(dtype))
        for kind in ("float16", "bfloat16")
    ],
    Row("bitcast", values(2, 3), dtype="int64", reference=lambda x, dtype: x.view(dtype), single=False),
    Row("bitcast", integers(2, 4, dtype="uint32"), dtype="uint16", reference=lambda x, dtype: x.view(dtype)),
    Row("bitcast", integers(2, 4, dtype="uint8"), dtype="uint32", reference=lambda x, dtype: x.view(dtype)),
]  # fmt: skip
