"""Small operands for the tables of cases. Values are spread so that no two are close and nothing sits on a kink."""

import numpy as np


def spread(*shape, low=-2.03, high=1.91, dtype="float32", seed=0):
    """Distinct values between `low` and `high`, shuffled."""
    count = int(np.prod(shape))
    values = low + (high - low) * (np.arange(count) + 0.5) / max(count, 1)
    return np.random.RandomState(seed).permutation(values).reshape(shape).astype(dtype)


def whole(*shape, low=0, high=10, dtype="int32", seed=0):
    """Integers from `low` up to `high` (not included)."""
    return np.random.RandomState(seed).randint(low, high, shape).astype(dtype)


def flags(*shape, seed=0):
    """Random bools."""
    return np.random.RandomState(seed).rand(*shape) > 0.5


X, Y = spread(2, 3), spread(2, 3, seed=1)
ROW, COLUMN = spread(3, seed=2), spread(2, 1, seed=3)
POSITIVE, SMALL = spread(2, 3, low=0.3, high=4.0), spread(2, 3, low=-0.9, high=0.9)
CUBE = spread(2, 3, 4)
HALF = X.astype("float16")
INTS, MORE_INTS = whole(2, 3, low=1), whole(2, 3, low=1, seed=1)
BYTES, UNSIGNED = INTS.astype("int8"), INTS.astype("uint8")
BOOLS, MORE_BOOLS = flags(2, 3), flags(2, 3, seed=1)
WITH_NAN = np.where(flags(2, 3, seed=5), np.float32(np.nan), X)
SPECIAL = np.array([[1.5, np.nan, np.inf], [-np.inf, -0.0, 0.0]], "float32")
