"""TensorFlow Serving's services over gRPC: what each method answers.

Methods are functions of (service, request, seconds that are left or None).
"""

from __future__ import annotations

import time
from typing import Any

from kerasish.data.examples import value_of
from kerasish.serving.protocols.schemas import message
from kerasish.serving.protocols.tensor_protos import NUMBERS, from_proto, to_proto
from kerasish.serving.protocols.tensorflow_rest import SIGNATURE, classes_of, tensors_of_examples, values_of
from kerasish.serving.refusals import BadRequest
from kerasish.suggestions import did_you_mean

_PACKAGE = "tensorflow.serving"
_STATES = {"LOADING": 20, "AVAILABLE": 30, "UNLOADING": 40, "END": 50}


def _message(name):
    return message(f"{_PACKAGE}.{name}")()


def _where(spec):
    version = spec.version.value if spec.HasField("version") else None
    return spec.name, version, spec.version_label or None


def _lease(service, spec):
    if spec.signature_name not in ("", SIGNATURE):
        raise BadRequest(f'Serving signature key "{spec.signature_name}" not found. There is "{SIGNATURE}".')
    return service.registry.lease(*_where(spec))


def _measured(service, servable, verb, answer):
    began, status = time.perf_counter(), 200
    try:
        return answer()
    except Exception as error:
        status = getattr(error, "status", 500)
        raise
    finally:
        service.figures.request(servable.name, servable.version, verb, status, time.perf_counter() - began)


def _say_who(spec, servable):
    spec.name, spec.version.value, spec.signature_name = servable.name, servable.version, SIGNATURE


def _predict(service: Any, request: Any, seconds: float | None) -> Any:
    servable = _lease(service, request.model_spec)
    names = [info.name for info in servable.signature.outputs]

    def answer():
        try:
            tensors = {name: from_proto(name, proto) for name, proto in request.inputs.items()}
            for name in request.output_filter:
                if name not in names:
                    known = ", ".join(names)
                    raise BadRequest(f"There is no output {name!r}.{did_you_mean(name, names)} Outputs: {known}.")
        except BadRequest:
            servable.leave()
            raise
        outputs, _ = service.predict_leased(servable, tensors, seconds)
        response = _message("PredictResponse")
        _say_who(response.model_spec, servable)
        for name, output in zip(names, outputs):
            if not request.output_filter or name in request.output_filter:
                response.outputs[name].CopyFrom(to_proto(output))
        return response

    return _measured(service, servable, "predict", answer)


def _of_examples(service, request, seconds, verb):
    servable = _lease(service, request.model_spec)

    def answer():
        try:
            tensors = tensors_of_examples(_examples(request.input), servable.signature)
        except BadRequest:
            servable.leave()
            raise
        return service.predict_leased(servable, tensors, seconds)[0]

    return servable, _measured(service, servable, verb, answer)


def _examples(given):
    kind = given.WhichOneof("kind")
    listed = getattr(given, kind) if kind else None
    if listed is None or not listed.examples:
        raise BadRequest("The request has no examples.")
    common = _features(listed.context) if kind == "example_list_with_context" else {}
    return [{**common, **_features(example)} for example in listed.examples]


def _features(example):
    found = {}
    for name, feature in example.features.feature.items():
        values = value_of(feature)
        values = (
            values.tolist() if hasattr(values, "tolist") else [value.decode("utf-8", "replace") for value in values]
        )
        found[name] = values[0] if len(values) == 1 else values
    return found


def _classify(service: Any, request: Any, seconds: float | None) -> Any:
    servable, outputs = _of_examples(service, request, seconds, "classify")
    response = _message("ClassificationResponse")
    _say_who(response.model_spec, servable)
    for scores in classes_of(outputs):
        added = response.result.classifications.add()
        for label, score in scores:
            added.classes.add(label=label, score=score)
    return response


def _regress(service: Any, request: Any, seconds: float | None) -> Any:
    servable, outputs = _of_examples(service, request, seconds, "regress")
    response = _message("RegressionResponse")
    _say_who(response.model_spec, servable)
    for value in values_of(outputs):
        response.result.regressions.add(value=value)
    return response


def _metadata(service: Any, request: Any, seconds: float | None) -> Any:
    wanted = list(request.metadata_field)
    if wanted != ["signature_def"]:
        raise BadRequest(f"`metadata_field` must be ['signature_def'], got {wanted}.")
    servable = _lease(service, request.model_spec)
    try:
        definitions = _message("SignatureDefMap")
        definition = definitions.signature_def[SIGNATURE]
        definition.method_name = "tensorflow/serving/predict"
        for infos, described in (
            (servable.signature.inputs, definition.inputs),
            (servable.signature.outputs, definition.outputs),
        ):
            for info in infos:
                described[info.name].name, described[info.name].dtype = info.name, NUMBERS.get(info.dtype, 0)
                for size in info.shape:
                    described[info.name].tensor_shape.dim.add(size=-1 if size is None else size)
        response = _message("GetModelMetadataResponse")
        _say_who(response.model_spec, servable)
        packed = response.metadata["signature_def"]
        packed.type_url = "type.googleapis.com/tensorflow.serving.SignatureDefMap"
        packed.value = definitions.SerializeToString()
        return response
    finally:
        servable.leave()


def _status(service: Any, request: Any, seconds: float | None) -> Any:
    response = _message("GetModelStatusResponse")
    for number, version in service.registry.status(*_where(request.model_spec)):
        added = response.model_version_status.add(version=number, state=_STATES[version.state])
        added.status.error_code = 2 if version.error else 0  # UNKNOWN, OK
        added.status.error_message = version.error
    return response


PREDICTION = {"Predict": _predict, "Classify": _classify, "Regress": _regress, "GetModelMetadata": _metadata}
MODELS = {"GetModelStatus": _status}
