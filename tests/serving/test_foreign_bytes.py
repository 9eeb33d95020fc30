"""Messages as TensorFlow Serving's and Triton's own libraries write them, byte for byte, and bytes that nobody writes.

The first were written by tensorflow-serving-api 2.21 and tritonclient 2.73, whose clients were also run against the
server; they pin other versions of protobuf than the tests have, so their bytes are kept here.
"""

import json
import random
import struct

import numpy as np
import pytest

from kerasish.serving.protocols import json_text
from kerasish.serving.protocols.schemas import message
from kerasish.serving.protocols.tensor_protos import from_proto
from tests.serving.folders import client, put, scaled

X = np.array([[1.5, 2.0], [3.0, -4.0]], "float32")
BYTES = {
    "tensorflow.serving.PredictionLog": (
        "32740a310a070a016d1202080112230a0178121e08011208120208021202080222100000c03f0000004000004040000080c0"
        "1a0179123f0a230a0179121e0801120812020802120208022210000090400000c04000001041000040c112180a016d120208"
        "011a0f73657276696e675f64656661756c74"
    ),
    "tensorflow.serving.ClassificationRequest": (
        "0a050a036f6e65122812260a110a0f0a0d0a0178120812060a040000404012110a0f0a0d0a0178120812060a0400001041"
    ),
    "tensorflow.serving.RegressionRequest": ("0a050a036f6e6512150a130a110a0f0a0d0a0178120812060a0400004040"),
    "inference.ModelInferRequest": (
        "0a016d1201311a0137220d0a0774696d656f7574120210052a210a01781204465033321a0202022a1232100000c03f000000"
        "4000004040000080c032030a0179"
    ),
    "inference.ModelInferResponse": ("0a016d1201311a01372a0d0a01791204465033321a020202320431323334"),
}


@pytest.mark.parametrize("name", BYTES)
def test_foreign_messages_are_read_whole_and_written_alike(name):
    read = message(name).FromString(bytes.fromhex(BYTES[name]))
    assert read.SerializeToString(deterministic=True).hex() == BYTES[name]
    read.DiscardUnknownFields()
    assert read.SerializeToString(deterministic=True).hex() == BYTES[name]


def test_what_foreign_messages_say():
    def read(name):
        return message(name).FromString(bytes.fromhex(BYTES[name]))

    predict = read("tensorflow.serving.PredictionLog").predict_log
    assert predict.request.model_spec.version.value == 1 and list(predict.request.output_filter) == ["y"]
    assert (from_proto("x", predict.request.inputs["x"]) == X).all()
    assert (from_proto("y", predict.response.outputs["y"]) == 3 * X).all()
    given = read("tensorflow.serving.ClassificationRequest").input.example_list_with_context
    assert given.context.features.feature["x"].float_list.value == [9.0]
    infer = read("inference.ModelInferRequest")
    assert infer.parameters["timeout"].int64_param == 5 and infer.inputs[0].contents.fp32_contents == X.ravel().tolist()


def mutated(draws, body):
    body = bytearray(body)
    for _ in range(draws.randint(1, 4)):
        at = draws.randrange(len(body))
        kind = draws.randrange(4)
        if kind == 0:
            body[at] = draws.randrange(256)
        elif kind == 1:
            del body[at : at + draws.randint(1, 9)]
        elif kind == 2:
            body[at:at] = draws.choice(
                [b"[", b"]", b"{}", b"null", b"-1", b'"', b"1e999", b"NaN", b"\xff", b"true", b","]
            )
        else:
            body[at:at] = body[draws.randrange(len(body)) :][:30]
        if not body:
            return b""
    return bytes(body)


def test_damaged_requests_are_answered_or_refused_and_nothing_else(tmp_path):
    put(tmp_path, "m", 1, scaled(3.0))
    entry = {"name": "x", "shape": [2, 2], "datatype": "FP32"}
    binary = json.dumps({"id": "a", "inputs": [{**entry, "parameters": {"binary_data_size": 16}}]}).encode()
    printed = json.dumps({"inputs": [{**entry, "data": [1, 2, 3, 4]}], "outputs": [{"name": "y"}]}).encode()
    requests = [
        ("/v1/models/m:predict", b'{"instances": [[1.5, 2], [3, -4]]}', None),
        ("/v1/models/m:predict", b'{"signature_name": "", "inputs": {"x": [[1.5, 2], [3, -4]]}}', None),
        ("/v1/models/m:classify", b'{"context": {"x": [1, 2]}, "examples": [{"x": [3, 4]}, {}]}', None),
        ("/v2/models/m/infer", printed, None),
        ("/v2/models/m/infer", binary + struct.pack("<4f", *X.ravel()), len(binary)),
    ]
    draws, seen = random.Random(0), set()
    with client(tmp_path) as http:
        for path, body, head in requests:
            headers = {} if head is None else {"Inference-Header-Content-Length": str(head)}
            assert http.post(path, content=body, headers=headers).status_code == 200
            for _ in range(150):
                found = http.post(path, content=mutated(draws, body), headers=headers)
                assert found.status_code in (200, 400), found.text
                assert found.status_code == 200 or set(found.json()) == {"error"}
                seen.add(found.status_code)
        assert seen == {200, 400} and http.service.pool.waiting() == 0
        assert http.service.registry.find("m").servable._users == 0


def test_without_orjson_the_same_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(json_text, "orjson", None)
    put(tmp_path, "m", 1, scaled(3.0))
    with client(tmp_path) as http:

        def ask(body):
            return http.post("/v1/models/m:predict", content=body)

        assert ask(b'{"instances": [[1.5, 2]]}').json() == {"predictions": [[4.5, 6.0]]}
        assert ask(b'{"inputs": {"x": [[1.5, 2]]}}').json() == {"outputs": [[4.5, 6.0]]}
        for bad in (b"{", b'{"inputs": {"x": [[NaN, 1]]}}', b'{"instances": [[Infinity, 1]]}', b"[" * 100_000, b"\xff"):
            assert ask(bad).status_code == 400 and "JSON Parse error" in ask(bad).json()["error"]
