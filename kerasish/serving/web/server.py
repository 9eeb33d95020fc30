"""One process: the service, its application and uvicorn, from the first look at the folder to the last answer."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from typing import Any

from kerasish.optional import needed
from kerasish.serving.names import TOKEN
from kerasish.serving.options import Batching
from kerasish.serving.service import Service
from kerasish.suggestions import install

_NEEDED = f"`python -m kerasish serve` needs starlette, uvicorn and prometheus-client: {install('serving')}."


def serve(options: Any) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code.

    Args:
        options: what the command was told.
    """
    uvicorn = needed("uvicorn", _NEEDED)
    needed("starlette.middleware.cors", _NEEDED)
    needed("prometheus_client", _NEEDED)
    from kerasish.serving.web.application import application  # an optional package behind it

    sys.setswitchinterval(0.0005)  # while a thread prepares a batch, requests are not left lying for 5 ms
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    service = Service(
        options.folder,
        _batching(options),
        memory_limit=options.memory_limit,
        threads=options.threads,
        timeout=options.timeout,
        poll=options.poll,
        log=options.log_requests,
        log_share=options.log_share,
        shared=options.shared,
        observers=[Log()],
    )
    token = os.environ.get(TOKEN)
    app = application(service, options.max_body_bytes, token, options.allow_origin)
    config = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        timeout_graceful_shutdown=max(1, int(options.patience)),
    )
    server = _server(uvicorn.Server)(config, service, options.drain)
    rpc = _grpc(options, service, token)
    sockets = [_socket(options)]
    host, port = sockets[0].getsockname()[:2]
    logging.getLogger("kerasish.serving").info(
        "%s on %s://%s:%s", ", ".join(service.registry.names()), "https" if options.key else "http", host, port
    )
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)  # uvicorn raises again what it got, when all has ended well
    server.run(sockets=sockets)
    if rpc is not None:
        rpc.stop(options.patience).wait()
    return 0


def _batching(options):
    sizes = options.allowed_batch_sizes
    try:
        sizes = None if sizes is None else tuple(int(size) for size in sizes.split(","))
    except ValueError as error:
        raise ValueError(f"--allowed-batch-sizes takes numbers with commas between, got {sizes!r}.") from error
    return Batching(options.max_batch_size, options.batch_timeout_micros, sizes, options.max_queued_rows)


def _socket(options):
    if options.listening is not None:
        return socket.socket(fileno=options.listening)
    return listening(options.host, options.port)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(2048)
    made.set_inheritable(True)
    return made


def _grpc(options, service, token):
    if options.grpc_port is None:
        return None
    from kerasish.serving.web.grpc_server import grpc_server  # an optional package behind it

    return grpc_server(
        service,
        f"{options.host}:{options.grpc_port}",
        token=token,
        max_message_bytes=options.max_body_bytes,
        certificate=options.certificate,
        key=options.key,
    )


def _server(base):
    class Server(base):
        """uvicorn's server, which says that it ends before it does."""

        def __init__(self, config, service, drain):
            super().__init__(config)
            self._service, self._drain = service, drain

        def handle_exit(self, sig, frame):
            again = self._service.ending
            self._service.ending = True  # who asks whether it is ready sends requests elsewhere from now on
            self._service.pool.hurry()
            if self._drain and not again:
                threading.Timer(self._drain, super().handle_exit, (sig, frame)).start()
            else:
                super().handle_exit(sig, frame)

    return Server


class Log:
    """An observer that writes a line when a version comes or goes."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("kerasish.serving")

    def request(self, *said: Any) -> None:
        """Nothing: there are too many."""

    def batch(self, *said: Any) -> None:
        """Nothing."""

    def event(self, what: str, name: str, version: int, seconds: float) -> None:
        """A version came or went."""
        words = {"load": "loaded", "fail": "DID NOT LOAD", "unload": "has left", "rest": "rests for want of memory"}
        took = f" ({seconds:.2f} s)" if seconds else ""
        self._logger.info("%s version %s %s%s", name, version, words[what], took)
