"""Vocabularies and edges that preprocessing layers found by `adapt`, in a SavedModel of tf.keras.

A vocabulary is not among the variables: it is a constant of the program, which is put into a table when that starts; or
a file among the assets; or, until TensorFlow 2.5, a table in the bundle. Nothing of the program is run for it.

Reference:
    tensorflow/core/protobuf/saved_object_graph.proto; tensorflow/core/framework/tensor.proto.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from kerasish.configs.limits import LIMITS
from kerasish.files.tensorflow.metadata import program_of
from kerasish.files.tensorflow.object_graph import Node, ObjectGraph
from kerasish.files.tensorflow.wire import Message, signed, varint
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.lookup import Lookup

_TABLES = ("lookup_table", "_table", "table")


def restore_tables(places: Sequence[tuple[Any, Node]], graph: ObjectGraph, folder: str | None) -> None:
    """Give preprocessing layers what they had found.

    Args:
        places: (layer, its Node) of a model's layers.
        graph: the graph of objects.
        folder: path of the SavedModel; None for a checkpoint, which has no program.

    Raises:
        ValueError: for a table that is damaged.
    """
    program = None
    for layer, node in places:
        if isinstance(layer, Lookup):
            table = _table_node(node)
            if table is not None:
                program = program or _Program(folder, graph)
                _restore_lookup(layer, node, program, program.entries(table))
        elif isinstance(layer, Discretization):
            summary = node.child("summary")
            source = graph.source(summary) if summary is not None else None
            if source is not None and layer.num_bins is not None and len(source.shape) == 2 and source.shape[1]:
                layer.restore_summary(*source.read().tolist())


def _table_node(node):
    return next((found for name in _TABLES if (found := node.children.get(name)) is not None), None)


def _restore_lookup(layer, node, program, entries):
    if entries is None:
        return
    keys, values = entries
    if layer.invert:  # the table leads from numbers to tokens
        keys, values = values, keys
    if keys.shape != values.shape or keys.ndim != 1 or values.dtype.kind not in "iu":
        raise ValueError(f"The vocabulary of {layer.name!r} is damaged: {keys.shape} tokens, {values.shape} numbers.")
    tokens = [key for key, _ in sorted(zip(keys.tolist(), values.tolist()), key=lambda pair: pair[1])]
    weights = node.child("idf_weights")
    source = program.graph.source(weights) if weights is not None else None
    idf = source.read().reshape(-1).tolist() if source is not None else None
    texts = [token.decode("utf-8", "replace") if isinstance(token, bytes) else token for token in tokens]
    layer.restore_tokens(texts, idf)


class _Program:
    """What stands in the program beside the graph of objects: constants and files."""

    def __init__(self, folder: str | None, graph: ObjectGraph) -> None:
        self.graph, self._folder = graph, folder

    @cached_property
    def _program(self):
        return program_of(self._folder)

    @cached_property
    def _objects(self):
        return list(self._program.message(7).messages(1))

    @cached_property
    def _bound(self):
        """Dict from a function's name to the numbers of the objects that it holds on to."""
        return {
            entry.text(1): _numbers(entry.message(2), 2)
            for entry in self._program.message(7).messages(2)
        }  # fmt: skip

    @cached_property
    def _constants(self):
        """Dict from a node's name to its TensorProto."""
        found = {}
        for node in self._program.message(2).messages(1):
            if node.text(2) == "Const":
                for attribute in node.messages(5):
                    if attribute.text(1) == "value":
                        found[node.text(1)] = attribute.message(2).message(8)
        return found

    def entries(self, table: Node) -> Any:
        """(keys, values) of a table, None where it is empty or only the program can make it."""
        kept = self.graph.table(table)
        start = table.children.get("_initialize")
        if kept is not None or start is None or self._folder is None:
            return kept
        if start.number >= len(self._objects):
            return None
        names = [str(name, "utf-8", "replace") for name in self._objects[start.number].message(6).all_data(1)]
        bound = [self._object(number) for name in names for number in self._bound.get(name, ()) if number]
        constants = [self._constant(item) for item in bound if 9 in item]
        if len(constants) >= 2:
            return constants[0], constants[1]
        files = [item for item in bound if 5 in item]
        return self._asset(files[0].message(5).number(1)) if files else None

    def _object(self, number):
        if number >= len(self._objects):
            raise ValueError(f"{self._folder!r} is damaged: its program has no object {number}.")
        return self._objects[number]

    def _constant(self, item):
        name = item.message(9).text(1)
        if name not in self._constants:
            raise ValueError(f"{self._folder!r} is damaged: its program has no constant {name!r}.")
        return array_of(self._constants[name], f"the constant {name!r} of {self._folder!r}")

    def _asset(self, number):
        """The lines of a file among the assets, and their numbers; the file has to lie there itself."""
        listed = list(self._program.messages(6))
        name = listed[number].text(2) if number < len(listed) else ""
        path = os.path.join(self._folder or "", "assets", name)
        if not name or os.path.basename(name) != name or name in (".", "..") or "\\" in name:
            raise ValueError(f"{self._folder!r} has an asset {name!r}, which is no name of a file.")
        if os.path.islink(path) or not os.path.isfile(path):
            raise ValueError(f"{path!r}, a vocabulary of the model, is no file there.")
        if os.path.getsize(path) > LIMITS.text:
            raise ValueError(f"{path!r} has more than {LIMITS.text} bytes.")
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
        lines = lines[:-1] if lines and not lines[-1] else lines
        keys = np.empty(len(lines), object)
        keys[:] = [line.removesuffix(b"\r") for line in lines]
        return keys, np.arange(len(lines))


def array_of(message: Message, what: str) -> Any:
    """The array in a TensorProto of texts, int64 or float32.

    Raises:
        ValueError: for another one, or one whose numbers are not as many as its shape says.
    """
    kind, shape = message.number(1), tuple(signed(dim.number(1)) for dim in message.message(2).messages(2))
    count = prod(shape)
    if any(size < 0 for size in shape) or count > LIMITS.numbers:
        raise ValueError(f"{what[0].upper()}{what[1:]} is damaged: no array has the shape {shape}.")
    content = bytes(message.data(4))
    if kind == 7:
        texts = [bytes(text) for text in message.all_data(8)]
        values = np.empty(len(texts), object)
        values[:] = texts
    elif kind == 9:
        values = np.frombuffer(content, "<i8") if content else np.array(_numbers(message, 10), "int64")
    elif kind == 1:
        values = np.frombuffer(content or b"".join(bytes(data) for data in message.all_data(5)), "<f4")
    else:
        raise ValueError(f"{what[0].upper()}{what[1:]} is of a dtype that no vocabulary has ({kind}).")
    if len(values) == 1 and count > 1:  # a number that is everywhere is written once
        values = np.repeat(values, count)
    if len(values) != count:
        raise ValueError(f"{what[0].upper()}{what[1:]} is damaged: {len(values)} values are none of shape {shape}.")
    return values.reshape(shape)


def _numbers(message, field):
    """The int64 numbers of a repeated field, packed or not."""
    found = []
    for value in message.all(field):
        if isinstance(value, int):
            found.append(signed(value))
            continue
        place = 0
        while place < len(value):
            number, place = varint(value, place, len(value))
            found.append(signed(number))
    return found
