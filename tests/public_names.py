"""The public namespaces, as a reader of the reference sees them."""

import importlib
import types


def namespaces(root="kerasish"):
    """The dotted names of `root` and of the packages among its public names, and of those in them."""
    found, waiting = [], [root]
    while waiting:
        space = waiting.pop(0)
        found.append(space)
        module = importlib.import_module(space)
        inner = [name for name in module.__all__ if isinstance(getattr(module, name), types.ModuleType)]
        waiting += [f"{space}.{name}" for name in inner if getattr(getattr(module, name), "__all__", None)]
    return sorted(found)


NAMESPACES = namespaces()


def public(namespace):
    """The (name, object) pairs of a namespace, in order of `__all__`."""
    module = importlib.import_module(namespace)
    return [(name, getattr(module, name)) for name in module.__all__]
