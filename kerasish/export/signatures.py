"""What a model, or a function, takes: a structure of shapes and dtypes, with a name for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from kerasish import tree
from kerasish.backend.dtypes import standardize_dtype
from kerasish.typing import DTypeLike


class TensorSpec(NamedTuple):
    """One tensor that is taken: `shape` (None where a size is open), `dtype` and `name`."""

    shape: tuple[int | None, ...]
    dtype: str
    name: str


class Signature:
    """The arguments of a call.

    Args:
        arguments: list, one structure of TensorSpecs an argument.
    """

    def __init__(self, arguments: Sequence[Any]) -> None:
        self.arguments = list(arguments)
        self.flat: list[TensorSpec] = _leaves(self.arguments)

    def packed(self, values: Sequence[Any]) -> list[Any]:
        """Flat values as the arguments of a call."""
        remaining = iter(values)
        return [_map(lambda _: next(remaining), argument) for argument in self.arguments]


def signature_of(resource: Any, given: Any = None) -> Signature:
    """What a model or layer is called with.

    Args:
        resource: the model or layer, or any function where `given` says all.
        given: the arguments as `input_signature` names them: a list of structures of `InputSpec`s, `KerasTensor`s or
            arrays, one an argument; None for what the model was built on.

    Raises:
        ValueError: where nothing is given and the shapes are not known.
    """
    if given is not None:
        return Signature(_named(_as_arguments(resource, given)))
    inputs = getattr(resource, "_inputs_struct", None)
    if inputs is not None:
        return Signature([_map(lambda t: TensorSpec(tuple(t.shape), t.dtype, t.name), inputs)])
    shapes = (getattr(resource, "_build_shapes", None) or {}).get("input_shape")
    if shapes is None:
        name = getattr(resource, "name", resource)
        raise ValueError(
            f"The shapes that {name!r} takes are not known: call it on data first, or give `input_signature`, e.g. "
            "`[keras.InputSpec(shape=(None, 3), dtype='float32')]`."
        )
    dtype = getattr(resource, "input_dtype", "float32")
    found = tree.map_shape_structure(lambda shape: TensorSpec(tuple(shape), dtype, ""), shapes)
    return Signature(_named([found]))


def _as_arguments(resource, given):
    if not isinstance(given, (list, tuple)):
        return [given]
    inputs = getattr(resource, "_inputs_struct", None)
    several = inputs is not None and len(tree.flatten(inputs)) > 1
    if several and len(given) > 1 and not any(isinstance(x, (list, tuple, dict)) for x in given):
        return [list(given)]
    return list(given)


def _named(arguments):
    """TensorSpecs of whatever has a shape, each with a name of its own."""
    taken = {}

    def named(spec, path):
        own = getattr(spec, "name", None) or (str(path) if path else "inputs")
        taken[own] = taken.get(own, -1) + 1
        name = own if taken[own] == 0 else f"{own}_{taken[own]}"
        return TensorSpec(_shape(spec, own), _dtype(spec.dtype), name)

    return [_map_keys(named, argument) for argument in arguments]


def _shape(spec, name):
    if spec.shape is None:
        raise ValueError(f"`input_signature` must give the shape of {name!r} (None for open sizes), got {spec!r}.")
    return tuple(spec.shape)


def _dtype(dtype: DTypeLike | None) -> str:
    return "float32" if dtype is None else "string" if str(dtype) in ("string", "str") else standardize_dtype(dtype)


def _is_leaf(x):
    return hasattr(x, "shape") and hasattr(x, "dtype")


def _map(function, structure):
    return _map_keys(lambda leaf, _: function(leaf), structure)


def _map_keys(function, structure, key=None):
    """A structure with `function(leaf, key of the dict around)` in place of its leaves."""
    if _is_leaf(structure):
        return function(structure, key)
    if isinstance(structure, dict):
        return {name: _map_keys(function, structure[name], name) for name in sorted(structure)}
    if isinstance(structure, (list, tuple)):
        return [_map_keys(function, item, key) for item in structure]
    raise ValueError(f"`input_signature` must hold InputSpecs, KerasTensors or arrays, got {structure!r}.")


def _leaves(structure):
    found = []
    _map(found.append, structure)
    return found
