"""Messages and services out of `.proto` files that lie beside the code, without a compiler of protocol buffers.

The part of the language that those files need: messages in messages, maps, `oneof`, `repeated`, services.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from kerasish.beside import read_data
from kerasish.optional import needed

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


class Protos:
    """The messages and services of some files, which are read when the first is asked for.

    They are known in a pool of their own: TensorFlow, in the same process, has messages of the same names in the common
    one.

    Args:
        files: list of (package, name of the file without ".proto"); each may speak of messages of those before it.
        otherwise: string, what to say where protobuf is not installed.

    Example:
        >>> from kerasish.protos import Protos
        >>> examples = Protos([("kerasish.data", "example")], "Examples need protobuf.")
        >>> examples.message("tensorflow.Int64List")(value=[1, 2]).SerializeToString()
        b'\\n\\x02\\x01\\x02'
    """

    def __init__(self, files: Sequence[tuple[str, str]], otherwise: str) -> None:
        self._files, self._otherwise = tuple(files), otherwise
        self.message = cache(self._message)
        self._read = cache(self._all_read)

    def _message(self, name: str) -> Any:
        """The class of a message, by its name with its package. Raises ImportError where protobuf is not installed."""
        return self._library("message_factory").GetMessageClass(self._read()[0].FindMessageTypeByName(name))

    def methods(self, service: str) -> dict[str, tuple[Any, Any]]:
        """The methods of a service: dict from name to (class of the request, class of the answer)."""
        found = self._read()[1][service]
        return {name: (self.message(given), self.message(returned)) for name, (given, returned) in found.items()}

    def _library(self, module):
        return needed(f"google.protobuf.{module}", self._otherwise)

    def _all_read(self):
        pool, services = self._library("descriptor_pool").DescriptorPool(), {}
        known: set[str] = set()
        names: list[str] = []
        for package, name in self._files:
            importlib.import_module(package)  # or it can't be asked for its files
            text = read_data(package, f"{name}.proto").decode("utf-8")
            file = self._library("descriptor_pb2").FileDescriptorProto(name=f"{package}/{name}.proto", syntax="proto3")
            file.dependency.extend(names)
            _File(text, file, known, services).read()
            pool.Add(file)
            names.append(file.name)
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
