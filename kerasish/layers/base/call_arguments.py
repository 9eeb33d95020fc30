"""How a layer's `call` and `build` want their arguments: read off their signatures, once a class."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.graph import KerasTensor, Tensor
from kerasish.backend.masks import get_keras_mask, set_keras_mask
from kerasish.backend.sizes import shown
from kerasish.backend.texts import is_text
from kerasish.backend.variable import Variable, host_array, to_array
from kerasish.ops.convert import as_dtype, dtype_of
from kerasish.typing import AnyTensor


class CallSignature:
    """The parameters of a `call` method.

    Attributes:
        names: parameter names without self; defaults: dict; takes_training, takes_mask: bools.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.signature = inspect.signature(function)
        parameters = list(self.signature.parameters.values())[1:]
        self.names: list[str] = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        self.defaults: dict[str, Any] = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.variadic: bool = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.takes_anything: bool = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.takes_training: bool = "training" in self.names
        self.takes_mask: bool = "mask" in self.names

    def by_name(self, args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of one call as an ordered dict from name to value (without defaults)."""
        if self.variadic:
            return {**{f"args_{i}": value for i, value in enumerate(args)}, **kwargs}
        named = dict(zip(self.names, args))
        if len(args) > len(self.names):
            raise TypeError(f"`call` takes {len(self.names)} arguments ({', '.join(self.names)}), got {len(args)}.")
        return {**named, **kwargs}


@lru_cache(maxsize=None)
def call_signature(function: Callable[..., Any]) -> Any:
    """The CallSignature of an unbound `call`."""
    return CallSignature(function)


def converted(structure: Any, wanted: str | None, layer: Any) -> Any:
    """Arrays from the host become device arrays, and floats the dtype that is wanted.

    Args:
        structure: arguments of a call.
        wanted: string, dtype of floats; None leaves them.
        layer: what is called.

    Raises:
        ValueError: for text, where the layer needs numbers.
    """

    def convert(x):
        if not hasattr(x, "dtype") and (hasattr(x, "__array__") or isinstance(x, memoryview)):
            x = host_array(x)  # of what can do nothing but become one
        if not hasattr(x, "dtype") or not hasattr(x, "shape"):
            return x
        if is_text(x):
            if not layer.takes_text:
                _refuse_text(layer, x)
            return x
        if isinstance(x, KerasTensor):
            return x
        if not isinstance(x, (Tensor, Variable)) and not device().is_array(x):
            mask = get_keras_mask(x)
            x = to_array(device(), x, None)
            if mask is not None:
                set_keras_mask(x, to_array(device(), mask, None))
        if wanted is not None and is_float_dtype(dtype_of(x)) and dtype_of(x) != wanted:
            mask = get_keras_mask(x)
            x = as_dtype(x, wanted)
            if mask is not None:
                set_keras_mask(x, mask)
        return x

    return tree.map_structure(convert, structure)


def _refuse_text(layer, x):
    raise ValueError(
        f"Layer {layer.name!r} ({type(layer).__name__}) needs numbers, got text (dtype {x.dtype}, shape "
        f"{tuple(x.shape)}). Put a `TextVectorization`, a `StringLookup` or a `Hashing` in front of it."
    )


def refuse_plain_values(inputs: Any, layer: Any) -> None:
    """Raise ValueError where something else than tensors is among the inputs of a layer."""
    if hasattr(inputs, "shape"):
        return
    wrong = next((x for x in tree.flatten(inputs) if x is not None and not hasattr(x, "shape")), None)
    if wrong is not None:
        raise ValueError(
            f"Layer {layer.name!r} ({type(layer).__name__}) takes tensors as its inputs, got {wrong!r:.80} (of type "
            f"{type(wrong).__name__}). Make an array of it: `ops.convert_to_tensor(inputs)`."
        )


def training_of(signature: CallSignature, arguments: dict[str, Any], kwargs: dict[str, Any]) -> Any:
    """`training` for this call: as given, else as around it, else the default of `call`."""
    training = arguments.get("training") if signature.takes_training or "training" in kwargs else None
    if training is None:
        training = context.current().training
    if not signature.takes_training:
        if "training" in kwargs and not signature.takes_anything:
            kwargs.pop("training")
        return training
    if training is None:
        if "training" not in signature.defaults and "training" not in arguments:
            kwargs["training"] = None  # a `call` that has to be given it
        return signature.defaults.get("training")
    if arguments.get("training") is None and "training" not in signature.names[: len(arguments) - len(kwargs)]:
        kwargs["training"] = training
    return training


def fill_masks(signature: CallSignature, arguments: dict[str, Any], kwargs: dict[str, Any]) -> Any:
    """Put the masks that travel with the arguments into the parameters that ask for them.

    Returns the mask for `compute_mask`.

    As in Keras, `mask` is filled in when there is one argument with tensors, `<argument>_mask` when there are
    several.
    """
    travelling = {}
    for name, value in arguments.items():
        leaves = tree.flatten(value)
        if any(hasattr(leaf, "shape") for leaf in leaves):
            travelling[name] = [get_keras_mask(leaf) if hasattr(leaf, "shape") else None for leaf in leaves]
    for name, found in travelling.items():
        parameter = "mask" if len(travelling) == 1 else f"{name}_mask"
        if parameter in signature.names and arguments.get(parameter) is None and any(m is not None for m in found):
            kwargs[parameter] = tree.pack_sequence_as(arguments[name], found)
    if signature.takes_mask and "mask" not in signature.defaults and "mask" not in arguments:
        kwargs.setdefault("mask", None)  # a `call` that has to be given it
    if kwargs.get("mask") is not None:
        return kwargs["mask"]
    first = next(iter(arguments), None)
    return tree.pack_sequence_as(arguments[first], travelling[first]) if first in travelling else None


def shape_structure(value: AnyTensor) -> Any:
    """The shapes of the tensors in `value`, in its structure; None where there are none."""
    leaves = tree.flatten(value)
    if (
        not leaves
        or not all(hasattr(leaf, "shape") or leaf is None for leaf in leaves)
        or all(leaf is None for leaf in leaves)
    ):
        return None
    return tree.map_structure(lambda leaf: None if leaf is None else shown(leaf.shape), value)


@lru_cache(maxsize=None)
def build_parameters(build: Callable[..., Any]) -> list[str]:
    """The names of the shapes that an unbound `build` takes."""
    parameters = list(inspect.signature(build).parameters.values())[1:]
    return [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]


@lru_cache(maxsize=None)
def _needed(build):
    parameters = inspect.signature(build).parameters
    return [name for name in build_parameters(build) if parameters[name].default is inspect.Parameter.empty]


def build_arguments(build: Any, arguments: Any) -> dict[str, Any]:
    """What to pass to `build`.

    One shape (structure) for `build(self, input_shape)`, or `<argument>_shape` by name for several.
    """
    shapes = {name: shape_structure(value) for name, value in arguments.items()}
    shapes = {name: shape for name, shape in shapes.items() if shape is not None}
    names, needed = build_parameters(build), _needed(build)
    if len(names) <= 1 or not any(f"{name}_shape" in names for name in shapes):
        first = next(iter(shapes.values()), None)
        _check_needed(needed[1:], shapes, names)
        return {names[0]: first} if names else {}
    _check_needed([name for name in needed if name.removesuffix("_shape") not in shapes], shapes, names)
    return {f"{name}_shape": shape for name, shape in shapes.items() if f"{name}_shape" in names}


def _check_needed(missing, shapes, names):
    if missing:
        raise ValueError(
            f"`build` takes {', '.join(names)}, but for {', '.join(missing)} there is no shape: `call` was given "
            f"{', '.join(shapes)}. Let `build` take one shape, or {', '.join(f'{name}_shape' for name in shapes)}."
        )
