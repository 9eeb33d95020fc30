"""The hooks that trainings call, in which order and with which logs: a table beside Keras."""

import keras
import numpy as np
import pytest

import kerasish
from kerasish.callbacks.callback import HOOKS

X = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
Y = X[:, :1] - X[:, 1:2]
W = np.linspace(0.5, 1.5, 10).astype("float32")


def batches(count):
    def generate():
        for number in range(count):
            part = slice(5 * (number % 2), 5 * (number % 2) + 5)
            yield X[part], Y[part]

    return generate()


def stop_at(hook, number):
    """A callback that ends the run at the so many-th call of a hook."""

    def make(module):
        class Stop(module.callbacks.Callback):
            calls = 0

        def called(self, *args, **kwargs):
            self.calls += 1
            if self.calls == number:
                self.model.stop_training = self.model.stop_evaluating = self.model.stop_predicting = True

        setattr(Stop, hook, called)
        return [Stop()]

    return make


def none(module):
    return []


def early(module):
    return [module.callbacks.EarlyStopping("val_loss", patience=1, baseline=-1.0, restore_best_weights=True)]


def rates(module):
    halve = module.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    return [halve, module.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10)]


FIT = {"x": X, "y": Y, "batch_size": 4, "epochs": 2, "shuffle": False}
CASES = {
    "fit": ("fit", FIT, {}, none),
    "validation": ("fit", {**FIT, "validation_data": (X, Y)}, {}, none),
    "split": ("fit", {**FIT, "validation_split": 0.3}, {}, none),
    "weights": ("fit", {**FIT, "sample_weight": W, "validation_data": (X, Y, W)}, {}, none),
    "every other epoch": ("fit", {**FIT, "epochs": 4, "validation_data": (X, Y), "validation_freq": 2}, {}, none),
    "some epochs": ("fit", {**FIT, "epochs": 4, "validation_data": (X, Y), "validation_freq": [1, 4]}, {}, none),
    "later epochs": ("fit", {**FIT, "epochs": 5, "initial_epoch": 3}, {}, none),
    "no epoch": ("fit", {**FIT, "initial_epoch": 2}, {}, none),
    "steps": ("fit", {"x": batches(6), "steps_per_epoch": 3, "epochs": 2}, {}, none),
    "a validation of steps": ("fit", {**FIT, "validation_data": (X, Y), "validation_steps": 2}, {}, none),
    # Four batches: of five, Keras on JAX calls the last one number 5, as if there were six.
    "steps together": ("fit", {**FIT, "x": X[:8], "y": Y[:8], "batch_size": 2}, {"steps_per_execution": 2}, none),
    "no metrics": ("fit", FIT, {"metrics": None}, none),
    "weighted metrics": ("fit", {**FIT, "sample_weight": W}, {"weighted_metrics": ["mse"]}, none),
    "eagerly": ("fit", {**FIT, "validation_data": (X, Y)}, {"run_eagerly": True}, none),
    "stopped at a batch": ("fit", {**FIT, "validation_data": (X, Y)}, {}, stop_at("on_train_batch_end", 2)),
    "stopped at an epoch's begin": ("fit", FIT, {}, stop_at("on_epoch_begin", 2)),
    "stopped at an epoch's end": ("fit", FIT, {}, stop_at("on_epoch_end", 1)),
    "stopped in a validation": ("fit", {**FIT, "validation_data": (X, Y)}, {}, stop_at("on_test_batch_end", 2)),
    "early stopping": ("fit", {**FIT, "epochs": 6, "validation_data": (X, Y)}, {}, early),
    "learning rates": ("fit", {**FIT, "epochs": 4}, {}, rates),
    "evaluate": ("evaluate", {"x": X, "y": Y, "batch_size": 4}, {}, none),
    "evaluate steps": ("evaluate", {"x": batches(4), "steps": 3}, {}, none),
    "evaluate, stopped": ("evaluate", {"x": X, "y": Y, "batch_size": 4}, {}, stop_at("on_test_batch_begin", 2)),
    "predict": ("predict", {"x": X, "batch_size": 4}, {}, none),
    "predict, stopped": ("predict", {"x": X, "batch_size": 4}, {}, stop_at("on_predict_batch_end", 2)),
}


def told(module, case):
    """(hook, number, logs) of every call, and what the run returned."""
    method, arguments, compiling, make = CASES[case]
    arguments = dict(arguments)
    for name in ("x", "validation_data"):  # of a generator a fresh one for each library
        if hasattr(arguments.get(name), "send"):
            arguments[name] = batches({"steps": 6, "evaluate steps": 4}.get(case, 9))
    calls = []

    class Told(module.callbacks.Callback):
        pass

    def noting(hook):
        def called(self, *args, logs=None):
            *number, last = args if args and (logs is None) else (*args, logs)
            calls.append((hook, *number, plain(last)))

        return called

    for hook in HOOKS:
        if hook not in ("on_batch_begin", "on_batch_end"):
            setattr(Told, hook, noting(hook))
    inputs = module.Input((3,))
    model = module.Model(inputs, module.layers.Dense(1, kernel_initializer="ones")(inputs))
    model.compile(**{"optimizer": module.optimizers.SGD(0.1), "loss": "mse", "metrics": ["mae"], **compiling})
    returned = getattr(model, method)(**arguments, verbose=0, callbacks=[*make(module), Told()])
    return calls, plain(returned.history if method == "fit" else {"returned": returned})


def plain(logs):
    return {name: np.asarray(value, "float64") for name, value in sorted((logs or {}).items())}


def same(ours, theirs, where):
    assert list(ours) == list(theirs), where
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-6, err_msg=f"{where}: {name}")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore:.*ran out of data", "ignore:.*data ran out", "ignore:.*interrupted")
def test_order_and_logs(case):
    (ours, our_result), (theirs, their_result) = told(kerasish, case), told(keras, case)
    assert [call[:-1] for call in ours] == [call[:-1] for call in theirs]
    for number, (call, expected) in enumerate(zip(ours, theirs)):
        same(call[-1], expected[-1], f"call {number}, {call[:-1]}")
    same(our_result, their_result, "result")
