"""Bytes as an object file: read-only data under a name, which a linker puts into a library."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

_MACHINES = {"x86_64": 62, "aarch64": 183}
_HEADER, _SECTION, _SYMBOL = "<16sHHIQQQIHHHHHH", "<IIQQQQIIQQ", "<IBBHQQ"
_LINE = 64


def write(path: str, machine: str, symbol: str, pieces: Sequence[Any]) -> None:
    """Write an ELF object file for `machine` whose hidden symbol names `pieces`, one behind the other.

    pieces: objects with a buffer; together they begin at a multiple of 64 bytes.
    """
    size = sum(memoryview(piece).nbytes for piece in pieces)
    names = b"\0.rodata\0.symtab\0.strtab\0.shstrtab\0.note.GNU-stack\0"
    strings = b"\0" + symbol.encode() + b"\0"
    symbols = bytes(24) + struct.pack(_SYMBOL, 1, 0x11, 2, 1, 0, size)  # a global object, hidden
    at = _LINE * 2
    begin_symbols = -(-(at + size) // 8) * 8
    begin_strings = begin_symbols + len(symbols)
    begin_names = begin_strings + len(strings)
    begin_sections = -(-(begin_names + len(names)) // 8) * 8

    def section(name, kind, flags, offset, length, link=0, info=0, align=1, entry=0):
        return struct.pack(
            _SECTION, names.index(b"\0" + name + b"\0") + 1 if name else 0, kind, flags, 0, offset, length, link, info,
            align, entry,
        )  # fmt: skip

    sections = [
        section(b"", 0, 0, 0, 0, align=0),
        section(b".rodata", 1, 2, at, size, align=_LINE),
        section(b".symtab", 2, 0, begin_symbols, len(symbols), link=3, info=1, align=8, entry=24),
        section(b".strtab", 3, 0, begin_strings, len(strings)),
        section(b".shstrtab", 3, 0, begin_names, len(names)),
        section(b".note.GNU-stack", 1, 0, begin_names, 0),
    ]
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack(
        _HEADER, identity, 1, _MACHINES[machine], 1, 0, 0, begin_sections, 0, 64, 0, 0, 64, len(sections), 4
    )
    with open(path, "wb") as file:
        file.write(header.ljust(at, b"\0"))
        for piece in pieces:
            file.write(memoryview(piece).cast("B"))
        file.write(bytes(begin_symbols - file.tell()) + symbols + strings + names)
        file.write(bytes(begin_sections - file.tell()) + b"".join(sections))
