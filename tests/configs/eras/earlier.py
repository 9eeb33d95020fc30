"""Configs of earlier versions of Keras, as they wrote them."""

import pathlib

import kerasish

L = kerasish.layers
HERE = pathlib.Path(__file__).parent / "configs"


def layer(class_name, **config):
    return {"class_name": class_name, "config": {"name": "x", "trainable": True, **config}}


def tf_op(function, arguments, kind="TFOpLambda"):
    x = {
        "class_name": "InputLayer",
        "name": "a",
        "inbound_nodes": [],
        "config": {"name": "a", "batch_input_shape": [None, 4], "dtype": "float32"},
    }
    op = {
        "class_name": kind,
        "name": "op",
        "inbound_nodes": [["a", 0, 0, arguments]],
        "config": {"name": "op", "trainable": True, "dtype": "float32", "function": function},
    }
    return {
        "class_name": "Functional",
        "config": {"name": "m", "layers": [x, op], "input_layers": [["a", 0, 0]], "output_layers": [["op", 0, 0]]},
    }
