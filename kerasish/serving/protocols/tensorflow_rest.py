"""TensorFlow Serving's REST API: bodies to arrays, outputs to bodies.

Reference:
    [RESTful API](https://www.tensorflow.org/tfx/serving/api_rest)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.serving.heart.registry import Version
from kerasish.serving.heart.servable import Servable
from kerasish.serving.heart.signature import Signature
from kerasish.serving.protocols.json_tensors import array_of
from kerasish.serving.protocols.json_text import dumps, dumps_numbers, loads
from kerasish.serving.protocols.plain_rows import plain_rows
from kerasish.serving.protocols.tensor_protos import NAMES
from kerasish.serving.refusals import BadRequest

SIGNATURE = "serving_default"


def predict_request(body: bytes, signature: Signature) -> tuple[dict[str, Any], bool]:
    """The tensors of a `:predict` body, and whether they came as rows (`instances`) and not as columns (`inputs`).

    Raises:
        BadRequest: for anything else.
    """
    plain = plain_rows(body, signature)
    if plain is not None:
        return {signature.inputs[0].name: plain[0]}, plain[1]
    said = _object(body)
    if ("instances" in said) == ("inputs" in said):
        both = "not both" if "inputs" in said else "got neither"
        raise BadRequest(f"A request of predict takes 'instances' (rows) or 'inputs' (columns): {both}.")
    if "instances" in said:
        return _rows(said["instances"], signature), True
    return _columns(said["inputs"], signature), False


def _object(body):
    said = loads(body)
    if not isinstance(said, dict):
        raise BadRequest(f"The body must be a JSON object, got {type(said).__name__}.")
    name = said.get("signature_name", SIGNATURE)
    if name not in ("", SIGNATURE):
        raise BadRequest(f'Serving signature key "{name}" not found. There is "{SIGNATURE}".')
    return said


def _rows(instances, signature):
    if not isinstance(instances, list) or not instances:
        raise BadRequest("'instances' must be a list of at least one row.")
    if not _is_row_of_names(instances[0]):
        if any(map(_is_row_of_names, instances)):
            raise BadRequest("'instances' must be all objects of inputs by name, or all plain values.")
        return {_only(signature, "instances"): array_of(instances, signature.inputs[0])}
    names = instances[0].keys()
    for row in instances:
        if not isinstance(row, dict) or row.keys() != names:
            raise BadRequest(f"Each of 'instances' must be an object with the same inputs: {', '.join(names)}.")
    return _arrays({name: [row[name] for row in instances] for name in names}, signature)


def _is_row_of_names(row):
    return isinstance(row, dict) and set(row) != {"b64"}


def _columns(inputs, signature):
    if _is_row_of_names(inputs):
        return _arrays(inputs, signature)
    return {_only(signature, "inputs"): array_of(inputs, signature.inputs[0])}


def _arrays(columns, signature):
    known = {info.name: info for info in signature.inputs}
    # unknown names go on to the signature, which says what there is
    return {name: array_of(values, known[name]) if name in known else None for name, values in columns.items()}


def _only(signature, word):
    if len(signature.inputs) > 1:
        names = ", ".join(info.name for info in signature.inputs)
        raise BadRequest(f"The model has several inputs ({names}): '{word}' must name them.")
    return signature.inputs[0].name


def predict_response(signature: Signature, outputs: Sequence[Any], by_rows: bool) -> bytes:
    """The body of an answer: `predictions` by rows, `outputs` by columns."""
    if len(outputs) == 1:
        return dumps_numbers({"predictions" if by_rows else "outputs": outputs[0]}, outputs)
    columns = {info.name: output for info, output in zip(signature.outputs, outputs)}
    if not by_rows:
        return dumps_numbers({"outputs": columns}, outputs)
    rows = {len(output) if output.shape else -1 for output in outputs}
    if len(rows) != 1 or -1 in rows:
        raise BadRequest("The outputs have no common batch axis: ask by columns ('inputs').")
    lists = {name: output.tolist() for name, output in columns.items()}
    return dumps_numbers(
        {"predictions": [dict(zip(lists, row)) for row in zip(*columns.values())]},
        outputs,
    )


# -- classify and regress


def examples_request(body: bytes, signature: Signature) -> dict[str, Any]:
    """The tensors of a body of `:classify` or `:regress`: a list of examples, with what they have in common."""
    said = _object(body)
    examples, context = said.get("examples"), said.get("context", {})
    if not isinstance(examples, list) or not examples:
        raise BadRequest("'examples' must be a list of at least one object of features.")
    if not isinstance(context, dict) or not all(isinstance(example, dict) for example in examples):
        raise BadRequest("'examples' must be objects of features by name, and 'context' such an object.")
    return tensors_of_examples([{**context, **example} for example in examples], signature)


def tensors_of_examples(examples: Sequence[Mapping[str, Any]], signature: Signature) -> dict[str, Any]:
    """The inputs of a model out of examples.

    Args:
        examples: list of dicts from names to a value or a list of values.
        signature: Signature, whose inputs have the features' names; a flat list of numbers fills an input of any shape.
    """
    tensors: dict[str, Any] = {name: None for example in examples for name in example}
    for info in signature.inputs:
        missing = [i for i, example in enumerate(examples) if info.name not in example]
        if missing:
            raise BadRequest(f"Example {missing[0]} has no feature {info.name!r}.")
        tensors[info.name] = _stacked([_feature(example[info.name], info) for example in examples], info)
    return tensors


def _feature(value, info):
    """The value of one example, in the shape of a row where that is known."""
    array, shape = array_of(value, info), [-1 if size is None else size for size in info.shape[1:]]
    if shape.count(-1) > 1:
        return array
    try:
        return array.reshape(shape)
    except ValueError as error:
        raise BadRequest(f"The feature {info.name!r} takes shape {shape}, got {list(array.shape)}.") from error


def _stacked(rows, info):
    if len({row.shape for row in rows}) > 1:
        raise BadRequest(f"The feature {info.name!r} must have the same shape in all examples.")
    return np.stack(rows)


def classes_of(outputs: Sequence[Any]) -> list[list[tuple[str, float]]]:
    """The classes of each example with their scores; a class is called by its number. Raises BadRequest."""
    scores = outputs[0]
    if scores.ndim != 2 or scores.dtype.kind not in "fV":
        raise BadRequest(f"Only a model whose first output is one score a class can classify; it is {scores.shape}.")
    return [[(str(i), score) for i, score in enumerate(row)] for row in scores.astype("float32").tolist()]


def values_of(outputs: Sequence[Any]) -> list[float]:
    """The one value of each example. Raises BadRequest."""
    values = outputs[0]
    if values.size != len(values) or values.dtype.kind not in "fV":
        raise BadRequest(f"Only a model whose first output is one number an example can regress; it is {values.shape}.")
    return values.astype("float32").reshape(-1).tolist()


def results_response(results: Any, outputs: Sequence[Any]) -> bytes:
    """The body of an answer to `:classify` or `:regress`."""
    return dumps_numbers({"results": results}, outputs)


# -- what there is


def status_response(versions: Sequence[tuple[int, Version]]) -> bytes:
    """The body of `GET /v1/models/NAME`."""
    return dumps({"model_version_status": [_status(number, version) for number, version in versions]})


def _status(number, version):
    return {
        "version": str(number),
        "state": version.state,
        "status": {"error_code": "UNKNOWN" if version.error else "OK", "error_message": version.error},
    }


def metadata_response(servable: Servable) -> bytes:
    """The body of `GET /v1/models/NAME/metadata`."""

    def described(infos):
        return {info.name: _tensor(info) for info in infos}

    signature = {
        "inputs": described(servable.signature.inputs),
        "outputs": described(servable.signature.outputs),
        "method_name": "tensorflow/serving/predict",
    }
    spec = {"name": servable.name, "signature_name": "", "version": str(servable.version)}
    return dumps({"model_spec": spec, "metadata": {"signature_def": {"signature_def": {SIGNATURE: signature}}}})


def _tensor(info):
    sizes = [{"size": str(-1 if size is None else size), "name": ""} for size in info.shape]
    shape = {"dim": sizes, "unknown_rank": False}
    return {"dtype": NAMES.get(info.dtype, "DT_INVALID"), "tensor_shape": shape, "name": info.name}
