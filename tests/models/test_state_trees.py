"""`get_state_tree` and `set_state_tree`, beside real Keras's."""

import keras as real
import numpy as np
import pytest

import kerasish


def trained(keras):
    layers = [keras.layers.Dense(2, name="dense"), keras.layers.BatchNormalization(name="norm")]
    model = keras.Sequential(layers, name="net")
    model.build((None, 3))
    model.compile(keras.optimizers.Adam(name="adam"), "mse", metrics=["mae"])
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"), verbose=0)
    return model


def shapes(node):
    return {name: shapes(part) if isinstance(part, dict) else np.shape(part) for name, part in node.items()}


def test_the_tree_is_that_of_keras_and_goes_into_the_other_model():
    ours, theirs = trained(kerasish), trained(real)
    expected = theirs.get_state_tree("numpy_array")
    assert shapes(ours.get_state_tree()) == shapes(expected)
    ours.set_state_tree(expected)
    x = np.arange(6, dtype="float32").reshape(2, 3)
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-5)
    theirs.set_state_tree(ours.get_state_tree("numpy_array"))


def test_a_branch_may_be_left_out_and_values_are_copies():
    model = trained(kerasish)
    before = model.get_state_tree("numpy_array")
    model.set_state_tree({"trainable_variables": {"net": {"dense": {"bias": np.array([5.0, 6.0], "float32")}}}})
    assert model.layers[0].bias.numpy().tolist() == [5.0, 6.0]
    assert before["trainable_variables"]["net"]["dense"]["bias"].tolist() != [5.0, 6.0]
    np.testing.assert_array_equal(
        model.layers[0].kernel.numpy(), before["trainable_variables"]["net"]["dense"]["kernel"]
    )


@pytest.mark.parametrize(
    "state, words",
    [
        ({"trainable": {}}, "Did you mean 'trainable_variables'"),
        ({"trainable_variables": {"net": {"dense": {"kernal": np.ones((3, 2))}}}}, "Did you mean 'net/dense/kernel'"),
        ({"trainable_variables": {"net": {"dense": {"kernel": np.ones((1, 2))}}}}, r"has the shape \(1, 2\)"),
        ({"trainable_variables": 3}, "must be a dict of names"),
        (3, "must be a dict"),
    ],
)
def test_a_tree_that_does_not_fit_changes_nothing(state, words):
    model = trained(kerasish)
    model.set_state_tree({"trainable_variables": {"net": {"dense": {"bias": np.ones(2)}}}})
    if isinstance(state, dict):
        state = {"trainable_variables": {"net": {"dense": {"bias": np.zeros(2)}}}, **state}
    with pytest.raises(ValueError, match=words):
        model.set_state_tree(state)
    assert model.layers[0].bias.numpy().tolist() == [1.0, 1.0]


def test_another_format_is_refused():
    model = trained(kerasish)
    with pytest.raises(ValueError, match="`value_format`"):
        model.get_state_tree("numpy")


def test_a_device_that_is_there_and_one_that_is_not():
    here = kerasish.backend.device().kind
    other = "cpu" if here == "gpu" else "gpu"
    with kerasish.device(f"{here}:0"), kerasish.device(here.upper()):
        assert kerasish.ops.convert_to_numpy(kerasish.ops.ones(2)).tolist() == [1.0, 1.0]
    for name in (f"{other}:0", f"{here}:7"):
        with pytest.raises(RuntimeError, match="is not there"), kerasish.device(name):
            pass
    for name in (3, "cpu:x"):
        with pytest.raises(ValueError, match="`device_name`"), kerasish.device(name):
            pass
