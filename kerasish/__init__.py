"""kerasish: Keras's models on NumPy. `import kerasish as keras`, and a Keras program runs."""

from kerasish.lazy import lazy

__version__ = version = "0.1.0"

TYPE_CHECKING = bool()  # type checkers know the name; importing `typing` would double what importing this costs
if TYPE_CHECKING:
    from kerasish import (
        activations,
        applications,
        backend,
        callbacks,
        config,
        constraints,
        datasets,
        dtype_policies,
        initializers,
        layers,
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
        tree,
        utils,
    )
    from kerasish.backend import GradientTape, KerasTensor, StatelessScope, Variable, name_scope
    from kerasish.dtype_policies import DTypePolicy, FloatDTypePolicy
    from kerasish.initializers import Initializer
    from kerasish.layers import Input, InputSpec, Layer
    from kerasish.losses import Loss
    from kerasish.metrics import Metric
    from kerasish.models import Model, Sequential
    from kerasish.optimizers import Optimizer
    from kerasish.regularizers import Regularizer
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish": (
                "activations applications backend callbacks config constraints datasets dtype_policies initializers "
                "layers losses metrics mixed_precision models ops optimizers preprocessing random regularizers saving "
                "tree utils"
            ),
            "kerasish.models": "Model Sequential",
            "kerasish.layers": "Input InputSpec Layer",
            "kerasish.backend": "GradientTape KerasTensor StatelessScope Variable name_scope",
            "kerasish.dtype_policies": "DTypePolicy FloatDTypePolicy",
            "kerasish.losses": "Loss",
            "kerasish.metrics": "Metric",
            "kerasish.optimizers": "Optimizer",
            "kerasish.initializers": "Initializer",
            "kerasish.regularizers": "Regularizer",
        },
    )

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "GradientTape",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "StatelessScope",
    "Variable",
    "activations",
    "applications",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "dtype_policies",
    "initializers",
    "layers",
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
    "saving",
    "tree",
    "utils",
    "version",
]
