"""What a weights group of each era holds, as one structure: arrays by layer, and who wrote them.

Layouts (learned from `save_weights` and `load_weights` of the Keras releases 0.3, 1.2, 2.0-2.4, tf_keras 2.15 and Keras
    3): before Keras 1   attribute nb_layers; groups layer_0, layer_1, ... with nb_params and datasets param_0, param_1,
    ... Keras 1          attribute layer_names; a group a layer with weight_names and the datasets. No keras_version
    beside it since Keras 2    the same, and the attributes keras_version and backend since tf.keras 2.6   and a group
    top_level_model_weights with the model's own
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasish.files.old_hdf5.attributes import has_names, read_names, text
from kerasish.files.old_hdf5.stored import Stored

if TYPE_CHECKING:
    import h5py

TOP = "top_level_model_weights"


def is_model(file: h5py.File) -> bool:
    """Whether an open file holds a whole model."""
    return "model_config" in file.attrs


def is_weights(file: h5py.File) -> bool:
    """Whether an open file holds weights by layer names (or numbers).

    The form of Keras 1 and 2, alone or within a model.
    """
    return _weights_group(file) is not None


def _weights_group(file):
    for group in (file, file.get("model_weights")):
        if (
            group is not None
            and hasattr(group, "attrs")
            and (has_names(group, "layer_names") or "nb_layers" in group.attrs)
        ):
            return group
    return None


class WeightsGroup:
    """The arrays of a file.

    Attributes:
        era: 0 (before Keras 1), 1, or 2 (everything since).
        flipped: whether convolution kernels are stored for true convolution, as Theano computes it, and not for
            correlation as everybody else.
        layers: dict from a layer's name to its list of Stored, in the file's order; layers without weights too.
        top: list of the model's own Stored, or None where the file does not speak of them.
    """

    def __init__(self, era: Any, flipped: Any, layers: Sequence[Any], top: int | None = None) -> None:
        self.era: Any = era
        self.flipped: Any = flipped
        self.layers: Sequence[Any] = layers
        self.top: int | None = top
        for order, stored in enumerate(stored for arrays in (*layers.values(), top or ()) for stored in arrays):
            stored.order = order


def read_weights_group(file: h5py.File) -> Any:
    """The WeightsGroup of an open file.

    Raises: ValueError for a file of another kind, or one that lacks what it lists.
    """
    group = _weights_group(file)
    if group is None:
        raise ValueError(
            f"{file.filename!r} holds no weights by layer: it has neither the attribute 'layer_names' nor 'nb_layers'."
        )
    if "nb_layers" in group.attrs:
        return _numbered(group)
    names = read_names(group, "layer_names")
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"The file lists the layer {twice[0]!r} twice: it is damaged.")
    layers = {name: _named(_member(group, name, "layer")) for name in names}
    top = _named(group[TOP]) if TOP in group and TOP not in layers else None
    era = 1 if _attribute(group, "keras_version", "1").partition(".")[0] in ("0", "1") else 2
    return WeightsGroup(era, _is_flipped(group, era, layers), layers, top)


def _numbered(group):
    layers = {}
    for index in range(_count(group, "nb_layers")):
        layer = _member(group, f"layer_{index}", "layer")
        names = [f"param_{number}" for number in range(_count(layer, "nb_params"))]
        layers[f"layer_{index}"] = [Stored(_member(layer, name, "weight"), name) for name in names]
    # Keras computed with Theano in those days unless told otherwise, and did not note which it was
    return WeightsGroup(0, _attribute(group, "backend", "theano") == "theano", layers)


def _named(group):
    return [Stored(_member(group, name, "weight"), name) for name in read_names(group, "weight_names")]


def _member(group, name, kind):
    try:
        found = group.get(name)
    except (ValueError, TypeError, KeyError):
        found = None
    if found is None or (kind == "layer") != hasattr(found, "keys"):
        raise ValueError(
            f"The file lists the {kind} {name!r} in {group.name!r}, but it does not hold it: it is damaged, or was "
            "not written to its end."
        )
    return found


def _count(group, name):
    try:
        count = int(group.attrs[name])
    except (KeyError, TypeError, ValueError):
        count = -1
    if not 0 <= count <= len(group):
        raise ValueError(
            f"The attribute {name!r} of {group.name!r} should count what the group holds ({len(group)} entries): the "
            "file is damaged."
        )
    return count


def _attribute(group, name, default):
    """An attribute of the group, or of the file around it."""
    for place in (group, group.file):
        if name in place.attrs:
            return text(place.attrs[name], f"The attribute {name!r}")
    return default


def _is_flipped(group, era, layers):
    """Keras 1 did not note its backend, but the names tell: TensorFlow's variables end in ":0", Theano's do not."""
    noted = _attribute(group, "backend", None)
    if noted is not None or era > 1:
        return noted == "theano"
    names = [stored.name for arrays in layers.values() for stored in arrays if not stored.name.startswith("param_")]
    return bool(names) and not any(name.endswith(":0") for name in names)
