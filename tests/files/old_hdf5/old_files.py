"""HDF5 files as Keras releases wrote them that can't be installed today, and what their layers computed, in NumPy.

The layouts were learned from the sources of those releases:
    0.3    keras/models.py: Sequential.save_weights (nb_layers, layer_0, nb_params, param_0); layers/core.py,
    convolutional.py, normalization.py, recurrent.py 1.2    keras/models.py: save_model; engine/topology.py:
    save_weights_to_hdf5_group; the layers' `build` for the shapes and order of the arrays 2.2.4
    keras/engine/saving.py: _serialize_model; layers/cudnn_recurrent.py for CuDNNLSTM and CuDNNGRU, optimizers.py for
    `weights` 2.3    the same file; optimizers.py, which keeps `iterations` first everywhere
"""

import json

import h5py
import numpy as np


def numbers(*shape, seed=0, low=-0.7, high=0.7):
    return np.random.RandomState(seed).uniform(low, high, shape).astype("float32")


# -- files ----------------------------------------------------------------------------------------------------------


def write_arrays(group, named):
    group.attrs["weight_names"] = [name.encode() for name, _ in named]
    for name, array in named:
        group.create_dataset(name, data=array)


def write_weights(group, layers, version=None, backend=None):
    """`layers`: list of (layer name, [(weight name, array)])."""
    group.attrs["layer_names"] = [name.encode() for name, _ in layers]
    if version is not None:
        group.attrs["keras_version"] = version.encode()
        group.attrs["backend"] = backend.encode()
    for name, named in layers:
        write_arrays(group.create_group(name), named)


def write_model(path, version, config, layers, training=None, optimizer=None, backend="tensorflow"):
    """A whole model. Keras 1 wrote its version at the root alone, Keras 2 beside the weights as well.

    `optimizer`: list of (name, array).
    """
    new = not version.startswith("1.")
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        if new:
            file.attrs["backend"] = backend.encode()
        file.attrs["model_config"] = json.dumps(config).encode()
        write_weights(file.create_group("model_weights"), layers, version if new else None, backend)
        if training is not None:
            file.attrs["training_config"] = json.dumps(training).encode()
        if optimizer:
            write_arrays(file.create_group("optimizer_weights"), optimizer)


def write_numbered(path, layers):
    """The weights file of Keras 0.3; `layers`: list of lists of arrays."""
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = len(layers)
        for index, arrays in enumerate(layers):
            group = file.create_group(f"layer_{index}")
            group.attrs["nb_params"] = len(arrays)
            for number, array in enumerate(arrays):
                group.create_dataset(f"param_{number}", data=array)


def keras1(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def training(optimizer, **config):
    return {
        "optimizer_config": {"class_name": optimizer, "config": config},
        "loss": "mse",
        "metrics": [],
        "sample_weight_mode": None,
        "loss_weights": None,
    }


# -- what the layers computed ---------------------------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(x):
    """As it was before Keras 3."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def correlate(x, kernel, flip=False):
    """`x` (samples, rows, columns, channels) with `kernel` (rows, columns, channels, filters), no padding.

    `flip`: true convolution, as Theano's.
    """
    kernel = kernel[::-1, ::-1] if flip else kernel
    rows, columns = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(x, (rows, columns), axis=(1, 2))
    return np.einsum("nijcrs,rscf->nijf", windows, kernel)


def spread(x, kernel):
    """A transposed convolution with stride 1.

    Each input adds its kernel (rows, columns, filters, channels) to the outputs.
    """
    rows, columns, filters, _ = kernel.shape
    out = np.zeros((x.shape[0], x.shape[1] + rows - 1, x.shape[2] + columns - 1, filters))
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            out[:, i : i + rows, j : j + columns] += np.einsum("nc,rsfc->nrsf", x[:, i, j], kernel)
    return out


def lstm(x, gates, inner=hard_sigmoid, sequences=False):
    """`gates`: dict from i, f, c, o to (W, U, b)."""
    h = c = np.zeros((x.shape[0], gates["i"][1].shape[0]))
    found = []
    for step in range(x.shape[1]):
        z = {name: x[:, step] @ W + h @ U + b for name, (W, U, b) in gates.items()}
        c = inner(z["f"]) * c + inner(z["i"]) * np.tanh(z["c"])
        h = inner(z["o"]) * np.tanh(c)
        found.append(h)
    return np.stack(found, 1) if sequences else h


def gru(x, gates, inner=hard_sigmoid):
    """The GRU of Keras 1: the reset gate before the product. `gates`: dict from z, r, h to (W, U, b)."""
    (Wz, Uz, bz), (Wr, Ur, br), (Wh, Uh, bh) = (gates[name] for name in "zrh")
    h = np.zeros((x.shape[0], Uz.shape[0]))
    for step in range(x.shape[1]):
        now = x[:, step]
        z, r = inner(now @ Wz + h @ Uz + bz), inner(now @ Wr + h @ Ur + br)
        h = z * h + (1 - z) * np.tanh(now @ Wh + (r * h) @ Uh + bh)
    return h


def gate_arrays(names, inputs, units, seed=0):
    """{gate: (W, U, b)} with numbers of their own."""
    return {
        name: (
            numbers(inputs, units, seed=seed + 3 * i),
            numbers(units, units, seed=seed + 3 * i + 1),
            numbers(units, seed=seed + 3 * i + 2),
        )
        for i, name in enumerate(names)
    }


def listed(prefix, gates, order, ending=":0"):
    """[(name, array)] gate by gate, as Keras 1 lists them."""
    return [(f"{prefix}_{letter}_{gate}{ending}", array) for gate in order for letter, array in zip("WUb", gates[gate])]
