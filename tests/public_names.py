"""The public namespaces, as a reader of the reference sees them."""

import importlib

NAMESPACES = [
    "kerasish",
    "kerasish.activations",
    "kerasish.applications",
    "kerasish.backend",
    "kerasish.callbacks",
    "kerasish.config",
    "kerasish.constraints",
    "kerasish.datasets",
    "kerasish.datasets.boston_housing",
    "kerasish.datasets.california_housing",
    "kerasish.datasets.cifar10",
    "kerasish.datasets.cifar100",
    "kerasish.datasets.digits",
    "kerasish.datasets.fashion_mnist",
    "kerasish.datasets.imdb",
    "kerasish.datasets.mnist",
    "kerasish.datasets.reuters",
    "kerasish.dtype_policies",
    "kerasish.initializers",
    "kerasish.layers",
    "kerasish.legacy",
    "kerasish.legacy.layers",
    "kerasish.legacy.saving",
    "kerasish.losses",
    "kerasish.metrics",
    "kerasish.mixed_precision",
    "kerasish.models",
    "kerasish.ops",
    "kerasish.ops.image",
    "kerasish.ops.linalg",
    "kerasish.ops.nn",
    "kerasish.ops.numpy",
    "kerasish.optimizers",
    "kerasish.optimizers.schedules",
    "kerasish.preprocessing",
    "kerasish.preprocessing.image",
    "kerasish.preprocessing.sequence",
    "kerasish.preprocessing.text",
    "kerasish.random",
    "kerasish.regularizers",
    "kerasish.saving",
    "kerasish.serving",
    "kerasish.summary",
    "kerasish.tree",
    "kerasish.utils",
    "kerasish.visualization",
    "kerasish.wrappers",
]


def public(namespace):
    """The (name, object) pairs of a namespace, in order of `__all__`."""
    module = importlib.import_module(namespace)
    return [(name, getattr(module, name)) for name in module.__all__]
