"""Files of every format as a Report. Each is opened by the module that loads it, with the same checks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import h5py

from kerasish.configs.limits import load_json, read_text
from kerasish.files import archive, hdf5, weights_safetensors, weights_sharded
from kerasish.files.formats import format_of_file
from kerasish.files.inspect.configs import facts_of, layers_of
from kerasish.files.inspect.report import Report, StoredArray
from kerasish.files.inspect.tensorflow import read_checkpoint, read_saved_model
from kerasish.files.old_hdf5.attributes import has_names
from kerasish.files.tfjs import reading as tfjs
from kerasish.files.weights_h5 import H5Tensor
from kerasish.whole_files import reading


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """The Report of a file, for the time of the block (its weights are read when they are asked for).

    Args:
        path: of a ".keras" file or folder, HDF5 of any Keras, ".weights.json", ".safetensors", a model's ".json", a
            SavedModel or a checkpoint of TensorFlow.

    Raises:
        ValueError: that names the file, for one that is damaged or none of these.
    """
    path = os.fspath(path)
    with reading(repr(path)), ExitStack() as stack:
        yield _READERS[_kind_of(path)](path, stack)


def _kind_of(path):
    kind = format_of_file(path)
    return "json" if kind == "shards" and not path.endswith(".weights.json") else kind


def _read_archive(path, stack):
    opened_archive = stack.enter_context(archive.read(path))
    file = stack.enter_context(opened_archive.weights())
    facts = {key: str(value) for key, value in opened_archive.metadata.items()}
    return Report(
        path,
        "Keras archive",
        {**facts, **facts_of(opened_archive.config)},
        layers_of(opened_archive.config),
        _weights_in(file),
    )


def _read_hdf5(path, stack):
    file = stack.enter_context(hdf5.opened(path))
    facts = {key: _text(file.attrs[key]) for key in ("keras_version", "backend") if key in file.attrs}
    text = _text(file.attrs["model_config"]) if "model_config" in file.attrs else None
    if text is not None:
        config = load_json(text, f"`model_config` of {path!r}")
        return Report(path, "HDF5 model", {**facts, **facts_of(config)}, layers_of(config), _weights_in(file))
    group = file["model_weights"] if "model_weights" in file else file
    if has_names(group, "layer_names"):
        return Report(path, "HDF5 weights (Keras 1 and 2)", facts, (), _weights_in(file))
    return Report(path, "HDF5 weights (Keras 3)", facts, (), _weights_in(file))


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _read_shards(path, stack):
    groups = stack.enter_context(weights_sharded.opened(path))
    names = {}
    for file in groups.files.values():
        names.update(_names_of_objects(file, _items_below(file)))
    weights = []
    for place, tensors in groups.groups():
        for key, tensor in sorted(tensors.items(), key=lambda pair: _natural(pair[0])):
            weights.append(_of_dataset(f"{place}/{key}" if place else key, tensor.dataset, names))
    return Report(path, "weights in several files", {"files": str(len(groups.files))}, (), weights)


def _read_safetensors(path, stack):
    tensors, metadata = stack.enter_context(weights_safetensors.opened(path))
    facts = {
        f"metadata {key}": value if len(value) <= 100 else f"{len(value)} characters" for key, value in metadata.items()
    }
    weights = [
        StoredArray(name, t.shape, t.kind, t.read, parts=t.parts, itemsize=t.itemsize) for name, t in tensors.items()
    ]
    return Report(path, "safetensors", facts, (), sorted(weights, key=lambda weight: _natural(weight.name)))


def _read_json(path, stack):
    config = load_json(read_text(path, repr(path)), repr(path))
    if isinstance(config, dict) and isinstance(config.get("weight_map"), dict):
        return _read_shards(path, stack)
    if not isinstance(config, dict) or "class_name" not in config or "config" not in config:
        raise ValueError(f"{path!r} is JSON, but no model's config (it has no 'class_name' and 'config').")
    facts = {"keras_version": str(config["keras_version"])} if "keras_version" in config else {}
    return Report(path, "model config", {**facts, **facts_of(config)}, layers_of(config))


def _read_tfjs(path, stack):
    said, tensors = stack.enter_context(tfjs.opened(path))
    config, version, _ = tfjs.topology_of(said, path)
    facts = {key: str(said[key]) for key in ("generatedBy", "convertedBy") if said.get(key)}
    if version:
        facts["keras_version"] = version
    names = {layer["name"] for layer in layers_of(config)}
    weights = []
    for tensor in tensors:
        layer = tensor.name.partition("/")[0]
        array = StoredArray(tensor.name, tensor.shape, tensor.dtype, tensor.read, layer if layer in names else None)
        array.bytes = tensor.size
        weights.append(array)
    return Report(path, "TensorFlow.js layers model", {**facts, **facts_of(config)}, layers_of(config), weights)


_READERS = {
    "archive": _read_archive,
    "hdf5": _read_hdf5,
    "shards": _read_shards,
    "safetensors": _read_safetensors,
    "json": _read_json,
    "saved_model": read_saved_model,
    "checkpoint": read_checkpoint,
    "tfjs": _read_tfjs,
}


# -- HDF5 ---------------------------------------------------------------------------------------------------------


def _weights_in(file):
    """A StoredArray for each dataset, in natural order; "vars" groups are left out of names."""
    items = list(_items_below(file))
    names = _names_of_objects(file, items)
    found = [(path, item) for path, item in items if isinstance(item, h5py.Dataset)]
    return [
        _of_dataset(_short(path), dataset, names)
        for path, dataset in sorted(found, key=lambda pair: _natural(_short(pair[0])))
    ]


def _items_below(file):
    """(path, group or dataset) of everything in a file, a group before what it holds.

    `visititems` would go to each from the root again.
    """
    pending = [("", file)]
    while pending:
        before, group = pending.pop()
        for name, item in group.items():
            yield f"{before}{name}", item
            if isinstance(item, h5py.Group):
                pending.append((f"{before}{name}/", item))


def _short(path):
    return "/".join(part for part in path.split("/") if part != "vars")


def _names_of_objects(file, items):
    """Dict from the path of an object to its name, where the file keeps names.

    `items` are those `_items_below` the file.
    """
    names = {
        _short(path): _text(item.attrs["name"])
        for path, item in items
        if isinstance(item, h5py.Group) and "name" in item.attrs
    }
    if "model_weights" in file or has_names(file, "layer_names"):
        group, before = (file["model_weights"], "model_weights/") if "model_weights" in file else (file, "")
        names.update({f"{before}{name}": name for name in group})
    return names


def _of_dataset(name, dataset, names):
    """The layer is the outermost named object around, below the model itself."""
    parts = name.split("/")
    around = ["/".join(parts[:end]) for end in range(1, len(parts))]
    layer = next((names[place] for place in around if place in names and place.split("/")[0] != "optimizer"), None)
    tensor = H5Tensor(dataset)

    def parts_of(count):
        rows = max(1, count // max(1, dataset.size // max(1, dataset.shape[0])))
        for start in range(0, dataset.shape[0], rows):
            yield tensor.read_part(slice(start, start + rows))

    is_numeric = tensor.is_numeric and dataset.shape is not None
    return StoredArray(
        name,
        tensor.shape,
        tensor.dtype,
        tensor.read,
        layer,
        parts_of if tensor.shape else None,
        dataset.dtype.itemsize,
        is_numeric,
    )


def _natural(name):
    """A sort key by which "2" comes before "10"."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in name.split("/")]
