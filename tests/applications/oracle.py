"""Real Keras makes models with random weights and says what they predict.

It writes them as its official files are written.

    python -m tests.applications.oracle FOLDER NAME:SIDE ...

runs in a process of its own, on TensorFlow, since that starts at once (JAX compiles each of a model's convolutions
first), and in float64, so that only the rounding of the other side is measured: a net of random weights makes hundreds
of times as much of it by its last layer. For each name FOLDER gets: `served/...`, the file without the classifier at
the place that Keras's URL says; `NAME.h5`, a whole model of ten classes; `NAME.npz`, what both give for three
photographs; `NAME.json`, the name, URL and hash that Keras asks for.
"""

import importlib
import json
import pathlib
import sys
import urllib.parse

import numpy as np

CLASSES = 10


class Asked(Exception):
    """Carries what `get_file` was asked for."""


def module_of(name):
    """The module of real Keras in which an application, and the `file_utils` that it uses, live."""
    import keras

    module = importlib.import_module(getattr(keras.applications, name).__module__)
    return importlib.import_module("keras.src.applications.resnet") if name.startswith("ResNet") else module


def as_imagenet(name, **arguments):
    """The structure that real Keras makes for weights="imagenet", without the weights.

    And (file name, URL, hash) of the file it would load.
    """
    import keras

    asked = []
    files = module_of(name).file_utils
    get_file, load_weights = files.get_file, keras.Model.load_weights
    files.get_file = lambda fname, origin, file_hash=None, **_rest: (
        asked.append((fname, origin, file_hash)) or "weights.h5"
    )
    keras.Model.load_weights = lambda self, path, **_rest: None
    try:
        return untouched(lambda: getattr(keras.applications, name)(weights="imagenet", **arguments)), asked[0]
    finally:
        files.get_file, keras.Model.load_weights = get_file, load_weights


def untouched(make):
    """What `make` builds, its variables without values: quick, and no memory."""
    import keras

    keras.utils.clear_session()
    with keras.StatelessScope(initialize_variables=False):
        return make()


def fill(model, rng, known, spread):
    """Values for the variables of an untouched model.

    Those of `known` (by path), else random ones such that activations keep their size.

    `spread` is the standard deviation of the pixels, which the first convolution (from three channels) brings to 1.
    """
    for variable in model.variables:
        value = known.get(variable.path)
        if value is None or value.shape != variable.shape:
            value = value_of(variable, rng)
            value = (
                (value / spread).astype("float32")
                if variable.path.endswith("kernel") and variable.shape[2:3] == (3,)
                else value
            )
        variable._initialize(value)
        variable._initializer = None
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # Normalization computes with copies of its weights
            layer.finalize_state()


def value_of(variable, rng):
    """Random numbers of the kind that stands in such a variable after training."""
    shape, kind = variable.shape, variable.path.rsplit("/", 1)[-1]
    if "int" in variable.dtype:
        return np.ones(shape, variable.dtype)
    if "kernel" in kind:
        inputs = np.prod(
            shape[:-2] if "depthwise" in kind or "depthwise" in variable.path and shape[-1] == 1 else shape[:-1]
        )
        return (rng.standard_normal(shape, dtype="float32") * np.sqrt(2 / inputs)).astype("float32")
    if kind in ("gamma", "variance", "moving_variance"):
        return rng.uniform(0.8, 1.2, shape).astype("float32")
    return (0.1 * rng.standard_normal(shape)).astype("float32")


def settle(model, pixels):
    """One call in training mode that leaves the statistics of the batch in the moving averages.

    It does so whatever the momentum; nothing is dropped.
    """
    for layer in model.layers:
        if hasattr(layer, "momentum"):
            layer.momentum = 0.0
        if hasattr(layer, "rate"):
            layer.rate = 0.0
    model(pixels, training=True)


def photographs(side):
    """Three photographs as pixels from 0 to 255: float32 of shape (3, side, side, 3)."""
    from skimage import data, transform

    pictures = (
        transform.resize(getattr(data, name)(), (side, side), anti_aliasing=True)
        for name in ("astronaut", "chelsea", "coffee")
    )
    return np.stack([picture * 255.0 for picture in pictures]).astype("float32")


def inputs_of(keras, module, side):
    """The photographs after the application's own `preprocess_input`."""
    return np.asarray(getattr(keras.applications, module).preprocess_input(photographs(side)))


def official_path(folder, origin):
    """Where the file of a URL lies in the folder that the tests' server serves."""
    return pathlib.Path(folder, "served", urllib.parse.urlsplit(origin).path.lstrip("/"))


def write(model, path):
    """The weights in the layout of the official files, in float32."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    path.parent.mkdir(parents=True, exist_ok=True)
    backend = legacy_h5_format.backend
    exact = backend.convert_to_numpy
    backend.convert_to_numpy = lambda value: exact(value).astype("float32")
    try:
        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, model)
    finally:
        backend.convert_to_numpy = exact


def record(folder, name, side):
    """Make, run and write both models of an application."""
    import keras

    from tests.applications.cases import BY_NAME

    keras.config.set_floatx("float64")
    pixels = inputs_of(keras, BY_NAME[name].module, side)
    rng = np.random.default_rng(len(name))
    shape = (side, side, 3)
    base, official = as_imagenet(name, include_top=False, pooling="avg", input_shape=shape)
    fill(base, rng, {}, pixels.std())
    settle(base, pixels)
    whole = untouched(lambda: getattr(keras.applications, name)(weights=None, input_shape=shape, classes=CLASSES))
    fill(whole, rng, {variable.path: np.asarray(variable.value) for variable in base.variables}, pixels.std())
    given = {
        "features": np.asarray(base(pixels, training=False)),
        "predictions": np.asarray(whole(pixels, training=False)),
    }
    write(base, official_path(folder, official[1]))
    write(whole, pathlib.Path(folder, f"{name}.h5"))
    np.savez(pathlib.Path(folder, f"{name}.npz"), **given)
    pathlib.Path(folder, f"{name}.json").write_text(json.dumps(official))


if __name__ == "__main__":
    for request in sys.argv[2:]:
        wanted, _, pixels_a_side = request.partition(":")
        record(sys.argv[1], wanted, int(pixels_a_side))
