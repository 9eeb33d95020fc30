"""Both protocols over gRPC, where grpcio is installed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from kerasish.optional import needed
from kerasish.serving.protocols import inference_grpc, tensorflow_grpc
from kerasish.serving.protocols.schemas import methods
from kerasish.serving.refusals import Refusal
from kerasish.serving.service import Service
from kerasish.serving.web.guard import refusal_of

_THREADS = 32  # requests that wait at once; batches are made of them
_OPEN = ("ServerLive", "ServerReady")
_ANSWERS: dict[str, dict[str, Callable[..., Any]]] = {
    "tensorflow.serving.PredictionService": tensorflow_grpc.PREDICTION,
    "tensorflow.serving.ModelService": tensorflow_grpc.MODELS,
    "inference.GRPCInferenceService": inference_grpc.INFERENCE,
}


def grpc_server(
    service: Service,
    address: str,
    token: str | None = None,
    max_message_bytes: int = 64 << 20,
    certificate: str | None = None,
    key: str | None = None,
) -> Any:
    """A started server of gRPC.

    Args:
        service: Service.
        address: string, "HOST:PORT".
        token: string that calls must bring in their metadata (`authorization: Bearer TOKEN`), or None.
        max_message_bytes: int, the largest message that is taken and given.
        certificate, key: paths of PEM files for TLS, or None.

    Returns:
        A `grpc.Server`, with the port it listens on as `port`.

    Raises:
        ImportError: where grpcio is not installed. OSError: where it can't listen there.
    """
    grpc = needed("grpc", "Serving over gRPC needs grpcio: `pip install grpcio`.")
    sizes = [("grpc.max_receive_message_length", max_message_bytes), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(_THREADS, "kerasish-serving-grpc"), options=sizes)
    for name, answers in _ANSWERS.items():
        handlers = {
            method: grpc.unary_unary_rpc_method_handler(
                partial(_answered, grpc, service, answers[method], None if method in _OPEN else token),
                request_deserializer=given.FromString,
                response_serializer=returned.SerializeToString,
            )
            for method, (given, returned) in methods(name).items()
        }
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(name, handlers)])
    try:
        if key is None:
            port = server.add_insecure_port(address)
        else:
            pair = (Path(key).read_bytes(), Path(certificate or "").read_bytes())
            port = server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    except RuntimeError as error:
        raise OSError(f"gRPC can't listen on {address}: {error}") from error
    server.port = port
    server.start()
    return server


def _answered(grpc, service, answer, token, request, context):
    try:
        if token is not None:
            given = dict(context.invocation_metadata()).get("authorization", "")
            refusal = refusal_of(given.encode(), token)
            if refusal is not None:
                raise refusal
        return answer(service, request, context.time_remaining())
    except Refusal as refusal:
        context.abort(grpc.StatusCode[refusal.code], refusal.message)
