"""Every layer of the parity tables as ONNX, with an open batch and with all axes open, at two sizes."""

import warnings

import numpy as np
import pytest

import kerasish
from kerasish import backend, tree
from tests.export.running import agree, exported, host, run, session_of
from tests.layers.counts import modules_of_tests
from tests.layers.parity import Case, values_of

REFUSED_OPEN = {  # what needs sizes: word of the case's text -> what is said
    "unroll=True": "unroll",
    "antialias=True": "open",
    "lanczos": "open",
    "crop_to_aspect_ratio=True": "open",
    "pad_to_aspect_ratio=True": "open",
}
DECIDES_BY_SIZE = ("CenterCrop", "Resizing(height=9,width=11)")  # rounded ints in another order of sums; an `if`


def cases():
    """The cases of all tables that are called as in inference."""
    found = {}
    for module in [*modules_of_tests("test_*_parity.py"), *modules_of_tests("test_parity.py")]:
        for table in (value for name, value in sorted(vars(module).items()) if isinstance(value, list)):
            found.update({id(case): case for case in table if isinstance(case, Case)})
    return [case for case in found.values() if not case.call.get("training")]


CASES = cases()
NAMES = [f"{place}-{case!r}" for place, case in enumerate(CASES)]


class Called:
    """A layer of a case as a function of arrays alone: inputs, further arguments that are arrays, masks."""

    def __init__(self, case):
        self.case, self.layer = case, case.layer(kerasish)
        values = values_of(case.inputs)
        self.count = len(values) if isinstance(values, list) else 1
        self.named = {name: value for name, value in case.call.items() if isinstance(value, np.ndarray)}
        self.masks = [mask is not None for mask in case.masks or []]
        given = [mask for mask in case.masks or [] if mask is not None]
        self.arrays = [*(values if isinstance(values, list) else [values]), *self.named.values(), *given]
        case.apply(self.layer, values_of(case.inputs))

    def __call__(self, *tensors):
        inputs, others = list(tensors[: self.count]), list(tensors[self.count :])
        named = dict(zip(self.named, others))
        masks = iter(others[len(self.named) :])
        for value, masked in zip(inputs, self.masks):
            if masked:
                backend.set_keras_mask(value, next(masks))
        plain = {name: value for name, value in self.case.call.items() if name not in named}
        inputs = inputs if isinstance(self.case.inputs, list) else inputs[0]
        return self.case.call_on(self.layer, inputs, **named, **plain)


def longer(called, axis):
    """The arrays with more of them along an axis; None where the layer itself does not take such."""
    arrays = [np.concatenate([x, x], axis) if x.ndim > axis + (axis > 0) else x for x in called.arrays]
    try:
        host(called(*[x.copy() for x in arrays]))
    except (ValueError, TypeError, IndexError):
        return None
    return arrays


def compare(called, opened, axis):
    session = session_of(exported(called, called.arrays, opened))
    for arrays in (called.arrays, longer(called, axis)):
        if arrays is not None:
            agree(run(session, arrays), host(called(*[x.copy() for x in arrays])), about=called.case)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_with_an_open_batch(case):
    compare(Called(case), (0,), 0)


def open_axes(case):
    """All but those of the channels."""
    if isinstance(case.kwargs, dict) and case.kwargs.get("data_format") == "channels_first":
        volume = case.name.startswith("ConvLSTM")
        return (0, 1, 3, 4, 5) if volume else (0, 2, 3, 4)
    rank = max(len(getattr(x, "shape", x)) for x in tree.flatten([values_of(case.inputs)]))
    return (0, *range(1, rank - 1))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_with_all_axes_open(case):
    text, called = repr(case), Called(case)
    refusal = next((message for word, message in REFUSED_OPEN.items() if word in text), None)
    if refusal is not None or (case.name == "RNN" and called.layer.unroll):
        with pytest.raises(ValueError, match=refusal or "unroll"):
            exported(called, called.arrays, open_axes(case))
        return
    if text.startswith(DECIDES_BY_SIZE):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            exported(called, called.arrays, open_axes(case))
        assert case.name != "CenterCrop" or "decides by sizes" in str(told[-1].message)
        return
    opened = open_axes(case)
    compare(called, opened, opened[min(1, len(opened) - 1)])
