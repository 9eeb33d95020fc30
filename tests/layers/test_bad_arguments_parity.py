"""Constructor arguments that make no sense: what real Keras refuses is refused here, by an error of its kind."""

import inspect
import warnings

import keras as oracle
import pytest

import kerasish

NEEDED = {  # arguments without a default, so that one at a time can be bad
    "activation": "relu",
    "axes": 1,
    "dims": (2, 1),
    "equation": "ab,bc->ac",
    "factor": 0.2,
    "filters": 2,
    "head_dim": 2,
    "height": 4,
    "height_factor": 0.2,
    "input_dim": 5,
    "kernel_size": 2,
    "key_dim": 2,
    "max_number": 2,
    "n": 2,
    "num_heads": 2,
    "num_key_value_heads": 2,
    "num_query_heads": 2,
    "output_dim": 3,
    "output_shape": 3,
    "output_size": 2,
    "rate": 0.3,
    "scale": 2.0,
    "stddev": 0.3,
    "target_shape": (4,),
    "units": 3,
    "width": 4,
    "width_factor": 0.2,
}
OBJECTS = {
    "cell": lambda k: k.layers.LSTMCell(2),
    "cells": lambda k: [k.layers.LSTMCell(2)],
    "layer": lambda k: k.layers.LSTM(2),
    "layers": lambda k: [k.layers.Dense(2)],
}
WORDS = (
    "padding data_format interpolation output_mode score_mode fill_mode mode merge_mode activation "
    "recurrent_activation dtype"
).split()
NUMBERS = [0, -1, 1.5, "a", None, (0, 1), [2, -1], (1, 2, 3, 4)]
ELSEWHERE = {"InputLayer", "Lambda", "Layer", "Wrapper", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper"}
ACCEPTED = {  # what Keras refuses for reasons that do not hold here
    ("BatchNormalization", "synchronized"),  # there is one replica
    ("RandomGaussianBlur", "sigma"),  # as a number up to 1, where a pair may be larger
}


def layer_names():
    for name in dir(oracle.layers):
        item = getattr(oracle.layers, name)
        ours = getattr(kerasish.layers, name, None)
        if inspect.isclass(item) and issubclass(item, oracle.Layer) and item.__name__ == name and ours is not None:
            if name not in ELSEWHERE:
                yield name


def needed_arguments(name):
    """The arguments of a layer that have no default."""
    parameters = inspect.signature(getattr(oracle.layers, name).__init__).parameters
    return [
        key
        for key, p in parameters.items()
        if key != "self" and p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]


def bad_values(argument):
    if argument in ("kwargs", "args", "seed", "trainable", "autocast"):
        return []
    if argument == "name":
        return [3]
    named = argument.endswith(("_initializer", "_regularizer", "_constraint"))
    return ["nope", 3.5] if named or argument in WORDS else NUMBERS


def refusal(library, name, arguments):
    """The error of a constructor, or None."""
    made = {key: OBJECTS[key](library) if value is OBJECTS else value for key, value in arguments.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            getattr(library.layers, name)(**made)
        except Exception as error:  # noqa: BLE001  (its kind is looked at)
            return error
    return None


@pytest.mark.parametrize("name", sorted(layer_names()))
def test_what_keras_refuses_is_refused(name):
    parameters = inspect.signature(getattr(oracle.layers, name).__init__).parameters
    base = {key: OBJECTS if key in OBJECTS else NEEDED.get(key) for key in needed_arguments(name)}
    wrong = []
    for argument in parameters:
        if (name, argument) in ACCEPTED or argument == "self":
            continue
        for value in bad_values(argument):
            theirs = refusal(oracle, name, {**base, argument: value})
            if theirs is None or isinstance(theirs, ImportError):  # layers of text, which Keras has on TensorFlow alone
                continue
            ours = refusal(kerasish, name, {**base, argument: value})
            if ours is None:
                wrong.append(f"{argument}={value!r} is accepted; Keras: {theirs!r}")
            elif isinstance(theirs, ValueError) and not isinstance(ours, ValueError):
                wrong.append(f"{argument}={value!r} gives {ours!r}; Keras: {theirs!r}")
            elif not isinstance(ours, (ValueError, TypeError, type(theirs))):
                wrong.append(f"{argument}={value!r} gives {ours!r}")
    assert not wrong, "\n".join(wrong)
