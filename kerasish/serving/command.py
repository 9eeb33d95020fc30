"""The command `python -m kerasish serve FOLDER`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from kerasish.serving.names import TOKEN

_SIZES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser(
        "serve",
        help="answer requests for the models in a folder, over HTTP and gRPC",
        description="Serve the models in FOLDER/NAME/VERSION/ by TensorFlow Serving's REST API and the Open Inference "
        f"Protocol v2. A token that requests must bring is taken from the environment variable {TOKEN}.",
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="folder of NAME/VERSION/ folders, each with the file of a model")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1; 0.0.0.0 for all)")
    add("--port", type=int, default=8501, help="port of HTTP (8501; 0 for a free one)")
    add("--grpc-port", type=int, metavar="PORT", help="port of gRPC (none)")
    add("--workers", type=int, default=1, metavar="N", help="processes behind the port; they share weights (1)")
    add("--threads", type=int, default=2, metavar="N", help="threads that compute batches in each process (2)")
    add("--max-batch-size", type=int, metavar="ROWS", help="most rows computed at once (found when warming up)")
    add("--batch-timeout-micros", type=int, default=0, metavar="N", help="how long a batch waits to fill up (0)")
    add("--allowed-batch-sizes", metavar="N,N", help="sizes that batches are filled up to (powers of two)")
    add("--max-queued-rows", type=int, default=1024, metavar="ROWS", help="more are refused with 429 (1024)")
    add("--timeout", type=float, default=60.0, metavar="SECONDS", help="deadline of a request (60)")
    add("--memory-limit", type=_bytes, metavar="SIZE", help="of all models together, as 2g: the least used rest")
    add("--max-body-bytes", type=_bytes, default=64 << 20, metavar="SIZE", help="larger requests are refused (64m)")
    add("--poll", type=float, default=1.0, metavar="SECONDS", help="how often the folder is looked at (1)")
    add("--log-requests", metavar="FOLDER", help="record requests as TFRecord files")
    add("--log-share", type=float, default=1.0, metavar="SHARE", help="the share of requests that is recorded (1.0)")
    add("--allow-origin", action="append", default=[], metavar="ORIGIN", help="a site whose pages may ask (none)")
    add("--certificate", metavar="FILE", help="TLS: the chain of certificates, PEM")
    add("--key", metavar="FILE", help="TLS: the private key, PEM")
    add(
        "--drain",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long to answer on, not ready, before ending (0)",
    )
    add("--patience", type=float, default=30.0, metavar="SECONDS", help="how long requests may take to end (30)")
    add("--listening", type=int, help=argparse.SUPPRESS)  # the socket of the process that started this one
    add("--shared", help=argparse.SUPPRESS)  # where the weights of all processes lie
    parser.set_defaults(run=run)


def _bytes(text):
    """A size as people write it: 500m, 2g."""
    number, unit = (text[:-1], text[-1].lower()) if text[-1:].lower() in _SIZES else (text, "")
    if not number.isdigit() or not int(number):
        raise argparse.ArgumentTypeError(f"must be a number of bytes, as 500m or 2g, got {text!r}")
    return int(number) * _SIZES.get(unit, 1)


def run(options: Any) -> int:
    """Serve until a signal ends it.

    Returns the exit code: 0, or 1 where it could not begin (said in one line).
    """
    try:
        _check(options)
        if options.workers > 1:
            from kerasish.serving.web.workers import supervise  # start-up time: other commands don't need it

            return supervise(options)
        from kerasish.serving.web.server import serve  # start-up time, and an optional package behind it

        return serve(options)
    except (ValueError, OSError, ImportError) as error:
        print(f"kerasish serve: {error}", file=sys.stderr)
        return 1


def _check(options):
    if not os.path.isdir(options.folder):
        raise ValueError(f"There is no folder {options.folder!r}.")
    if bool(options.certificate) != bool(options.key):
        raise ValueError("TLS takes both --certificate and --key.")
    for name in ("workers", "threads"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name} must be at least 1, got {getattr(options, name)}.")
    if options.workers > 1 and os.name != "posix":
        raise ValueError("--workers above 1 needs a system that can hand a socket on: Linux or macOS.")
    if options.workers > 1 and not options.port:
        raise ValueError("--workers above 1 needs a --port.")
