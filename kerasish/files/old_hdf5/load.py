"""Setting the weights of a built model from a file of an older Keras."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from kerasish.files.old_hdf5.arrangement import match, match_variables
from kerasish.files.old_hdf5.stored import fill_all
from kerasish.files.old_hdf5.weights_group import read_weights_group

if TYPE_CHECKING:
    import h5py

    from kerasish.models.model import Model

_SHOWN = 10  # problems in a message


def load_weights(model: Model, file: h5py.File, by_name: bool = False, skip_mismatch: bool = False) -> None:
    """Set the weights of a built model from an open HDF5 file of Keras 1, 2 or tf.keras (or of Keras 3's old form).

    Weights alone or a whole model.

    Layers are paired by their order among those that have weights, or by their names where the file's and the model's
    are the same ones.

    Args:
        by_name: set only layers whose name is in the file.
        skip_mismatch: leave weights alone, with a warning, whose number or shapes differ.

    Raises:
        ValueError: that lists what does not fit; nothing is changed then.
    """
    fill_weights(model, file, by_name, skip_mismatch)


def fill_weights(model: Model, file: h5py.File, by_name: bool = False, skip_mismatch: bool = False) -> Any:
    """`load_weights`, which returns the list of (Variable, Stored or Derived) that was set."""
    group = read_weights_group(file)
    matched = _by_name(model, group) if by_name else _in_order(model, group)
    if group.top is not None:
        matched.append((f"the model {model.name!r} itself", match_variables(model._own_variables, group.top)))
    problems = [(where, text) for where, found in matched for _, text in found.problems]
    if problems and not skip_mismatch:
        raise ValueError(_message(problems))
    for where, text in problems:
        warnings.warn(f"Skipped a weight of {where}: {text}.", stacklevel=6)
    pairs = [pair for _, found in matched for pair in found.pairs]
    for _, source in pairs:
        source.probe()
    fill_all(pairs)
    return pairs


def _message(problems):
    lines = "".join(f"\n  {where}: {text}" for where, text in problems[:_SHOWN])
    more = f"\n  ... and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return (
        f"The weights in the file do not fit the model; nothing was changed.{lines}{more}\n"
        "To load what fits, pass `skip_mismatch=True`; to load only layers that have the same name, `by_name=True`."
    )


def _by_name(model, group):
    """[(text, Match)] for each layer that the file names too."""
    found = []
    for layer in model.layers:
        sources = group.layers.get(layer.name)
        if sources is not None and (sources or layer.weights):
            found.append((f"layer {layer.name!r}", match(layer, sources, group)))
    return found


def _in_order(model, group):
    """[(text, Match)] for all layers, by the first pairing in which everything fits.

    Where there is none, by the first.
    """
    stored = [(name, sources) for name, sources in group.layers.items() if sources]
    first = None
    for pairing in _pairings(model, stored):
        found = [(_where(layer, name), match(layer, sources, group)) for layer, (name, sources) in pairing]
        if all(one.fits for _, one in found):
            return found
        first = first or found
    if first is None:
        layers = [layer.name for layer in model.layers if layer.weights]
        raise ValueError(
            f"The file holds weights of {len(stored)} layers ({_listed([name for name, _ in stored])}), the model has "
            f"{len(layers)} layers with weights "
            f"({_listed(layers)}); nothing was changed. To load only layers that have the same name, pass "
            "`by_name=True`."
        )
    return first


def _pairings(model, stored):
    """Ways to pair layers with what the file holds.

    Keras 1 listed the layers in the branches of a Sequential model, not the branches.
    """
    layers = [layer for layer in model.layers if layer.weights]
    flat = _flattened(layers)
    for candidates in (layers, flat) if len(flat) != len(layers) else (layers,):
        if len(candidates) != len(stored):
            continue
        by_name = {layer.name: layer for layer in candidates}
        if len(by_name) == len(stored) and all(name in by_name for name, _ in stored):
            yield [(by_name[name], (name, sources)) for name, sources in stored]
        yield list(zip(candidates, stored))


def _flattened(layers):
    found = []
    for layer in layers:
        is_model = hasattr(layer, "get_layer")
        inner = _flattened([child for child in layer.layers if child.weights]) if is_model else [layer]
        found.extend(child for child in inner if child not in found)
    return found


def _where(layer, name):
    return f"layer {layer.name!r}" + (f" ({name!r} in the file)" if name != layer.name else "")


def _listed(names):
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") if names else "none"
