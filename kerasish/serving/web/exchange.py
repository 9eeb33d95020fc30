"""One request and its answer over ASGI, with no more objects than that takes."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from kerasish.serving.protocols.json_text import dumps
from kerasish.serving.refusals import BadRequest, Refusal, TooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = (b"content-type", b"application/json")
_RETRY = (b"retry-after", b"1")


class Disconnected(Exception):
    """The client went before its request was whole."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header, by its name in small letters."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


async def whole_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body of a request, unpacked where it came packed by gzip.

    Args:
        scope, receive: of ASGI.
        limit: int, bytes, packed and unpacked.

    Raises:
        TooLarge: as soon as it is known. BadRequest: for another packing, and for what is none.
        Disconnected: where the client goes meanwhile.
    """
    announced = header(scope, b"content-length")
    if announced is not None and (not announced.isdigit() or int(announced) > limit):
        raise _too_large(limit)
    found = await receive()
    body = found.get("body", b"")
    if found.get("more_body"):
        parts, size = [body], len(body)
        while found.get("more_body"):
            found = await receive()
            parts.append(found.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
        body = b"".join(parts)
    if found["type"] == "http.disconnect":
        raise Disconnected
    if len(body) > limit:
        raise _too_large(limit)
    packing = header(scope, b"content-encoding")
    return body if packing in (None, b"identity") else _unpacked(body, packing, limit)


def _unpacked(body, packing, limit):
    if packing != b"gzip":
        raise BadRequest(f"Content-Encoding may be gzip, got {packing.decode('latin-1')!r}.")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest(f"The body is no gzip: {error}.") from error
    if len(found) > limit:
        raise _too_large(limit)
    if not unpacker.eof:
        raise BadRequest("The body is cut off in the middle of its gzip.")
    return found


def _too_large(limit):
    return TooLarge(f"The body is larger than the {limit} bytes that are taken (--max-body-bytes).")


async def answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send an answer whole; of JSON where no headers say what it is."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*(headers or (JSON,)), length]})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refusal) -> None:
    """Send the body that TensorFlow Serving, KServe and Triton have for errors: `{"error": text}`."""
    headers = [JSON, _RETRY] if refusal.status in (429, 503) else [JSON]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await answer(send, refusal.status, dumps({"error": refusal.message}), *headers)
