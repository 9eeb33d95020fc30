"""Messages and services out of the `.proto` files beside this module, without a compiler of protocol buffers.

The part of the language that those files need: messages in messages, maps, `oneof`, `repeated`, services.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from kerasish.beside import read_data
from kerasish.optional import needed
from kerasish.suggestions import install

_FILES = ("tensorflow", "tensorflow_serving", "open_inference")
_SCALARS = {  # as descriptor.proto numbers them
    "double": 1,
    "float": 2,
    "int64": 3,
    "uint64": 4,
    "int32": 5,
    "bool": 8,
    "string": 9,
    "bytes": 12,
    "uint32": 13,
}
_MESSAGE, _OPTIONAL, _REPEATED = 11, 1, 3
_TOKEN = re.compile(r"//[^\n]*|\s+|(\"[^\"]*\"|[\w.]+|[{}()<>=;,])")


@cache
def message(name: str) -> Any:
    """The class of a message.

    Args:
        name: string, with its package: "tensorflow.TensorProto".

    Raises:
        ImportError: where protobuf is not installed.
    """
    return _library("message_factory").GetMessageClass(_schemas()[0].FindMessageTypeByName(name))


def methods(service: str) -> dict[str, tuple[Any, Any]]:
    """The methods of a service: dict from name to (class of the request, class of the answer)."""
    return {name: (message(given), message(returned)) for name, (given, returned) in _schemas()[1][service].items()}


def _library(module):
    return needed(
        f"google.protobuf.{module}",
        f"gRPC and the records of requests need protobuf: {install('serving')}.",
    )


@cache
def _schemas():
    """A pool of its own, for TensorFlow may be in the process too; and the methods of all services."""
    pool, services = _library("descriptor_pool").DescriptorPool(), {}
    known: set[str] = set()
    files = []
    for name in _FILES:
        text = read_data("kerasish.serving.protocols", f"{name}.proto").decode("utf-8")
        file = _library("descriptor_pb2").FileDescriptorProto(name=f"kerasish/{name}.proto", syntax="proto3")
        file.dependency.extend(files)
        _File(text, file, known, services).read()
        pool.Add(file)
        files.append(file.name)
    return pool, services


class _File:
    """One text, read from its first word to its last."""

    def __init__(self, text, file, known, services):
        self._words = [word for word in _TOKEN.findall(text) if word]
        self._at, self._file, self._known, self._services = 0, file, known, services

    def read(self):
        while self._at < len(self._words):
            word = self._next()
            if word == "package":
                self._file.package = self._next()
            elif word == "message":
                self._message(self._file.message_type.add(), self._file.package)
            elif word == "service":
                self._service()

    def _next(self):
        self._at += 1
        return self._words[self._at - 1]

    def _message(self, made, around):
        made.name = self._next()
        path = f"{around}.{made.name}"
        self._known.add(path)
        self._next()
        while (word := self._next()) != "}":
            if word == "message":
                self._message(made.nested_type.add(), path)
            elif word == "oneof":
                made.oneof_decl.add(name=self._next())
                self._next()
                while (kind := self._next()) != "}":
                    self._field(made, path, kind).oneof_index = len(made.oneof_decl) - 1
            elif word == "map":
                self._map(made, path)
            elif word == "repeated":
                self._field(made, path, self._next()).label = _REPEATED
            elif word != ";":
                self._field(made, path, word)

    def _field(self, made, path, kind):
        """A field behind the word for its kind: `name = number;`."""
        field = made.field.add(name=self._next(), label=_OPTIONAL)
        self._next()
        field.number = int(self._next())
        self._next()
        self._set_kind(field, path, kind)
        return field

    def _set_kind(self, field, path, kind):
        if kind in _SCALARS:
            field.type = _SCALARS[kind]
        else:
            field.type, field.type_name = _MESSAGE, "." + self._resolved(kind, path)

    def _resolved(self, kind, path):
        """The full name of a message that is spoken of within `path`."""
        while path:
            if f"{path}.{kind}" in self._known:
                return f"{path}.{kind}"
            path = path.rpartition(".")[0]
        return kind

    def _map(self, made, path):
        self._next()
        key, _, value, _ = self._next(), self._next(), self._next(), self._next()
        entry_name = "".join(part.capitalize() for part in self._words[self._at].split("_")) + "Entry"
        field = self._field(made, path, key)
        field.label, field.type, field.type_name = _REPEATED, _MESSAGE, f".{path}.{entry_name}"
        entry = made.nested_type.add(name=entry_name)
        entry.options.map_entry = True
        for number, (name, kind) in enumerate((("key", key), ("value", value)), 1):
            self._set_kind(entry.field.add(name=name, number=number, label=_OPTIONAL), path, kind)

    def _service(self):
        package = self._file.package
        methods = self._services[f"{package}.{self._next()}"] = {}
        self._next()
        while self._next() == "rpc":
            name, _, given, _, _, _, returned, _, _ = (self._next() for _ in range(9))
            methods[name] = (f"{package}.{given}", f"{package}.{returned}")
