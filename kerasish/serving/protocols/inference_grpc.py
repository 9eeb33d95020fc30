"""The Open Inference Protocol over gRPC: what each method answers.

Methods are functions of (service, request, seconds that are left or None).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import kerasish
from kerasish.serving.heart.signature import np_dtype
from kerasish.serving.protocols import open_inference
from kerasish.serving.protocols.schemas import message
from kerasish.serving.protocols.texts import decoded_texts
from kerasish.serving.refusals import BadRequest
from kerasish.suggestions import did_you_mean

_CONTENTS = {
    "bool": "bool_contents",
    "int64": "int64_contents",
    "uint64": "uint64_contents",
    "float32": "fp32_contents",
    "float64": "fp64_contents",
    "string": "bytes_contents",
    **dict.fromkeys(("int8", "int16", "int32"), "int_contents"),
    **dict.fromkeys(("uint8", "uint16", "uint32"), "uint_contents"),
}


def _message(name):
    return message(f"inference.{name}")()


def _version(text):
    if text and not (text.isascii() and text.isdecimal()):
        raise BadRequest(f"A version is a number, got {text!r}.")
    return int(text) if text else None


def _infer(service: Any, request: Any, seconds: float | None) -> Any:
    began, status = time.perf_counter(), 200
    servable = service.registry.lease(request.model_name, _version(request.model_version))
    try:
        try:
            tensors = _tensors(request, servable.signature)
            wanted = _wanted(request, servable.signature)
        except BadRequest:
            servable.leave()
            raise
        outputs, _ = service.predict_leased(servable, tensors, seconds)
        response = _message("ModelInferResponse")
        response.model_name, response.model_version = servable.name, str(servable.version)
        response.id = request.id
        by_name = dict(zip([info.name for info in servable.signature.outputs], outputs))
        for name in wanted:
            array = by_name[name]
            response.outputs.add(name=name, datatype=open_inference.datatype_of(array), shape=array.shape)
            response.raw_output_contents.append(open_inference.bytes_of(array))
        return response
    except Exception as error:
        status = getattr(error, "status", 500)
        raise
    finally:
        service.figures.request(servable.name, servable.version, "infer", status, time.perf_counter() - began)


def _tensors(request, signature):
    known, tensors = {info.name: info for info in signature.inputs}, {}
    raw = list(request.raw_input_contents)
    if raw and len(raw) != len(request.inputs):
        raise BadRequest(f"{len(request.inputs)} inputs take as many raw_input_contents, got {len(raw)}.")
    for i, given in enumerate(request.inputs):
        name = given.name
        if name not in known:
            raise BadRequest(f"There is no input {name!r}.{did_you_mean(name, known)} Inputs: {', '.join(known)}.")
        info, shape = known[name], list(given.shape)
        datatype = open_inference.DATATYPES.get(info.dtype)
        if given.datatype != datatype:
            raise BadRequest(f"The input {name!r} takes {datatype}, got {given.datatype!r}.")
        if any(size < 0 for size in shape):
            raise BadRequest(f"The input {name!r} has a negative size in its shape {shape}.")
        count = int(np.prod(shape, dtype=object))
        if raw:
            tensors[name] = open_inference.array_from_bytes(raw[i], info, shape, count)
        else:
            tensors[name] = _from_contents(given.contents, info, shape, count)
    return tensors


def _from_contents(contents, info, shape, count):
    field = _CONTENTS.get(info.dtype)
    if field is None:
        raise BadRequest(f"The input {info.name!r} takes {info.dtype}, which only raw_input_contents can hold.")
    values = getattr(contents, field)
    if info.dtype == "string":
        array = decoded_texts(info.name, list(values))
    else:
        array = np.array(values, np_dtype(info.dtype))
    if len(array) != count:
        raise BadRequest(f"The input {info.name!r} of shape {shape} takes {count} values, got {len(array)}.")
    return array.reshape(shape)


def _wanted(request, signature):
    names = [info.name for info in signature.outputs]
    for asked in request.outputs:
        if asked.name not in names:
            near = did_you_mean(asked.name, names)
            raise BadRequest(f"There is no output {asked.name!r}.{near} Outputs: {', '.join(names)}.")
    return [asked.name for asked in request.outputs] or names


def _live(service: Any, request: Any, seconds: float | None) -> Any:
    response = _message("ServerLiveResponse")
    response.live = True
    return response


def _ready(service: Any, request: Any, seconds: float | None) -> Any:
    response = _message("ServerReadyResponse")
    response.ready = service.ready()
    return response


def _model_ready(service: Any, request: Any, seconds: float | None) -> Any:
    service.registry.find(request.name, _version(request.version))
    response = _message("ModelReadyResponse")
    response.ready = True
    return response


def _about(service: Any, request: Any, seconds: float | None) -> Any:
    response = _message("ServerMetadataResponse")
    said = open_inference.server_metadata(kerasish.__version__)
    response.name, response.version = said["name"], said["version"]
    response.extensions.extend(said["extensions"])
    return response


def _model(service: Any, request: Any, seconds: float | None) -> Any:
    servable = service.registry.lease(request.name, _version(request.version))
    try:
        versions = [number for number, v in service.registry.status(request.name) if v.state == "AVAILABLE"]
        said = open_inference.model_metadata(servable, sorted(versions))
    finally:
        servable.leave()
    response = _message("ModelMetadataResponse")
    response.name, response.platform = said["name"], said["platform"]
    response.versions.extend(said["versions"])
    for infos, described in ((said["inputs"], response.inputs), (said["outputs"], response.outputs)):
        for info in infos:
            described.add(**info)
    return response


INFERENCE = {
    "ServerLive": _live,
    "ServerReady": _ready,
    "ModelReady": _model_ready,
    "ServerMetadata": _about,
    "ModelMetadata": _model,
    "ModelInfer": _infer,
}
