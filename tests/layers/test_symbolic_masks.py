"""Masks of symbolic tensors, by real Keras: what merging layers make of them, and what models can be made of them."""

import keras as real
import numpy as np
import pytest

import kerasish

LIBRARIES = pytest.mark.parametrize("k", [kerasish, real], ids=["kerasish", "keras"])
TOKENS = np.array([[1, 2, 0, 0]])
STEPS = np.array([[[1.0, 2, 3], [0, 0, 0], [1, 0, 0], [0, 0, 0]]], "float32")
MERGES = [
    ("Concatenate", {}),
    ("Concatenate", {"axis": 1}),
    ("Add", {}),
    ("Subtract", {}),
    ("Multiply", {}),
    ("Average", {}),
    ("Maximum", {}),
    ("Minimum", {}),
    ("Dot", {"axes": (2, 2)}),
]


def merged(k, name, arguments, order):
    tokens, steps = k.Input((4,)), k.Input((4, 3))
    embedded = k.layers.Embedding(10, 3, mask_zero=True, embeddings_initializer="ones")(tokens)
    pairs = {"ab": (embedded, steps), "ba": (steps, embedded), "both": (embedded, k.layers.Masking()(steps))}
    outputs = getattr(k.layers, name)(**arguments)(list(pairs[order]))
    return k.Model([tokens, steps], outputs), outputs


@pytest.mark.parametrize("order", ["ab", "ba", "both"])
@pytest.mark.parametrize("name, arguments", MERGES)
def test_merging_layers_mask_as_in_keras(name, arguments, order):
    found = []
    for k in (kerasish, real):
        model, outputs = merged(k, name, arguments, order)
        mask = getattr(outputs, "_keras_mask", None)
        if mask is not None:
            model = k.Model(model.inputs, [outputs, mask])
        values = model([TOKENS, STEPS])
        found.append([np.asarray(v) for v in (values if isinstance(values, (list, tuple)) else [values])])
    assert len(found[0]) == len(found[1])
    for ours, theirs in zip(*found):
        np.testing.assert_allclose(ours, theirs)


@LIBRARIES
def test_the_mask_of_a_symbolic_tensor_is_a_part_of_the_graph(k):
    steps = k.Input((4, 3))
    masked = k.layers.Masking()(steps)
    mask = k.ops.cast(masked._keras_mask, "float32")
    model = k.Model(steps, k.ops.sum(masked[..., 0] * mask, axis=-1) / k.ops.sum(mask, axis=-1))
    assert np.asarray(model(STEPS)).tolist() == [1.0]
    given = k.layers.GlobalAveragePooling1D()(steps * 2.0, mask=masked._keras_mask)
    np.testing.assert_allclose(k.Model(steps, given)(STEPS), [[2.0, 2.0, 3.0]])


def test_it_is_kept_in_a_config():
    steps = kerasish.Input((4, 3))
    model = kerasish.Model(steps, kerasish.layers.Masking()(steps)._keras_mask)
    again = kerasish.Model.from_config(model.get_config())
    assert again.predict(STEPS, verbose=0).tolist() == [[True, False, True, False]]


@LIBRARIES
def test_metrics_read_the_mask_in_training(k):
    tokens = k.Input((4,))
    embedded = k.layers.Embedding(10, 1, mask_zero=True, embeddings_initializer="ones")(tokens)
    model = k.Model(tokens, embedded)
    model.compile(k.optimizers.SGD(0.0), "mse", weighted_metrics=["mae"])
    targets = np.array([[3.0, 2.0, 9.0, 9.0]])[..., None]
    logs = model.evaluate(TOKENS, targets, verbose=0, return_dict=True)
    assert logs["mae"] == pytest.approx(1.5)
