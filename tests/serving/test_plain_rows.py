"""The quick road reads what the long one reads, to the bit, and leaves it all that is not plain."""

import json

import numpy as np
import pytest

from kerasish.serving.heart.signature import Signature, TensorInfo
from kerasish.serving.protocols.json_tensors import array_of
from kerasish.serving.protocols.plain_rows import plain_rows


def signature(*shape, dtype="float32"):
    return Signature([TensorInfo("x", dtype, (None, *shape))], [TensorInfo("y", dtype, (None,))], None)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 4), (1, 1, 1, 1)], ids=str)
@pytest.mark.parametrize("indent", [None, 2], ids=["plain", "indented"])
def test_both_roads_read_the_same(shape, indent):
    draws = np.random.default_rng(0)
    for rows in (1, 2, 5):
        for values in (
            draws.normal(size=(rows, *shape)) * 1e3,
            draws.integers(-9, 9, (rows, *shape)),
            np.full((rows, *shape), 1e-42),
        ):
            for word in ("instances", "inputs"):
                body = json.dumps({word: values.tolist()}, indent=indent).encode()
                found, by_rows = plain_rows(body, signature(*shape))
                expected = array_of(values.tolist(), signature(*shape).inputs[0])
                assert found.dtype == expected.dtype and found.shape == expected.shape
                assert found.tobytes() == expected.tobytes() and by_rows == (word == "instances")


@pytest.mark.parametrize(
    "rows",
    [
        "[[1,2],[3]]",
        "[[1,2,3]]",
        "[1,2]",
        "[[1 2,3]]",
        "[1[2,3]]",
        "[[1,2]3]",
        "[[1,,2]]",
        "[[,1]]",
        "[[1,]]",
        "[[1,2],]",
        "[[1,2]],[[3,4]]",
        "[[1,2]][",
        "[[NaN,1]]",
        "[[1e300,1]]",
        "[[1,-]]",
        "[[1,1e]]",
        "[[1,.5]]",
        "[[1,01]]",
        "[[1,+1]]",
        "[[1,true]]",
        "[[1,null]]",
        '[[1,"2"]]',
        "[]",
        "[[]]",
        "[[1,2]",
        "[[1,2]}]",
        '[{"x":[1,2]}]',
        '[[1,2]],"signature_name":"a"',
    ],
)
def test_what_is_not_plain_takes_the_long_road(rows):
    assert plain_rows(f'{{"instances":{rows}}}'.encode(), signature(2)) is None


def test_other_bodies_and_other_models_take_the_long_road():
    for body in (
        b"",
        b"[[1,2]]",
        b'{"instances":[[1,2]]',
        b'{"instances":[[1,2]]} x',
        b'{"rows":[[1,2]]}',
        b'{"inputs":{"x":[[1,2]]}}',
    ):
        assert plain_rows(body, signature(2)) is None
    body = b'{"instances":[[1,2]]}'
    assert plain_rows(body, signature(2, dtype="int32")) is None and plain_rows(body, signature(None)) is None
    assert plain_rows(body, signature(2)) is not None
