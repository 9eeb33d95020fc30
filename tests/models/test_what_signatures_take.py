"""A user's functions are handed what their signatures take, as in Keras and where Keras gives up."""

import functools

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.signatures import call_with_accepted, takes, with_arguments

X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")
SEEN = []


def trained(methods=None, **compiled):
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

    for name, method in (methods or {}).items():
        setattr(Model, name, method)
    model = Model()
    model.compile("sgd", **{"loss": "mse", **compiled})
    return model


HOOKS = {
    "epoch alone": ("on_epoch_end", lambda self, epoch: SEEN.append(epoch)),
    "nothing": ("on_epoch_end", lambda self: SEEN.append(0)),
    "other names": ("on_epoch_end", lambda self, e, what: SEEN.append(e)),
    "everything": ("on_epoch_end", lambda self, *args: SEEN.append(args[0])),
    "all by name": ("on_epoch_end", lambda self, **kwargs: SEEN.append(kwargs["epoch"])),
    "logs by name": ("on_train_batch_end", lambda self, batch, *, logs=None: SEEN.append(batch)),
    "other name at a batch": ("on_train_batch_end", lambda self, b, l: SEEN.append(b)),  # noqa: E741
    "batch alone": ("on_batch_end", lambda self, batch: SEEN.append(batch)),
    "an argument more": ("on_epoch_begin", lambda self, epoch, logs=None, more=3: SEEN.append(epoch)),
    "train begin": ("on_train_begin", lambda self: SEEN.append(0)),
}


@pytest.mark.parametrize("name, hook", HOOKS.values(), ids=HOOKS)
def test_hooks(name, hook):
    SEEN.clear()
    callback = type("Own", (keras.callbacks.Callback,), {name: hook})()
    trained().fit(X, Y, verbose=0, callbacks=[callback])
    assert SEEN == [0]
    SEEN.clear()
    given = keras.callbacks.LambdaCallback(**{name: functools.partial(hook, None)})
    trained().fit(X, Y, verbose=0, callbacks=[given])
    assert SEEN == [0]


def square(a, b):
    return ops.mean(ops.square(a - b), axis=-1)


STEPS = {
    "loss, three": {"compute_loss": lambda self, x, y, y_pred: square(y, y_pred)},
    "loss, weights": {"compute_loss": lambda self, x, y, y_pred, sample_weight: square(y, y_pred) * sample_weight},
    "loss, other names": {"compute_loss": lambda self, a, b, c, d, training=True: square(b, c) * d},
    "loss, a number of its own": {"compute_loss": lambda self, x, y, y_pred, power=2: (y - y_pred) ** power},
    "loss, by name": {"compute_loss": lambda self, **given: square(given["y"], given["y_pred"])},
    "metrics, three": {"compute_metrics": lambda self, x, y, y_pred: {"a": ops.mean(y_pred)}},
    "metrics, other names": {"compute_metrics": lambda self, a, b, c, d=None: {"a": ops.mean(c * d)}},
    "call, training": {"call": lambda self, x, training: self.dense(x)},
    "call, mask": {"call": lambda self, x, mask: self.dense(x)},
    "call, both": {"call": lambda self, x, mask=None, *, training: self.dense(x)},
}


@pytest.mark.parametrize("methods", STEPS.values(), ids=STEPS)
def test_steps(methods):
    model = trained(methods)
    if "compute_loss" in methods:
        methods["compute_loss"], whole = methods["compute_loss"], methods["compute_loss"]
        model.compute_loss = lambda *args, **kwargs: ops.mean(call_with_accepted(whole, model, *args, **kwargs))
    model.fit(X, Y, sample_weight=np.ones(4, "float32"), verbose=0)
    assert np.asarray(model.predict(X, verbose=0)).shape == (4, 1)


class NoWeights(keras.metrics.Metric):
    def __init__(self):
        super().__init__(name="own")
        self.total = self.add_weight(shape=(), initializer="zeros", name="total")

    def update_state(self, y_true, y_pred):
        self.total.assign_add(ops.mean(y_pred))

    def result(self):
        return self.total


class OtherName(NoWeights):
    def update_state(self, a, b, w=None):
        self.total.assign_add(ops.sum(w) if w is not None else 0.0)


def test_metrics():
    for kind in (NoWeights, OtherName):
        trained(metrics=[kind()]).fit(X, Y, sample_weight=np.ones(4), verbose=0)
    weighted = trained(weighted_metrics=[OtherName()])
    assert weighted.fit(X, Y, sample_weight=np.ones(4), verbose=0).history["own"] == [4.0]
    with pytest.raises(TypeError, match="'own' is among `weighted_metrics`, but its `update_state` takes no"):
        trained(weighted_metrics=[NoWeights()]).fit(X, Y, sample_weight=np.ones(4), verbose=0)


LOSSES = {
    "two": lambda a, b: square(a, b),
    "other order of names": lambda y_pred, y_true: square(y_pred, y_true),
    "weights that nobody gives": lambda a, b, sample_weight=None: square(a, b),
    "by keyword alone": lambda a, b, *, power=2: square(a, b),
    "anything": lambda *args, **kwargs: square(*args),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_losses_and_metrics_as_functions(loss):
    trained(loss=loss, metrics=[loss], weighted_metrics=[loss]).fit(X, Y, sample_weight=np.ones(4), verbose=0)


BUILDS = {
    "none": (1, lambda self: None),
    "another name": (1, lambda self, shape: None),
    "one more": (1, lambda self, input_shape, units=3: None),
    "any": (1, lambda self, *args, **kwargs: None),
    "by name": (2, lambda self, a_shape, b_shape: None),
    "the second": (2, lambda self, b_shape: None),
    "one of two": (2, lambda self, input_shape: None),
}


@pytest.mark.parametrize("count, build", BUILDS.values(), ids=BUILDS)
def test_builds(count, build):
    call = (lambda self, a: a) if count == 1 else (lambda self, a, b: a + b)
    layer = type("Own", (layers.Layer,), {"build": build, "call": call})()
    assert layer(*[X] * count).shape == (4, 3)


def test_a_build_of_other_names_is_told_which():
    build = {"build": lambda self, x_shape, y_shape: None, "call": lambda self, a, b: a + b}
    with pytest.raises(ValueError, match="Let `build` take one shape, or a_shape, b_shape"):
        type("Own", (layers.Layer,), build)()(X, X)


def test_the_mask_of_a_layer_that_asks_for_inputs_alone():
    methods = {"call": lambda self, x: x, "compute_mask": lambda self, inputs: None}
    assert type("Own", (layers.Layer,), methods)()(X).shape == (4, 3)


def test_the_helpers_themselves():
    assert takes(lambda a, b, c=None: a, "w", place=2) and not takes(lambda a, b: a, "w", place=2)
    assert with_arguments(print, "a", "b") is print
    assert call_with_accepted(lambda a, /, b=5: (a, b), a=1, b=2) == (1, 2)
    assert call_with_accepted(lambda x, scale=3: (x, scale), x=1, y=2) == (1, 3)
