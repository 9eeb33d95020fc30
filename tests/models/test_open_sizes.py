"""Models whose sizes are left open: what shapes they show, and what they compute at two sizes. Real Keras says how.

A case is a function (library, tensor) that runs in a layer's `call`, or one that makes a layer.
"""

import keras as oracle
import numpy as np
import pytest

import kerasish

on_host = kerasish.ops.convert_to_numpy


def in_layer(library, function):
    """A layer whose call is `function(library, x)`."""

    class Body(library.layers.Layer):
        def call(self, inputs):
            return function(library, inputs)

    return Body()


def patches(k, x):
    b, h, w, _ = k.ops.shape(x)
    x = k.ops.reshape(x, (b, h // 16, 16, w // 16, 16, 3))
    return k.ops.transpose(x, (0, 1, 3, 2, 4, 5))


def flat_patches(k, x):
    b, h, w, _ = k.ops.shape(x)
    return k.ops.reshape(patches(k, x), (b, (h // 16) * (w // 16), 16 * 16 * 3))


def causal(k, x):
    n = k.ops.shape(x)[1]
    i, j = k.ops.expand_dims(k.ops.arange(n), 1), k.ops.arange(n)
    return k.ops.where(i >= j, k.ops.matmul(x, k.ops.transpose(x, (0, 2, 1))), -1e9)


def similarities(k, x):
    """The logits and the labels of a contrastive loss over the batch (SimCLR)."""
    n = k.ops.shape(x)[0]
    logits = k.ops.matmul(x, k.ops.transpose(x)) - 1e9 * k.ops.eye(n)
    labels = k.ops.arange(n)
    return k.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def sinusoids(k, x):
    n, size = k.ops.shape(x)[1], x.shape[-1]
    places = k.ops.cast(k.ops.arange(n), "float32")
    rates = k.ops.exp(k.ops.arange(0, size, 2, dtype="float32") * (-9.0 / size))
    angles = k.ops.expand_dims(places, 1) * rates
    return x + k.ops.concatenate([k.ops.sin(angles), k.ops.cos(angles)], axis=-1)


def class_token(k, x):
    token = k.ops.broadcast_to(k.ops.ones((1, 1, 3)), (k.ops.shape(x)[0], 1, 3))
    return k.ops.concatenate([token, x], axis=1)


def halves(k, x):
    n = k.ops.shape(x)[1] // 2
    return k.ops.concatenate([x[:, n:], x[:, :n]], axis=1)


def heads(k, x):
    b, n = k.ops.shape(x)[0], k.ops.shape(x)[1]
    x = k.ops.transpose(k.ops.reshape(x, (b, n, 2, 4)), (0, 2, 1, 3))
    return k.ops.reshape(k.ops.transpose(x, (0, 2, 1, 3)), (b, n, 8))


IN_A_LAYER = {  # name: (function, two shapes of inputs with None where the model's input is open)
    "arange over the batch": (lambda k, x: x + k.ops.arange(k.ops.shape(x)[0], dtype="float32")[:, None], (None, 3)),
    "cast": (lambda k, x: x / k.ops.cast(k.ops.shape(x)[1], "float32"), (None, None, 3)),
    "cast and arange": (lambda k, x: k.ops.arange(k.ops.shape(x)[1])[None, :, None] + x, (None, None, 3)),
    "one_hot": (lambda k, x: k.ops.one_hot(k.ops.arange(k.ops.shape(x)[0]), k.ops.shape(x)[0]), (None, 3)),
    "eye": (lambda k, x: k.ops.matmul(k.ops.eye(k.ops.shape(x)[0]), x), (None, 3)),
    "patches": (patches, (None, None, None, 3)),
    "flat patches": (flat_patches, (None, None, None, 3)),
    "reshape to the rest": (lambda k, x: k.ops.reshape(x, (k.ops.shape(x)[0], -1, 3)), (None, None, None, 3)),
    "reshape to rows": (lambda k, x: k.ops.reshape(x, (-1, 3)), (None, None, 3)),
    "broadcast_to": (class_token, (None, None, 3)),
    "tile": (lambda k, x: k.ops.tile(x[:1], (k.ops.shape(x)[0], 1, 1)) + x, (None, None, 3)),
    "tile by a size": (lambda k, x: k.ops.tile(x[:, :1], (1, k.ops.shape(x)[1], 1)) + x, (None, None, 3)),
    "repeat": (lambda k, x: k.ops.repeat(x, 2, axis=1), (None, None, 3)),
    "slice from 40": (lambda k, x: x[:, 40:], (None, None, 3)),
    "slice to the last 40": (lambda k, x: x[:, :-40], (None, None, 3)),
    "slice backwards": (lambda k, x: x[:, ::-1], (None, None, 3)),
    "every third": (lambda k, x: x[:, ::3], (None, None, 3)),
    "the last": (lambda k, x: x[:, -1], (None, None, 3)),
    "halves swapped": (halves, (None, None, 3)),
    "pad": (lambda k, x: k.ops.pad(x, ((0, 0), (40, 2), (0, 0))), (None, None, 3)),
    "causal mask": (causal, (None, None, 3)),
    "similarities": (similarities, (None, 3)),
    "sinusoids": (sinusoids, (None, None, 4)),
    "heads": (heads, (None, None, 8)),
    "extract_sequences": (lambda k, x: k.ops.extract_sequences(x, 40, 20), (None, None)),
    "mean over what is open": (lambda k, x: k.ops.mean(x, axis=1), (None, None, 3)),
    "sum by size": (lambda k, x: k.ops.sum(x, axis=1) / k.ops.shape(x)[1], (None, None, 3)),
    "einsum": (lambda k, x: k.ops.einsum("bnd,bmd->bnm", x, x), (None, None, 3)),
    "zeros": (lambda k, x: x + k.ops.zeros((k.ops.shape(x)[1], 3)), (None, None, 3)),
    "size squared": (lambda k, x: x * x.shape[1] ** 2, (None, None, 3)),
    "linspace": (lambda k, x: x + k.ops.linspace(0.0, 1.0, 3), (None, None, 3)),
    "flip and concatenate": (lambda k, x: k.ops.concatenate([x, k.ops.flip(x, 1)], axis=1), (None, None, 3)),
    "cumsum": (lambda k, x: k.ops.cumsum(x, axis=1), (None, None, 3)),
    "scan": (lambda k, x: k.ops.scan(lambda c, t: (c + t, c), x[:, 0], k.ops.swapaxes(x, 0, 1))[0], (None, None, 3)),
}
SIZES = ((2, 64, 96), (4, 128, 48))  # of the open axes


@pytest.mark.parametrize("name", IN_A_LAYER)
def test_in_a_layer(name):
    function, shape = IN_A_LAYER[name]
    check(lambda k: in_layer(k, function), shape)


LAYERS = {  # and ops, which real Keras does not follow inside of a layer
    "split": (lambda k: lambda x: k.ops.split(x, 2, axis=1)[0], (None, None, 3)),
    "stft": (lambda k: lambda x: k.ops.stft(x, 64, 40, 64)[0], (None, None)),
    "Cropping1D": (lambda k: k.layers.Cropping1D(20), (None, None, 3)),
    "Cropping2D": (lambda k: k.layers.Cropping2D(20), (None, None, None, 3)),
    "MaxPooling1D same": (lambda k: k.layers.MaxPooling1D(32, padding="same"), (None, None, 3)),
    "AveragePooling1D same": (lambda k: k.layers.AveragePooling1D(40, padding="same"), (None, None, 3)),
    "AveragePooling2D same": (lambda k: k.layers.AveragePooling2D(40, padding="same"), (None, None, None, 3)),
    "Conv1D strides 40": (
        lambda k: k.layers.Conv1D(2, 3, strides=40, padding="same", kernel_initializer="ones"),
        (None, None, 3),
    ),
    "Conv2D valid": (lambda k: k.layers.Conv2D(2, 33, kernel_initializer="ones"), (None, None, None, 1)),
    "Conv2DTranspose": (
        lambda k: k.layers.Conv2DTranspose(2, 3, strides=2, padding="same", kernel_initializer="ones"),
        (None, None, None, 3),
    ),
    "ZeroPadding1D": (lambda k: k.layers.ZeroPadding1D(40), (None, None, 3)),
    "UpSampling2D": (lambda k: k.layers.UpSampling2D(2), (None, None, None, 3)),
    "Flatten": (lambda k: k.layers.Flatten(), (None, None, 3)),
    "Reshape": (lambda k: k.layers.Reshape((-1, 6)), (None, None, 3)),
    "Permute": (lambda k: k.layers.Permute((2, 1)), (None, None, 3)),
    "GlobalAveragePooling2D": (lambda k: k.layers.GlobalAveragePooling2D(), (None, None, None, 3)),
    "LSTM": (lambda k: k.layers.LSTM(2, kernel_initializer="ones", recurrent_initializer="ones"), (None, None, 3)),
    "Resizing": (lambda k: k.layers.Resizing(8, 8), (None, None, None, 3)),
    "EinsumDense": (
        lambda k: k.layers.EinsumDense("btd,de->bte", (None, 2), kernel_initializer="ones"),
        (None, None, 3),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    make, shape = LAYERS[name]
    check(make, shape)


def check(make, shape):
    """The same symbolic shape as real Keras's, and the same numbers at two sizes."""
    models = []
    for library in (oracle, kerasish):
        inputs = library.Input(shape[1:], name="image")
        models.append(library.Model(inputs, make(library)(inputs)))
    assert models[1].output.shape == tuple(models[0].output.shape)
    for sizes in SIZES:
        remaining = iter(sizes)
        data = np.random.default_rng(0).normal(size=[next(remaining) if d is None else d for d in shape])
        expected, found = (on_host(model(data.astype("float32"))) for model in models)
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4)
    return models[1]


def test_cropping_more_than_is_there_is_seen_when_it_runs():
    inputs = kerasish.Input((None, 3))
    outputs = kerasish.layers.Cropping1D(5000)(inputs)
    assert outputs.shape == (None, None, 3)
    model = kerasish.Model(inputs, outputs)
    assert model(np.zeros((1, 10003, 3), "float32")).shape == (1, 3, 3)


def test_dense_on_an_open_axis_is_refused():
    x = kerasish.layers.MaxPooling1D(64, padding="same")(kerasish.Input((None, 3)))
    with pytest.raises(ValueError, match=r"needs to know the size of the last axis; the input shape is \(None, None\)"):
        kerasish.layers.Dense(2)(kerasish.layers.Flatten()(x))


def positions_taken(k, table, x):
    return x + k.ops.take(table, k.ops.arange(k.ops.shape(x)[1]), axis=0)


def positions_cut(k, table, x):
    return x + table[: k.ops.shape(x)[1]]


def positions_window(k, table, x):
    b, n, d = k.ops.shape(x)
    return x + k.ops.broadcast_to(k.ops.slice(table, (0, 0), (n, d)), (b, n, d))


@pytest.mark.parametrize("read", [positions_taken, positions_cut, positions_window])
def test_position_tables_shorter_than_any_guess(read):
    class Positions(kerasish.layers.Layer):
        def build(self, input_shape):
            assert input_shape == (None, None, 3)
            self.table = self.add_weight((4, 3), "ones")

        def call(self, x):
            return read(kerasish, self.table, x)

    inputs = kerasish.Input((None, 3))
    model = kerasish.Model(inputs, Positions()(inputs))
    assert model.output.shape == (None, None, 3)
    np.testing.assert_array_equal(on_host(model(np.ones((2, 3, 3), "float32"))), np.full((2, 3, 3), 2.0, "float32"))


def test_embedding_of_positions():
    class Positions(kerasish.layers.Layer):
        def __init__(self):
            super().__init__()
            self.embedding = kerasish.layers.Embedding(16, 3)

        def call(self, x):
            return x + self.embedding(kerasish.ops.arange(x.shape[1]))

    inputs = kerasish.Input((None, 3))
    layer = Positions()
    assert layer(inputs).shape == (None, None, 3)
    assert layer(np.ones((2, 16, 3), "float32")).shape == (2, 16, 3)


def test_a_layer_may_check_sizes():
    """Where a check raises on the general case of an open size the other case is tried; the run checks again."""

    class Checked(kerasish.layers.Layer):
        def call(self, x):
            if x.shape[1] > 16:
                raise ValueError("too long")
            assert x.shape[1] % 4 == 0
            return kerasish.ops.reshape(x, (-1, x.shape[1] // 4, 12))

    inputs = kerasish.Input((None, 3))
    model = kerasish.Model(inputs, Checked()(inputs))
    assert model.output.shape == (None, None, 12)
    assert model(np.zeros((2, 8, 3), "float32")).shape == (2, 2, 12)
    with pytest.raises(ValueError, match="too long"):
        model(np.zeros((2, 20, 3), "float32"))


@pytest.mark.parametrize("error", [ValueError, KeyError, ZeroDivisionError])
def test_errors_of_a_body_come_through(error):
    class Broken(kerasish.layers.Layer):
        def call(self, x):
            if x.shape[1] > 3:
                pass
            raise error("the mistake")

    with pytest.raises(error, match="the mistake"):
        Broken()(kerasish.Input((None, 3)))


def test_a_loop_over_an_open_axis_says_what_to_write():
    class Loop(kerasish.layers.Layer):
        def call(self, x):
            return sum(x[:, i] for i in range(x.shape[1]))

    with pytest.raises(
        TypeError, match=r"size of axis 1 of input 'words' is not known .*`ops.scan`.*`Input\(shape="
    ) as e:
        Loop()(kerasish.Input((None, 3), name="words"))
    assert "compute_output_shape" in str(e.value)


def test_messages_show_names_of_sizes():
    class Wrong(kerasish.layers.Layer):
        def call(self, x):
            return kerasish.ops.reshape(x, (x.shape[0], x.shape[1], 5))

    with pytest.raises(ValueError, match=r"words.shape\[0\], words.shape\[1\], 3") as e:
        Wrong()(kerasish.Input((None, 3), name="words"))
    assert "29" not in str(e.value) and "31" not in str(e.value)


def test_batches_of_several_inputs_are_one_size():
    class Outer(kerasish.layers.Layer):
        def call(self, a, b):
            product = a[:, :, None] * b[:, None, :]
            return kerasish.ops.reshape(product, (b.shape[0], -1))

    assert Outer()(kerasish.Input((4,)), kerasish.Input((5,))).shape == (None, 20)


def test_batches_may_differ_where_they_must():
    class Pairs(kerasish.layers.Layer):
        def call(self, a, b):
            if a.shape[0] == b.shape[0]:
                raise ValueError("as many rows")
            return kerasish.ops.concatenate([a, b], axis=0)

    assert Pairs()(kerasish.Input((4,)), kerasish.Input((4,))).shape == (None, 4)


# -- a layer's own word on its shapes --------------------------------------------------------------------------------


class Declared(kerasish.layers.Layer):
    """Its call can't be followed with open sizes, and counts its runs."""

    runs = 0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x):
        type(self).runs += 1
        return kerasish.ops.stack([x[:, i] * i for i in range(x.shape[1])], axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape


def test_compute_output_shape_decides():
    Declared.runs = 0
    inputs = kerasish.Input((None, 3))
    model = kerasish.Model(inputs, Declared()(inputs))
    assert model.output.shape == (None, None, 3) and Declared.runs == 0
    assert model(np.ones((2, 5, 3), "float32")).shape == (2, 5, 3)


def test_compute_output_shape_and_masks():
    words = kerasish.Input((None,), dtype="int32")
    outputs = Declared()(kerasish.layers.Embedding(9, 3, mask_zero=True)(words))
    assert outputs._keras_mask.shape == (None, None)


def test_compute_output_shape_by_names_and_structures():
    class Two(kerasish.layers.Layer):
        def call(self, query, value):
            raise AssertionError("not to be traced")

        def compute_output_shape(self, query_shape, value_shape):
            return {"a": query_shape, "b": [value_shape[0], 7]}

    found = Two()(kerasish.Input((3,)), kerasish.Input((4,)))
    assert found["a"].shape == (None, 3) and found["b"].shape == (None, 7)


def test_compute_output_shape_may_ask_its_base_class():
    class Asking(kerasish.layers.Layer):
        def call(self, x):
            return x[:, 1:]

        def compute_output_shape(self, input_shape):
            return super().compute_output_shape(input_shape)

    assert Asking()(kerasish.Input((6,))).shape == (None, 5)


def test_layers_that_only_the_call_builds():
    class Outer(kerasish.layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = kerasish.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

        def compute_output_shape(self, input_shape):
            return (*input_shape[:-1], 2)

    layer = Outer()
    layer(kerasish.Input((None, 3)))
    assert len(layer.trainable_variables) == 2


def test_compute_output_spec_decides():
    class Spec(kerasish.layers.Layer):
        def call(self, x):
            raise AssertionError("not to be traced")

        def compute_output_spec(self, x):
            return kerasish.KerasTensor((x.shape[0], 7), "int32")

    found = Spec()(kerasish.Input((3,)))
    assert found.shape == (None, 7) and found.dtype == "int32"


# -- classic words ---------------------------------------------------------------------------------------------------


def test_the_shape_of_a_placeholder_is_a_tensor():
    K = kerasish.backend
    x = K.placeholder((None, None, 3))
    shape = K.shape(x)
    assert shape.shape == (3,) and shape.dtype == "int32"
    rows = K.reshape(x, (shape[0] * shape[1], 3))
    flat = K.reshape(x, (K.shape(x)[0], -1))
    assert rows.shape == (None, 3) and flat.shape == (None, None)
    found = K.function([x], [shape, rows, flat])([np.ones((2, 4, 3), "float32")])
    assert found[0].tolist() == [2, 4, 3]
    assert [y.shape for y in found[1:]] == [(8, 3), (2, 12)]
    assert K.shape(K.placeholder((2, 3))) == (2, 3)
