"""kerasish: Keras's models on NumPy. `import kerasish as keras`, and a Keras program runs."""

import importlib

__version__ = version = "0.1.0"

_SUBMODULES = frozenset(
    "activations applications backend callbacks config constraints datasets dtype_policies initializers layers losses "
    "metrics mixed_precision models ops "
    "optimizers preprocessing random regularizers saving tree utils".split()
)
_HOMES = {
    "Model": "models",
    "Sequential": "models",
    "Input": "layers",
    "Layer": "layers",
    "InputSpec": "layers",
    "Variable": "backend",
    "KerasTensor": "backend",
    "StatelessScope": "backend",
    "name_scope": "backend",
    "GradientTape": "backend",
    "DTypePolicy": "dtype_policies",
    "FloatDTypePolicy": "dtype_policies",
    "Loss": "losses",
    "Metric": "metrics",
    "Optimizer": "optimizers",
    "Initializer": "initializers",
    "Regularizer": "regularizers",
}


def __getattr__(name):
    """Parts are imported when they are first asked for, so that `import kerasish` costs next to nothing."""
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_HOMES})
