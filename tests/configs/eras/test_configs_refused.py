"""What can't be said today is refused by name."""

import json

import pytest

import kerasish
from tests.configs.eras.earlier import layer, tf_op

# -- what can't be said -----------------------------------------------------------------------------------------------

REFUSED = {
    "two axes": (layer("BatchNormalization", axis=[1, 2], batch_input_shape=[None, 2, 2]), "'x'.*axes \\[1, 2\\]"),
    "half": (
        layer("Convolution2D", nb_filter=1, nb_row=3, nb_col=3, border_mode="half"),
        "'x'.*border_mode='half'.*ZeroPadding",
    ),
    "mode 3": (layer("BatchNormalization", mode=3, axis=1), "`mode` must be 0, 1 or 2, got 3"),
    "auto encoder": (layer("AutoEncoder", init="zero"), "'x'.*AutoEncoder.*custom_objects"),
    "regularizer": (
        layer("Dense", output_dim=2, W_regularizer={"name": "EigenvalueRegularizer", "k": 1.0}),
        "'x'.*EigenvalueRegularizer",
    ),
    "constraint": (layer("Dense", output_dim=2, W_constraint={"name": "Strange"}), "'x'.*Strange"),
    "time major": (layer("LSTM", units=2, time_major=True), "'x'.*time_major"),
    "groups": (
        layer("SeparableConv2D", filters=2, kernel_size=[1, 1], groups=2, batch_input_shape=[None, 2, 2, 2]),
        "'x'.*groups",
    ),
    "both spellings": (layer("Dropout", p=0.2, rate=0.3), "'x'.*'rate'.*'p'"),
    "ragged": (layer("InputLayer", batch_input_shape=[None, 2], ragged=True), "'x'.*ragged"),
    "unknown argument": (layer("Dense", output_dim=2, init="zero", sideways=True), "sideways"),
    "merge of code": (
        {
            "class_name": "Sequential",
            "config": [
                {
                    "class_name": "Merge",
                    "config": {
                        "name": "x",
                        "mode": "lambda",
                        "mode_type": "lambda",
                        "layers": [
                            {
                                "class_name": "Sequential",
                                "config": [layer("Dense", output_dim=2, batch_input_shape=[None, 2])],
                            }
                        ],
                    },
                }
            ],
        },
        "'x'.*is code",
    ),
    "lambda": (
        layer("Lambda", function=["4wEAAAA=\n", None, None], function_type="lambda", batch_input_shape=[None, 2]),
        "safe_mode",
    ),
    "graph outside": (layer("TFOpLambda", function="math.add"), "'x'.*stands outside"),
    "not a layer": ({"class_name": "Sequential", "config": [3]}, "damaged|must be a dict|names no|class_name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cant_be_said_today_is_refused_by_name(name):
    old, message = REFUSED[name]
    with pytest.raises((ValueError, TypeError), match=message):
        kerasish.layers.deserialize(old)


@pytest.mark.parametrize(
    "function, arguments, message",
    [
        ("linalg.svd", {"full_matrices": False}, "'op'.*tf.linalg.svd"),
        ("linalg.matmul", {"b": [[1.0]], "transpose_b": True}, "'op'.*transposes"),
        ("reshape", {"shape": ["a", 0, 0]}, "'op'.*`shape`.*other tensors"),
        ("nn.softmax", {"axis": -1, "temperature": 2}, "'op'.*temperature=2"),
    ],
)
def test_ops_of_tensorflow_that_keras_lacks_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        kerasish.models.model_from_json(json.dumps(tf_op(function, arguments)))
