"""Matching what `compile` and `fit` are given for the outputs of a model to those outputs.

They are given losses, metrics, targets and weights.
"""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.suggestions import did_you_mean
from kerasish.typing import TensorLike


class Outputs:
    """The outputs of a model: how they nest and what they are called.

    Args:
        y_pred: structure of tensors.
        names: list of names, or None (then dict keys, or output_0, ...).
    """

    def __init__(self, y_pred: TensorLike, names: Any = None) -> None:
        self.flat = tree.flatten(y_pred)
        self.struct = y_pred
        keys = sorted(y_pred) if isinstance(y_pred, dict) else None
        if names is None or len(names) != len(self.flat):
            names = keys if keys and len(keys) == len(self.flat) else [f"output_{i}" for i in range(len(self.flat))]
        self.names = _distinct(names)
        self.keys = keys if keys and len(keys) == len(self.flat) else None

    def __len__(self) -> int:
        return len(self.flat)

    @property
    def labels(self) -> Any:
        """What the logs call the outputs: dict keys where the output is a dict, else names."""
        return self.keys or self.names

    def match(self, given: Any, role: Any, is_leaf: bool | None = None) -> Any:
        """`given` as a list with one entry an output.

        Args:
            given: None, one thing (only for a single output, or `is_leaf` spreads it), a list, or a dict by output
                name.
            role: what messages call it, e.g. "loss".

        Raises:
            ValueError: for a wrong length, an unknown name (suggesting the nearest) or another structure.
        """
        count = len(self)
        if given is None:
            return [None] * count
        if isinstance(given, dict):
            return self._match_names(given, role)
        if count == 1 and not (
            isinstance(given, (list, tuple)) and len(given) == 1 and isinstance(self.struct, (list, tuple))
        ):
            if isinstance(given, (list, tuple)) and len(given) == 1:
                return [given[0]]
            return [given]
        if isinstance(given, (list, tuple)):
            flat = list(given) if len(given) == count else tree.flatten(given)
            if len(flat) != count:
                raise ValueError(
                    f"`{role}` must have one entry for each of the {count} outputs {self.labels}, got {len(flat)}."
                )
            return flat
        if is_leaf is not None and is_leaf(given):
            return [given] * count
        raise ValueError(
            f"The model has {count} outputs {self.labels}; `{role}` must be a list or a dict by name, got {given!r}."
        )

    def _match_names(self, given, role):
        known = dict(zip(self.labels, range(len(self)))) | dict(zip(self.names, range(len(self))))
        found = [None] * len(self)
        for key, value in given.items():
            if key not in known:
                hint = did_you_mean(key, known)
                raise ValueError(f"`{role}` names the output {key!r}, but the model's outputs are {self.labels}.{hint}")
            found[known[key]] = value
        return found


def _distinct(names):
    """A layer called twice gives two outputs of one name; the second is numbered."""
    counts, result = {}, []
    for name in names:
        counts[name] = counts.get(name, -1) + 1
        result.append(f"{name}_{counts[name]}" if counts[name] else name)
    return result
