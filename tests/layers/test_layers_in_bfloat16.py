"""Every layer of the tables in bfloat16 and mixed_bfloat16: one case each, beside real Keras's and its float32."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, ops, tree
from tests.layers.parity import Case, host, values_of
from tests.units import apart, largest, tables

HALF = "bfloat16"
# Of recurrences each step rounds; Keras itself is as far as that from what float32 gives.
WIDER = {"AdaptiveAveragePooling3D": 2, **dict.fromkeys("SimpleRNN LSTM GRU ConvLSTM1D ConvLSTM2D".split(), 3)}


def first_of_each():
    found = {}
    for case in tables("layers", "test_*parity.py", Case):
        if case.mixed:
            found.setdefault(case.name, case)
    return list(found.values())


CASES = first_of_each()


def made(case, library, policy, weights=None):
    """A layer that has been called, and its inputs."""
    layer, x = case.layer(library, dtype=policy), values_of(case.inputs)
    case.apply(layer, x)
    if weights is not None:
        layer.set_weights(weights)
    return layer, x


def test_there_are_cases_of_the_layers():
    assert len(CASES) >= 90


@pytest.mark.parametrize("policy", [HALF, f"mixed_{HALF}"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outputs(case, policy):
    plain, x = made(case, oracle, "float32")
    weights = plain.get_weights()
    right = [np.asarray(y) for y in tree.flatten(case.apply(plain, x))]
    ours, x = made(case, kerasish, policy, weights)
    try:
        theirs, _ = made(case, oracle, policy, weights)
        wanted = [np.asarray(y) for y in tree.flatten(case.apply(theirs, x))]
    except Exception as error:  # Keras's own recurrences in bfloat16 go through TensorFlow's, which has none
        assert "bfloat16" in str(error)
        theirs, wanted = ours, [np.asarray(y) for y in right]
    assert [v.dtype for v in ours.weights] == [v.dtype for v in theirs.weights]

    def call(*flat):
        return case.apply(ours, list(flat) if isinstance(case.inputs, list) else flat[0])

    for run in (call, backend.function(call)):
        if case.name == "Lambda" and run is call:
            continue  # `x * 2.0` on a plain array is NumPy's, which gives float32
        ours.set_weights(weights)
        got = tree.flatten(host(run(*tree.flatten(x))))
        assert len(got) == len(wanted)
        for y, want, exact in zip(got, wanted, right):
            assert y.shape == want.shape
            assert y.dtype == want.dtype or theirs is ours and y.dtype == HALF
            if y.dtype != HALF:
                np.testing.assert_allclose(y, want, rtol=1e-4, atol=1e-5)
                continue
            units = min(apart(y, want, HALF, of=largest(exact)), apart(y, exact, HALF, of=largest(exact)))
            assert units <= 1.01 * WIDER.get(case.name, 1), f"{units} units"


@pytest.mark.parametrize("case", [c for c in CASES if c.differentiable], ids=lambda case: case.name)
def test_gradients(case):
    """In mixed_bfloat16 they are in the type of the variables, and near those of float32."""
    found = {}
    for policy in ("float32", f"mixed_{HALF}"):
        layer, x = made(case, kerasish, policy)
        if policy == "float32":
            weights = layer.get_weights()
        layer.set_weights(weights)
        flat = tree.flatten(x)

        def step(*inputs):
            y = case.apply(layer, list(inputs) if isinstance(case.inputs, list) else inputs[0])  # noqa: B023
            loss = sum(ops.mean(ops.square(ops.cast(t, "float32"))) for t in tree.flatten(y))
            return backend.gradients(loss, layer.trainable_variables)  # noqa: B023

        found[policy] = host(backend.function(step)(*flat))
    for half, single in zip(found[f"mixed_{HALF}"], found["float32"]):
        if single is not None:
            assert half.dtype == "float32"
            scale = max(largest(g) for g in found["float32"] if g is not None)
            assert np.abs(half - single).max(initial=0.0) <= 0.05 * scale + 1e-6
