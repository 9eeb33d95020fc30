"""The state of optimizers as Keras 1 and the Keras 2 before tf.keras listed it."""

import warnings

import numpy as np
import pytest

from kerasish.files import hdf5
from kerasish.files import old_hdf5 as legacy
from tests.files.old_hdf5 import old_files as old
from tests.files.old_hdf5.old_files import keras1, numbers

W, B = numbers(3, 2), numbers(2, seed=1)


def slots(kinds):
    return [
        numbers(*shape, seed=10 * kind + i, low=0.1) for kind in range(kinds) for i, shape in enumerate([(3, 2), (2,)])
    ]


def steps(count):
    return np.array(count, "float32")


CASES = {  # version, class and config, what the file lists, and what the optimizer's slots become: by attribute
    "Adam 1.2": (
        "1.2.2",
        ("Adam", {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}),
        [steps(7), *slots(2)],
        {"_momentums": 0, "_velocities": 1},
        7,
    ),
    "Adam 2.2": (
        "2.2.4",
        ("Adam", {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": 1e-7, "amsgrad": False}),
        [np.array(7, "int64"), *slots(2), np.zeros(1, "f"), np.zeros(1, "f")],
        {"_momentums": 0, "_velocities": 1},
        7,
    ),
    "AMSGrad 2.2": (
        "2.2.4",
        ("Adam", {"lr": 0.01, "amsgrad": True}),
        [np.array(7, "int64"), *slots(3)],
        {"_momentums": 0, "_velocities": 1, "_velocity_hats": 2},
        7,
    ),
    "SGD 1.2": (
        "1.2.2",
        ("SGD", {"lr": 0.01, "momentum": 0.9, "decay": 0.0, "nesterov": True}),
        [steps(7), *slots(1)],
        {"momentums": 0},
        7,
    ),
    "SGD without momentum": (
        "1.2.2",
        ("SGD", {"lr": 0.01, "momentum": 0.0, "decay": 0.0, "nesterov": False}),
        [steps(7), *slots(1)],
        {},
        7,
    ),
    "RMSprop 1.2": ("1.2.2", ("RMSprop", {"lr": 0.01, "rho": 0.9, "epsilon": 1e-8}), slots(1), {"_velocities": 0}, 0),
    "RMSprop 2.3": (
        "2.3.1",
        ("RMSprop", {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-7}),
        [np.array(7, "int64"), *slots(1)],
        {"_velocities": 0},
        7,
    ),
    "Adagrad 2.2": (
        "2.2.4",
        ("Adagrad", {"lr": 0.01, "decay": 0.0, "epsilon": 1e-7}),
        slots(1),
        {"_accumulators": 0},
        0,
    ),
    "Adadelta 2.2": (
        "2.2.4",
        ("Adadelta", {"lr": 1.0, "rho": 0.95, "decay": 0.0, "epsilon": 1e-7}),
        slots(2),
        {"_accumulated_grads": 0, "_accumulated_delta_vars": 1},
        0,
    ),
    "Adamax 2.2": (
        "2.2.4",
        ("Adamax", {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": 1e-7}),
        [np.array(7, "int64"), *slots(2)],
        {"_m": 0, "_u": 1},
        7,
    ),
    "Nadam 2.2": (
        "2.2.4",
        ("Nadam", {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "schedule_decay": 0.004}),
        [np.array(7, "int64"), *slots(2)],
        {"_momentums": 0, "_velocities": 1},
        7,
    ),
    "Nadam 2.3": (
        "2.3.1",
        ("Nadam", {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999}),
        [np.array(7, "int64"), np.array(0.5, "f"), *slots(2)],
        {"_momentums": 0, "_velocities": 1, "_u_product": 0.5},
        7,
    ),
}


def write(path, version, optimizer, arrays):
    config = [
        keras1(
            "Dense",
            "dense_1",
            batch_input_shape=[None, 3],
            output_dim=2,
            init="uniform",
            activation="linear",
            bias=True,
        )
    ]
    if not version.startswith("1."):
        layer = {
            "name": "dense_1",
            "trainable": True,
            "batch_input_shape": [None, 3],
            "units": 2,
            "activation": "linear",
            "use_bias": True,
        }
        config = {"name": "sequential_1", "layers": [{"class_name": "Dense", "config": layer}]}
    named = [(f"training/{optimizer[0]}/Variable{f'_{i}' if i else ''}:0", array) for i, array in enumerate(arrays)]
    layers = [("dense_1", [("dense_1_W:0", W), ("dense_1_b:0", B)])]
    old.write_model(
        path,
        version,
        {"class_name": "Sequential", "config": config},
        layers,
        old.training(optimizer[0], **optimizer[1]),
        named,
    )


@pytest.mark.parametrize("case", CASES)
def test_state(tmp_path, case):
    version, optimizer, arrays, attributes, count = CASES[case]
    write(tmp_path / "m.h5", version, optimizer, arrays)
    with warnings.catch_warnings(), hdf5.opened(tmp_path / "m.h5") as file:
        warnings.simplefilter("error")
        model = legacy.load_model(file)
    assert type(model.optimizer).__name__ == optimizer[0]
    assert int(model.optimizer.iterations) == count
    assert float(model.optimizer.learning_rate) == pytest.approx(optimizer[1].get("lr", 0.01))
    for attribute, kind in attributes.items():
        if attribute == "_u_product":
            assert float(model.optimizer._u_product) == kind
            continue
        for slot, wanted in zip(getattr(model.optimizer, attribute), slots(kind + 1)[2 * kind :]):
            np.testing.assert_array_equal(slot.numpy(), wanted)
    assert np.isfinite(model.train_on_batch(numbers(4, 3), numbers(4, 2)))


def test_product_of_nadam(tmp_path):
    """Where the file lacks it, it follows from the number of steps."""
    version, optimizer, arrays, _, count = CASES["Nadam 2.2"]
    write(tmp_path / "m.h5", version, optimizer, arrays)
    with hdf5.opened(tmp_path / "m.h5") as file:
        model = legacy.load_model(file)
    wanted = np.prod([0.9 * (1 - 0.5 * 0.96**step) for step in range(1, count + 1)])
    assert float(model.optimizer._u_product) == pytest.approx(wanted, rel=1e-5)


def test_slots_go_the_way_of_their_weights(tmp_path):
    """Adam's means of a Keras 1 LSTM are twelve arrays each, too, and those of Theano's kernels are turned round."""
    gates = old.gate_arrays("ifco", 2, 3)
    means, squares = old.gate_arrays("ifco", 2, 3, seed=100), old.gate_arrays("ifco", 2, 3, seed=200)
    layer = keras1(
        "LSTM",
        "lstm_1",
        batch_input_shape=[None, 4, 2],
        output_dim=3,
        inner_init="orthogonal",
        activation="tanh",
        inner_activation="sigmoid",
        consume_less="cpu",
    )
    order = [array for held in (means, squares) for _, array in old.listed("", held, "icfo")]
    named = [(f"Variable_{i}:0", array) for i, array in enumerate([steps(3), *order])]
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        {"class_name": "Sequential", "config": [layer]},
        [("lstm_1", old.listed("lstm_1", gates, "icfo"))],
        old.training("Adam", lr=0.01),
        named,
    )
    with hdf5.opened(tmp_path / "m.h5") as file:
        model = legacy.load_model(file)
    for attribute, held in (("_momentums", means), ("_velocities", squares)):
        for part, slot in enumerate(getattr(model.optimizer, attribute)):
            np.testing.assert_array_equal(slot.numpy(), np.concatenate([held[name][part] for name in "ifco"], -1))


@pytest.mark.parametrize(
    "arrays", [[steps(3), *slots(1)], [steps(3), *slots(2)[::-1]], [steps(3), *slots(2), *slots(1)]]
)
def test_a_state_that_does_not_fit(tmp_path, arrays):
    """The model is loaded all the same; training begins anew, and says so."""
    write(tmp_path / "m.h5", "1.2.2", CASES["Adam 1.2"][1], arrays)
    with hdf5.opened(tmp_path / "m.h5") as file, pytest.warns(UserWarning, match="does not fit.*fresh one"):
        model = legacy.load_model(file)
    assert int(model.optimizer.iterations) == 0
    assert all(np.all(slot.numpy() == 0) for slot in model.optimizer._momentums)
    np.testing.assert_array_equal(model.get_weights()[0], W)


def test_a_rate_that_falls(tmp_path):
    """`decay` divided the rate by 1 + decay * steps."""
    write(
        tmp_path / "m.h5", "1.2.2", ("SGD", {"lr": 0.5, "momentum": 0.0, "decay": 0.1, "nesterov": False}), [steps(5)]
    )
    with hdf5.opened(tmp_path / "m.h5") as file:
        model = legacy.load_model(file)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.5 / (1 + 0.1 * 5))
