"""What joins the layers of an earlier model: merges, wrappers, masks and functions between them."""

import json

import numpy as np
import pytest

import kerasish
from tests.configs.eras.earlier import L, layer, tf_op

MERGES = {
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
    "max": np.maximum,
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "dot": lambda a, b: (a * b).sum(-1, keepdims=True),
    "cos": lambda a, b: ((a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1)))[
        :, None, None
    ],  # Keras 1 put an axis in
}


@pytest.mark.parametrize("mode", MERGES)
def test_merge_of_keras_1(mode):
    def entry(name):
        config = {"name": name, "batch_input_shape": [None, 4], "input_dtype": "float32"}
        return {"class_name": "InputLayer", "name": name, "inbound_nodes": [], "config": config}

    merge = {
        "class_name": "Merge",
        "name": "m",
        "inbound_nodes": [[["a", 0, 0], ["b", 0, 0]]],
        "config": {"name": "m", "mode": mode, "mode_type": "raw", "concat_axis": -1, "dot_axes": -1},
    }
    config = {
        "name": "model",
        "layers": [entry("a"), entry("b"), merge],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["m", 0, 0]],
    }
    model = kerasish.models.model_from_json(json.dumps({"class_name": "Model", "config": config}))
    a, b = np.random.RandomState(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_allclose(model.predict([a, b], verbose=0), MERGES[mode](a, b), rtol=1e-5)


def test_causal_attention_of_keras_2_is_an_argument_of_the_call():
    x = {
        "class_name": "InputLayer",
        "name": "a",
        "inbound_nodes": [],
        "config": {"name": "a", "batch_input_shape": [None, 4, 3], "dtype": "float32"},
    }
    attend = {
        "class_name": "Attention",
        "name": "t",
        "inbound_nodes": [[["a", 0, 0, {}], ["a", 0, 0, {}]]],
        "config": {"name": "t", "trainable": True, "causal": True, "use_scale": False},
    }
    config = {
        "class_name": "Functional",
        "config": {"name": "m", "layers": [x, attend], "input_layers": [["a", 0, 0]], "output_layers": [["t", 0, 0]]},
    }
    values = np.random.RandomState(0).normal(size=(2, 4, 3)).astype("float32")
    found = kerasish.models.model_from_json(json.dumps(config)).predict(values, verbose=0)
    np.testing.assert_allclose(found, np.asarray(L.Attention()([values, values], use_causal_mask=True)), rtol=1e-5)
    np.testing.assert_allclose(found[:, 0], values[:, 0], rtol=1e-5)


def test_a_loss_added_in_a_functional_model_of_tf_keras_is_left_out_with_a_warning():
    config = tf_op("math.reduce_mean", {})
    loss = {
        "class_name": "AddLoss",
        "name": "add_loss",
        "inbound_nodes": [[["op", 0, 0, {}]]],
        "config": {"name": "add_loss", "trainable": True, "dtype": "float32", "unconditional": False},
    }
    config["config"]["layers"].append(loss)
    config["config"]["output_layers"] = [["a", 0, 0]]
    with pytest.warns(UserWarning, match="'add_loss'.*AddLoss.*add_loss"):
        model = kerasish.models.model_from_json(json.dumps(config))
    assert model.predict(np.ones((2, 4), "float32"), verbose=0).tolist() == [[1.0] * 4] * 2


def test_a_lambda_that_names_a_function_takes_it_from_custom_objects():
    old = [
        layer(
            "Lambda",
            function="twice",
            function_type="function",
            output_shape=None,
            output_shape_type="raw",
            arguments={"times": 2.0},
            batch_input_shape=[None, 2],
        )
    ]

    def twice(x, times):
        return x * times

    model = kerasish.Sequential.from_config(old, custom_objects={"twice": twice})
    assert model.predict(np.ones((1, 2), "float32"), verbose=0).tolist() == [[2.0, 2.0]]
    with pytest.raises(ValueError, match="'twice'.*custom_objects"):
        kerasish.Sequential.from_config(old)


def test_a_sequence_of_keras_2_with_constants_is_refused():
    names = ("x", "h", "k")
    inputs = [
        {
            "class_name": "InputLayer",
            "name": name,
            "inbound_nodes": [],
            "config": {"name": name, "batch_input_shape": [None, 3, 3] if name == "x" else [None, 3]},
        }
        for name in names
    ]
    rnn = {
        "class_name": "RNN",
        "name": "r",
        "inbound_nodes": [[[name, 0, 0, {}] for name in names]],
        "config": {"name": "r", "trainable": True, "num_constants": 1, "cell": layer("SimpleRNNCell", units=3)},
    }
    config = {
        "name": "m",
        "layers": [*inputs, rnn],
        "input_layers": [[name, 0, 0] for name in names],
        "output_layers": [["r", 0, 0]],
    }
    with pytest.raises(ValueError, match="'r'.*1 constants.*Concatenate"):
        kerasish.Model.from_config(config)
