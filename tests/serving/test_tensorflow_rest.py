"""TensorFlow Serving's REST API, as its clients speak it."""

import base64
import gzip
import json

import numpy as np
import pytest

import kerasish as keras
from tests.serving.folders import client, put, refused, scaled, tell


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    put(root, "triple", 1, scaled(3.0))
    put(root, "triple", 2, scaled(30.0))
    tell(root, "triple", versions="all", labels={"stable": 1})
    a, b = keras.Input((2,), name="a"), keras.Input((), dtype="int32", name="b")
    both = keras.ops.add(a, keras.ops.cast(b, "float32")[:, None])
    put(root, "two", 1, keras.Model([a, b], {"sum": both, "b": b}))
    words = keras.Input((), dtype="string", name="word")
    put(root, "words", 1, keras.Model(words, keras.layers.StringLookup(vocabulary=["no", "yes"])(words)))
    put(root, "scores", 1, keras.Sequential([keras.Input((2, 2), name="x"), keras.layers.Flatten(name="y")]))
    put(root, "one", 1, keras.Sequential([keras.Input((1,), name="x"), keras.layers.Rescaling(0.5, name="y")]))
    put(root, "log", 1, keras.Model(x := keras.Input((1,), name="x"), keras.ops.log(x)))
    return root


@pytest.fixture(scope="module")
def http(root):
    with client(root) as made:
        yield made


def predict(http, model, **body):
    return http.post(f"/v1/models/{model}:predict", json=body)


def test_rows_and_columns(http):
    rows = [[1.0, 2.0], [3.0, 4.0]]
    expected = (30 * np.array(rows)).tolist()
    assert predict(http, "triple", instances=rows).json() == {"predictions": expected}
    assert predict(http, "triple", instances=[{"x": row} for row in rows]).json() == {"predictions": expected}
    assert predict(http, "triple", inputs=rows).json() == {"outputs": expected}
    assert predict(http, "triple", inputs={"x": rows}).json() == {"outputs": expected}
    assert predict(http, "triple", inputs=rows, signature_name="serving_default").status_code == 200


def test_versions_and_labels(http):
    for address, factor in (("", 30.0), ("/versions/1", 3.0), ("/versions/2", 30.0), ("/labels/stable", 3.0)):
        found = http.post(f"/v1/models/triple{address}:predict", json={"instances": [[1, 1]]})
        assert found.json() == {"predictions": [[factor, factor]]}


def test_several_inputs_and_outputs(http):
    rows = predict(http, "two", instances=[{"a": [1, 2], "b": 1}, {"a": [3, 4], "b": 2}]).json()
    assert rows == {"predictions": [{"b": 1, "sum": [2.0, 3.0]}, {"b": 2, "sum": [5.0, 6.0]}]}
    columns = predict(http, "two", inputs={"a": [[1, 2], [3, 4]], "b": [1, 2]}).json()
    assert columns == {"outputs": {"b": [1, 2], "sum": [[2.0, 3.0], [5.0, 6.0]]}}


def test_text_plain_and_as_bytes(http):
    packed = {"b64": base64.b64encode(b"yes").decode()}
    assert predict(http, "words", instances=["no", "yes", packed, "?"]).json() == {"predictions": [1, 2, 2, 0]}
    assert predict(http, "words", inputs={"word": ["no"]}).json() == {"outputs": [1]}


def test_numbers_that_json_has_not_are_printed_as_tensorflow_does(http):
    found = predict(http, "log", instances=[[0.0], [-1.0], [1.0]])
    assert "NaN" in found.text and "-Infinity" in found.text
    assert json.loads(found.text)["predictions"][2] == [0.0]


def test_classify(http):
    body = {"context": {"x": [0, 0, 0, 0]}, "examples": [{"x": [0.5, 1, 2, 3]}, {"x": [[1, 2], [3, 4]]}, {}]}
    found = http.post("/v1/models/scores:classify", json=body).json()
    first = [["0", 0.5], ["1", 1.0], ["2", 2.0], ["3", 3.0]]
    assert found["results"][0] == first and len(found["results"]) == 3 and found["results"][2][3] == ["3", 0.0]


def test_regress(http):
    found = http.post("/v1/models/one:regress", json={"examples": [{"x": 1.0}, {"x": [3.0]}]})
    assert found.json() == {"results": [0.5, 1.5]}
    refused(http.post("/v1/models/scores:regress", json={"examples": [{"x": [1, 2, 3, 4]}]}), 400, "one number")
    refused(http.post("/v1/models/words:classify", json={"examples": [{"word": "no"}]}), 400, "one score a class")


def test_status(http):
    said = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    one, two = {"version": "1", **said}, {"version": "2", **said}
    assert http.get("/v1/models/triple").json() == {"model_version_status": [two, one]}
    assert http.get("/v1/models/triple/versions/2").json() == {"model_version_status": [two]}
    assert http.get("/v1/models/triple/labels/stable").json() == {"model_version_status": [one]}


def test_metadata(http):
    found = http.get("/v1/models/two/versions/1/metadata").json()
    assert found["model_spec"] == {"name": "two", "signature_name": "", "version": "1"}
    signature = found["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert signature["inputs"]["a"] == {
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}, {"size": "2", "name": ""}], "unknown_rank": False},
        "name": "a",
    }
    assert signature["inputs"]["b"]["dtype"] == "DT_INT32" and set(signature["outputs"]) == {"b", "sum"}


def test_a_body_may_come_packed(http):
    body = gzip.compress(b'{"instances": [[1, 2]]}')
    found = http.post("/v1/models/triple:predict", content=body, headers={"content-encoding": "gzip"})
    assert found.json() == {"predictions": [[30.0, 60.0]]}
    for packed, packing, word in ((b"no", "gzip", "no gzip"), (body[:-9], "gzip", "cut off"), (body, "br", "'br'")):
        found = http.post("/v1/models/triple:predict", content=packed, headers={"content-encoding": packing})
        refused(found, 400, word)


BAD = {
    "no JSON": (b"{", "JSON Parse error"),
    "no text": (b"\xff\xfe", "JSON Parse error"),
    "empty": (b"", "JSON Parse error"),
    "NaN": (b'{"instances": [[NaN, 1]]}', "NaN"),
    "infinity": (b'{"instances": [[-Infinity, 1]]}', "infinities"),
    "deep": (b'{"instances": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "JSON Parse error"),
    "a list": (b"[[1, 2]]", "must be a JSON object"),
    "neither": (b"{}", "got neither"),
    "both": (b'{"instances": [[1, 2]], "inputs": [[1, 2]]}', "not both"),
    "no rows": (b'{"instances": []}', "at least one row"),
    "a number": (b'{"instances": 3}', "must be a list"),
    "ragged": (b'{"instances": [[1, 2], [1]]}', "'x' takes lists of equal lengths"),
    "text": (b'{"instances": [["1", "2"]]}', "'x' takes float32, got text"),
    "null": (b'{"instances": [[1, null]]}', "'x' takes float32, got null"),
    "bools": (b'{"instances": [[true, false]]}', "'x' takes float32, got bool"),
    "object": (b'{"instances": [[{"a": 1}, 2]]}', "'x' takes float32, got an object"),
    "too great": (b'{"instances": [[1e300, 2]]}', "'x' takes float32, got a number beyond its range"),
    "shape": (b'{"instances": [[1, 2, 3]]}', "'x' takes shape [-1, 2], got [1, 3]"),
    "rank": (b'{"instances": [1, 2]}', "'x' takes shape [-1, 2], got [2]"),
    "name": (b'{"inputs": {"z": [[1, 2]]}}', "no input 'z'"),
    "mixed rows": (b'{"instances": [[1, 2], {"x": [1, 2]}]}', "all objects"),
    "other rows": (b'{"instances": [{"x": [1, 2]}, {"y": [1, 2]}]}', "same inputs"),
    "signature": (b'{"signature_name": "train", "instances": [[1, 2]]}', 'Serving signature key "train" not found'),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused_names_what_is_wrong(http, name):
    body, word = BAD[name]
    refused(http.post("/v1/models/triple:predict", content=body), 400, word)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"inputs": {"a": [[1, 2]]}}, "'b' is missing"),
        ({"instances": [[1, 2]]}, "several inputs (a, b)"),
        ({"inputs": {"a": [[1, 2]], "b": [1.5]}}, "'b' takes int32, got numbers with a fraction"),
        ({"inputs": {"a": [[1, 2]], "b": [3_000_000_000]}}, "'b' takes int32, got a number beyond its range"),
        ({"inputs": {"a": [[1, 2]], "b": [10**30]}}, "'b' takes int32"),
        ({"inputs": {"a": [[1, 2]], "b": [1, 2]}}, "same number of rows"),
    ],
    ids=["missing", "unnamed", "fraction", "range", "huge", "rows"],
)
def test_what_several_inputs_refuse(http, body, word):
    refused(http.post("/v1/models/two:predict", json=body), 400, word)


def test_what_text_refuses(http):
    refused(predict(http, "words", instances=[1]), 400, "'word' takes text, got int")
    refused(predict(http, "words", instances=[{"b64": "!"}]), 400, "no base64")
    refused(predict(http, "words", instances=[{"b64": base64.b64encode(b"\xff").decode()}]), 400, "UTF-8")


def test_what_examples_refuse(http):
    for body, word in (
        ({"examples": []}, "at least one"),
        ({"examples": [1]}, "must be objects"),
        ({"examples": [{"y": 1}]}, "Example 0 has no feature 'x'"),
        ({"examples": [{"x": [1, 2]}]}, "'x' takes shape [2, 2]"),
        ({"examples": [{"x": [1, 2, 3, 4], "z": 1}]}, "no input 'z'"),
    ):
        refused(http.post("/v1/models/scores:classify", json=body), 400, word)


def test_what_is_not_there(http):
    for address, word in (
        ("/v1/models/none:predict", "Servable not found for request: Latest(none)"),
        ("/v1/models/triple/versions/7:predict", "Servable not found for request: Specific(triple, 7)"),
        ("/v1/models/triple/labels/beta:predict", "version label: beta"),
        ("/v1/models/triple:guess", "Malformed request: POST /v1/models/triple:guess"),
        ("/v1/models/triple/versions/one:predict", "Malformed request"),
    ):
        refused(http.post(address, json={"instances": [[1, 2]]}), 404, word)
    for address in ("/v1/models/none", "/v1/models/triple/versions/7", "/v1/models/none/metadata", "/nowhere"):
        refused(http.get(address), 404)
    refused(http.get("/v1/models/triple:predict"), 405, "takes POST, got GET")
    refused(http.put("/v1/models/triple", json={}), 405)
