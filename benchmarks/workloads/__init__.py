"""One workload a file, written once against the Keras API and run by kerasish and by every peer.

A workload's module has `build(keras)`, which returns a compiled model made with whatever library is handed in;
`data(rng, samples)`, which returns `(x, y)` drawn from a `numpy.random.Generator`; and the numbers `BATCH` (samples a
step) and `STEPS` (steps a timed call). `MEASURES` names what is timed (default: `fit` and `predict`). The first line of
its docstring is its title in the tables.
"""

import importlib

NAMES = (
    "mlp_tiny",
    "mlp",
    "convnet",
    "lstm",
    "gru",
    "transformer",
    "autoencoder",
    "recommender",
    "unet",
    "inception_v3",
    "resnet50",
    "mobilenet_v2",
    "convnet_latency",
    "resnet50_latency",
    "resnet50_bfloat16",
    "transformer_bfloat16",
    "conv_lstm",
    "augmentation",
    "text_vectorization",
    "string_lookup",
)


def load(name):
    """The module of the workload `name`. Raises ValueError for a name that is none."""
    if name not in NAMES:
        raise ValueError(f"no workload is called {name!r}; there are {', '.join(NAMES)}")
    return importlib.import_module(f"{__name__}.{name}")


def title(module):
    """The name of a workload in the tables."""
    return module.__doc__.strip().splitlines()[0].rstrip(".")


def measures(module):
    """What is timed of a workload."""
    return getattr(module, "MEASURES", ("fit", "predict"))
