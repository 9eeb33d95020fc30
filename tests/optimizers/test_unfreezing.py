"""A variable that was frozen gets its slots when it first trains; the others keep theirs."""

import numpy as np
import pytest

import kerasish
from kerasish import layers, optimizers

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(8, 1)).astype("float32")

OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.1, momentum=0.9),
    "adam": lambda: optimizers.Adam(0.1, amsgrad=True),
    "nadam": lambda: optimizers.Nadam(0.1),
    "adafactor": lambda: optimizers.Adafactor(0.1),
    "ftrl": lambda: optimizers.Ftrl(0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.1, centered=True, momentum=0.5),
    "muon": lambda: optimizers.Muon(0.1),
    "averages": lambda: optimizers.Adam(0.1, use_ema=True, gradient_accumulation_steps=2),
    "scaled": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.1)),
}


def frozen_model(optimizer):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(4, name="body"), layers.Dense(1, name="head")])
    model.layers[0].trainable = False
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    return model


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_slots_are_made_when_a_variable_first_trains(name, tmp_path):
    model = frozen_model(OPTIMIZERS[name]())
    optimizer = model.optimizer
    slots = {v.path: v for v in optimizer.variables}
    values = {path: v.numpy() for path, v in slots.items()}
    body = model.layers[0].get_weights()
    model.layers[0].trainable = True
    model.fit(X[:4], Y[:4], verbose=0)
    after = {v.path: v for v in optimizer.variables}
    assert all(after[path] is variable for path, variable in slots.items()), "what trained before keeps its slots"
    assert not np.array_equal(model.layers[0].get_weights()[0], body[0]) or name == "averages"
    assert any(not np.array_equal(v.numpy(), values[path]) for path, v in slots.items())
    whole = kerasish.optimizers.deserialize(kerasish.optimizers.serialize(optimizer))
    whole.build(model.trainable_variables)
    assert [v.shape for v in whole.variables] == [v.shape for v in optimizer.variables], "the order that files have"
    model.save(tmp_path / "model.keras")
    again = kerasish.models.load_model(tmp_path / "model.keras")
    for a, b in zip(again.optimizer.variables, optimizer.variables):
        assert np.array_equal(a.numpy(), b.numpy())
    losses = [m.fit(X, Y, epochs=3, shuffle=False, verbose=0).history["loss"] for m in (again, model)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_frozen_after_training_and_again_unfrozen():
    model = frozen_model("adam")
    for trainable in (True, False, True):
        model.layers[0].trainable = trainable
        model.compile(model.optimizer, "mse")
        model.fit(X, Y, verbose=0)
    assert len(model.optimizer.variables) == 2 + 2 * 4


def test_another_models_variables_are_refused():
    model = frozen_model("adam")
    with pytest.raises(ValueError, match="Unknown variable .*Make a new optimizer"):
        model.optimizer.apply([np.ones((2,), "float32")], [kerasish.Variable([1.0, 2.0])])
