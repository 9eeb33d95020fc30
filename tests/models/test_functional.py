"""Functional and sequential models: structure, sharing, order of layers and weights, configs, cloning, summaries.

Real Keras says how.
"""

import json
import random
import re

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish.models import functional_config

ONES = np.ones((2, 4), "float32")


def branched(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    shared = k.layers.Dense(3, name="shared")
    left, right = shared(a), shared(b)
    late = k.layers.Dense(3, name="late")(left)
    joined = k.layers.Add(name="joined")([late, right])
    activated = k.ops.relu(joined) * 2.0 + left
    return k.Model([a, b], {"sum": activated, "late": late}, name="net")


def deep(k):
    x = inputs = k.Input((4,), name="in")
    skip = k.layers.Dense(4, name="skip")(x)
    for i in range(3):
        x = k.layers.Dense(4, name=f"d{i}")(x)
    inner = k.Sequential(
        [k.Input((4,)), k.layers.Dense(2, name="i1"), k.layers.BatchNormalization(name="i2")], name="inner"
    )
    return k.Model(inputs, inner(k.layers.Concatenate(axis=-1, name="cat")([x, skip])[:, :4]), name="deep")


def nested_structures(k):
    inputs = {"x": k.Input((4,), name="x"), "pair": [k.Input((4,), name="p0"), k.Input((4,), name="p1")]}
    total = k.layers.Add(name="total")([inputs["x"], *inputs["pair"]])
    return k.Model(inputs, [total, {"twice": k.layers.Add(name="twice")([total, total])}], name="nested")


BUILDERS = [branched, deep, nested_structures]


@pytest.fixture(autouse=True)
def count_names_from_the_start():
    """Generated names ("add", "add_1") must not hang on the tests before."""
    kerasish.utils.clear_session()
    oracle.utils.clear_session()


@pytest.mark.parametrize("build", BUILDERS)
def test_layers_weights_and_config_are_those_of_keras(build):
    ours, theirs = build(kerasish), build(oracle)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [v.path for v in ours.weights] == [v.path for v in theirs.weights]
    assert [tuple(v.shape) for v in ours.weights] == [tuple(v.shape) for v in theirs.weights]
    assert json.loads(json.dumps(ours.get_config()["input_layers"])) == json.loads(
        json.dumps(theirs.get_config()["input_layers"])
    )
    assert json.loads(json.dumps(ours.get_config()["output_layers"])) == json.loads(
        json.dumps(theirs.get_config()["output_layers"])
    )


@pytest.mark.parametrize("build", BUILDERS)
def test_config_round_trip_here_and_in_keras(build):
    model = build(kerasish)
    data = kerasish.saving.serialize_keras_object(model)
    text = json.dumps(data)
    again = kerasish.saving.deserialize_keras_object(json.loads(text))
    foreign = oracle.saving.deserialize_keras_object(json.loads(text))
    for other in (again, foreign):
        other.set_weights(model.get_weights())
    x = (
        {"x": ONES, "pair": [ONES, ONES * 2]}
        if build is nested_structures
        else [ONES, ONES * 2]
        if build is branched
        else ONES
    )
    want = kerasish.tree.flatten(model.predict(x, verbose=0))
    for other in (again, foreign):
        for a, b in zip(want, kerasish.tree.flatten(other.predict(x, verbose=0)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def calls_in_any_order(chance, layers, count):
    """(outputs of the sources, pending calls) of a random graph with shared layers.

    The layers are listed in any order.
    """
    made, calls = [("in", 0)], {f"l{index}": [] for index in range(layers)}
    for _ in range(count):
        name = chance.choice(sorted(calls))
        references = [
            {"class_name": "__keras_tensor__", "config": {"keras_history": [*chance.choice(made), 0]}}
            for _ in range(chance.randint(1, 3))
        ]
        made.append((name, len(calls[name])))
        calls[name].append({"args": [references], "kwargs": {}})
    listed = chance.sample(sorted(calls), layers)
    return {"in": [[kerasish.Input((1,))]], **{name: [] for name in calls}}, [
        (name, index, call) for name in listed for index, call in enumerate(calls[name])
    ]


def by_passes(outputs_of, pending):
    """Keras's order: through the list again and again, and each time what can be made is made."""
    done, order = {(name, 0) for name, made in outputs_of.items() if made}, []
    while pending:
        left = []
        for name, index, call in pending:
            needed = [tuple(reference["config"]["keras_history"][:2]) for reference in call["args"][0]] + (
                [(name, index - 1)] if index else []
            )
            if done.issuperset(needed):
                done.add((name, index))
                order.append((name, index))
            else:
                left.append((name, index, call))
        pending = left
    return order


@pytest.mark.parametrize("seed", range(20))
def test_calls_are_made_in_the_order_of_keras(seed):
    outputs_of, pending = calls_in_any_order(random.Random(seed), layers=8, count=40)
    order, found = by_passes(outputs_of, pending), []

    def recording(name):
        return lambda *args, **kwargs: (found.append((name, len(outputs_of[name]))), kerasish.Input((1,)))[1]

    functional_config._replay({name: recording(name) for name in outputs_of}, outputs_of, pending)
    assert found == order


def test_a_chain_that_is_listed_backwards_is_no_more_work(monkeypatch):
    x = inputs = kerasish.Input((3,))
    for _ in range(100):
        x = kerasish.layers.Identity()(x)
    config = kerasish.Model(inputs, x).get_config()
    config["layers"].reverse()
    seen, plain = [], functional_config._tensor_references
    monkeypatch.setattr(functional_config, "_tensor_references", lambda call: (seen.append(call), plain(call))[1])
    model = kerasish.Model.from_config(config)
    assert len(model.layers) == 101 and len([call for call in seen if isinstance(call, dict) and "args" in call]) <= 300
    config["layers"].pop()
    with pytest.raises(ValueError, match="not connected"):
        kerasish.Model.from_config(config)


def test_inputs_by_name_position_and_shared_layers():
    model = branched(kerasish)
    by_list = model.predict([ONES, ONES * 2], verbose=0)
    by_name = model.predict({"a": ONES, "b": ONES * 2}, verbose=0)
    assert sorted(by_list) == ["late", "sum"]
    for key in by_list:
        assert np.array_equal(by_list[key], by_name[key])
    assert len(model.get_layer("shared").weights) == 2
    assert sum(v.path.startswith("shared") for v in model.weights) == 2


def test_features_from_an_intermediate_tensor_and_a_model_as_a_layer():
    model = deep(kerasish)
    features = kerasish.Model(model.input, model.get_layer("cat").output)
    assert features.predict(ONES, verbose=0).shape == (2, 8)
    from_middle = kerasish.Model(model.get_layer("cat").output, model.output)
    assert np.allclose(
        from_middle.predict(features.predict(ONES, verbose=0), verbose=0), model.predict(ONES, verbose=0), atol=1e-6
    )
    outer_input = kerasish.Input((4,))
    outer = kerasish.Model(outer_input, model(outer_input) * 3.0)
    assert np.allclose(outer.predict(ONES, verbose=0), 3.0 * model.predict(ONES, verbose=0), atol=1e-6)


def test_sequential_add_pop_and_deferred_build():
    ours, theirs = (k.Sequential([k.layers.Dense(3), k.layers.Dense(2)], name="s") for k in (kerasish, oracle))
    assert not ours.built and ours.weights == []
    ours.build((None, 4))
    theirs.build((None, 4))
    assert [tuple(v.shape) for v in ours.weights] == [tuple(v.shape) for v in theirs.weights]
    ours.pop()
    assert ours.output_shape == (None, 3)
    ours.add(kerasish.layers.Dense(5))
    assert ours.output_shape == (None, 5) and len(ours.layers) == 2
    deferred = kerasish.Sequential([kerasish.layers.Dense(3)])
    deferred.compile("sgd", "mse")
    deferred.fit(ONES, np.ones((2, 3)), verbose=0)
    assert deferred.input_shape == (None, 4)


def test_a_subclass_made_from_tensors_keeps_its_methods():
    class Doubling(kerasish.Model):
        def train_step(self, data):
            return {**super().train_step(data), "mark": kerasish.ops.ones(()) * 7.0}

    inputs = kerasish.Input((4,))
    model = Doubling(inputs, kerasish.layers.Dense(1)(inputs))
    assert (
        isinstance(model, Doubling)
        and isinstance(model, kerasish.models.Functional)
        and type(model).__name__ == "Doubling"
    )
    model.compile("sgd", "mse")
    assert model.fit(ONES, np.ones((2, 1)), verbose=0).history["mark"] == [7.0]


@pytest.mark.parametrize("build", BUILDERS)
def test_clone_has_its_own_weights(build):
    model = build(kerasish)
    twin = kerasish.models.clone_model(model)
    assert [layer.name for layer in twin.layers] == [layer.name for layer in model.layers]
    assert not {id(v) for v in twin.weights} & {id(v) for v in model.weights}
    twin.set_weights(model.get_weights())
    replaced = kerasish.models.clone_model(model, clone_function=lambda layer: layer)
    assert {id(v) for v in replaced.weights} == {id(v) for v in model.weights}


def lines_of(model, **kwargs):
    caught = []
    model.summary(print_fn=caught.append, **kwargs)
    return caught[0].splitlines()


@pytest.mark.parametrize("build", BUILDERS)
def test_summary_is_aligned_and_counts_as_keras_does(build):
    ours = lines_of(build(kerasish), expand_nested=True, show_trainable=True)
    caught = []
    build(oracle).summary(print_fn=lambda text, **kwargs: caught.append(text), expand_nested=True)
    theirs = "\n".join(caught)
    table = [line for line in ours if line[0] in "┃┏┡│├└"]
    assert len({len(line) for line in table}) == 1
    for label in ("Total params", "Trainable params", "Non-trainable params"):
        count = re.search(rf"{label}: ([\d,]+ \([\d.]+ \w+\))", theirs).group(1)
        assert f"{label}: {count}" in "\n".join(ours)


def test_summary_forms():
    model = deep(kerasish)
    assert any("i2 (BatchNormalization)" in line for line in lines_of(model, expand_nested=True))
    assert not any("i2" in line for line in lines_of(model))
    assert max(len(line) for line in lines_of(model, line_length=60)) <= 62
    shown = lines_of(model, layer_range=["d0", "d2"])
    assert any("d1 (Dense)" in line for line in shown) and not any("inner (" in line for line in shown)
    assert "<table>" in model._repr_html_() and "d0 (Dense)" in model._repr_html_()
    assert any("unbuilt" in line for line in lines_of(kerasish.Sequential([kerasish.layers.Dense(2)])))


def test_what_is_refused():
    inputs = kerasish.Input((4,), name="first")
    other = kerasish.Input((4,), name="forgotten")
    dense = kerasish.layers.Dense(2)
    with pytest.raises(ValueError, match="Graph disconnected.*forgotten"):
        kerasish.Model(inputs, kerasish.layers.Add()([inputs, other]))
    with pytest.raises(ValueError, match="should be unique"):
        kerasish.Model(inputs, kerasish.layers.Dense(2, name="same")(kerasish.layers.Dense(4, name="same")(inputs)))
    with pytest.raises(ValueError, match="symbolic tensors"):
        kerasish.Model(inputs, np.ones(3))
    with pytest.raises(ValueError, match="unique names"):
        kerasish.Sequential([kerasish.layers.Dense(2, name="x"), kerasish.layers.Dense(2, name="x")])
    with pytest.raises(ValueError, match="Lambda"):
        kerasish.Sequential([lambda x: x])
    with pytest.raises(ValueError, match="expected axis -1.*value 4.*\\(2, 5\\)"):
        dense(inputs)
        dense(np.ones((2, 5), "float32"))
    model = kerasish.Model(inputs, dense(inputs))
    with pytest.raises(ValueError, match=r"first.*expected shape=\(None, 4\), found shape=\(2, 5\)"):
        model.predict(np.ones((2, 5)), verbose=0)
    with pytest.raises(ValueError, match="Did you mean 'dense"):
        model.get_layer("denze" + dense.name[5:])
    with pytest.raises(ValueError, match="must have shape|expects|are missing"):
        branched(kerasish).predict({"a": ONES}, verbose=0)
