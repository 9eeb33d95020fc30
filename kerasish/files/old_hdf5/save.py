"""Writing the weights of a model in the form of Keras 2, which Keras 3 and tf_keras read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasish import backend
from kerasish.files import low_bits
from kerasish.files.formats import KERAS_VERSION
from kerasish.files.old_hdf5.attributes import write_names
from kerasish.files.old_hdf5.weights_group import TOP

if TYPE_CHECKING:
    import h5py

    from kerasish.models.model import Model


def save_weights(model: Model, file: h5py.File) -> None:
    """Write the weights of a built model into an open, empty `h5py.File` (or a group of one), by layer.

    Raises:
        ValueError: for a model that is not built, for two layers of one name, and for names that HDF5 can't hold.
            Nothing is written then.
    """
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} isn't built, so it has no weights to save. Call it on data or `build` it first."
        )
    layers, own = list(model.layers), model._own_variables
    names = [layer.name for layer in layers]
    for name in names:
        if names.count(name) > 1 or name == TOP or not name.strip("/."):
            raise ValueError(
                f"The layer name {name!r} can't be kept in an HDF5 file: it is used twice or reserved. Give the layer "
                "another `name`, or save as '.keras'."
            )
    write_names(file, "layer_names", names)
    file.attrs["backend"] = backend.backend().encode("utf-8")
    file.attrs["keras_version"] = KERAS_VERSION.encode("utf-8")
    for layer in sorted(layers, key=lambda layer: layer.name):
        write_variables(file.require_group(layer.name), layer.trainable_weights + layer.non_trainable_weights)
    write_variables(file.create_group(TOP), own)


def write_variables(group: h5py.Group, variables: Sequence[Any]) -> None:
    """A dataset for each variable, under its path, and their list as `weight_names`."""
    names = unique_names([variable.path for variable in variables])
    write_names(group, "weight_names", names)
    for name, variable in zip(names, variables):
        group.create_dataset(name, data=low_bits.plain(variable.numpy()))


def unique_names(paths: Any) -> Any:
    """Names under which datasets can lie in one group: none twice, and none inside another."""
    found, folders = [], {path[:end] for path in paths for end, letter in enumerate(path) if letter == "/"}
    taken = set()
    for path in paths:
        name, number = path, 0
        while name in taken or name in folders:
            number += 1
            name = f"{path}_{number}"
        taken.add(name)
        found.append(name)
    return found
