"""Who may ask: a bearer token before everything but the questions after health."""

from __future__ import annotations

import hmac
from typing import Any

from kerasish.serving.refusals import Refusal, Unauthorized
from kerasish.serving.web.exchange import Receive, Scope, Send, header, refuse

OPEN = ("/v2/health/live", "/v2/health/ready")


class Guard:
    """An ASGI application before another one.

    Args:
        app: the other one. token: string.
    """

    def __init__(self, app: Any, token: str) -> None:
        if not token:
            raise ValueError("`token` is empty: give one, or None for an open server.")
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN and scope["method"] != "OPTIONS":
            refusal = refusal_of(header(scope, b"authorization"), self._token)
            if refusal is not None:
                await refuse(send, refusal)
                return
        await self._app(scope, receive, send)


def refusal_of(authorization: bytes | None, token: str) -> Refusal | None:
    """Why a request with this header is refused, or None. The time it takes says nothing of the token."""
    kind, _, given = (authorization or b"").partition(b" ")
    if kind.lower() != b"bearer":
        return Unauthorized("A token is needed: 'Authorization: Bearer TOKEN'.")
    if not hmac.compare_digest(given.strip(), token.encode()):
        return Unauthorized("The token is not the server's.")
    return None
