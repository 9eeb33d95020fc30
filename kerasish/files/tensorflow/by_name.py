"""Variables of a checkpoint and weights of a model that have the same name, as TensorFlow 1 restored them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from kerasish.files.tensorflow.object_graph import KEY, KeptTensor
from kerasish.suggestions import did_you_mean

_LISTED = 10
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def pairs_of(model: Any, bundle: Any, names: bool | Mapping[str, str], skip_mismatch: bool) -> list[Any]:
    """(Variable, source), checked and read once.

    Args:
        model: the Model, built.
        bundle: an open Bundle.
        names: False, for all weights of the model; True, for those that the checkpoint has; or a dict from names there
            (or scopes, which end in "/") to those in the model.
        skip_mismatch: leave out, with a warning, what is missing or of another shape.

    Raises:
        ValueError: that lists what does not fit.
    """
    held = {name.removesuffix(_VALUE): tensor for name, tensor in bundle.items() if name != KEY and tensor.is_numeric}
    weights = {path: variable for variable in model.weights for path in [_path(variable, model)]}
    if isinstance(names, Mapping):
        wanted, problems = _mapped(names, held, weights)
    else:
        wanted = {path: path for path in weights if path in held}
        missing = [] if names else [path for path in weights if path not in held]
        problems = [f"there is no {path!r}.{did_you_mean(path, list(held), count=3, cutoff=0.4)}" for path in missing]
    pairs = []
    for path, name in wanted.items():
        variable, tensor = weights[path], held[name]
        if tuple(variable.shape) != tuple(tensor.shape):
            problems.append(f"{path!r} has shape {tuple(variable.shape)}, {name!r} {tuple(tensor.shape)}.")
        else:
            pairs.append((variable, KeptTensor(tensor, name)))
    if not pairs and not problems:
        problems = [f"none of its names is one of the model's: it has {_some(held)}, the model {_some(weights)}."]
    _tell(problems, bundle.path, skip_mismatch)
    for _, source in pairs:
        source.probe()
    return pairs


def _path(variable, model):
    """What TensorFlow calls a weight: its layer's name and its own, without the model's."""
    return variable.path.removeprefix(f"{model.name}/")


def _mapped(names, held, weights):
    """({path in the model: name in the checkpoint}, problems) of an assignment map."""
    wanted, problems = {}, []
    for there, here in names.items():
        if not isinstance(there, str) or not isinstance(here, str):
            raise ValueError(f"`by_name` must map names to names, got {there!r}: {here!r}.")
        if there.endswith("/") != here.endswith("/"):
            raise ValueError(f"`by_name` maps {there!r} to {here!r}: a scope, which ends in '/', is mapped to another.")
        if not there.endswith("/"):
            found = {here: there}
        else:
            scope, own = there.lstrip("/"), here.lstrip("/")
            found = {path: scope + path[len(own) :] for path in weights if path.startswith(own)}
            if not found:
                problems.append(f"the model has no weights in {here!r}; it has {_some(weights)}.")
        for path, name in found.items():
            if path not in weights:
                problems.append(f"the model has no weight {path!r}.{did_you_mean(path, list(weights), count=3)}")
            elif name not in held:
                problems.append(f"there is no {name!r}.{did_you_mean(name, list(held), count=3, cutoff=0.4)}")
            else:
                wanted[path] = name
    return wanted, problems


def _tell(problems, path, skip_mismatch):
    if not problems:
        return
    more = f"\n  ... and {len(problems) - _LISTED} more" if len(problems) > _LISTED else ""
    listed = "\n  ".join(problems[:_LISTED]) + more
    if not skip_mismatch:
        raise ValueError(
            f"The variables in {path!r} do not fit the model; nothing was changed.\n  {listed}\nTo set what fits, pass "
            "`skip_mismatch=True`; to say which names belong together, `by_name={'there': 'here'}`."
        )
    warnings.warn(f"Left out of {path!r}:\n  {listed}", stacklevel=7)


def _some(names):
    names = list(names)
    return ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
