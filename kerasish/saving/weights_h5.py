"""Keras 3's weights file: an HDF5 group for each layer, named by where the layer stands in the model."""

import warnings

from kerasish.backend.names import to_snake_case
from kerasish.layers.base.layer import Layer


def saveables(model):
    """(path, object) of everything under `model` that has variables of its own to keep, each once, in Keras 3's order.

    A layer's path is made of attribute names, and inside lists of class names with a number, so that it does not hang on generated names.
    """
    found, seen = [], set()
    _walk(model, "", found, seen)
    return found


def _walk(item, path, found, seen):
    if id(item) in seen:
        return
    seen.add(id(item))
    found.append((path, item))
    for name, child in _children(item):
        inner = f"{path}/{name}" if path else name
        if is_saveable(child):
            _walk(child, inner, found, seen)
        elif isinstance(child, (list, tuple, dict)):
            _walk_container(child, inner, found, seen)


def _walk_container(container, path, found, seen):
    """Members are named by their class, numbered when it recurs; a nested list or dict is a "container"."""
    used = {}
    for child in container.values() if isinstance(container, dict) else container:
        nested = isinstance(child, (list, tuple, dict))
        if not nested and not is_saveable(child):
            continue
        name = "container" if nested else to_snake_case(type(child).__name__)
        used[name] = used.get(name, -1) + 1
        inner = f"{path}/{name}_{used[name]}" if used[name] else f"{path}/{name}"
        (_walk_container if nested else _walk)(child, inner, found, seen)


def is_saveable(item):
    """Whether `item` keeps variables in a weights file."""
    return hasattr(item, "save_own_variables") and hasattr(item, "load_own_variables") and not isinstance(item, type)


def _children(item):
    if hasattr(item, "_operations") or hasattr(item, "_stack"):
        yield "layers", item.layers
    if not isinstance(item, Layer):
        return
    attributes = vars(item)
    skipped = Layer._untracked | {"history"}
    for name in sorted(attributes):
        if name == "optimizer" or name not in skipped and not name.startswith("__") and name not in _PRIVATE:
            yield name, attributes[name]


_PRIVATE = frozenset(
    "_functions _compile_loss _compile_metrics _loss_tracker _compile_arguments _functional _stack _operations _operation_nodes _input_layers _ordered_layers _graph "
    "_init_arguments _inbound_nodes _losses_added _added_variables _metrics_added activity_regularizer".split()
)


def save_to(model, file):
    """Write the variables under `model` into an open `h5py.File`."""
    for path, item in saveables(model):
        store = {}
        item.save_own_variables(store)
        group = file.create_group(f"{path}/vars" if path else "vars")
        group.attrs["name"] = getattr(item, "name", type(item).__name__)
        for key, value in store.items():
            group.create_dataset(key, data=value)


def load_from(model, file, skip_mismatch=False):
    """Set the variables under `model` from an open `h5py.File`; everything is checked before the first is changed.

    Raises: ValueError that lists the objects whose variables the file lacks or holds in other shapes.
    """
    problems, ready = [], []
    for path, item in saveables(model):
        group = file.get(f"{path}/vars" if path else "vars")
        store = {key: group[key] for key in group} if group is not None else {}
        problem = _mismatch(item, store)
        if problem:
            problems.append(f"{path or getattr(item, 'name', 'model')}: {problem}")
        elif store:
            ready.append((item, store))
    if problems and not skip_mismatch:
        lines = "\n  ".join(problems[:10]) + (f"\n  ... and {len(problems) - 10} more" if len(problems) > 10 else "")
        raise ValueError(f"The weights do not fit the model; nothing was changed. {len(problems)} object(s) could not be loaded:\n  {lines}")
    for problem in problems:
        warnings.warn(f"Skipped {problem}", stacklevel=4)
    for item, store in ready:
        item.load_own_variables({key: value[()] for key, value in store.items()})


def _mismatch(item, store):
    """Why `store` does not fit `item`, in words, or None."""
    wanted = {}
    item.save_own_variables(wanted)
    if len(wanted) != len(store):
        if type(item).__name__.endswith("Optimizer") or hasattr(item, "iterations"):
            return None if not store else f"the optimizer has {len(wanted)} variables, the file holds {len(store)}"
        return f"it has {len(wanted)} variables, the file holds {len(store)}" + ("" if getattr(item, "built", True) else " (it is not built)")
    for key, value in wanted.items():
        if key not in store:
            return f"the file has no variable {key!r}"
        if tuple(store[key].shape) != tuple(value.shape):
            return f"variable {key!r} has shape {tuple(value.shape)}, the file holds {tuple(store[key].shape)}"
    return None
