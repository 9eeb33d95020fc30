"""The graph of objects that a checkpoint of TensorFlow 2 keeps beside its numbers: which object has which under a name.

Reference:
    tensorflow/core/protobuf/trackable_object_graph.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasish.files.old_hdf5.stored import Stored
from kerasish.files.tensorflow.bundle import Bundle
from kerasish.files.tensorflow.wire import Message
from kerasish.files.weights_store import fill

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE = "VARIABLE_VALUE"
# children that hold again what is found under names of its own, or no part of the model
_AGAIN = frozenset(
    "variables trainable_variables non_trainable_variables regularization_losses keras_api signatures optimizer "
    "save_counter root".split()
)


class KeptTensor(Stored):
    """A variable in a bundle, as a source for what reads files of older Kerases.

    Args:
        tensor: its StoredTensor.
        name: what TensorFlow called the variable, e.g. "dense/kernel".
    """

    def __init__(self, tensor: Any, name: str) -> None:
        self._tensor = tensor
        self.name = name
        self.shape = tuple(tensor.shape)

    @property
    def is_integer(self) -> bool:
        return self._tensor.dtype.startswith(("int", "uint"))

    def fill(self, variable: Any) -> None:
        fill(variable, self._tensor)


class Node:
    """One object.

    Attributes:
        children: dict from names to Nodes.
        tensors: dict from names of attributes ("VARIABLE_VALUE") to (full name, key in the bundle).
        slots: list of (Node of a variable, name of a slot, Node of the slot), of an optimizer before TensorFlow 2.11.
        number: int, its place in the graph.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.children: dict[str, Node] = {}
        self.tensors: dict[str, tuple[str, str]] = {}
        self.slots: list[tuple[Node, str, Node]] = []

    def child(self, name: str) -> Node | None:
        """The child of a name; underscores in front don't count."""
        found = self.children.get(name)
        if found is None:
            bare = name.lstrip("_")
            found = next((child for key, child in self.children.items() if key.lstrip("_") == bare), None)
        return found

    def numbered(self, prefix: str = "") -> list[Node]:
        """The children called "PREFIX0", "PREFIX1", ..., in that order."""
        found = []
        for name, child in self.children.items():
            tail = name.removeprefix(prefix)
            if name.startswith(prefix) and tail.isdecimal():
                found.append((int(tail), child))
        return [child for _, child in sorted(found, key=lambda pair: pair[0])]

    def below(self) -> Iterator[Node]:
        """All that is found from here, each once, in the order of tracking."""
        seen, pending = {self.number}, [self]
        while pending:
            node = pending.pop()
            yield node
            for name, child in reversed(node.children.items()):
                if name not in _AGAIN and child.number not in seen:
                    seen.add(child.number)
                    pending.append(child)


class ObjectGraph:
    """The graph in an open bundle; its root is the model, or what was given to `tf.train.Checkpoint`."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        (text,) = bundle[KEY].texts() if not bundle[KEY].shape else (b"",)
        stored = list(Message(text, f"The graph of objects in {bundle.path!r}").messages(1))
        if not stored:
            raise ValueError(f"{bundle.path!r} is damaged: its graph of objects is empty.")
        self.nodes: list[Node] = [Node(number) for number in range(len(stored))]
        for node, message in zip(self.nodes, stored):
            self._link(node, message)
        self._sources: dict[int, KeptTensor] = {}

    @property
    def root(self) -> Node:
        return self.nodes[0]

    def _link(self, node, message):
        for child in message.messages(1):
            node.children[child.text(2)] = self._at(child.number(1))
        for attribute in message.messages(2):
            node.tensors[attribute.text(1)] = attribute.text(2), attribute.text(3)
        for slot in message.messages(3):
            node.slots.append((self._at(slot.number(1)), slot.text(2), self._at(slot.number(3))))

    def _at(self, number):
        if number >= len(self.nodes):
            raise ValueError(f"{self.bundle.path!r} is damaged: its graph of objects has no object {number}.")
        return self.nodes[number]

    def source(self, node: Node) -> KeptTensor | None:
        """What the bundle holds of a variable; None of any other object."""
        if _VALUE not in node.tensors:
            return None
        if node.number not in self._sources:
            name, key = node.tensors[_VALUE]
            tensor = self.bundle.get(key)
            if tensor is None or not tensor.is_numeric:
                raise ValueError(f"{self.bundle.path!r} is damaged: it should hold numbers as {key!r}.")
            source = KeptTensor(tensor, name or key.partition("/.ATTRIBUTES")[0])
            source.order = node.number
            self._sources[node.number] = source
        return self._sources[node.number]

    def variables_below(self, node: Node) -> list[KeptTensor]:
        """What the bundle holds of all variables that are found from an object."""
        found = (self.source(inner) for inner in node.below())
        return [source for source in found if source is not None]

    def table(self, node: Node) -> tuple[Any, Any] | None:
        """(keys, values) of a table of hashes whose entries are in the bundle, as arrays; None of any other object."""
        if "table" not in node.tensors:
            return None
        key = node.tensors["table"][1]
        tensors = self.bundle.get(f"{key}-keys"), self.bundle.get(f"{key}-values")
        return None if None in tensors else (tensors[0].read(), tensors[1].read())
