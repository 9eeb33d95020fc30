"""The values of a model's variables as nested dicts, by the parts of their paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasish.backend import convert_to_numpy
from kerasish.backend.variable import assign_all
from kerasish.suggestions import did_you_mean
from kerasish.typing import AnyTensor

if TYPE_CHECKING:
    from kerasish.models.model import Model

_FORMS = {"backend_tensor": lambda variable: variable.value, "numpy_array": convert_to_numpy}


def read(model: Model, value_format: str) -> dict[str, Any]:
    """The values, under the four kinds of variables and the parts of each path.

    Args:
        model: built model.
        value_format: "backend_tensor" or "numpy_array".

    Raises:
        ValueError: for another `value_format`, and for variables that have the same path.
    """
    if value_format not in _FORMS:
        raise ValueError(
            f"`value_format` must be one of {sorted(_FORMS)}, got {value_format!r}.{did_you_mean(value_format, _FORMS)}"
        )
    form, found = _FORMS[value_format], {}
    for kind, variables in _variables(model).items():
        branch = found[kind] = {}
        for variable in variables:
            *parts, last = variable.path.split("/")
            place = branch
            for part in parts:
                place = place.setdefault(part, {})
            if last in place:
                raise ValueError(
                    f"Two of the {kind} have the path {variable.path!r}, so a tree of names can't hold both: "
                    "give their layers or variables different names."
                )
            place[last] = form(variable)
    return found


def write(model: Model, state_tree: Mapping[str, Any]) -> None:
    """Assign the values of a tree, of which branches may be left out; all are checked before the first is assigned.

    Args:
        model: built model.
        state_tree: nested dict as `read` gives it.

    Raises:
        ValueError: for a name that the model lacks, and for a value of another shape.
    """
    if not isinstance(state_tree, Mapping):
        raise ValueError(f"`state_tree` must be a dict as `get_state_tree` gives it, got {state_tree!r}.")
    kinds = _variables(model)
    assignments = []
    for kind, branch in state_tree.items():
        if kind not in kinds:
            raise ValueError(f"`state_tree` may have {list(kinds)}, got {kind!r}.{did_you_mean(kind, kinds)}")
        known = {variable.path: variable for variable in kinds[kind]}
        for path, value in _leaves(kind, branch):
            if path not in known:
                raise ValueError(f"The model has no {kind} of the path {path!r}.{did_you_mean(path, known)}")
            if tuple(getattr(value, "shape", ())) != tuple(known[path].shape):
                raise ValueError(
                    f"The value of {path!r} has the shape {tuple(getattr(value, 'shape', ()))}, but the variable has "
                    f"{tuple(known[path].shape)}."
                )
            assignments.append((known[path], value))
    assign_all(assignments)


def _variables(model):
    optimizer = getattr(model, "optimizer", None)
    return {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": model.non_trainable_variables,
        "optimizer_variables": [] if optimizer is None else optimizer.variables,
        "metrics_variables": model.metrics_variables,
    }


def _leaves(kind: str, branch: Any) -> list[tuple[str, AnyTensor]]:
    if not isinstance(branch, Mapping):
        raise ValueError(f"`state_tree[{kind!r}]` must be a dict of names, got {branch!r}.")
    found, pending = [], [("", branch)]
    while pending:
        above, place = pending.pop()
        for name, value in place.items():
            path = f"{above}/{name}" if above else str(name)
            if isinstance(value, Mapping):
                pending.append((path, value))
            else:
                found.append((path, value))
    return found
