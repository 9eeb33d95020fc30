"""Calls that make no sense: what real Keras refuses is refused here, by an error of its kind."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from tests.layers.test_bad_arguments_parity import NEEDED, OBJECTS, layer_names, needed_arguments


def ones(*shape):
    return np.ones(shape, "float32")


INPUTS = {
    "a number": ones(),
    "1 axis": ones(3),
    "2 axes": ones(2, 3),
    "3 axes": ones(2, 4, 3),
    "4 axes": ones(2, 5, 6, 3),
    "5 axes": ones(2, 4, 5, 6, 3),
    "texts": np.array([["a", "b"], ["c", "d"]]),
    "a word": "abc",
    "nothing": None,
    "arrays": [ones(2, 3), ones(2, 3)],
    "a list": [[1.0, 2.0], [3.0, 4.0]],
    "an uneven list": [[1.0, 2.0], [3.0]],
    "an object": object(),
    "a dict": {"a": ones(2, 3)},
    "an empty row": ones(2, 0, 3),
    "an empty picture": ones(2, 0, 5, 3),
    "an empty room": ones(2, 0, 5, 6, 3),
}
ALSO = {  # arguments that a layer needs, or needs otherwise than others of the name
    **{f"AveragePooling{rank}D": {"pool_size": 2} for rank in (1, 2, 3)},
    "CategoryEncoding": {"num_tokens": 3},
    "Discretization": {"bin_boundaries": [1.0, 2.0]},
    "HashedCrossing": {"num_bins": 3},
    "Hashing": {"num_bins": 3},
    "RandomPosterization": {"factor": 3},
}
ACCEPTED = {  # what Keras refuses for reasons that do not hold here
    **{
        ("CategoryEncoding", f"an empty {kind}"): "no categories are a row of zeros"
        for kind in ("row", "picture", "room")
    },
    ("Normalization", "a list"): "plain numbers, as the other layers of data take them",
    ("TimeDistributed", "an empty picture"): "no steps give no outputs",
}
BAD_CALLS = [  # layer, its arguments, inputs, other arguments of the call
    ("Add", {}, [ones(2, 3), ones(2, 4)], {}),
    ("BatchNormalization", {}, ones(2, 4, 3), {"mask": ones(3, 5) > 0, "training": True}),
    ("BatchNormalization", {"axis": 3}, ones(2, 4, 3), {}),
    ("Bidirectional", {"layer": OBJECTS}, ones(2, 3), {}),
    ("Concatenate", {"axis": 1}, [ones(2, 3, 4), ones(2, 3, 5)], {}),
    ("Conv1D", {"filters": 3, "kernel_size": 2, "groups": 3}, ones(2, 5, 4), {}),
    ("Conv2D", {"filters": 2, "kernel_size": 3}, ones(2, 2, 2, 3), {}),
    ("Conv2D", {"filters": 2, "kernel_size": 3, "groups": 2}, ones(2, 5, 5, 3), {}),
    ("Cropping1D", {"cropping": 2}, ones(2, 4, 3), {}),
    ("Cropping2D", {"cropping": ((1, 1), (3, 2))}, ones(2, 5, 5, 3), {}),
    ("Cropping2D", {}, ones(2, 0, 5, 3), {}),
    ("Cropping3D", {"cropping": 3}, ones(2, 5, 6, 6, 3), {}),
    ("Dense", {"units": 3}, ones(2), {}),
    ("Dot", {"axes": 1}, [ones(2, 3), ones(2, 4)], {}),
    ("Dropout", {"rate": 0.5}, "abc", {"training": True}),
    ("Dropout", {"rate": 0.5}, [[1.0, 2.0]], {"training": True}),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 2)}, ones(2, 3), {}),
    ("GRU", {"units": 2}, ones(2, 3), {}),
    ("GroupNormalization", {"groups": 4}, ones(2, 6), {}),
    ("LSTM", {"units": 2}, ones(2, 4, 3), {"initial_state": [ones(2, 2)]}),
    ("LSTM", {"units": 2}, ones(2, 4, 3), {"initial_state": [ones(2, 5), ones(2, 5)]}),
    ("Masking", {}, [[[1.0], [0.0]]], {}),
    ("MaxPooling2D", {}, ones(2, 4, 4), {}),
    ("Permute", {"dims": (2, 1)}, ones(2, 3, 4, 5), {}),
    ("RepeatVector", {"n": 2}, ones(2, 3, 4), {}),
    ("Reshape", {"target_shape": (5, 2)}, ones(2, 3, 4), {}),
    ("Softmax", {}, [1.0, 2.0], {}),
    ("Softmax", {}, ones(2, 3), {"mask": ones(2, 2) > 0}),
    ("TimeDistributed", {"layer": OBJECTS}, ones(2), {}),
    ("ZeroPadding2D", {}, ones(2, 4, 4), {}),
]


def refusal(library, name, arguments, inputs, **more):
    """The error of a call, or None."""
    made = {key: OBJECTS[key](library) if value is OBJECTS else value for key, value in arguments.items()}
    layer = getattr(library.layers, name)(**made)
    try:
        layer(inputs, **more)
    except Exception as error:  # noqa: BLE001  (its kind is looked at)
        return error
    return None


def problem(theirs, ours):
    """What is wrong with our answer, in words, or None; Keras's accidents may be ValueErrors or TypeErrors here."""
    if theirs is None:
        return None
    if ours is None:
        return f"is accepted; Keras: {theirs!r:.200}"
    if isinstance(theirs, ValueError) and not isinstance(ours, ValueError):
        return f"gives {ours!r:.200}; Keras: {theirs!r:.200}"
    if not isinstance(ours, (ValueError, TypeError, type(theirs))):
        return f"gives {ours!r:.200}"
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(layer_names()))
def test_what_keras_refuses_to_compute_is_refused(name):
    arguments = {key: OBJECTS if key in OBJECTS else NEEDED.get(key) for key in needed_arguments(name)}
    arguments.update(ALSO.get(name, {}))
    try:
        refusal(oracle, name, arguments, None)
    except ImportError:  # layers of text, which Keras has on TensorFlow alone
        pytest.skip("Keras has this layer on TensorFlow alone")
    wrong = []
    for kind, inputs in INPUTS.items():
        if (name, kind) not in ACCEPTED:
            said = problem(*(refusal(library, name, arguments, inputs) for library in (oracle, kerasish)))
            if said:
                wrong.append(f"{kind} {said}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name, arguments, inputs, more", BAD_CALLS)
def test_bad_calls_get_an_error_of_keras_kind(name, arguments, inputs, more):
    theirs, ours = (refusal(library, name, arguments, inputs, **more) for library in (oracle, kerasish))
    assert theirs is not None
    assert problem(theirs, ours) is None


def test_own_layers_take_what_they_like():
    class Own(kerasish.layers.Layer):
        def call(self, inputs):
            return inputs

    assert Own()([1.0, "a"]) == [1.0, "a"]
    assert kerasish.layers.Identity()(None) is None
