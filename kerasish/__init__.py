"""kerasish: Keras's models on NumPy. `import kerasish as keras`, and a Keras program runs."""

import sys

from kerasish.lazy import lazy

__version__ = "0.1.0"


def version() -> str:
    """The version of kerasish, a string, as `keras.version()` gives it.

    Returns:
        String.

    Example:
        >>> import kerasish as keras
        >>> keras.version() == keras.__version__
        True
    """
    return __version__


class _EarlierPaths:
    """Answers for module paths of Keras 1 and 2 (`kerasish.layers.recurrent`), when no file does."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        """The spec of such a module, or None."""
        if not fullname.startswith("kerasish."):
            return None
        from kerasish.compat.door import earlier_module  # start-up time: asked for when no file answers

        return earlier_module(fullname)


sys.meta_path.append(_EarlierPaths)


def load_ipython_extension(ipython: object) -> None:
    """`%load_ext kerasish` in a notebook: from there on `import keras` gives kerasish."""
    from kerasish.compat import open_door  # start-up time: few open it

    open_door()


TYPE_CHECKING = bool()  # type checkers know the name; importing `typing` would double what importing this costs
if TYPE_CHECKING:
    from kerasish import (
        activations,
        applications,
        backend,
        callbacks,
        config,
        constraints,
        data,
        datasets,
        distillation,
        distribution,
        dtype_policies,
        estimator,
        export,
        feature_column,
        initializers,
        layers,
        legacy,
        losses,
        metrics,
        mixed_precision,
        models,
        ops,
        optimizers,
        preprocessing,
        random,
        regularizers,
        saving,
        summary,
        tree,
        tuning,
        utils,
        visualization,
        wrappers,
    )
    from kerasish.backend import GradientTape, KerasTensor, StatelessScope, Variable, name_scope
    from kerasish.backend.placement import device
    from kerasish.backend.remat import RematScope, remat
    from kerasish.backend.symbolic_scope import SymbolicScope
    from kerasish.dtype_policies import DTypePolicy, FloatDTypePolicy
    from kerasish.initializers import Initializer
    from kerasish.layers import Input, InputSpec, Layer
    from kerasish.losses import Loss
    from kerasish.metrics import Metric
    from kerasish.models import Model, Sequential
    from kerasish.models.function import Function
    from kerasish.ops.user_operation import Operation
    from kerasish.optimizers import Optimizer
    from kerasish.regularizers import Regularizer
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish": (
                "activations applications backend callbacks config constraints data datasets distillation "
                "distribution dtype_policies estimator export feature_column initializers layers legacy losses metrics "
                "mixed_precision models ops optimizers preprocessing random regularizers saving summary tree tuning "
                "utils visualization wrappers"
            ),
            "kerasish.models": "Model Sequential",
            "kerasish.models.function": "Function",
            "kerasish.layers": "Input InputSpec Layer",
            "kerasish.backend": "GradientTape KerasTensor StatelessScope Variable name_scope",
            "kerasish.backend.placement": "device",
            "kerasish.backend.remat": "RematScope remat",
            "kerasish.backend.symbolic_scope": "SymbolicScope",
            "kerasish.dtype_policies": "DTypePolicy FloatDTypePolicy",
            "kerasish.losses": "Loss",
            "kerasish.metrics": "Metric",
            "kerasish.ops.user_operation": "Operation",
            "kerasish.optimizers": "Optimizer",
            "kerasish.initializers": "Initializer",
            "kerasish.regularizers": "Regularizer",
        },
    )

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "Function",
    "GradientTape",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Operation",
    "Optimizer",
    "Regularizer",
    "RematScope",
    "Sequential",
    "StatelessScope",
    "SymbolicScope",
    "Variable",
    "activations",
    "applications",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "device",
    "distillation",
    "distribution",
    "dtype_policies",
    "estimator",
    "export",
    "feature_column",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "name_scope",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "remat",
    "saving",
    "summary",
    "tree",
    "tuning",
    "utils",
    "version",
    "visualization",
    "wrappers",
]
