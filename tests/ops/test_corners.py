"""Corners where NumPy and Keras on JAX part: axes of size 0, integers divided by 0, powers of bools."""

import keras
import numpy as np
import pytest

import kerasish
from kerasish import backend

EMPTY = np.ones((2, 0), "float32")
BOOLS = np.array([True, True, False, False]), np.array([True, False, True, False])
CORNERS = {
    "softmax of nothing": lambda ops: ops.softmax(EMPTY),
    "log_softmax of nothing": lambda ops: ops.log_softmax(EMPTY),
    "softmax along an axis of nothing": lambda ops: ops.softmax(EMPTY, axis=0),
    "logsumexp of nothing": lambda ops: ops.logsumexp(EMPTY, axis=-1),
    "int32 // 0": lambda ops: ops.floor_divide(np.array([1, -1, 0], "int32"), np.array([0, 0, 0], "int32")),
    "int32 // number 0": lambda ops: ops.floor_divide(np.array([1, -1, 0], "int32"), 0),
    "number // int16": lambda ops: ops.floor_divide(7, np.array([0, 2, 0], "int16")),
    "uint8 // 0": lambda ops: ops.floor_divide(np.array([1, 5, 0], "uint8"), np.array([0, 2, 0], "uint8")),
    "int8 // uint8": lambda ops: ops.floor_divide(np.array([1, -1, 0], "int8"), np.array([0, 3, 0], "uint8")),
    "float32 // 0": lambda ops: ops.floor_divide(np.array([1, -1, 0], "float32"), 0),
    "concatenate flat": lambda ops: ops.concatenate([np.ones((2, 2), "float32"), np.zeros(3, "int8")], axis=None),
    "kaiser of a half": lambda ops: ops.kaiser(1, np.float16(2)),
    "bool // bool": lambda ops: ops.floor_divide(*BOOLS),
    "bool ** bool": lambda ops: ops.power(*BOOLS),
    "bool ** True": lambda ops: ops.power(BOOLS[0], True),
}


@pytest.mark.parametrize("compute", CORNERS.values(), ids=CORNERS)
def test_corners_are_as_in_keras(compute):
    expected = np.asarray(compute(keras.ops))
    for found in (compute(kerasish.ops), backend.function(lambda: compute(kerasish.ops))()):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
