"""How layers are called on each other's outputs: the lists of Keras 1 and 2 as Keras 3's "args" and "kwargs"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.configs.eras.layer_names import RECURRENT
from kerasish.typing import Config

CONSTANT = "_CONSTANT_VALUE"


def is_reference(data: Any, names: Any = None) -> bool:
    """Whether `data` is ["layer", node, tensor] or ["layer", node, tensor, arguments] of one of the layers `names`."""
    if not isinstance(data, list) or len(data) not in (3, 4) or not isinstance(data[0], str):
        return False
    if data[0] == CONSTANT:
        return True
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in data[1:3])
    return whole and (names is None or data[0] in names) and (len(data) == 3 or isinstance(data[3], dict))


def tensor(reference: Any) -> dict[str, Any]:
    """An output of a layer, as Keras 3 writes it.

    The shape is only known once the layers are made; readers go by the history.
    """
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [], "dtype": "float32", "keras_history": list(reference)},
    }


class Wiring:
    """The references of one model.

    Args:
        layers: list of the model's layers as the old config has them, each with "name" and "inbound_nodes".
    """

    def __init__(self, layers: Sequence[Any]) -> None:
        self.names: dict[Any, int] = {name_of(item): len(item.get("inbound_nodes") or []) for item in layers}
        highest = {}
        for item in layers:
            for reference in self._references(item.get("inbound_nodes") or []):
                highest[reference[0]] = max(highest.get(reference[0], 0), reference[1])
        self._highest = highest

    def count_outputs(self, structure: Any) -> None:
        """Take the references of the model's outputs into account too."""
        for reference in self._references(structure):
            self._highest[reference[0]] = max(self._highest.get(reference[0], 0), reference[1])

    def _references(self, data):
        if is_reference(data, self.names):
            if data[0] != CONSTANT:
                yield data
            if len(data) == 4:
                yield from self._references(data[3])
        elif isinstance(data, list):
            for item in data:
                yield from self._references(item)
        elif isinstance(data, dict):
            for item in data.values():
                yield from self._references(item)

    def position(self, reference: Any) -> list[Any]:
        """[layer, call, output], calls counted from 0.

        A nested model was counted from 1 by Keras 2: its own graph was call 0.
        """
        name, call, index = reference[:3]
        shifted = self._highest.get(name, 0) >= self.names[name] > 0
        return [name, call - 1 if shifted else call, index]

    def _value(self, data):
        """An argument: references become tensors, wherever they are."""
        if is_reference(data, self.names):
            return data[2] if data[0] == CONSTANT else tensor(self.position(data))
        if isinstance(data, list):
            return [self._value(item) for item in data]
        if isinstance(data, dict):
            return {key: self._value(item) for key, item in data.items()}
        return data

    def first_argument(self, node: Any) -> tuple[Any, ...]:
        """(the first argument, the others by name) of one call."""
        arguments = next((reference[3] for reference in _leaves(node) if len(reference) == 4), {})
        return self._value(_without_arguments(node)), {key: self._value(value) for key, value in arguments.items()}

    def call(self, class_name: str, config: Config, node: Any) -> Any:
        """{"args", "kwargs"} of one call of a layer."""
        first, kwargs = self.first_argument(node)
        if isinstance(first, list) and len(first) == 1:
            first = first[0]
        if class_name in RECURRENT and isinstance(first, list):
            first, kwargs = self._with_states(config, first, kwargs)
        if class_name in ("Attention", "AdditiveAttention") and config.get("causal"):
            kwargs["use_causal_mask"] = True
        return {"args": [first], "kwargs": kwargs}

    def _with_states(self, config, tensors, kwargs):
        """Recurrent layers of Keras 2 take the initial states behind the sequences."""
        if config.get("num_constants"):
            raise ValueError(
                f"The layer {config.get('name')!r} is called with {config['num_constants']} constants, which Keras "
                "3's recurrent layers do not take. "
                "Concatenate them to the inputs of each step."
            )
        return tensors[0], {**kwargs, "initial_state": tensors[1:]}


def name_of(item: Any) -> Any:
    """The name of a layer in a functional config."""
    config = item.get("config")
    return item.get("name") or (config.get("name") if isinstance(config, dict) else None)


def _leaves(node):
    if is_reference(node):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _leaves(item)
    elif isinstance(node, dict):
        for item in node.values():
            yield from _leaves(item)


def _without_arguments(node):
    if is_reference(node):
        return node[:3]
    if isinstance(node, list):
        return [_without_arguments(item) for item in node]
    return {key: _without_arguments(item) for key, item in node.items()} if isinstance(node, dict) else node
