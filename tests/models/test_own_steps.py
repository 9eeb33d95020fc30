"""Models that bring a `train_step` of their own: several updates in one step, gradients of gradients, no `call`."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.backend import GradientTape

X = np.linspace(0, 1, 24).reshape(8, 3).astype("float32")


def net(inputs, outputs, built=True):
    start = keras.initializers.Constant(0.3)
    stack = [layers.Dense(4, "tanh", kernel_initializer=start), layers.Dense(outputs, kernel_initializer=start)]
    return keras.Sequential([layers.Input((inputs,)), *stack] if built else stack)


class GAN(keras.Model):
    """A generator and a critic, each with its optimizer; there is no `call`."""

    def __init__(self, built=True):
        super().__init__()
        self.generator, self.critic = net(2, 3, built), net(3, 1, built)
        self.d_loss, self.g_loss = keras.metrics.Mean(name="d_loss"), keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        return [self.d_loss, self.g_loss]

    def compile(self, **arguments):
        super().compile(**arguments)
        self.d_optimizer, self.g_optimizer = keras.optimizers.Adam(0.1), keras.optimizers.Adam(0.1)
        self.loss_of = keras.losses.BinaryCrossentropy(from_logits=True)

    def update(self, optimizer, network, tape, loss):
        weights = network.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    def train_step(self, data):
        (x,) = data
        count = ops.shape(x)[0]
        noise = ops.ones((count, 2))
        both = ops.concatenate([self.generator(noise), x], axis=0)
        labels = ops.concatenate([ops.ones((count, 1)), ops.zeros((count, 1))], axis=0)
        with GradientTape() as tape:
            d_loss = self.loss_of(labels, self.critic(both))
        self.update(self.d_optimizer, self.critic, tape, d_loss)
        with GradientTape() as tape:
            g_loss = self.loss_of(ops.zeros((count, 1)), self.critic(self.generator(noise)))
        self.update(self.g_optimizer, self.generator, tape, g_loss)
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result()}


class PenalizedGAN(GAN):
    """The critic makes three steps before each of the generator's, and its gradient is held near 1.

    Gulrajani et al. 2017.
    """

    def train_step(self, data):
        (x,) = data
        noise = ops.ones((ops.shape(x)[0], 2))
        for _ in range(3):
            fake = self.generator(noise)
            with GradientTape() as tape:
                with GradientTape() as inner:
                    middle = inner.watch(ops.multiply(ops.add(fake, x), 0.5))
                    score = self.critic(middle)
                slope = inner.gradient(score, middle)
                penalty = ops.mean((ops.sqrt(ops.sum(ops.square(slope), axis=1)) - 1.0) ** 2)
                d_loss = ops.mean(self.critic(fake)) - ops.mean(self.critic(x)) + 10.0 * penalty
            self.update(self.d_optimizer, self.critic, tape, d_loss)
        with GradientTape() as tape:
            g_loss = -ops.mean(self.critic(self.generator(noise)))
        self.update(self.g_optimizer, self.generator, tape, g_loss)
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result()}


def trained(kind, run_eagerly=False, **arguments):
    model = kind(**arguments)
    model.compile(run_eagerly=run_eagerly)
    return model, model.fit(X, epochs=3, batch_size=4, shuffle=False, verbose=0).history


@pytest.mark.parametrize("built", [True, False], ids=["built", "built by the step"])
@pytest.mark.parametrize("run_eagerly", [False, True], ids=["compiled", "eager"])
def test_two_networks_are_trained_as_by_keras_on_tensorflow(run_eagerly, built):
    _, history = trained(GAN, run_eagerly, built=built)
    np.testing.assert_allclose(
        history["d_loss"], [0.80898, 0.89011, 0.74226], atol=2e-5
    )  # what Keras 3.15 on TensorFlow gives
    np.testing.assert_allclose(history["g_loss"], [0.90038, 0.48530, 0.57240], atol=2e-5)


def test_several_steps_and_second_order_gradients_in_one_compiled_step():
    (compiled, ours), (eager, theirs) = trained(PenalizedGAN), trained(PenalizedGAN, run_eagerly=True)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4)
    for mine, other in zip(
        compiled.generator.weights + compiled.critic.weights, eager.generator.weights + eager.critic.weights
    ):
        np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-3, atol=1e-5)


def test_what_needs_a_call_says_that_there_is_none():
    model, _ = trained(GAN)
    with pytest.raises(NotImplementedError, match="'GAN' does not define `call`"):
        model.predict(X, verbose=0)
    plain = type("Plain", (keras.Model,), {})()
    plain.compile("sgd", "mse")
    with pytest.raises(NotImplementedError, match="'Plain' does not define `call`"):
        plain.fit(X, X, verbose=0)
