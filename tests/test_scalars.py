"""NumPy's integers and floats mean what Python's do, wherever a size, an axis or a rate is given."""

import json

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops

I = np.int64  # noqa: E741 - as short as the sizes that it makes
IMAGES = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
STEPS = IMAGES[:, 0]

LAYERS = {  # what is made with NumPy's integers, and with Python's; the input
    "pool": (lambda n: layers.MaxPooling2D(pool_size=(n(2), n(2))), IMAGES),
    "units": (lambda n: layers.Dense(n(3)), IMAGES),
    "kernel": (lambda n: layers.Conv2D(n(3), n(3), strides=n(2)), IMAGES),
    "depthwise": (lambda n: layers.DepthwiseConv2D((n(3), n(3)), dilation_rate=n(1)), IMAGES),
    "reshape": (lambda n: layers.Reshape((n(64), n(3))), IMAGES),
    "repeat": (lambda n: layers.RepeatVector(n(3)), IMAGES[:, 0, 0]),
    "padding": (lambda n: layers.ZeroPadding2D(((n(1), n(2)), (n(0), n(3)))), IMAGES),
    "cropping": (lambda n: layers.Cropping2D(n(1)), IMAGES),
    "upsampling": (lambda n: layers.UpSampling2D((n(2), n(3))), IMAGES),
    "permute": (lambda n: layers.Permute((n(2), n(1), n(3))), IMAGES),
    "batch axis": (lambda n: layers.BatchNormalization(axis=n(-1)), IMAGES),
    "layer axis": (lambda n: layers.LayerNormalization(axis=[n(-1), n(1)]), IMAGES),
    "softmax axis": (lambda n: layers.Softmax(axis=n(1)), IMAGES),
    "recurrent": (lambda n: layers.LSTM(n(3)), STEPS),
    "embedding": (lambda n: layers.Embedding(n(5), n(3)), np.zeros((2, 3), "int32")),
    "resizing": (lambda n: layers.Resizing(n(4), n(5)), IMAGES),
    "group": (lambda n: layers.GroupNormalization(n(3)), IMAGES),
    "rate": (lambda n: layers.Dropout(np.float32(0.5) if n is I else 0.5, seed=n(1)), STEPS),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_take_numpy_integers(name):
    make, x = LAYERS[name]
    ours, plain = make(I), make(int)
    assert ours(x).shape == plain(x).shape
    config, wanted = ours.get_config(), plain.get_config()
    config.pop("name"), wanted.pop("name")
    assert json.dumps(config) == json.dumps(wanted)


OPS = {
    "axis": lambda n: ops.sum(IMAGES, axis=n(1)),
    "axes": lambda n: ops.mean(IMAGES, axis=(n(1), n(2))),
    "reshape": lambda n: ops.reshape(IMAGES, (n(2), n(-1))),
    "transpose": lambda n: ops.transpose(STEPS, (n(0), n(2), n(1))),
    "expand": lambda n: ops.expand_dims(STEPS, n(1)),
    "squeeze": lambda n: ops.squeeze(STEPS[:1], n(0)),
    "concatenate": lambda n: ops.concatenate([STEPS, STEPS], axis=n(-1)),
    "stack": lambda n: ops.stack([STEPS, STEPS], axis=n(1)),
    "split": lambda n: ops.split(STEPS, n(2), axis=n(1))[0],
    "repeat": lambda n: ops.repeat(STEPS, n(2), axis=n(1)),
    "roll": lambda n: ops.roll(STEPS, n(1), axis=n(1)),
    "arange": lambda n: ops.arange(n(1), n(7), n(2)),
    "zeros": lambda n: ops.zeros((n(2), n(3))),
    "one_hot": lambda n: ops.one_hot(np.array([1, 2]), n(4)),
    "top_k": lambda n: ops.top_k(STEPS, n(2))[0],
    "slice": lambda n: ops.slice(STEPS, (n(0), n(1), n(0)), (n(2), n(3), n(-1))),
    "index": lambda n: ops.convert_to_tensor(STEPS)[n(0), n(1) : n(3)],
    "moveaxis": lambda n: ops.moveaxis(STEPS, n(0), n(2)),
    "tensordot": lambda n: ops.tensordot(STEPS, STEPS, axes=n(3)),
    "norm": lambda n: ops.norm(STEPS, axis=n(1)),
    "tile": lambda n: ops.tile(STEPS, (n(1), n(2), n(1))),
    "normal": lambda n: kerasish.random.normal((n(2), n(3)), seed=1),
}


@pytest.mark.parametrize("name", OPS)
def test_ops_take_numpy_integers(name):
    assert np.array_equal(OPS[name](I), OPS[name](int))


def test_a_graph_of_numpy_sizes_can_be_written():
    i = kerasish.Input((I(8), I(3)))
    model = kerasish.Model(i, ops.sum(ops.reshape(i, (I(-1), I(12), I(2))), axis=(I(1), I(2))))
    again = kerasish.models.model_from_json(model.to_json())
    assert i.shape == (None, 8, 3) and np.allclose(again.predict(STEPS, verbose=0), STEPS.sum(axis=(1, 2)), rtol=1e-5)


def test_fit_takes_numpy_integers():
    model = kerasish.Sequential([layers.Dense(1)])
    model.compile(kerasish.optimizers.SGD(np.float32(0.1)), "mse", steps_per_execution=I(1))
    x, y = np.ones((8, 2)), np.ones((8, 1))
    history = model.fit(x, y, batch_size=I(4), epochs=I(2), initial_epoch=I(0), validation_freq=I(1), verbose=0)
    assert len(history.history["loss"]) == 2
    assert model.predict(x, batch_size=I(3), verbose=0).shape == (8, 1)


@pytest.mark.parametrize("number", [np.sqrt(2.0), np.float32(2), np.float64(0.5), np.int64(3)])
def test_numpy_scalars_promote_as_python_numbers(number):
    half = kerasish.ops.ones((2,), dtype="float16")
    i = kerasish.Input((2,), dtype="float16")
    for op in (ops.multiply, ops.add, ops.subtract, ops.divide, ops.maximum):
        assert str(op(half, number).dtype) == str(op(number, half).dtype) == "float16"
        assert op(i, number).dtype == op(number, i).dtype == "float16"
    assert (i * number).dtype == (number * i).dtype == "float16"


def test_variables_begin_with_a_named_initializer():
    assert kerasish.Variable("ones", shape=(2,)).numpy().tolist() == [1.0, 1.0]
    assert kerasish.Variable("ones", shape=(2,), dtype="int32").numpy().tolist() == [1, 1]
    assert kerasish.Variable("zeros", shape=(2,), dtype="bool").numpy().tolist() == [False, False]
    config = kerasish.initializers.serialize(kerasish.initializers.RandomNormal(seed=1))
    assert kerasish.Variable(config, shape=(3,)).shape == (3,)
    with pytest.raises(ValueError, match="zeros"):
        kerasish.Variable("zeross", shape=(2,))
    with pytest.raises(ValueError, match="`shape` is needed"):
        kerasish.Variable("ones")
