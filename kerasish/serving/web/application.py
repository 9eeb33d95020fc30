"""The ASGI application: addresses to what answers them."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Sequence
from typing import Any

from starlette.middleware.cors import CORSMiddleware

from kerasish.serving.protocols import open_inference, tensorflow_rest
from kerasish.serving.protocols.json_text import dumps
from kerasish.serving.refusals import Failed, NotFound, Refusal, WrongMethod
from kerasish.serving.service import Service
from kerasish.serving.web import pages
from kerasish.serving.web.bridge import Bridge
from kerasish.serving.web.exchange import Disconnected, Receive, Scope, Send, answer, header, refuse, whole_body
from kerasish.serving.web.guard import Guard
from kerasish.serving.web.prometheus import Prometheus

MAX_BODY_BYTES = 64 << 20
_logger = logging.getLogger("kerasish.serving")
_V1 = re.compile(
    r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>\d{1,18})|/labels/(?P<label>[^/:]+))?"
    r"(?::(?P<verb>predict|classify|regress)|/(?P<about>metadata))?"
)
_V2 = re.compile(r"/v2/models/(?P<name>[^/]+)(?:/versions/(?P<version>\d{1,18}))?(?:/(?P<verb>infer|ready))?")
_HEAD_LENGTH = b"inference-header-content-length"
_BINARY = (b"content-type", b"application/octet-stream")


def application(
    service: Service,
    max_body_bytes: int = MAX_BODY_BYTES,
    token: str | None = None,
    allow_origins: Sequence[str] = (),
) -> Any:
    """The ASGI application of a service, for uvicorn or any other server of ASGI.

    Args:
        service: Service; it is watched from the server's start, and stopped at its end.
        max_body_bytes: int, the largest body that is taken.
        token: string that requests must bring (`Authorization: Bearer TOKEN`), or None for an open server. What asks
            for health needs none.
        allow_origins: origins whose pages may ask (CORS); none by default.

    Returns:
        An ASGI application.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> from kerasish.serving import Service, application
        >>> from starlette.testclient import TestClient
        >>> root = tempfile.mkdtemp()
        >>> os.makedirs(os.path.join(root, "double", "1"))
        >>> x = keras.Input((2,), name="x")
        >>> keras.Model(x, x * 2.0).save(os.path.join(root, "double", "1", "model.keras"))
        >>> with TestClient(application(Service(root, poll=0))) as client:
        ...     client.post("/v1/models/double:predict", json={"instances": [[1.0, 2.0]]}).json()
        {'predictions': [[2.0, 4.0]]}
    """
    app: Any = Application(service, max_body_bytes)
    if allow_origins:
        app = CORSMiddleware(app, allow_origins=list(allow_origins), allow_methods=["*"], allow_headers=["*"])
    return app if token is None else Guard(app, token)


class Application:
    """What `application` returns, without what stands before it."""

    def __init__(self, service: Service, max_body_bytes: int) -> None:
        self.service, self._limit = service, max_body_bytes
        self.prometheus = Prometheus(service)
        service.figures.join(self.prometheus)
        self._bridge: Bridge | None = None
        self._others = pages.routes(service, self.prometheus)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive, send):
        await receive()
        self.service.watch()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.get_running_loop().run_in_executor(None, self.service.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope, receive, send):
        path = scope["path"]
        try:
            found = _V1.fullmatch(path)
            if found is not None:
                await self._tensorflow(found.groupdict(), scope, receive, send)
                return
            found = _V2.fullmatch(path)
            if found is not None:
                await self._open_inference(found.groupdict(), scope, receive, send)
            elif path.startswith("/v1/"):
                raise NotFound(f"Malformed request: {scope['method']} {path}")
            else:
                await self._others(scope, receive, send)
        except Refusal as refusal:
            await refuse(send, refusal)
        except Disconnected:
            pass
        except Exception as error:
            _logger.exception("A request for %s failed", path)
            await refuse(send, Failed(f"{type(error).__name__}: {error}"))

    # -- TensorFlow Serving

    async def _tensorflow(self, asked, scope, receive, send):
        where = _where(asked)
        verb = asked["verb"]
        if verb is None:
            _needs(scope, "GET")
            if asked["about"] is None:
                await answer(send, 200, tensorflow_rest.status_response(self.service.registry.status(*where)))
                return
            servable = await self._lease(where)
            try:
                body = tensorflow_rest.metadata_response(servable)
            finally:
                servable.leave()
            await answer(send, 200, body)
            return
        _needs(scope, "POST")
        began = time.perf_counter()
        body = await whole_body(scope, receive, self._limit)
        servable = await self._lease(where)
        with _Measured(self.service, servable, verb, began):
            signature = servable.signature
            if verb == "predict":
                (tensors, by_rows), arrays = _read(servable, tensorflow_rest.predict_request, body)
                work = await self._ask(servable, arrays)
                body = tensorflow_rest.predict_response(signature, work.outputs, by_rows)
            else:
                _, arrays = _read(servable, tensorflow_rest.examples_request, body)
                work = await self._ask(servable, arrays)
                of = tensorflow_rest.classes_of if verb == "classify" else tensorflow_rest.values_of
                body = tensorflow_rest.results_response(of(work.outputs), work.outputs)
        await answer(send, 200, body)

    # -- the Open Inference Protocol

    async def _open_inference(self, asked, scope, receive, send):
        where = (asked["name"], _number(asked["version"]), None)
        verb = asked["verb"]
        if verb == "infer":
            _needs(scope, "POST")
            await self._infer(where, scope, receive, send)
            return
        _needs(scope, "GET")
        if verb == "ready":
            self.service.registry.find(*where)
            await answer(send, 200, dumps({"name": asked["name"], "ready": True}))
            return
        servable = await self._lease(where)
        try:
            versions = [number for number, v in self.service.registry.status(asked["name"]) if v.state == "AVAILABLE"]
            body = dumps(open_inference.model_metadata(servable, sorted(versions)))
        finally:
            servable.leave()
        await answer(send, 200, body)

    async def _infer(self, where, scope, receive, send):
        began = time.perf_counter()
        body = await whole_body(scope, receive, self._limit)
        head = header(scope, _HEAD_LENGTH)
        if head is not None:
            head = int(head) if head.isdigit() and len(head) < 10 else -1
        servable = await self._lease(where)
        with _Measured(self.service, servable, "infer", began):
            request, arrays = _read(servable, open_inference.infer_request, body, head)
            work = await self._ask(servable, arrays, request.timeout)
            body, head = open_inference.infer_response(servable, request, work.outputs)
        if head is None:
            await answer(send, 200, body)
        else:
            await answer(send, 200, body, _BINARY, (_HEAD_LENGTH, b"%d" % head))

    # -- both

    async def _lease(self, where):
        """The version that is meant; where it has to be loaded first, the others are answered meanwhile."""
        registry = self.service.registry
        if registry.resident(*where):
            return registry.lease(*where)
        return await asyncio.get_running_loop().run_in_executor(None, registry.lease, *where)

    async def _ask(self, servable, arrays, timeout=None):
        loop = asyncio.get_running_loop()
        if self._bridge is None or self._bridge.loop is not loop:
            self._bridge = Bridge(self.service, loop)
        work = await self._bridge.ask(servable, arrays, timeout)
        work.result()
        self.service.record(work)
        return work


class _Measured:
    """`with _Measured(...)`: a request is counted, with the time it took and how it ended."""

    __slots__ = ("_began", "_servable", "_service", "_verb")

    def __init__(self, service, servable, verb, began):
        self._service, self._servable, self._verb, self._began = service, servable, verb, began

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        status = 200 if error is None else getattr(error, "status", 500)
        seconds = time.perf_counter() - self._began
        self._service.figures.request(self._servable.name, self._servable.version, self._verb, status, seconds)


def _read(servable, parse, body, *rest):
    """(what `parse` makes of a body, the arrays); the lease ends where that fails."""
    try:
        found = parse(body, *rest, servable.signature)
        tensors = found[0] if isinstance(found, tuple) else getattr(found, "tensors", found)
        return found, servable.signature.ordered(tensors)
    except BaseException:
        servable.leave()
        raise


def _where(asked):
    return asked["name"], _number(asked["version"]), asked["label"]


def _number(digits):
    return None if digits is None else int(digits)


def _needs(scope, method):
    if scope["method"] != method and not (method == "GET" and scope["method"] == "HEAD"):
        raise WrongMethod(f"{scope['path']} takes {method}, got {scope['method']}.")
