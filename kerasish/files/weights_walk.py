"""Where everything that has variables stands in a model: the paths under which each era of Keras keeps them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasish.backend.names import to_snake_case
from kerasish.layers.base.layer import Layer
from kerasish.optimizers.optimizer import Optimizer
from kerasish.typing import TensorLike

if TYPE_CHECKING:
    from kerasish.models.model import Model

_KEPT = frozenset({"optimizer"})  # which a layer leaves to its model, but a file holds
_SEEN_FROM_OUTSIDE = {
    "layers",
    "optimizer",
}  # of a model: the names of a Model's own attributes that lead to something kept
_NESTED = "container"


class Order:
    """How one era of Keras goes through an object's attributes.

    Args:
        key: sort key of attribute names.
        reverse: whether they are visited backwards.
        layers_first: whether the layers of a Functional or Sequential come before all attributes.
        counts_again: whether what was found before still counts where the members of a list are numbered.
        nests: whether lists within lists are visited.
    """

    def __init__(
        self,
        key: TensorLike | None = None,
        reverse: bool = False,
        layers_first: bool = True,
        counts_again: bool = True,
        nests: bool = True,
    ) -> None:
        self.key: TensorLike | None = key
        self.reverse: bool = reverse
        self.layers_first: bool = layers_first
        self.counts_again: bool = counts_again
        self.nests: bool = nests


def _private_last(name):
    return f"~{name}" if name.startswith("_") else name


KERAS3 = Order(_private_last)
TF_KERAS = Order(
    reverse=True, layers_first=False, counts_again=False, nests=False
)  # TensorFlow 2.14 and later, and tf_keras
TF_2_12 = Order(
    counts_again=False, nests=False
)  # TensorFlow 2.12 and 2.13, which find layers as `_layer_checkpoint_dependencies`, before most names


def saveables(model: Model, objects_to_skip: Sequence[Any] | None = None, order: Any = KERAS3) -> Any:
    """(path, object) of everything under `model` that may have variables to keep, each once, in the order of an era.

    A layer's path is made of attribute names, and inside lists of class names with a number, so that it does not hang
    on generated names.

    Args:
        model: a layer or model.
        objects_to_skip: objects to leave out, with all that is found through them alone.
        order: an Order.
    """
    found, seen = [], {id(item) for item in objects_to_skip or ()}
    _walk(model, "", found, seen, order)
    return found


def is_saveable(item: Any) -> bool:
    """Whether `item` keeps variables in a weights file."""
    return hasattr(item, "save_own_variables") and hasattr(item, "load_own_variables") and not isinstance(item, type)


def _walk(item, path, found, seen, order):
    if id(item) in seen:
        return
    seen.add(id(item))
    found.append((path, item))
    for name, child in _children(item, order):
        inner = f"{path}/{name}" if path else name
        if is_saveable(child):
            _walk(child, inner, found, seen, order)
        elif isinstance(child, (list, tuple, dict)):
            _walk_container(child, inner, found, seen, order, set())


def _walk_container(container, path, found, seen, order, around):
    """Members are named by their class, numbered when it recurs; a nested list or dict is a "container"."""
    if id(container) in around:
        return
    around.add(id(container))
    used = {}
    for child in list(container.values()) if isinstance(container, dict) else container:
        nested = isinstance(child, (list, tuple, dict))
        if nested and not order.nests or not nested and not is_saveable(child):
            continue
        if not order.counts_again and id(child) in seen:
            continue
        name = _NESTED if nested else to_snake_case(type(child).__name__)
        used[name] = used.get(name, -1) + 1
        inner = f"{path}/{name}_{used[name]}" if used[name] else f"{path}/{name}"
        if nested:
            _walk_container(child, inner, found, seen, order, around)
        else:
            _walk(child, inner, found, seen, order)


def _children(item, order):
    """(name, value) of the attributes that may lead to something kept, as `item`'s counterpart in Keras has them."""
    first = getattr(item, "_graph", None) is not None or hasattr(item, "_stack")
    if first and order.layers_first:
        yield "layers", item.layers
    skipped = _reference(Optimizer if isinstance(item, Optimizer) else Layer) | _untracked(type(item))
    names = {name for name in vars(item) if name not in skipped}
    names.update(name for name in _declared(type(item)) if name not in skipped)
    if hasattr(item, "compile") and hasattr(item, "layers"):
        names.update(_SEEN_FROM_OUTSIDE - ({"layers"} if first and order.layers_first else set()))
    if isinstance(item, Optimizer) and hasattr(item, "optimizers"):
        names.add("optimizers")
    for name in sorted(names, key=order.key, reverse=order.reverse):
        yield name, _attribute(item, name)


def _attribute(item, name):
    """An attribute's value; None for a property of the user's that can't be read now, which leads nowhere."""
    try:
        return getattr(item, name)
    except Exception:  # whatever a user's code raises
        return None


@functools.cache
def _reference(base):
    """Names that every layer or optimizer has: they lead to nothing of its own."""
    made = Optimizer(1.0, name="reference") if base is Optimizer else Layer(name="reference")
    return frozenset({*dir(base), *vars(made)} - _KEPT)


def _untracked(cls):
    """What a class of layers says is no part of its state."""
    return getattr(cls, "_untracked", frozenset()) - _KEPT


@functools.lru_cache(maxsize=512)
def _declared(cls):
    """Names of properties and objects in the bodies of a user's classes."""
    names = []
    for base in cls.__mro__:
        if base is object or base.__module__.partition(".")[0] == "kerasish":
            continue
        for name, value in vars(base).items():
            if not name.startswith("__") and (isinstance(value, (property, list, tuple, dict)) or is_saveable(value)):
                names.append(name)
    return tuple(names)
