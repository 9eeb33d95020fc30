"""The Open Inference Protocol, version 2, over HTTP: JSON, and numbers as they lie in memory behind it.

Reference:
    [The protocol](https://github.com/kserve/open-inference-protocol) and its
    [binary tensors](https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasish.serving.heart.servable import Servable
from kerasish.serving.heart.signature import Signature, TensorInfo, np_dtype
from kerasish.serving.protocols.json_tensors import array_of
from kerasish.serving.protocols.json_text import dumps_numbers, loads
from kerasish.serving.protocols.texts import decoded_texts, encoded_texts
from kerasish.serving.refusals import BadRequest
from kerasish.suggestions import did_you_mean

DATATYPES = {
    "bool": "BOOL",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "float16": "FP16",
    "bfloat16": "BF16",
    "float32": "FP32",
    "float64": "FP64",
    "string": "BYTES",
}
EXTENSIONS = ["binary_tensor_data", "model_repository"]
_DTYPES = {datatype: dtype for dtype, datatype in DATATYPES.items()}


@dataclass
class InferRequest:
    """A request.

    Args:
        tensors: dict from name to array.
        id: string, or None.
        outputs: list of (name, whether it is wanted as bytes), in the order asked for; None for all.
        binary: bool, whether outputs are wanted as bytes where nothing is said of one.
        timeout: float, seconds, or None.
    """

    tensors: dict[str, Any]
    id: str | None = None
    outputs: list[tuple[str, bool | None]] | None = None
    binary: bool = False
    timeout: float | None = None


def infer_request(body: bytes, head_length: int | None, signature: Signature) -> InferRequest:
    """Read a body.

    Args:
        body: bytes.
        head_length: int, the bytes of JSON before the numbers, as the header Inference-Header-Content-Length says.
        signature: Signature.

    Raises:
        BadRequest: for anything that is no such request.
    """
    if head_length is not None and not 0 < head_length <= len(body):
        raise BadRequest(f"Inference-Header-Content-Length is {head_length}, and the body has {len(body)} bytes.")
    said = loads(body if head_length is None else body[:head_length])
    rest = memoryview(b"" if head_length is None else body)[head_length or 0 :]
    if not isinstance(said, dict) or not isinstance(said.get("inputs"), list):
        raise BadRequest("The body must be a JSON object with a list of 'inputs'.")
    known = {info.name: info for info in signature.inputs}
    tensors: dict[str, Any] = {}
    for entry in said["inputs"]:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise BadRequest("Each of 'inputs' must be an object with 'name', 'shape', 'datatype' and 'data'.")
        name = entry["name"]
        if name in tensors:
            raise BadRequest(f"The input {name!r} is given twice.")
        if name not in known:
            raise BadRequest(f"There is no input {name!r}.{did_you_mean(name, known)} Inputs: {', '.join(known)}.")
        tensors[name], rest = _tensor(entry, known[name], rest)
    if rest:
        raise BadRequest(f"{len(rest)} bytes stand behind the last input, which nobody speaks of.")
    parameters = _parameters(said, "the request")
    timeout = parameters.get("timeout")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int) or timeout <= 0):
        raise BadRequest(f"'timeout' must be a number of microseconds, got {timeout!r}.")
    request_id = said.get("id")
    if request_id is not None and not isinstance(request_id, str):
        raise BadRequest("'id' must be text.")
    return InferRequest(
        tensors,
        request_id,
        _wanted(said.get("outputs"), signature),
        parameters.get("binary_data_output") is True,
        None if timeout is None else timeout / 1e6,
    )


def _parameters(entry, what):
    found = entry.get("parameters", {})
    if not isinstance(found, dict):
        raise BadRequest(f"'parameters' of {what} must be an object.")
    return found


def _tensor(entry, info, rest):
    """(array, what is left of the bytes)."""
    name, shape = info.name, entry.get("shape")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise BadRequest(f"The input {name!r} must have a 'shape', a list of sizes.")
    if entry.get("datatype") != DATATYPES.get(info.dtype):
        raise BadRequest(f"The input {name!r} takes {DATATYPES.get(info.dtype)}, got {entry.get('datatype')!r}.")
    count = int(np.prod(shape, dtype=object))
    length = _parameters(entry, f"the input {name!r}").get("binary_data_size")
    if length is not None:
        if type(length) is not int or not 0 <= length <= len(rest):
            raise BadRequest(f"The input {name!r}: 'binary_data_size' is {length!r}, and {len(rest)} bytes are left.")
        return array_from_bytes(rest[:length], info, shape, count), rest[length:]
    if "data" not in entry:
        raise BadRequest(f"The input {name!r} has no 'data'.")
    array = array_of(entry["data"], info)
    if array.size != count:
        raise BadRequest(f"The input {name!r} of shape {shape} takes {count} values, got {array.size}.")
    return array.reshape(shape), rest


def array_from_bytes(data: Any, info: TensorInfo, shape: Sequence[int], count: int) -> Any:
    """Numbers as they lie in memory, little-endian and row by row; text each behind its length."""
    if info.dtype == "string":
        values = decoded_texts(info.name, _split(bytes(data), info.name))
        if len(values) != count:
            raise BadRequest(f"The input {info.name!r} of shape {list(shape)} takes {count} texts, got {len(values)}.")
        return values.reshape(shape)
    dtype = np_dtype(info.dtype)
    if len(data) != count * dtype.itemsize:
        wanted = count * dtype.itemsize
        raise BadRequest(f"The input {info.name!r} of shape {list(shape)} takes {wanted} bytes, got {len(data)}.")
    return np.frombuffer(data, dtype).reshape(shape)


def _split(data, name):
    parts, at = [], 0
    while at < len(data):
        if at + 4 > len(data):
            raise BadRequest(f"The input {name!r} ends in the middle of a length.")
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        if length > len(data) - at:
            raise BadRequest(f"The input {name!r} ends in the middle of a text.")
        parts.append(data[at : at + length])
        at += length
    return parts


def bytes_of(array: Any) -> bytes:
    """What `array_from_bytes` reads."""
    if array.dtype.kind in "SUO":
        return b"".join(struct.pack("<I", len(text)) + text for text in encoded_texts(array))
    return np.ascontiguousarray(array).tobytes()


def _wanted(outputs, signature):
    if outputs is None:
        return None
    names = [info.name for info in signature.outputs]
    if not isinstance(outputs, list) or not all(isinstance(entry, dict) for entry in outputs):
        raise BadRequest("'outputs' must be a list of objects with 'name'.")
    found = []
    for entry in outputs:
        name = entry.get("name")
        if name not in names:
            raise BadRequest(f"There is no output {name!r}.{did_you_mean(name, names)} Outputs: {', '.join(names)}.")
        found.append((name, _parameters(entry, f"the output {name!r}").get("binary_data")))
    return found


def infer_response(servable: Servable, request: InferRequest, outputs: Sequence[Any]) -> tuple[bytes, int | None]:
    """The body of an answer, and the bytes of JSON before the numbers where there are such."""
    by_name = dict(zip([info.name for info in servable.signature.outputs], outputs))
    entries, blobs, printed = [], [], []
    for name, binary in request.outputs or [(name, None) for name in by_name]:
        array = by_name[name]
        entry: dict[str, Any] = {"name": name, "datatype": datatype_of(array), "shape": list(array.shape)}
        if request.binary if binary is None else binary:
            blobs.append(bytes_of(array))
            entry["parameters"] = {"binary_data_size": len(blobs[-1])}
        else:
            entry["data"] = array.ravel()
            printed.append(array)
        entries.append(entry)
    said: dict[str, Any] = {"model_name": servable.name, "model_version": str(servable.version), "outputs": entries}
    if request.id is not None:
        said["id"] = request.id
    head = dumps_numbers(said, printed)
    return (b"".join([head, *blobs]), len(head)) if blobs else (head, None)


def datatype_of(array: Any) -> str:
    """The protocol's word for the dtype of an array."""
    return DATATYPES["string" if array.dtype.kind in "SUO" else array.dtype.name]


def model_metadata(servable: Servable, versions: Sequence[int]) -> dict[str, Any]:
    """What `GET /v2/models/NAME` says."""
    return {
        "name": servable.name,
        "versions": [str(version) for version in versions],
        "platform": "kerasish",
        "inputs": [_described(info) for info in servable.signature.inputs],
        "outputs": [_described(info) for info in servable.signature.outputs],
    }


def _described(info):
    shape = [-1 if size is None else size for size in info.shape]
    return {"name": info.name, "datatype": DATATYPES.get(info.dtype, info.dtype.upper()), "shape": shape}


def server_metadata(version: str) -> dict[str, Any]:
    """What `GET /v2` says."""
    return {"name": "kerasish", "version": version, "extensions": EXTENSIONS}
