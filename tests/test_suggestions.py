"""What is misspelled, missing or mistaken is answered with what was probably meant."""

import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


def model():
    made = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


class Own(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)

    def call(self, x):
        return keras.ops.matmul(x, np.ones((7, 2), "float32"))


MISSPELLED = {
    "layer": (lambda: layers.Dense(3, activaton="relu"), "activation"),
    "layer, of all": (lambda: layers.Dense(3, trainabel=False), "trainable"),
    "layer of one's own": (lambda: Own(3, nmae="a"), "name"),
    "fit": (lambda: model().fit(X, Y, epohcs=2), "epochs"),
    "evaluate": (lambda: model().evaluate(X, Y, batchsize=2), "batch_size"),
    "predict": (lambda: model().predict(X, batchsize=2), "batch_size"),
    "compile": (lambda: model().compile(optimzer="sgd"), "optimizer"),
    "optimizer": (lambda: keras.optimizers.Adam(learning_rat=1), "learning_rate"),
    "loss": (lambda: keras.losses.Huber(delt=1), "delta"),
    "loss, of all": (lambda: keras.losses.MeanSquaredError(reducton="sum"), "reduction"),
    "metric": (lambda: keras.metrics.AUC(num_threshold=1), "num_thresholds"),
    "callback": (lambda: keras.callbacks.EarlyStopping(pateince=3), "patience"),
    "checkpoint": (lambda: keras.callbacks.ModelCheckpoint("a.keras", monitr="loss"), "monitor"),
    "initializer": (lambda: keras.initializers.RandomNormal(sttdev=3), "stddev"),
}


@pytest.mark.parametrize("call, meant", MISSPELLED.values(), ids=MISSPELLED)
def test_a_misspelled_argument_names_the_nearest(call, meant):
    with pytest.raises((TypeError, ValueError), match=f"Did you mean `{meant}`"):
        call()


@pytest.mark.parametrize(
    "package, name", [("layers", "RandomFlip"), ("losses", "Dices"), ("ops", "matmull"), ("", "quantizers")]
)
def test_a_name_of_keras_that_is_not_there(package, name):
    module = getattr(keras, package) if package else keras
    with pytest.raises(
        AttributeError, match="Keras may have `keras.*` and kerasish not yet: docs/coming-from-keras.md"
    ):
        getattr(module, name)
    assert not hasattr(module, name) and not hasattr(module, "__nothing__")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_an_error_in_a_layer_names_it_and_what_it_was_called_on():
    for x in (X, keras.Input((3,))):
        with pytest.raises(ValueError) as caught:
            Own(3, name="mine")(x)
        (note,) = caught.value.__notes__
        assert note.startswith("In the `call` of the layer 'mine' (Own), called on x: float32[")


def test_rows_that_are_no_array():
    for rows in ([[1.0, 2.0, 3.0]] * 96, [np.ones(3)] * 96):
        with pytest.raises(ValueError, match="If these are the rows of one input, make them an array"):
            model()(rows)


def test_a_picture_in_place_of_another_writes_no_file_over(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasish.utils.model_plot._has_graphviz", lambda: False)
    (tmp_path / "a.svg").write_text("mine")
    for _ in range(2):
        with pytest.warns(UserWarning, match="a.png.svg"):
            keras.utils.plot_model(model(), tmp_path / "a.png")
    assert (tmp_path / "a.svg").read_text() == "mine" and (tmp_path / "a.png.svg").exists()
