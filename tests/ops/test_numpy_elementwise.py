"""Parity of elementwise functions: arithmetic, comparison, logic, rounding, special values.

`spec=False`: Keras infers another dtype than it computes, or fails on a Python number among symbolic operands.
"""

import numpy as np
import pytest

import kerasish as keras
from tests.ops.data import (
    BOOLS,
    BYTES,
    COLUMN,
    CUBE,
    HALF,
    INTS,
    MORE_BOOLS,
    MORE_INTS,
    POSITIVE,
    ROW,
    SMALL,
    SPECIAL,
    UNSIGNED,
    X,
    Y,
)
from tests.ops.parity import C, Parity

UNARY = [
    C(name, X) for name in "exp exp2 expm1 sin cos tan sinh cosh tanh arcsinh arctan square sinc cbrt i0 fabs".split()
]
UNARY += [
    C(name, X)
    for name in "absolute abs negative sign floor ceil trunc round deg2rad rad2deg conj conjugate real copy".split()
]
UNARY += [C(name, POSITIVE) for name in "sqrt log log2 log10 log1p reciprocal rsqrt".split()]
UNARY += [C(name, SMALL) for name in "arcsin arccos arctanh".split()] + [C("arccosh", POSITIVE + 1)]
UNARY += [
    C(name, INTS)
    for name in (
        "exp sqrt sin floor ceil trunc absolute negative sign square cbrt reciprocal log round imag real"
    ).split()
]
UNARY += [C(name, INTS) for name in "tanh fabs deg2rad angle conj copy sinc".split()]
UNARY += [C(name, BOOLS) for name in "exp sqrt floor square absolute trunc real conj fabs".split()]
UNARY += [C(name, UNSIGNED) for name in "absolute square trunc sign".split()]
UNARY += [C(name, HALF) for name in "exp floor square absolute".split()]
UNARY += [
    C("angle", X).but(gradient=False),
    C("imag", X).but(gradient=False),
    C("signbit", X),
    C("signbit", SPECIAL),
    C("signbit", INTS),
]
UNARY += [
    C("round", X * 10, decimals=1).but(gradient=False),
    C("round", INTS * 7, decimals=-1),
    C("round", X * 100, decimals=-1),
]
UNARY += [
    C("nan_to_num", SPECIAL).but(gradient=False),
    C("nan_to_num", SPECIAL, nan=1.0, posinf=2.0, neginf=-2.0).but(gradient=False),
]
UNARY += [
    C("nan_to_num", INTS),
    C("view", X, "int32"),
    C("view", X),
    C("view", CUBE, "uint8"),
    C("view", BYTES[:, :2], "int16"),
]
UNARY += [C(name, SPECIAL) for name in "isfinite isinf isnan isneginf isposinf isreal".split()]
UNARY += [C(name, INTS) for name in "isfinite isinf isnan isneginf isposinf isreal".split()]
UNARY += [
    C("logical_not", BOOLS),
    C("logical_not", X),
    C("bitwise_not", INTS),
    C("bitwise_not", BOOLS),
    C("bitwise_invert", BYTES),
]

FLOAT_PAIRS = (
    "add subtract multiply divide true_divide maximum minimum mod floor_divide "
    "arctan2 hypot logaddexp logaddexp2 fmax fmin"
).split()
BINARY = (
    [C(name, X, Y) for name in FLOAT_PAIRS]
    + [C(name, X, ROW) for name in FLOAT_PAIRS]
    + [C(name, COLUMN, ROW) for name in ("add", "multiply")]
)
BINARY += [C(name, INTS, MORE_INTS) for name in FLOAT_PAIRS] + [C(name, INTS, X) for name in FLOAT_PAIRS]
BINARY += [C(name, HALF, INTS) for name in ("add", "multiply", "divide", "maximum")]
BINARY += [C(name, BYTES, UNSIGNED) for name in ("add", "multiply", "divide", "maximum", "floor_divide", "mod")]
BINARY += [C(name, BOOLS, MORE_BOOLS) for name in ("add", "multiply", "maximum", "divide")]
BINARY += [
    C(name, X, 2)
    for name in ("add", "multiply", "subtract", "divide", "mod", "floor_divide", "power", "maximum", "arctan2")
]
BINARY += [C(name, INTS, 1.5) for name in ("add", "multiply", "divide", "maximum", "floor_divide")]
BINARY += [C(name, 3, INTS) for name in ("add", "subtract", "multiply", "divide", "floor_divide", "mod", "maximum")]
BINARY += [C(name, 1.5, X) for name in ("add", "subtract", "divide", "maximum", "minimum")] + [
    C("add", BOOLS, 1),
    C("add", BOOLS, 0.5),
]
BINARY += [
    C("power", POSITIVE, Y),
    C("power", POSITIVE, 0.5),
    C("power", POSITIVE, -0.5),
    C("power", X, 3),
    C("power", X, -1),
    C("power", X, 1),
]
BINARY += [
    C("power", X, 2.0),
    C("power", 2.0, X),
    C("power", INTS, 2),
    # bases without odd numbers beyond 1: of those XLA gives what their bits overflow to, and not 0
    C("power", np.array([-4, -2, -1, 0, 1, 2, 4], "int32"), np.array([-1, -2, -3, -1, -5, -1, 3], "int32")),
    C("power", np.array([[-1], [1], [2]], "int32"), np.array([-1, -2, 0, 2], "int32")),
    C("power", INTS, 0.5),
    C("power", 2, INTS),
    C("power", INTS, MORE_INTS),
]
BINARY += [C("fmod", X, Y), C("fmod", INTS, MORE_INTS), C("fmod", -INTS, 3), C("fmod", X, 0.7)]
BINARY += [C("fmax", SPECIAL, X).but(gradient=False), C("fmin", SPECIAL, X).but(gradient=False)]
BINARY += [
    C("divide_no_nan", X, Y),
    C("divide_no_nan", X, Y * 0).but(gradient=False),
    C("divide_no_nan", INTS, MORE_BOOLS),
]
BINARY += [
    C("heaviside", X, Y),
    C("heaviside", SPECIAL, Y).but(gradient=False),
    C("heaviside", INTS, 1).but(spec=False),
]  # Keras: `1` has no dtype
BINARY += [C("logaddexp", SPECIAL, X).but(gradient=False), C("ldexp", X, INTS), C("ldexp", INTS, MORE_INTS)]
BINARY += [
    C("nextafter", X, Y).but(gradient=False),
    C("gcd", INTS * 6, MORE_INTS * 4),
    C("lcm", INTS, MORE_INTS),
    C("lcm", INTS, 4),
    C("gcd", BYTES, 6).but(spec=False),
]  # Keras infers int32, and computes int8
BINARY += [
    C(name, INTS, MORE_INTS)
    for name in (
        "bitwise_and bitwise_or bitwise_xor bitwise_left_shift left_shift bitwise_right_shift right_shift"
    ).split()
]
BINARY += [
    C("bitwise_and", BYTES, UNSIGNED),
    C("bitwise_or", BOOLS, MORE_BOOLS),
    C("bitwise_xor", INTS, 3).but(spec=False),
    C("left_shift", BYTES, 1),
    C("left_shift", BOOLS, BOOLS).but(spec=False),
    C("right_shift", BOOLS, BOOLS).but(spec=False),
]
BINARY += [
    C("clip", X, -0.5, 0.7),
    C("clip", INTS, 2, 5),
    C("clip", INTS, 1.5, 4.5).but(spec=False),
    C("clip", BOOLS, 0, 1),
    C("clip", X, ROW - 1, ROW + 1),
]
BINARY += [
    C(name, X, Y)
    for name in (
        "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor isclose"
    ).split()
]
BINARY += [C(name, INTS, 5) for name in "equal not_equal less less_equal greater greater_equal".split()] + [
    C("less", INTS, 4.5),
    C("equal", INTS, X),
]
BINARY += [C(name, BOOLS, MORE_BOOLS) for name in "logical_and logical_or logical_xor equal".split()] + [
    C("logical_and", BOOLS, True)
]
BINARY += [
    C("isclose", SPECIAL, SPECIAL),
    C("isclose", SPECIAL, SPECIAL, equal_nan=True),
    C("isclose", X, X + 1e-3, atol=1e-2),
    C("isclose", INTS, 3),
]
BINARY += [
    C("allclose", X, X),
    C("allclose", X, Y),
    C("isin", INTS, MORE_INTS[0]),
    C("isin", INTS, [1, 2], invert=True),
]
BINARY += [
    C("where", BOOLS, X, Y),
    C("where", BOOLS, INTS, 2),
    C("where", BOOLS, 1, 2.0),
    C("where", BOOLS, UNSIGNED, BYTES),
    C("where", INTS - 3, X, 0.0),
]
BINARY += [
    C("where", BOOLS, X, ROW),
    C("select", [BOOLS, MORE_BOOLS], [X, Y], 0.5),
    C("select", [BOOLS, MORE_BOOLS], [INTS, X]).but(spec=False),
]


@pytest.mark.parametrize("case", UNARY, ids=str)
class TestUnary(Parity):
    pass


@pytest.mark.parametrize("case", BINARY, ids=str)
class TestBinary(Parity):
    pass


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64"])
def test_integers_to_negative_powers(dtype):
    """0, but for 1 and -1: NumPy refuses them."""
    x, y = np.arange(-5, 6, dtype=dtype), np.full(11, -3, dtype)
    expected = np.where(np.abs(x) == 1, x, 0)
    for power in (keras.ops.power, keras.backend.function(lambda x, y: keras.ops.power(x, y))):
        assert (np.asarray(power(x, y)) == expected).all()
    with pytest.raises(TypeError, match="negative power -1: cast them to floats"):
        keras.ops.power(x, -1)
