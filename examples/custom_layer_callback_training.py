"""Writing your own layer, loss, callback and training step.

python examples/custom_layer_callback_training.py
"""

import numpy as np

import kerasish as keras
from kerasish import backend, layers, ops
from kerasish.datasets import digits


@keras.saving.register_keras_serializable("examples")
class Maxout(keras.layers.Layer):
    """The largest of several linear maps (Goodfellow et al., 2013)."""

    def __init__(self, units, pieces=2, **kwargs):
        super().__init__(**kwargs)
        self.units, self.pieces = units, pieces

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units * self.pieces), "glorot_uniform", name="kernel")
        self.bias = self.add_weight((self.units * self.pieces,), "zeros", name="bias")

    def call(self, inputs):
        maps = ops.matmul(inputs, self.kernel) + self.bias
        return ops.max(ops.reshape(maps, (-1, self.units, self.pieces)), axis=-1)

    def get_config(self):
        return {**super().get_config(), "units": self.units, "pieces": self.pieces}


class WarmUp(keras.callbacks.Callback):
    """Raises the learning rate linearly over the first steps."""

    def __init__(self, steps, rate):
        super().__init__()
        self.steps, self.rate, self.done = steps, rate, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.done += 1
        if self.done <= self.steps:
            self.model.optimizer.learning_rate = self.rate * self.done / self.steps


class Noisy(keras.Model):
    """Trains on inputs with noise, and asks that the noise changes the outputs little: a step of our own."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden, self.outputs_layer = Maxout(32, pieces=3), layers.Dense(10)
        self.seeds = keras.random.SeedGenerator(5)

    def call(self, inputs):
        return self.outputs_layer(self.hidden(inputs))

    def train_step(self, data):
        x, y = data
        with backend.GradientTape() as tape:
            clean = self(x, training=True)
            noisy = self(x + keras.random.normal(ops.shape(x), stddev=0.1, seed=self.seeds), training=True)
            loss = self.compute_loss(x, y, noisy) + 0.1 * ops.mean(ops.square(clean - noisy))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"total": loss, **self.compute_metrics(x, y, clean)}


def smooth_crossentropy(y_true, y_pred):
    """Crossentropy with a tenth of the probability spread over all classes."""
    return keras.losses.categorical_crossentropy(ops.one_hot(y_true, 10), y_pred, from_logits=True, label_smoothing=0.1)


def main(epochs=12):
    """Train the model and return the accuracy on the held-out digits."""
    keras.utils.set_random_seed(11)
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    x_train, x_test = (x.reshape(len(x), 64).astype("float32") / 16.0 for x in (x_train, x_test))
    model = Noisy()
    model.compile(
        optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
        loss=smooth_crossentropy,
        metrics=["sparse_categorical_accuracy"],
    )
    model.fit(x_train, y_train, epochs=epochs, batch_size=64, verbose=2, callbacks=[WarmUp(40, 0.1)])
    accuracy = float(np.mean(model.predict(x_test, verbose=0).argmax(-1) == y_test))
    print(f"held-out accuracy: {accuracy:.1%}")
    return accuracy


if __name__ == "__main__":
    main()
