"""Matching what `compile` and `fit` are given for the outputs of a model to those outputs.

They are given losses, metrics, targets and weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kerasish import tree
from kerasish.suggestions import did_you_mean
from kerasish.typing import TensorLike


class Outputs:
    """The outputs of a model: how they nest and what they are called.

    Args:
        y_pred: structure of tensors.
        names: list of names, or None (then dict keys, or output_0, ...).

    Attributes:
        flat: list of the outputs.
        names: the names of the layers that make them, where they are known.
        labels: what the logs call them: dict keys on the way, joined by "/"; names in place of positions.
    """

    def __init__(self, y_pred: TensorLike, names: Any = None) -> None:
        self.flat = tree.flatten(y_pred)
        self.struct = y_pred
        self._places = tree.pack_sequence_as(y_pred, list(range(len(self.flat))))
        flat_dict = isinstance(y_pred, Mapping) and not any(tree.is_nested(part) for part in y_pred.values())
        keys = sorted(y_pred) if flat_dict else None
        self._named = names is not None and len(names) == len(self.flat)
        if not self._named:
            names = keys or [f"output_{i}" for i in range(len(self.flat))]
        self.names = _distinct(names)
        self.keys = keys
        self.labels = _distinct(
            ["/".join([*map(str, path[:-1]), _last(path, name)]) for path, name in zip(_paths(y_pred), self.names)]
        )

    def __len__(self) -> int:
        return len(self.flat)

    @property
    def metric_labels(self) -> list[str]:
        """What stands before the names of metrics: the keys of a flat dict, else names, where there are any."""
        return self.keys or (self.names if self._named else self.labels)

    def match(
        self,
        given: Any,
        role: str,
        is_leaf: Callable[[Any], bool] | None = None,
        lists: bool = False,
        any_name: bool = False,
    ) -> list[Any]:
        """`given` as a list with one entry an output.

        Args:
            given: None, one thing (only for a single output, or `is_leaf` spreads it), or lists and dicts that nest as
                the outputs do, or a flat list, or a dict by the names of outputs.
            role: what messages call it, e.g. "loss".
            is_leaf: function that says whether one thing is meant for every output below it.
            lists: whether what belongs to one output may itself be a list.
            any_name: whether all that a dict holds, under whatever names, belongs to the output of a model of one.

        Raises:
            ValueError: for a wrong length, an unknown name (suggesting the nearest) or another structure.
        """
        found = [None] * len(self)
        if any_name and len(self) == 1 and isinstance(given, Mapping):
            given = tree.flatten(given) or None

        def place(part, item):
            if item is None:
                return
            if isinstance(part, int):
                found[part] = self._single(item, part, role, lists)
            elif is_leaf is not None and is_leaf(item):
                for index in tree.flatten(part):
                    found[index] = item
            elif isinstance(item, Mapping):
                for key, value in item.items():
                    inner = isinstance(part, Mapping) and key in part
                    place(part[key] if inner else self._index_of(key, role), value)
            elif isinstance(item, (list, tuple)):
                below = tree.flatten(part)
                if isinstance(part, (list, tuple)) and len(part) == len(item):
                    targets, items = part, item
                else:
                    targets, items = below, item if len(item) == len(below) else tree.flatten(item)
                if len(items) != len(targets):
                    raise ValueError(
                        f"`{role}` must have one entry for each of the {len(below)} outputs "
                        f"{[self.labels[i] for i in below]}, got {len(items)}."
                    )
                for target, entry in zip(targets, items):
                    place(target, entry)
            else:
                raise ValueError(
                    f"The model has {len(self)} outputs {self.labels}; `{role}` must be a list or a dict by name, got "
                    f"{item!r}."
                )

        if len(self) == 1 and not isinstance(given, Mapping):
            place(0, given)
        else:
            place(self._places, given)
        return found

    def _single(self, item, index, role, lists):
        """What is given for one output: out of a dict of one by its name, out of a list of one."""
        if isinstance(item, Mapping):
            values = {self._index_of(key, role): value for key, value in item.items()}
            return self._single(values[index], index, role, lists) if index in values else None
        alone = isinstance(item, (list, tuple)) and len(item) == 1
        return item[0] if alone and (not lists or isinstance(item[0], (list, tuple))) else item

    def _index_of(self, key, role):
        known = {label: i for names in (self.names, self.labels) for i, label in enumerate(names)}
        if key not in known:
            hint = did_you_mean(key, known)
            raise ValueError(f"`{role}` names the output {key!r}, but the model's outputs are {self.labels}.{hint}")
        return known[key]


def _paths(structure):
    """The path to each leaf, in the order of `tree.flatten`: dict keys, and positions as ints."""
    if not tree.is_nested(structure):
        return [()]
    return [(key, *path) for key, child in tree.children(structure) for path in _paths(child)]


def _last(path, name):
    return name if not path or isinstance(path[-1], int) else str(path[-1])


def _distinct(names):
    """A layer called twice gives two outputs of one name; the second is numbered."""
    counts, result = {}, []
    for name in names:
        counts[name] = counts.get(name, -1) + 1
        result.append(f"{name}_{counts[name]}" if counts[name] else name)
    return result
