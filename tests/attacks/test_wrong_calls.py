"""Public functions and layers called with what they were not made for: an answer or an error, and all is as before."""

import inspect
import re
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, losses, metrics, ops
from tests.attacks.sizes import chance, size
from tests.files.fuzzing import no_hang

pytestmark = pytest.mark.slow

THINGS = [
    None, True, 0, 1, -1, 3, 2.5, -0.0, float("nan"), float("inf"), 10**30, "", "relu", "same", "float32",
    "ä", b"x", [], [1, 2],
    [[1.0], [2.0, 3.0]], (), (2, 3), (None, 3), (-1,), {}, {"a": 1}, set(), ..., slice(None), object(), int,
    len, np.float32(1),
    np.zeros((0,)), np.ones((2, 3), "float32"), np.ones((2, 3, 4)), np.arange(6), np.array("text"), np.array([None]),
    np.ones((2, 2), "complex64"), keras.Variable([1.0, 2.0]), keras.Input((3,)), range(3), iter([1]), 1j,
]  # fmt: skip
PUBLIC = [
    (f"{home.__name__.split('.')[-1]}.{name}", getattr(home, name))
    for home in (ops, layers, losses, metrics)
    for name in home.__all__
    if callable(getattr(home, name, None)) and name not in ("while_loop", "fori_loop", "arange", "linspace", "logspace")
]


DELIBERATE = {  # errors of other kinds, which NumPy and Keras raise too
    IndexError: "out of range for a|Too many indices",
    ImportError: "which can't be imported",
    OSError: "SavedModel file does not exist",
    RuntimeError: "`flash_attention=True` is not available",
    NotImplementedError: "does not define `|Unknown `|must define `",
}


def is_deliberate(error):
    """Whether an error is of the kind that says what was wrong, in words of ours."""
    return re.search(DELIBERATE.get(type(error), "$^"), str(error)) is not None


def called(function, draw):
    """The function or class with drawn arguments; what a class makes is called, too."""
    try:
        parameters = [p for p in inspect.signature(function).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        parameters = []
    arguments = {p.name: draw.choice(THINGS) for p in parameters if p.default is p.empty or draw.random() < 0.2}
    made = function(**arguments)
    if inspect.isclass(function) and callable(made):
        made(*(draw.choice(THINGS) for _ in range(draw.choice((1, 1, 2)))))


def test_wrong_calls(strikes):
    net = keras.Sequential([keras.Input((3,)), layers.Dense(2, "relu")])
    x = np.ones((2, 3), "float32")
    before, policy = net.predict(x, verbose=0), keras.config.dtype_policy()
    computed = refused = 0
    other, wrong = {}, []
    for number in range(size("wrong calls")):
        draw = chance("wrong calls", number)
        name, function = draw.choice(PUBLIC)
        with warnings.catch_warnings(), np.errstate(all="ignore"), no_hang():
            warnings.simplefilter("ignore")
            try:
                called(function, draw)
                computed += 1
            except (ValueError, TypeError) as error:
                refused += 1
                if not str(error):
                    wrong.append((number, name, "no word"))
            except Exception as error:
                if is_deliberate(error):
                    refused += 1
                    continue
                other.setdefault(type(error).__name__, []).append((number, name))
        if number % 50 == 0 and not np.array_equal(net.predict(x, verbose=0), before):
            wrong.append((number, name, "the model is another"))
    strikes("wrong calls", computed=computed, refused=refused, other_errors=sum(map(len, other.values())))
    assert not wrong and keras.config.dtype_policy() == policy, wrong[:5]
    assert np.array_equal(net.predict(x, verbose=0), before)
    assert not other, {kind: (len(found), found[:5]) for kind, found in other.items()}
