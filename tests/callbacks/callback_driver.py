"""A model that is none, and a training that is none: what the tests of callbacks run."""

import numpy as np


class Optimizer:
    """Holds a learning rate in single precision, as optimizers do."""

    def __init__(self, learning_rate=0.125, name="sgd"):
        self.name = name
        self.learning_rate = learning_rate

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate = float(np.float32(value))


class Metric:
    """A metric that may say which direction is better."""

    def __init__(self, name, direction=None):
        self.name = name
        if direction is not None:
            self._direction = direction


class Model:
    """The public surface of a model that callbacks know. Its only weight is the number of the epoch."""

    def __init__(self, metrics=(), optimizer=None):
        self.metrics = list(metrics)
        self.optimizer = optimizer or Optimizer()
        self.stop_training = False
        self.weights = -1.0
        self.saved = []

    def get_weights(self):
        return [self.weights]

    def set_weights(self, weights):
        self.weights = weights[0]

    def save(self, path, overwrite=True):
        self.saved.append(("model", path, overwrite))

    def save_weights(self, path, overwrite=True):
        self.saved.append(("weights", path, overwrite))


def train(callback_list, epochs, batches=0, batch_logs=None):
    """Drive `callback_list` through the logs of epochs, as `fit` would.

    Args:
        epochs: list of dicts, the logs of each epoch.
        batches: number of batches an epoch. batch_logs: function of (epoch, batch) that gives their logs.
    """
    model = callback_list.model
    model.stop_training = False
    callback_list.on_train_begin()
    for epoch, logs in enumerate(epochs):
        callback_list.on_epoch_begin(epoch)
        for batch in range(batches):
            callback_list.on_train_batch_begin(batch)
            callback_list.on_train_batch_end(batch, batch_logs(epoch, batch) if batch_logs else {"loss": 1.0})
            if model.stop_training:
                break
        model.weights = float(epoch)
        callback_list.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    callback_list.on_train_end(logs)


class LazyLogs(dict):
    """Logs that count how often a value is fetched."""

    fetched = 0

    def __getitem__(self, key):
        value = dict.__getitem__(self, key)
        self.fetched += 1
        return value

    def get(self, key, default=None):
        return self[key] if key in self else default

    def items(self):
        return [(key, self[key]) for key in self]
