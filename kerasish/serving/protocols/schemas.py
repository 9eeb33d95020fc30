"""The messages and services of both protocols, out of the `.proto` files here and in `kerasish.data`."""

from __future__ import annotations

from kerasish.protos import Protos
from kerasish.suggestions import install

_HERE = "kerasish.serving.protocols"
_PROTOS = Protos(
    [
        ("kerasish.data", "example"),
        (_HERE, "tensorflow"),
        (_HERE, "tensorflow_serving"),
        (_HERE, "open_inference"),
    ],
    f"gRPC and the records of requests need protobuf: {install('serving')}.",
)
message, methods = _PROTOS.message, _PROTOS.methods
