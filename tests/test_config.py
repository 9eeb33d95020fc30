"""`keras.config` and `keras.mixed_precision`: settings under real Keras's names."""

import os
import subprocess
import sys

import keras as oracle
import numpy as np
import pytest

import kerasish


def test_mixed_precision_has_the_names_of_keras():
    names = [name for name in dir(oracle.mixed_precision) if not name.startswith("_")]
    assert [name for name in dir(kerasish.mixed_precision) if not name.startswith("_")] == names
    for name in names:
        assert getattr(kerasish.mixed_precision, name).__name__ == getattr(oracle.mixed_precision, name).__name__


@pytest.mark.parametrize(
    "policy", ["mixed_float16", kerasish.mixed_precision.Policy("mixed_float16")], ids=["name", "policy"]
)
def test_a_global_policy_reaches_new_layers(policy):
    kerasish.mixed_precision.set_global_policy(policy)
    try:
        layer = kerasish.layers.Dense(2)
        assert kerasish.mixed_precision.global_policy().name == kerasish.config.dtype_policy().name == "mixed_float16"
        assert layer(np.ones((1, 3), "float32")).dtype == "float16" and layer.kernel.dtype == "float32"
    finally:
        kerasish.mixed_precision.set_global_policy(None)
    assert kerasish.mixed_precision.global_policy().name == "float32"


def test_traceback_filtering_is_a_setting_that_is_kept():
    config = kerasish.config
    assert config.is_traceback_filtering_enabled() is oracle.config.is_traceback_filtering_enabled() is True
    config.disable_traceback_filtering()
    try:
        assert config.is_traceback_filtering_enabled() is False
    finally:
        config.enable_traceback_filtering()
    assert config.is_traceback_filtering_enabled() is True


def test_switches_that_change_nothing_on_a_cpu():
    config = kerasish.config
    assert config.is_nnx_enabled() is oracle.config.is_nnx_enabled() is False
    assert config.is_flash_attention_enabled() is oracle.config.is_flash_attention_enabled() is None
    for module in (config, oracle.config):
        module.disable_flash_attention()
        assert module.is_flash_attention_enabled() is False
        module.enable_flash_attention()
        assert module.is_flash_attention_enabled() is None


@pytest.mark.parametrize("name", ["max_epochs", "max_steps_per_epoch"])
def test_limits_are_numbers(name):
    read, write = getattr(kerasish.config, name), getattr(kerasish.config, f"set_{name}")
    try:
        write(np.int64(3))
        assert read() == 3
        write(0)
        assert read() is None
        for bad in (-1, 2.5, "3", True):
            with pytest.raises(ValueError, match=f"`{name}` must be an int from 0"):
                write(bad)
        assert read() is None
    finally:
        write(None)


def test_limits_come_from_the_environment():
    program = "from kerasish import config; print(config.max_epochs(), config.max_steps_per_epoch())"
    environment = {**os.environ, "KERAS_MAX_EPOCHS": "2", "KERAS_MAX_STEPS_PER_EPOCH": "7"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert run.stdout.split() == ["2", "7"]
    environment["KERAS_MAX_EPOCHS"] = "two"
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert "ValueError: KERAS_MAX_EPOCHS must be an int from 0, or None for no limit, got 'two'" in run.stderr


class Batches:
    """Batches of 4 samples, and how many were read."""

    def __init__(self, count, known):
        self.count, self.read = count, 0
        if known:
            self.__class__ = type("Known", (Batches,), {"__len__": lambda self: self.count})

    def __iter__(self):
        for _ in range(self.count):
            self.read += 1
            yield np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


def limited_run(keras, most_epochs, most_steps, **arguments):
    """What a fit of ten batches an epoch, 7 epochs, does under the limits."""
    keras.config.set_max_epochs(most_epochs)
    keras.config.set_max_steps_per_epoch(most_steps)
    try:
        x, y = np.arange(120, dtype="float32").reshape(40, 3) / 100, np.ones((40, 1), "float32")
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones")])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        arguments = {"epochs": 7, "batch_size": 4, "verbose": 0, "shuffle": False, **arguments}
        history = model.fit(x, y, validation_data=(x, y), **arguments)
        return (
            history.epoch, history.params["epochs"], history.params["steps"],
            [round(float(loss), 4) for loss in history.history.get("val_loss", [])],
            round(float(model.evaluate(x, y, batch_size=4, verbose=0)), 4),
            model.predict(x, batch_size=4, verbose=0).shape, int(model.optimizer.iterations),
        )  # fmt: skip
    finally:
        keras.config.set_max_epochs(None)
        keras.config.set_max_steps_per_epoch(None)


@pytest.mark.filterwarnings("ignore:.*imit")
@pytest.mark.parametrize(
    "epochs, steps, arguments",
    [
        (2, 2, {}), (2, None, {}), (None, 3, {"epochs": 3}), (None, None, {"epochs": 3, "validation_steps": 2}),
        (20, 20, {}), (2, 2, {"initial_epoch": 5}),
        (3, 4, {"steps_per_epoch": 2, "validation_steps": 1}), (3, 2, {"steps_per_epoch": 5}), (0, 0, {"epochs": 2}),
    ],
)  # fmt: skip
def test_limits_bound_the_loops_as_in_keras(epochs, steps, arguments):
    ours, theirs = (limited_run(keras, epochs, steps, **arguments) for keras in (kerasish, oracle))
    if steps == 20:  # Keras shows 20 steps for data of ten batches, and warns that they ran out
        theirs = (*theirs[:2], 10, *theirs[3:])
    assert ours == theirs


@pytest.mark.parametrize("known", [True, False])
def test_no_batch_is_read_that_the_limit_leaves_out(known, recwarn):
    kerasish.config.set_max_steps_per_epoch(3)
    try:
        model = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.Dense(1)])
        model.compile("sgd", "mse")
        data = Batches(10, known)
        model.fit(data, epochs=2, verbose=0)
        assert int(model.optimizer.iterations) == data.read == 6
        short = Batches(2, known)
        recwarn.clear()
        model.fit(short, epochs=3, verbose=0)
        assert short.read == 6 and int(model.optimizer.iterations) == 12
        assert len(recwarn) == (0 if known else 1)  # that the limit may cut the data short; not that they ran out
    finally:
        kerasish.config.set_max_steps_per_epoch(None)


def test_a_limited_fit_says_so():
    kerasish.config.set_max_epochs(1)
    kerasish.config.set_max_steps_per_epoch(1)
    try:
        model = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.Dense(1)])
        model.compile("sgd", "mse")
        with pytest.warns(UserWarning, match="`epochs` is limited to 1") as caught:
            model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=4, epochs=2, verbose=0)
        assert any("An epoch is limited to 1 batches" in str(warning.message) for warning in caught)
    finally:
        kerasish.config.set_max_epochs(None)
        kerasish.config.set_max_steps_per_epoch(None)
