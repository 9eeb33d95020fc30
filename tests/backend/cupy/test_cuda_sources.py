"""CUDA C of our own: NVRTC compiles it for every card, for all types that the device asks for."""

from pathlib import Path

import pytest

import kerasish.backend
from tests.cuda_on_cpu.nvrtc import compiled

_FOLDER = Path(kerasish.backend.__file__).parent / "cupy" / "sources"
_JOIN = "((a) != (a) ? (a) : ((b) > (a) || (b) != (b)) ? (b) : (a))"
_WORDS = {
    "indices": [{"T": kind} for kind in ("int", "unsigned char", "long long")],
    "moves": [{}],
    "philox": [{}],
    "pool": [
        {
            "T": kind,
            "A": wide,
            "SPACE": "1,9,7",
            "COUNTS": "1,4,6",
            "WINDOW": "1,3,2",
            "STRIDES": "1,2,1",
            "BEFORE": "0,1,0",
        }
        for kind, wide in (("float", "double"), ("int", "int"), ("bool", "bool"), ("double", "double"))
    ],
    "sample": [
        {"T": kind, "P": "float", "AXES": axes, "ORDER": order, "MODE": mode}
        for kind, axes, order, mode in (("float", 2, 1, 0), ("int", 1, 0, 2), ("float", 3, 1, 4), ("short", 2, 0, 3))
    ],
    "scatter": [
        {"T": "float", "BITS": "unsigned int", "JOIN(a,b)": "((a) + (b))"},
        {"T": "double", "BITS": "unsigned long long", "JOIN(a,b)": _JOIN},
        {"T": "long long", "BITS": "unsigned long long", "JOIN(a,b)": "((a) * (b))"},
    ],
    "sums": [
        {"T": kind, "A": wide}
        for kind, wide in (("float", "double"), ("int", "long long"), ("bool", "long long"), ("double", "double"))
    ],
}


def test_every_source_is_in_the_table():
    assert {path.stem for path in _FOLDER.glob("*.cu")} == set(_WORDS)


@pytest.mark.parametrize("architecture", ["sm_80", "sm_90", "sm_100"])
@pytest.mark.parametrize("name", sorted(_WORDS))
def test_a_source_compiles(name, architecture):
    text = (_FOLDER / "row_of.h").read_text() + (_FOLDER / f"{name}.cu").read_text()
    for words in _WORDS[name]:
        assert compiled("".join(f"#define {word} {to}\n" for word, to in words.items()) + text, architecture)
