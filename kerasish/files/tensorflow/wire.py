"""Protocol buffers as they lie in a file: fields by number. No schema and no library are needed to take a few of them.

Reference:
    [Encoding](https://protobuf.dev/programming-guides/encoding/).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from kerasish.configs.limits import LIMITS

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST = 10  # bytes of a number of 64 bits, seven in each


def varint(data: Any, place: int, end: int) -> tuple[int, int]:
    """(number, where what follows it begins), of a number in groups of seven bits.

    Raises:
        ValueError: where the bytes end within it, or it has more than 64 bits.
    """
    number = shift = 0
    for at in range(place, min(end, place + _LONGEST)):
        byte = data[at]
        number |= (byte & 127) << shift
        if byte < 128:
            return number & 0xFFFFFFFFFFFFFFFF, at + 1
        shift += 7
    raise ValueError("a number is cut off")


def signed(number: int) -> int:
    """An int64 out of the 64 bits that stand for it."""
    return number - (1 << 64) if number >> 63 else number


class Message:
    """One message.

    Args:
        data: bytes or memoryview.
        what: what errors call it.

    Raises:
        ValueError: that names `what`, where the bytes are no message.
    """

    def __init__(self, data: Any, what: str) -> None:
        self.what: str = what
        self._fields: dict[int, list[Any]] = {}
        try:
            for count, (number, value) in enumerate(_fields(memoryview(data))):
                if count > LIMITS.objects:
                    raise ValueError(f"it has more than {LIMITS.objects} fields")
                self._fields.setdefault(number, []).append(value)
        except ValueError as error:
            raise ValueError(f"{what} is damaged: {error}.") from None

    def __contains__(self, number: int) -> bool:
        return number in self._fields

    def _last(self, number, kind, default):
        values = self._fields.get(number)
        if values is None:
            return default
        if not isinstance(values[-1], kind):
            raise ValueError(f"{self.what} is damaged: its field {number} is of another kind.")
        return values[-1]

    def number(self, number: int, default: int = 0) -> int:
        """The unsigned number in a field."""
        return self._last(number, int, default)

    def data(self, number: int) -> memoryview:
        """The bytes in a field, none where it is missing."""
        return self._last(number, memoryview, memoryview(b""))

    def text(self, number: int) -> str:
        """The text in a field. Raises ValueError for what is not UTF-8."""
        try:
            return str(self.data(number), "utf-8")
        except UnicodeDecodeError:
            raise ValueError(f"{self.what} is damaged: its field {number} is no text.") from None

    def message(self, number: int) -> Message:
        """The message in a field, an empty one where it is missing."""
        return Message(self.data(number), self.what)

    def all(self, number: int) -> list[int | memoryview]:
        """The values of a repeated field as they stand: numbers, or bytes."""
        return self._fields.get(number, [])

    def all_data(self, number: int) -> list[memoryview]:
        """The bytes of a repeated field."""
        values = self.all(number)
        if not all(isinstance(value, memoryview) for value in values):
            raise ValueError(f"{self.what} is damaged: its field {number} is of another kind.")
        return values

    def messages(self, number: int) -> Iterator[Message]:
        """The messages in a repeated field."""
        for value in self.all_data(number):
            yield Message(value, self.what)


def _fields(data):
    """(number, int or memoryview) of each field."""
    place, end = 0, len(data)
    while place < end:
        key, place = varint(data, place, end)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = varint(data, place, end)
        elif kind == _BYTES:
            length, place = varint(data, place, end)
            if length > end - place:
                raise ValueError("a field is longer than the message around it")
            value, place = data[place : place + length], place + length
        elif kind in (_EIGHT, _FOUR):
            size = 8 if kind == _EIGHT else 4
            if size > end - place:
                raise ValueError("a field is cut off")
            value = struct.unpack_from("<Q" if kind == _EIGHT else "<I", data, place)[0]
            place += size
        else:
            raise ValueError(f"a field is of the kind {kind}, which nobody writes")
        if not number:
            raise ValueError("a field has the number 0")
        yield number, value
