"""The Open Inference Protocol v2, JSON and binary, as KServe's and Triton's clients speak it."""

import json
import struct

import numpy as np
import pytest

import kerasish as keras
from tests.serving.folders import client, put, refused, scaled

X = np.array([[1.5, 2.0], [3.0, -4.0]], "float32")


@pytest.fixture(scope="module")
def http(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    put(root, "triple", 3, scaled(3.0))
    words = keras.Input((2,), dtype="string", name="word")
    put(root, "words", 1, keras.Model(words, keras.layers.StringLookup(vocabulary=["no", "yes"])(words)))
    half = keras.Input((2,), dtype="float16", name="x")
    put(root, "half", 1, keras.Model(half, {"y": half * 2, "z": keras.ops.cast(half, "float32")}))
    with client(root) as made:
        yield made


def entry(**changes):
    return {"name": "x", "shape": [2, 2], "datatype": "FP32", "data": X.ravel().tolist(), **changes}


def infer(http, model="triple", **body):
    return http.post(f"/v2/models/{model}/infer", json=body)


def binary(http, model, head, *blobs, length=None):
    head = json.dumps(head).encode()
    length = str(len(head) if length is None else length)
    headers = {"Inference-Header-Content-Length": length, "Content-Type": "application/octet-stream"}
    return http.post(f"/v2/models/{model}/infer", content=head + b"".join(blobs), headers=headers)


def test_json(http):
    found = infer(http, id="42", inputs=[entry()]).json()
    assert found == {
        "model_name": "triple",
        "model_version": "3",
        "id": "42",
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [2, 2], "data": (3 * X).ravel().tolist()}],
    }
    nested = infer(http, inputs=[entry(data=X.tolist())], outputs=[{"name": "y"}]).json()
    assert nested["outputs"] == found["outputs"] and "id" not in nested
    assert http.post("/v2/models/triple/versions/3/infer", json={"inputs": [entry()]}).status_code == 200


@pytest.mark.parametrize("asked", ["all", "one"])
def test_numbers_as_they_lie_in_memory(http, asked):
    given = {"name": "x", "shape": [2, 2], "datatype": "FP32", "parameters": {"binary_data_size": X.nbytes}}
    head = {"inputs": [given]}
    if asked == "all":
        head["parameters"] = {"binary_data_output": True}
    else:
        head["outputs"] = [{"name": "y", "parameters": {"binary_data": True}}]
    found = binary(http, "triple", head, X.tobytes())
    length = int(found.headers["inference-header-content-length"])
    said = json.loads(found.content[:length])
    assert said["outputs"] == [
        {"name": "y", "datatype": "FP32", "shape": [2, 2], "parameters": {"binary_data_size": 16}}
    ]
    assert (np.frombuffer(found.content[length:], "float32").reshape(2, 2) == 3 * X).all()


def test_binary_in_and_json_out(http):
    given = {"name": "x", "shape": [2, 2], "datatype": "FP32", "parameters": {"binary_data_size": X.nbytes}}
    found = binary(http, "triple", {"inputs": [given]}, X.tobytes())
    assert found.headers["content-type"] == "application/json"
    assert found.json()["outputs"][0]["data"] == (3 * X).ravel().tolist()


def test_text(http):
    given = {"name": "word", "shape": [1, 2], "datatype": "BYTES", "data": ["yes", "?"]}
    assert infer(http, "words", inputs=[given]).json()["outputs"][0]["data"] == [2, 0]
    blob = b"".join(struct.pack("<I", len(word)) + word for word in (b"no", b"yes"))
    given = {"name": "word", "shape": [1, 2], "datatype": "BYTES", "parameters": {"binary_data_size": len(blob)}}
    assert binary(http, "words", {"inputs": [given]}, blob).json()["outputs"][0]["data"] == [1, 2]
    for bad, word in ((blob[:-1], "middle of a text"), (blob[:2], "middle of a length"), (blob[:6], "takes 2 texts")):
        given["parameters"] = {"binary_data_size": len(bad)}
        refused(binary(http, "words", {"inputs": [given]}, bad), 400, word)


def test_half_precision_and_several_outputs(http):
    x = X.astype("float16")
    given = {"name": "x", "shape": [2, 2], "datatype": "FP16", "parameters": {"binary_data_size": x.nbytes}}
    wanted = [{"name": "z"}, {"name": "y", "parameters": {"binary_data": True}}]
    found = binary(http, "half", {"inputs": [given], "outputs": wanted}, x.tobytes())
    length = int(found.headers["inference-header-content-length"])
    z, y = json.loads(found.content[:length])["outputs"]
    assert z["data"] == x.ravel().tolist() and y["datatype"] == "FP16"
    assert (np.frombuffer(found.content[length:], "float16") == 2 * x.ravel()).all()
    assert infer(http, "half", inputs=[entry(datatype="FP16")]).json()["outputs"][0]["data"] == (2 * X).ravel().tolist()


def test_what_the_server_and_the_models_are(http):
    said = http.get("/v2").json()
    assert said["name"] == "kerasish" and "binary_tensor_data" in said["extensions"]
    assert http.get("/v2/health/live").json() == {"live": True}
    assert http.get("/v2/health/ready").json() == {"ready": True}
    assert http.get("/v2/models/triple/ready").status_code == 200
    assert http.get("/v2/models/triple/versions/3").json() == {
        "name": "triple",
        "versions": ["3"],
        "platform": "kerasish",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}],
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 2]}],
    }
    index = http.post("/v2/repository/index").json()
    assert {"name": "triple", "version": "3", "state": "READY", "reason": ""} in index
    refused(http.get("/v2/models/none/ready"), 404)
    refused(http.get("/v2/models/triple/versions/1/ready"), 404)


BAD = {
    "no inputs": ({}, "a list of 'inputs'"),
    "no name": ({"inputs": [{}]}, "must be an object with 'name'"),
    "name": ({"inputs": [entry(name="y")]}, "no input 'y'"),
    "twice": ({"inputs": [entry(), entry()]}, "given twice"),
    "no shape": ({"inputs": [entry(shape=None)]}, "'x' must have a 'shape'"),
    "negative": ({"inputs": [entry(shape=[-1, 2])]}, "'x' must have a 'shape'"),
    "shape": ({"inputs": [entry(shape=[4, 1])]}, "'x' takes shape [-1, 2], got [4, 1]"),
    "count": ({"inputs": [entry(shape=[3, 2])]}, "takes 6 values, got 4"),
    "huge": ({"inputs": [entry(shape=[2**62, 2**62])]}, "values, got 4"),
    "datatype": ({"inputs": [entry(datatype="FP64")]}, "'x' takes FP32, got 'FP64'"),
    "no data": ({"inputs": [{k: v for k, v in entry().items() if k != "data"}]}, "'x' has no 'data'"),
    "text": ({"inputs": [entry(data=["a"] * 4)]}, "'x' takes float32, got text"),
    "parameters": ({"inputs": [entry(parameters=3)]}, "must be an object"),
    "output": ({"inputs": [entry()], "outputs": [{"name": "x"}]}, "no output 'x'"),
    "outputs": ({"inputs": [entry()], "outputs": 3}, "'outputs' must be a list"),
    "id": ({"id": 3, "inputs": [entry()]}, "'id' must be text"),
    "timeout": ({"inputs": [entry()], "parameters": {"timeout": "soon"}}, "microseconds"),
    "size": ({"inputs": [entry(parameters={"binary_data_size": 9})]}, "'binary_data_size' is 9, and 0 bytes are left"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused_names_what_is_wrong(http, name):
    body, word = BAD[name]
    refused(infer(http, **body), 400, word)


def test_bytes_that_do_not_fit_their_head(http):
    given = {"name": "x", "shape": [2, 2], "datatype": "FP32", "parameters": {"binary_data_size": 16}}
    raw = X.tobytes()
    refused(binary(http, "triple", {"inputs": [given]}, raw[:15]), 400, "15 bytes are left")
    refused(binary(http, "triple", {"inputs": [given]}, raw, b"more"), 400, "4 bytes stand behind")
    refused(binary(http, "triple", {"inputs": [given]}, raw, length=9_999), 400, "9999")
    refused(binary(http, "triple", {"inputs": [given]}, raw, length="-3"), 400, "Inference-Header-Content-Length")
    refused(binary(http, "triple", {"inputs": [given]}, raw, length=4), 400, "JSON Parse error")
    given["parameters"] = {"binary_data_size": 12}
    refused(binary(http, "triple", {"inputs": [given]}, raw[:12]), 400, "takes 16 bytes, got 12")
