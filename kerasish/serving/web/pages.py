"""What people and watchdogs ask for: the status page, health, figures, what the server is."""

from __future__ import annotations

import html
import os
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, Router

import kerasish
from kerasish.serving.protocols import open_inference
from kerasish.serving.refusals import NotFound, WrongMethod
from kerasish.serving.web.exchange import Receive, Scope, Send

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0 }
th { border-bottom: 2px solid #3f51b5 } td { border-bottom: 1px solid #ddd } .bad { color: #b00020 }
@media (prefers-color-scheme: dark) { body { background: #1c1c20; color: #ddd } td { border-color: #444 } }
"""


def routes(service: Any, prometheus: Any) -> Any:
    """An ASGI application that answers for all addresses but the models' own."""

    async def live(request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:
        is_ready = service.ready()
        return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)

    async def about(request: Request) -> Response:
        return JSONResponse(open_inference.server_metadata(kerasish.__version__))

    async def index(request: Request) -> Response:
        return JSONResponse(repository(service))

    async def figures(request: Request) -> Response:
        return Response(prometheus.text(), headers={"content-type": prometheus.content_type.decode()})

    async def status(request: Request) -> Response:
        return HTMLResponse(page(service))

    router = Router(
        [
            Route("/", status),
            Route("/metrics", figures),
            Route("/v2", about),
            Route("/v2/health/live", live),
            Route("/v2/health/ready", ready),
            Route("/v2/repository/index", index, methods=["POST"]),
        ],
        default=_nowhere,
    )

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await router(scope | {"app": router}, receive, send)
        except HTTPException as error:
            if error.status_code != 405:
                raise
            raise WrongMethod(f"{scope['path']} does not take {scope['method']}.") from error

    return answered


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotFound(f"There is nothing at {scope['path']}.")


def repository(service: Any) -> list[dict[str, str]]:
    """All models and versions, as Triton lists them."""
    return [
        {
            "name": name,
            "version": str(number),
            "state": "READY" if version.state == "AVAILABLE" else "UNAVAILABLE",
            "reason": version.error,
        }
        for name in service.registry.names()
        for number, version in service.registry.status(name)
    ]


def page(service: Any) -> str:
    """The status page: models, versions, how many requests, how long they take."""
    rows = "".join(row for name in service.registry.names() for row in _rows(service, name))
    state = "ends" if service.ending else "ready" if service.ready() else "not ready"
    trouble = "".join(f'<p class="bad">{html.escape(text)}</p>' for text in _troubles(service))
    heads = "".join(f"<th>{head}</th>" for head in "Model Version State Requests p50 p99 Rows/batch Memory".split())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        f"<title>kerasish serving</title><style>{_STYLE}</style><h1>kerasish {kerasish.__version__}: {state}</h1>"
        f"{trouble}<table><tr>{heads}</tr>{rows}</table>"
        f"<p>Process {os.getpid()}, {service.pool.waiting()} rows wait. "
        '<a href="metrics">Figures for Prometheus</a></p></html>'
    )


def _troubles(service):
    folder = [f"The folder of models can't be read: {service.trouble}"] if service.trouble else []
    return folder + [f"{name}: {error}" for name, error in sorted(service.registry.errors.items())]


def _rows(service, name):
    figures = service.figures.of(name)
    labels = {version: label for label, version in service.registry.options(name).labels.items()}
    shown = [
        str(figures.requests),
        _milliseconds(figures.quantile(0.5)),
        _milliseconds(figures.quantile(0.99)),
        f"{figures.rows / figures.batches:.1f}" if figures.batches else "",
    ]
    for number, version in service.registry.status(name):
        state = html.escape(version.state + (" (resting)" if version.resting else ""))
        if version.error:
            state += f' <span class="bad">{html.escape(version.error)}</span>'
        label = f" ({html.escape(labels[number])})" if number in labels else ""
        memory = f"{version.servable.bytes / 1e6:.1f} MB" if version.servable else ""
        cells = [html.escape(name), f"{number}{label}", state, *shown, memory]
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        shown = [""] * len(shown)  # the figures are the model's


def _milliseconds(seconds):
    return "" if seconds is None else f"{seconds * 1e3:.2f} ms"
