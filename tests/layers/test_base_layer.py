"""The base layer: weights and who may change them, calls and what they pass on, configs. Real Keras says how."""

import warnings

import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops

X = np.ones((2, 4), "float32")


def nested(k):
    class Inner(k.layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

        def call(self, x):
            return x * self.scale

    class Outer(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.blocks = [k.layers.Dense(3, name="a"), k.layers.Dense(4, name="b")]
            self.named = {"inner": Inner(name="inner")}
            self.free = self.add_weight(shape=(4,), initializer="zeros", name="free")

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return self.named["inner"](x) + self.free

    return Outer(name="outer")


def test_order_names_and_trainability_of_nested_weights_equal_keras():
    ours, theirs = nested(keras), nested(oracle)
    ours(X), theirs(X)
    for kind in ("weights", "trainable_weights", "non_trainable_weights", "trainable_variables", "non_trainable_variables"):
        assert [(v.name, tuple(v.shape)) for v in getattr(ours, kind)] == [(v.name, tuple(v.shape)) for v in getattr(theirs, kind)], kind
    assert [v.path for v in ours.weights] == [v.path for v in theirs.weights]
    ours.set_weights([np.full(w.shape, i, "float32") for i, w in enumerate(ours.get_weights())])
    assert [float(w.reshape(-1)[0]) for w in ours.get_weights()] == [0, 1, 2, 3, 4, 5, 6][: len(ours.get_weights())]
    assert ours.count_params() == theirs.count_params()


@pytest.mark.parametrize("freeze", [lambda l: setattr(l, "trainable", False), lambda l: setattr(l.blocks[0], "trainable", False), lambda l: setattr(l.free, "trainable", False)])
def test_trainable_switches_at_every_level(freeze):
    ours, theirs = nested(keras), nested(oracle)
    for layer in (ours, theirs):
        layer(X)
        freeze(layer)
    assert [v.name for v in ours.trainable_weights] == [v.name for v in theirs.trainable_weights]
    assert [v.name for v in ours.non_trainable_weights] == [v.name for v in theirs.non_trainable_weights]
    for layer in (ours, theirs):
        layer.trainable = True
    assert [v.name for v in ours.trainable_weights] == [v.name for v in theirs.trainable_weights]


def test_losses_of_weights_activities_and_calls():
    class Adding(keras.layers.Layer):
        def call(self, x):
            self.add_loss(ops.sum(x))
            return x

    layer = keras.Sequential([keras.Input((4,)), Adding(), keras.layers.Dense(2, kernel_regularizer=keras.regularizers.L2(1.0), kernel_initializer="ones", activity_regularizer="l1")])
    layer(X)
    layer(X)
    assert sorted(float(loss) for loss in layer.losses) == pytest.approx([0.08, 8.0, 8.0], rel=1e-5)  # an activity counts per sample


def test_stateless_call_leaves_the_layer_alone():
    layer = keras.layers.BatchNormalization()
    layer(X)
    before = layer.get_weights()
    outputs, state = layer.stateless_call([ops.ones((4,)) * 2.0, ops.zeros((4,))], [ops.zeros((4,)), ops.ones((4,))], X, training=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights()))
    assert np.allclose(ops.convert_to_numpy(state[0]), 0.01, atol=1e-6)
    with pytest.raises(ValueError, match="must hold 2 values"):
        layer.stateless_call([], [], X)


def test_training_and_masks_are_passed_on_from_the_call_around():
    seen = []

    class Looking(keras.layers.Layer):
        def call(self, x, training=None, mask=None):
            seen.append((training, mask is not None))
            return x

    class Around(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Looking()
            self.inner.supports_masking = True

        def call(self, x, training=None):
            return self.inner(x)

    Around()(X, training=True)
    Around()(X)
    masked = keras.layers.Masking()(np.zeros((2, 3, 1), "float32"))
    Looking()(masked, training=False)
    assert seen == [(True, False), (None, False), (False, True)]
    with pytest.warns(UserWarning, match="does not support masking"):
        keras.layers.Flatten()(keras.layers.Masking()(np.zeros((2, 3, 1), "float32")))


def test_a_custom_layer_without_get_config_records_its_arguments():
    @keras.saving.register_keras_serializable("test_base")
    class Scaled(keras.layers.Layer):
        def __init__(self, factor, offset=0.0, **kwargs):
            super().__init__(**kwargs)
            self.factor, self.offset = factor, offset

        def call(self, x):
            return x * self.factor + self.offset

    layer = Scaled(3.0, offset=1.0, name="scaled")
    config = layer.get_config()
    assert config["factor"] == 3.0 and config["offset"] == 1.0 and config["name"] == "scaled"
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert np.allclose(ops.convert_to_numpy(again(X)), 4.0)


def test_computed_shapes_where_a_body_computes_with_sizes():
    class Doubling(keras.layers.Layer):
        def call(self, x):
            return ops.reshape(x, (x.shape[0] * 2, x.shape[1] // 2))

    assert Doubling().compute_output_shape((None, 4)) == (None, 2)
    assert Doubling()(keras.Input((4,))).shape == (None, 2)


def test_dtype_policies():
    layer = keras.layers.Dense(2, dtype="mixed_float16")
    assert layer.compute_dtype == "float16" and layer.variable_dtype == "float32"
    out = layer(X)
    assert backend.standardize_dtype(out.dtype) == "float16" and layer.kernel.dtype == "float32"
    double = keras.layers.Dense(2, dtype="float64")
    assert backend.standardize_dtype(double(X).dtype) == "float64"
    with pytest.raises(ValueError, match="dtype policy"):
        keras.layers.Dense(2, dtype="float31")


def test_what_is_refused():
    class Forgetful(keras.layers.Layer):
        def __init__(self):
            self.w = 1

        def call(self, x):
            return x

    layer = keras.layers.Dense(2)
    cases = [
        (lambda: Forgetful()(X), RuntimeError, "super"),
        (lambda: keras.layers.Dense(0), ValueError, "units"),
        (lambda: keras.layers.Dense(2, nonsense=1), TypeError, "nonsense"),
        (lambda: keras.layers.Dense(2, name=3), ValueError, "name"),
        (lambda: keras.layers.Dense(2, kernel_initializer="glorot_unifrom"), ValueError, "Did you mean.*glorot_uniform"),
        (lambda: layer.count_params(), ValueError, "isn't built"),
        (lambda: layer(np.ones(3, "float32")), ValueError, "min_ndim=2"),
        (lambda: keras.layers.Conv2D(2, 3)(X), ValueError, "expected ndim=4, found ndim=2"),
        (lambda: keras.layers.Conv2D(3, 2, groups=2), ValueError, "multiple of `groups`"),
        (lambda: keras.layers.Conv2D(2, 3, padding="sam"), ValueError, "Did you mean 'same'"),
        (lambda: keras.layers.Conv2D(2, 3, strides=2, dilation_rate=2), ValueError, "can't be combined"),
        (lambda: keras.layers.MaxPooling2D(0), ValueError, "pool_size"),
        (lambda: keras.layers.Dropout(1.5), ValueError, "rate"),
        (lambda: keras.layers.Add()([X, np.ones((2, 3), "float32")]), ValueError, "broadcast"),
        (lambda: keras.layers.Concatenate()([X, np.ones((3, 4), "float32")]), ValueError, "batch sizes|matching shapes"),
        (lambda: keras.layers.Reshape((3,))(X), ValueError, "reshape"),
        (lambda: keras.layers.Permute((1, 3)), ValueError, "permutation"),
        (lambda: keras.layers.BatchNormalization(axis=5)(X), ValueError, "out of range"),
        (lambda: keras.layers.Embedding(0, 3), ValueError, "input_dim"),
        (lambda: keras.Input((3,), batch_shape=(None, 3)), ValueError, "either `shape` or `batch_shape`"),
        (lambda: keras.Input((-3,)), ValueError, "ints >= 0"),
        (lambda: keras.layers.TimeDistributed("dense"), (TypeError, ValueError), "layer"),
    ]
    for call, kind, message in cases:
        with pytest.raises(kind, match=message):
            call()
    built = keras.layers.Dense(2)
    built(X)
    before = built.get_weights()
    for weights, message in (([before[0]], "2 weights"), ([before[0].T, before[1]], r"shape \(4, 2\), got \(2, 4\)")):
        with pytest.raises(ValueError, match=message):
            built.set_weights(weights)
    assert all(np.array_equal(a, b) for a, b in zip(before, built.get_weights()))


def test_old_constructor_arguments():
    from kerasish.backend import legacy

    legacy.reset_warnings()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = keras.layers.Dense(output_dim=3, init="zeros", W_regularizer="l2", input_dim=4)
        keras.layers.Dropout(p=0.5)
    assert layer.units == 3 and layer.kernel_regularizer is not None
    told = " ".join(str(w.message) for w in caught if issubclass(w.category, DeprecationWarning))
    for spelling in ("output_dim", "init", "W_regularizer", "input_dim", "`p` of `Dropout`"):
        assert spelling in told
