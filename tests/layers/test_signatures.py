"""Constructors take the arguments of real Keras's, in its order, with its defaults."""

import inspect

import keras as oracle
import pytest

from kerasish import layers

SHARED = [name for name in dir(oracle.layers) if not name.startswith("_") and hasattr(layers, name)]


def without_annotations(signature):
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return signature.replace(parameters=parameters, return_annotation=signature.empty)


@pytest.mark.parametrize("name", SHARED)
def test_signature(name):
    ours, theirs = getattr(layers, name), getattr(oracle.layers, name)
    found = [inspect.signature(item.__init__ if inspect.isclass(item) else item) for item in (ours, theirs)]
    if name.startswith("SpatialDropout"):  # ours takes the base layer's arguments too
        found[0] = found[0].replace(parameters=[p for p in found[0].parameters.values() if p.kind is not p.VAR_KEYWORD])
    ours, theirs = map(without_annotations, found)
    assert str(ours) == str(theirs)
