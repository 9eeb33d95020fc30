"""Losses and metrics that a model is given as tensors of its graph, and those that layers add in `call`."""

import copy
import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend as K
from kerasish import layers, ops

X = np.array([[1.0, 2.0, 3.0]], "float32")


def linear(sequential):
    dense = layers.Dense(1, use_bias=False, kernel_initializer="ones")
    if sequential:
        return keras.Sequential([keras.Input((3,)), dense])
    inputs = keras.Input((3,))
    return keras.Model(inputs, dense(inputs))


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("sequential", [False, True])
def test_a_loss_by_a_tensor_enters_and_its_gradient_flows(sequential, run_eagerly):
    model = linear(sequential)
    model.add_loss(K.sum(K.square(model.output)) * 0.5)
    model.add_metric(K.sum(model.output), name="total", aggregation="mean")
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=run_eagerly)
    logs = model.train_on_batch(X, return_dict=True)
    assert logs == {"loss": pytest.approx(18.0), "total": pytest.approx(6.0)}
    np.testing.assert_allclose(model.get_weights()[0][:, 0], 1 - 0.1 * 6 * X[0], rtol=1e-5)


def test_it_joins_the_compiled_loss_and_the_means_are_over_batches():
    model = linear(False)
    model.add_loss(K.mean(model.output))
    model.add_metric(model.inputs[0], name="mean_of_x")
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x = np.arange(12.0).reshape(4, 3)
    logs = model.fit(x, np.zeros((4, 1)), batch_size=2, epochs=2, shuffle=False, verbose=0).history
    total = x.sum(1)
    assert logs["loss"][1] == pytest.approx((total**2).mean() + total.mean(), rel=1e-5)
    assert logs["mean_of_x"] == [pytest.approx(x.mean())] * 2


def variational_autoencoder():
    inputs = keras.Input((4,))
    hidden = layers.Dense(8, activation="tanh")(inputs)
    mean, log_variance = layers.Dense(2)(hidden), layers.Dense(2)(hidden)

    def sampling(arguments):
        mean, log_variance = arguments
        return mean + K.exp(0.5 * log_variance) * K.random_normal(shape=(K.shape(mean)[0], K.int_shape(mean)[1]))

    outputs = layers.Dense(4)(layers.Lambda(sampling, output_shape=(2,))([mean, log_variance]))
    model = keras.Model(inputs, outputs)
    reconstruction = keras.losses.mse(inputs, outputs) * 4
    divergence = -0.5 * K.sum(1 + log_variance - K.square(mean) - K.exp(log_variance), axis=-1)
    model.add_loss(K.mean(reconstruction + divergence))
    model.add_metric(K.mean(divergence), name="divergence", aggregation="mean")
    return model


def test_the_variational_autoencoder_of_keras_2():
    keras.utils.set_random_seed(0)
    model = variational_autoencoder()
    model.compile(optimizer="rmsprop")
    data = np.random.RandomState(0).rand(64, 4)
    history = model.fit(data, epochs=30, batch_size=16, validation_data=(data, None), verbose=0).history
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    assert set(history) == {"loss", "divergence", "val_loss", "val_divergence"}
    assert all(value > 0 for value in history["divergence"])


def test_layers_that_only_a_loss_needs_are_trained():
    inputs = keras.Input((3,))
    outputs, aside = layers.Dense(1)(inputs), layers.Dense(1, name="aside")(inputs)
    model = keras.Model(inputs, outputs)
    model.add_loss(K.mean(K.square(aside - 1.0)))
    model.compile("sgd")
    assert len(model.trainable_weights) == 4
    losses = model.fit(np.ones((8, 3)), epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]


def test_copies_have_the_losses_and_a_config_says_that_it_has_not():
    model = linear(False)
    model.add_loss(K.sum(model.output))
    model.compile("sgd")
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.evaluate(X, verbose=0) == pytest.approx(6.0)
    with pytest.warns(UserWarning, match="add_loss"):
        model.get_config()


def test_losses_by_functions_are_asked_at_each_step():
    inputs = keras.Input((3,))
    dense = layers.Dense(1, kernel_initializer="ones")
    model = keras.Model(inputs, dense(inputs))
    dense.add_loss(lambda: ops.sum(dense.kernel**2))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.train_on_batch(X, np.full((1, 1), 6.0))
    np.testing.assert_allclose(model.get_weights()[0][:, 0], 1 - 0.1 * 2, rtol=1e-5)


def test_what_is_refused():
    model, other = linear(False), keras.Input((3,), name="elsewhere")
    with pytest.raises(ValueError, match="elsewhere"):
        model.add_loss(K.mean(other))
    with pytest.raises(ValueError, match="needs a `name`"):
        model.add_metric(model.output)
    dense = layers.Dense(1)
    with pytest.raises(ValueError, match=r"model\.add_loss"):
        dense.add_loss(K.mean(dense(other)))
    with pytest.raises(ValueError, match=r"model\.add_metric"):
        dense.add_metric(dense.output, name="a")


class Endpoint(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.accuracy = keras.metrics.BinaryAccuracy()
        self.loss = keras.losses.BinaryCrossentropy(from_logits=True)

    def call(self, targets, logits, sample_weight=None):
        self.add_loss(self.loss(targets, logits, sample_weight))
        self.add_metric(self.accuracy(targets, logits, sample_weight), name="accuracy")
        return ops.sigmoid(logits)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_an_endpoint_layer_reports_its_metric_object_as_keras_2_does(run_eagerly):
    """Not the mean of what the metric said after each batch, which is 0.58 here."""
    inputs, targets = keras.Input((4,)), keras.Input((1,))
    logits = layers.Dense(1, kernel_initializer="ones")(inputs)
    model = keras.Model([inputs, targets], Endpoint()(targets, logits))
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=run_eagerly)
    x = np.array([[1.0] * 4, [-1.0] * 4, [1.0] * 4])
    logs = model.fit([x, np.ones((3, 1))], batch_size=2, shuffle=False, verbose=0).history
    assert logs["binary_accuracy"] == [pytest.approx(2 / 3)] and "accuracy" not in logs


def test_reset_states():
    inner = layers.Bidirectional(layers.LSTM(2, stateful=True))
    model = keras.Sequential([keras.Input(batch_shape=(1, 3, 2)), layers.GRU(2, stateful=True, return_sequences=True)])
    model.add(inner)
    first = model.predict(np.ones((1, 3, 2)), verbose=0)
    assert not np.allclose(model.predict(np.ones((1, 3, 2)), verbose=0), first)
    with pytest.warns(DeprecationWarning, match="reset_states"):
        model.reset_states()
    np.testing.assert_allclose(model.predict(np.ones((1, 3, 2)), verbose=0), first, rtol=1e-6)
