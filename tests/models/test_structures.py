"""Structures of inputs and outputs, as real Keras takes and gives them: nested, optional, of one, in any container."""

from collections import namedtuple

import keras as real
import numpy as np
import pytest

import kerasish

Pair = namedtuple("Pair", "p q")
ONES = np.ones((4, 1), "float32")

NESTED_LOSSES = {"h": {"p": "mse", "q": "mae"}, "z": "mse"}

# how the outputs nest (from a function that makes one by the name of its layer), and the losses
STRUCTURES = {
    "nested dicts": (
        lambda d: {"h": {"p": d("a"), "q": d("b")}, "z": d("c")},
        {"h": {"p": "mse", "q": "mae"}, "z": "mse"},
    ),
    "one loss for nested dicts": (lambda d: {"h": {"p": d("a"), "q": d("b")}, "z": d("c")}, "mse"),
    "a dict of lists of losses": (lambda d: {"a": d("x"), "b": d("y")}, {"a": ["mse"], "b": "mae"}),
    "a tuple": (lambda d: (d("x"), d("y")), "mse"),
    "a tuple of losses": (lambda d: (d("x"), d("y")), ("mse", "mae")),
    "a named tuple": (lambda d: Pair(d("x"), d("y")), "mse"),
    "a list in a list": (lambda d: [d("x"), [d("y"), d("z")]], ["mse", ["mae", "mse"]]),
    "one output, a dict of losses": (lambda d: d("x"), {"x": "mse"}),
    "one output, a list of losses": (lambda d: d("x"), ["mse"]),
    "a list of one": (lambda d: [d("x")], ["mse"]),
    "a dict of one": (lambda d: {"k": d("x")}, {"k": "mse"}),
    "no loss for one": (lambda d: [d("x"), d("y")], ["mse", None]),
    "a loss for one": (lambda d: {"a": d("x"), "b": d("y")}, {"a": "mse"}),
}


def trained(keras, outputs, loss, **options):
    """(logs of one step, shapes of the predictions in their structure) of a small model."""
    inputs = keras.Input((3,), name="i")
    structure = outputs(lambda name: keras.layers.Dense(1, name=name, kernel_initializer="ones")(inputs))
    model = keras.Model(inputs, structure)
    model.compile("sgd", loss, **options)
    labels = keras.tree.map_structure(lambda _: ONES, structure)
    logs = model.fit(np.ones((4, 3), "float32"), labels, verbose=0).history
    predictions = keras.tree.map_structure(np.shape, model.predict(np.ones((4, 3), "float32"), verbose=0))
    return {name: values[0] for name, values in logs.items()}, predictions


@pytest.mark.parametrize("name", STRUCTURES)
def test_outputs_losses_and_labels_nest_as_in_keras(name):
    outputs, loss = STRUCTURES[name]
    (ours, shapes), (theirs, their_shapes) = (trained(keras, outputs, loss) for keras in (kerasish, real))
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert shapes == their_shapes and type(shapes) is type(their_shapes)


def test_metrics_nest_as_the_outputs():
    outputs = STRUCTURES["nested dicts"][0]
    metrics = {"h": {"p": ["mae"], "q": ["mse"]}, "z": ["mae"]}
    (ours, _), (theirs, _) = (trained(keras, outputs, "mse", metrics=metrics) for keras in (kerasish, real))
    assert ours == pytest.approx(theirs, rel=1e-5)


ANY_NAME = {  # what a model of one output takes by whatever name
    "a metric": {"metrics": {"m": "mae"}},
    "a list of metrics": {"metrics": {"m": ["mae", "mse"]}},
    "two names": {"metrics": {"n": "mse", "m": "mae"}},
    "its own name and another": {"metrics": {"x": "mae", "m": "mse"}},
    "a dict in a dict": {"metrics": {"m": {"n": "mae"}}},
    "no metrics": {"metrics": {}, "weighted_metrics": {}},
    "a weighted metric": {"weighted_metrics": {"m": "mae"}},
    "a weight of the loss": {"loss_weights": {"m": 3.0}},
}


@pytest.mark.parametrize("outputs", [lambda d: d("x"), lambda d: [d("x")], lambda d: {"k": d("x")}])
@pytest.mark.parametrize("name", ANY_NAME)
def test_one_output_takes_all_under_any_name(name, outputs):
    (ours, _), (theirs, _) = (trained(keras, outputs, "mse", **ANY_NAME[name]) for keras in (kerasish, real))
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_several_losses_of_one_output_add_up():
    logs, _ = trained(kerasish, lambda d: [d("x"), d("y")], [["mse"], ["mse", "mae"]])
    assert logs == pytest.approx({"loss": 10.0, "x_loss": 4.0, "y_loss": 6.0})


@pytest.mark.parametrize("empty", [[], (), None])
def test_no_metrics_for_several_outputs(empty):
    logs, _ = trained(kerasish, lambda d: [d("x"), d("y")], "mse", metrics=empty, weighted_metrics=empty)
    assert sorted(logs) == ["loss", "x_loss", "y_loss"]


REFUSED = {
    "three weights for one loss": (lambda d: d("x"), "mse", {"loss_weights": [1, 2, 3]}, "`loss_weights`"),
    "two weights by name for one loss": (lambda d: d("x"), "mse", {"loss_weights": {"a": 1, "b": 2}}, "`loss_weights`"),
    "a loss too many": (lambda d: [d("x"), d("y")], ["mse", "mse", "mae"], {}, "`loss` must have one entry"),
    "a metric of an unknown output": (lambda d: [d("x"), d("y")], "mse", {"metrics": {"z": "mae"}}, "the output 'z'"),
    "an unknown output": (lambda d: {"left": d("x")}, {"leftt": "mse"}, {}, "Did you mean 'left'"),
    "one metric list for two": (lambda d: [d("x"), d("y")], "mse", {"metrics": ["mae"]}, "one entry for each of the 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_the_outputs_is_refused(name):
    outputs, loss, options, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        trained(kerasish, outputs, loss, **options)


SHAPES = {
    "[i], [o]": lambda i, o: ([i], [o]),
    "i, [o]": lambda i, o: (i, [o]),
    "[i], o": lambda i, o: ([i], o),
    "{a: i}, {b: o}": lambda i, o: ({"a": i}, {"b": o}),
    "i, (o,)": lambda i, o: (i, (o,)),
    "[[i]], [[o]]": lambda i, o: ([[i]], [[o]]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_list_of_one_is_what_it_holds(name):
    def seen(keras):
        i = keras.Input((4,))
        model = keras.Model(*SHAPES[name](i, keras.layers.Dense(2)(i)))
        x = np.ones((3, 4), "float32")
        values = [model.predict(x, verbose=0), model.predict_on_batch(x)]
        shapes = [keras.tree.map_structure(np.shape, value) for value in [*values, model(x), model([x])]]
        return (
            shapes,
            model.input_shape,
            model.output_shape,
            type(model.input),
            type(model.output) in (list, tuple, dict),
        )

    (ours, *more), (theirs, *their_more) = seen(kerasish), seen(real)
    assert ours == theirs and more[:2] == their_more[:2] and more[3] == their_more[3]


def optional_model(keras, as_dict):
    class Sum(keras.layers.Layer):
        def call(self, x, other=None):
            return x if other is None else x + other

    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b", optional=True)
    return keras.Model({"a": a, "b": b} if as_dict else [a, b], Sum()(a, b))


def test_optional_inputs_may_be_none():
    ones = np.ones((1, 2), "float32")
    ours, theirs = (optional_model(keras, False) for keras in (kerasish, real))
    for given in ([ones, None], [ones, ones]):
        assert np.array_equal(ours.predict(given, verbose=0), theirs.predict(given, verbose=0))
        assert np.array_equal(kerasish.ops.convert_to_numpy(ours(given)), theirs(given))
    named = optional_model(kerasish, True)
    assert np.array_equal(named.predict({"a": ones, "b": None}, verbose=0), ones)
    assert np.array_equal(named.predict({"a": ones}, verbose=0), ones)


@pytest.mark.parametrize("data", [{"a": np.ones((4, 2)), "b": np.ones((4, 2))}, [np.ones((4, 2)), np.ones((4, 2))]])
def test_the_first_layer_of_a_sequential_takes_structures(data):
    class Sum(kerasish.layers.Layer):
        def call(self, inputs):
            first, second = kerasish.tree.flatten(inputs)
            return first + second

    model = kerasish.Sequential([Sum(), kerasish.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(data, np.ones((4, 1)), verbose=0)
    assert model.predict(data, verbose=0).shape == (4, 1) and model.count_params() == 3


def test_extra_keys_of_inputs_are_not_used_and_said():
    a = kerasish.Input((2,), name="a")
    model = kerasish.Model({"a": a}, kerasish.layers.Dense(1)(a))
    with pytest.warns(UserWarning, match=r"\['zz'\] is not used"):
        assert model.predict({"a": np.ones((1, 2)), "zz": np.ones((1, 5))}, verbose=0).shape == (1, 1)


SHOWN = {  # a Sequential built on the first shape, then called on the second
    "images": (lambda layers: [layers.Conv2D(4, 3)], (1, 8, 8, 3), (1, 12, 10, 3)),
    "sequences": (lambda layers: [layers.Dense(4)], (1, 8, 3), (1, 12, 3)),
    "recurrent": (lambda layers: [layers.LSTM(2, return_sequences=True)], (2, 5, 3), (2, 9, 3)),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_sequential_fixes_no_sizes_that_it_was_only_shown(name):
    make, first, second = SHOWN[name]
    ours, theirs = (keras.Sequential(make(keras.layers)) for keras in (kerasish, real))
    for shape in (first, second):
        x = np.ones(shape, "float32")
        assert ours(x).shape == theirs(x).shape == ours.predict(x, verbose=0).shape


def test_sizes_that_a_layer_needs_stay_fixed():
    model = kerasish.Sequential([kerasish.layers.Flatten(), kerasish.layers.Dense(1)])
    model(np.ones((2, 4, 3)))
    with pytest.raises(ValueError, match="axis -1"):
        model(np.ones((2, 5, 3)))
    fixed = kerasish.Sequential([kerasish.Input((4, 3)), kerasish.layers.Dense(1)])
    with pytest.raises(ValueError, match="expected shape"):
        fixed(np.ones((2, 5, 3)))


def test_a_layer_called_again_keeps_its_first_output():
    i, j = kerasish.Input((3,)), kerasish.Input((3,))
    dense = kerasish.layers.Dense(2)
    first, second = dense(i), dense(j)
    assert dense.output is first and dense.input is i
    assert dense.get_output_at(1) is second and dense.get_input_at(1) is j
    assert [node.outputs[0] for node in dense.inbound_nodes] == [first, second]
    assert kerasish.Model(i, dense.output).predict(np.ones((1, 3)), verbose=0).shape == (1, 2)
    with pytest.raises(ValueError, match="there is no call 2"):
        dense.get_output_at(2)


class Distilled(kerasish.Model):
    """`compute_loss` without `training`, as programs were written before Keras 3.3."""

    def __init__(self):
        super().__init__()
        self.dense = kerasish.layers.Dense(1, kernel_initializer="ones")

    def call(self, x):
        return self.dense(x)

    def compute_loss(self, x, y, y_pred, sample_weight):
        return kerasish.ops.mean((y - y_pred) ** 2)

    def compute_metrics(self, x, y, y_pred):
        return {"difference": kerasish.ops.mean(y_pred - y)}


def test_steps_call_what_a_user_wrote_with_what_it_takes():
    model = Distilled()
    model.compile("sgd")
    logs = model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0).history
    assert logs == {"difference": [2.0]}
    assert model.evaluate(np.ones((4, 3)), np.ones((4, 1)), verbose=0, return_dict=True).keys() == {"difference"}
