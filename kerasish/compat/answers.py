"""Where in kerasish a module path of Keras's finds its names: of Keras 3, of its private parts, of Keras 1 and 2."""

from __future__ import annotations

import importlib
import importlib.machinery
import types
from functools import lru_cache
from typing import Any

from kerasish.backend import deprecation
from kerasish.compat.private_names import PRIVATE
from kerasish.later import comes_later
from kerasish.suggestions import did_you_mean

# Names under which programs import Keras, the longest first. Below each stand the same modules.
ROOTS = (
    "keras._tf_keras.keras",
    "keras.api._v2.keras",
    "keras.api",
    "keras.src",
    "keras",
    "tensorflow.python.keras.api._v2.keras",
    "tensorflow.python.keras",
    "tensorflow.keras",
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tf_keras",
)
_TENSORFLOW = ("tensorflow", "tensorflow.python", "tensorflow.compat", "tensorflow.compat.v1", "tensorflow.compat.v2")

# Module paths of Keras 1 and 2 -> the packages that have their names today, in the order in which they are looked into.
EARLIER = {
    "engine": "layers models backend saving utils",
    "legacy": "layers utils",
    "objectives": "losses",
    "initializations": "initializers",
    "layers.advanced_activations": "layers",
    "layers.recurrent": "layers",
    "layers.recurrent_v2": "layers",
    "layers.convolutional_recurrent": "layers",
    "layers.cudnn_recurrent": "layers",
    "layers.merge": "layers",
    "layers.noise": "layers",
    "layers.embeddings": "layers",
    "layers.local": "layers",
    "layers.wrappers": "layers",
    "layers.normalization_v2": "layers",
    "layers.dense_attention": "layers",
    "layers.einsum_dense": "layers",
    "layers.kernelized": "layers",
    "layers.experimental": "layers",
    "layers.convolutional": "layers",
    "layers.core": "layers backend",
    "layers.pooling": "layers",
    "layers.normalization": "layers",
    "optimizers.legacy": "optimizers",
    "optimizers.optimizer_v2": "optimizers",
    "optimizers.optimizer_experimental": "optimizers",
    "optimizers.experimental": "optimizers",
    "optimizer_v1": "optimizers",
    "optimizer_v2": "optimizers",
    "utils.np_utils": "utils",
    "utils.data_utils": "utils",
    "utils.generic_utils": "utils saving",
    "utils.vis_utils": "utils",
    "utils.visualize_util": "utils",
    "utils.layer_utils": "utils",
    "utils.io_utils": "utils",
    "utils.conv_utils": "utils",
    "utils.tf_utils": "utils",
    "utils.losses_utils": "losses utils",
    "utils.training_utils": "utils models",
    "utils.legacy": "saving utils",
    "preprocessing": "preprocessing utils",
    "wrappers": "wrappers",
    "mixed_precision.experimental": "mixed_precision",
    "premade": "models",
    "premade_models": "models",
    "experimental": "layers optimizers models",
    "backend_config": "backend",
    "backend.tensorflow_backend": "backend",
    "backend.common": "backend",
    "callbacks.callbacks": "callbacks",
    "saving.legacy": "saving models",
    "saving.hdf5_format": "saving models",
    "saving.save": "saving models",
    "saving.saving_utils": "saving",
}
_OF_EARLIER_KERAS = frozenset(
    path
    for path in EARLIER
    if path not in ("legacy", "preprocessing", "wrappers", "layers.convolutional", "layers.core")
    and path not in ("layers.pooling", "layers.normalization", "backend.common", "utils.legacy")
)


def split(fullname: str) -> tuple[str, str] | None:
    """(the name under which Keras is meant, the path below it) of a module's full name; None for another package's."""
    for root in ROOTS:
        if root.startswith("tensorflow.python") and is_installed("tensorflow"):
            continue  # TensorFlow's own, which it needs itself
        if fullname == root or fullname.startswith(root + "."):
            return root, fullname[len(root) + 1 :]
    return ("tensorflow", "") if fullname in _TENSORFLOW else None


def below(path: str) -> str:
    """`path` without Keras's names for itself (`src`, ...) in front."""
    return split(f"keras.{path}")[1] if path else path


@lru_cache(maxsize=None)
def is_installed(package: str) -> bool:
    """Whether a package is there to be imported; it is not imported."""
    return importlib.machinery.PathFinder.find_spec(package) is not None


def is_keras(fullname: str) -> bool:
    """Whether a module of that name is Keras's."""
    found = split(fullname)
    return found is not None and found[0] != "tensorflow"


@lru_cache(maxsize=None)
def _homes(path):
    """The modules of kerasish in which the names of module `path` are looked for, in order."""
    names = [path] if path else []
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        earlier = EARLIER.get(".".join(parts[:count]))
        if earlier is not None:
            names += earlier.split()
            break
    names += [".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    found = [f"kerasish.{name}" for name in dict.fromkeys(names) if _exists(f"kerasish.{name}")]
    return tuple([*found, "kerasish"] if len(parts) > 1 or not path or not found else found)


def _exists(module):
    """Whether kerasish has a file for a module, which is not imported; paths of earlier versions have none."""
    package, _, below = module.partition(".")
    if below.partition(".")[0] == "applications":  # in a checkout they stand beside the package
        package, below = f"{package}.applications", below.partition(".")[2]
    folders = importlib.import_module(package).__path__
    for name in filter(None, below.split(".")):
        spec = folders and importlib.machinery.PathFinder.find_spec(f"{package}.{name}", folders)
        if not spec or spec.loader is None:
            return False
        folders = spec.submodule_search_locations
    return True


_INNER_ROOTS = {"src": "", "api": "", "_tf_keras": "", "_tf_keras.keras": ""}  # Keras's names for itself, inside


@lru_cache(maxsize=None)
def is_package(path: str) -> bool:
    """Whether Keras has, or had, a module `path` for which something of kerasish answers."""
    if not path or path in _INNER_ROOTS or path in EARLIER or path in PRIVATE or _exists(f"kerasish.{path}"):
        return True
    if any(known.startswith(path + ".") for known in (*EARLIER, *PRIVATE)):
        return True
    parent, _, leaf = path.rpartition(".")
    if not (parent in EARLIER or "." in parent) or not is_package(parent) or not leaf.islower():
        return False
    return not _holds(parent, leaf)  # a file of Keras's that had one thing, whose name is looked up around it


def _holds(path, name):
    """Whether something that is no module has that name in what answers for module `path`."""
    try:
        return not isinstance(find(path, name), types.ModuleType)
    except AttributeError:
        return False


def find(path: str, name: str) -> Any:
    """The thing called `name` in module `path` of Keras.

    Raises:
        AttributeError: kerasish has none; the message says where one of that name would stand, or what is near.
    """
    private = PRIVATE.get(path, {})
    if name in private:
        home, _, attribute = private[name].partition(":")
        return getattr(importlib.import_module(f"kerasish.{home}"), attribute or name)
    for home in _homes(path):
        found = getattr(importlib.import_module(home), name, None)
        if found is not None:
            return found
    if comes_later(name):
        raise AttributeError(comes_later(name))
    raise AttributeError(f"kerasish has no `{name}` there yet.{did_you_mean(name, public_names(path))}")


def warn_of_earlier(path: str) -> None:
    """Say once that a module path of Keras 1 or 2 is used, and where its names stand today."""
    if path in _OF_EARLIER_KERAS or any(path.startswith(known + ".") for known in _OF_EARLIER_KERAS):
        deprecation.warn_renamed("keras", path, _homes(path)[0].replace("kerasish", "keras"))


def public_names(path: str) -> list[str]:
    """The names that `from module import *` gives."""
    names = dict.fromkeys(PRIVATE.get(path, {}))
    home = importlib.import_module(_homes(path)[0])
    listed = getattr(home, "__all__", None)
    return [*names, *(listed if listed is not None else [name for name in dir(home) if not name.startswith("_")])]
