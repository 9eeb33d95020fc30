"""Both protocols over gRPC."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.serving import Service
from kerasish.serving.protocols.schemas import message, methods
from kerasish.serving.protocols.tensor_protos import NUMBERS, from_proto, to_proto
from kerasish.serving.refusals import BadRequest
from kerasish.serving.web.grpc_server import grpc_server
from tests.serving.folders import put, scaled, tell

grpc = pytest.importorskip("grpc")
X = np.array([[1.5, 2.0], [3.0, -4.0]], "float32")
TF, V2 = "tensorflow.serving.PredictionService", "inference.GRPCInferenceService"


def tf(name, /, **fields):
    return message(f"tensorflow.serving.{name}")(**fields)


def v2(name, /, **fields):
    return message(f"inference.{name}")(**fields)


class Caller:
    def __init__(self, port, **metadata):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.metadata = tuple(metadata.items())

    def __call__(self, service, method, request, **options):
        _, returned = methods(service)[method]
        call = self.channel.unary_unary(f"/{service}/{method}", type(request).SerializeToString, returned.FromString)
        return call(request, metadata=self.metadata, **options)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    put(root, "m", 1, scaled(3.0))
    put(root, "m", 2, scaled(30.0))
    tell(root, "m", versions="all", labels={"stable": 1})
    put(root, "one", 1, keras.Sequential([keras.Input((1,), name="x"), keras.layers.Rescaling(0.5, name="y")]))
    words = keras.Input((), dtype="string", name="word")
    put(root, "words", 1, keras.Model(words, keras.layers.StringLookup(vocabulary=["no", "yes"])(words)))
    service = Service(root, poll=0)
    server = grpc_server(service, "127.0.0.1:0", max_message_bytes=100_000)
    yield service, server.port
    server.stop(0).wait()
    service.stop()


@pytest.fixture(scope="module")
def call(served):
    caller = Caller(served[1])
    yield caller
    caller.channel.close()


def refused(call, code, word, *args, **options):
    with pytest.raises(grpc.RpcError) as error:
        call(*args, **options)
    assert error.value.code() == grpc.StatusCode[code] and word in error.value.details()


def predict_request(x=X, name="x", **spec):
    request = tf("PredictRequest", model_spec=tf("ModelSpec", **{"name": "m", **spec}))
    request.inputs[name].CopyFrom(to_proto(np.asarray(x)))
    return request


def test_predict(call):
    found = call(TF, "Predict", predict_request())
    assert found.model_spec.version.value == 2
    assert (from_proto("y", found.outputs["y"]) == 30 * X).all()
    old = call(TF, "Predict", predict_request(version=tf("Int64Value", value=1)))
    assert (from_proto("y", old.outputs["y"]) == 3 * X).all()
    stable = call(TF, "Predict", predict_request(version_label="stable"))
    assert stable.model_spec.version.value == 1


def test_text(call):
    request = tf("PredictRequest", model_spec=tf("ModelSpec", name="words"))
    request.inputs["word"].CopyFrom(to_proto(np.array(["no", "?"])))
    (output,) = call(TF, "Predict", request).outputs.values()
    assert from_proto("", output).tolist() == [1, 0]


def test_what_predict_refuses(call):
    refused(call, "NOT_FOUND", "Latest(none)", TF, "Predict", _named("none"))
    refused(call, "INVALID_ARGUMENT", "no input 'z'", TF, "Predict", predict_request(name="z"))
    refused(call, "INVALID_ARGUMENT", "got float64", TF, "Predict", predict_request(X.astype("float64")))
    refused(call, "INVALID_ARGUMENT", "takes shape [-1, 2]", TF, "Predict", predict_request(X[:, :1]))
    request = predict_request()
    request.output_filter.append("z")
    refused(call, "INVALID_ARGUMENT", "no output 'z'", TF, "Predict", request)
    refused(call, "INVALID_ARGUMENT", '"train" not found', TF, "Predict", predict_request(signature_name="train"))


def _named(name):
    return tf("PredictRequest", model_spec=tf("ModelSpec", name=name))


def test_a_message_over_the_limit(call):
    refused(call, "RESOURCE_EXHAUSTED", "", TF, "Predict", predict_request(np.ones((20_000, 2), "float32")))


def test_classify_and_regress(call):
    for verb in ("Classification", "Regression"):
        request = tf(f"{verb}Request", model_spec=tf("ModelSpec", name="one"))
        for value in (1.0, 3.0):
            example = request.input.example_list.examples.add()
            example.features.feature["x"].float_list.value.append(value)
        if verb == "Regression":
            found = call(TF, "Regress", request).result.regressions
            assert [entry.value for entry in found] == [0.5, 1.5]
        else:
            found = call(TF, "Classify", request).result.classifications
            assert [(entry.classes[0].label, entry.classes[0].score) for entry in found] == [("0", 0.5), ("0", 1.5)]
    refused(
        call, "INVALID_ARGUMENT", "no examples", TF, "Regress", tf("RegressionRequest", model_spec=request.model_spec)
    )


def test_status_and_metadata(call):
    found = call("tensorflow.serving.ModelService", "GetModelStatus", tf("GetModelStatusRequest", model_spec=_spec()))
    assert [(entry.version, entry.state) for entry in found.model_version_status] == [(2, 30), (1, 30)]
    asked = tf("GetModelMetadataRequest", model_spec=_spec(), metadata_field=["signature_def"])
    packed = call(TF, "GetModelMetadata", asked).metadata["signature_def"]
    assert packed.type_url.endswith("tensorflow.serving.SignatureDefMap")
    signature = tf("SignatureDefMap").FromString(packed.value).signature_def["serving_default"]
    assert signature.inputs["x"].dtype == 1
    assert [dim.size for dim in signature.inputs["x"].tensor_shape.dim] == [-1, 2]


def _spec():
    return tf("ModelSpec", name="m")


def test_open_inference(call):
    assert call(V2, "ServerLive", v2("ServerLiveRequest")).live
    assert call(V2, "ServerReady", v2("ServerReadyRequest")).ready
    assert call(V2, "ModelReady", v2("ModelReadyRequest", name="m", version="1")).ready
    assert call(V2, "ServerMetadata", v2("ServerMetadataRequest")).name == "kerasish"
    about = call(V2, "ModelMetadata", v2("ModelMetadataRequest", name="m"))
    assert list(about.versions) == ["1", "2"] and list(about.inputs[0].shape) == [-1, 2]
    request = infer_request()
    request.raw_input_contents.append(X.tobytes())
    found = call(V2, "ModelInfer", request)
    assert (found.id, found.model_version) == ("7", "2")
    assert (np.frombuffer(found.raw_output_contents[0], "float32").reshape(2, 2) == 30 * X).all()
    request = infer_request()
    request.inputs[0].contents.fp32_contents.extend(X.ravel().tolist())
    assert call(V2, "ModelInfer", request).raw_output_contents == found.raw_output_contents


def infer_request(**changes):
    request = v2("ModelInferRequest", model_name="m", id="7")
    request.inputs.add(**{"name": "x", "datatype": "FP32", "shape": [2, 2], **changes})
    return request


def test_what_open_inference_refuses(call):
    for changes, word in (
        ({"name": "z"}, "no input 'z'"),
        ({"datatype": "INT8"}, "takes FP32, got 'INT8'"),
        ({"shape": [-1, 2]}, "negative"),
        ({}, "takes 4 values, got 0"),
    ):
        refused(call, "INVALID_ARGUMENT", word, V2, "ModelInfer", infer_request(**changes))
    request = infer_request()
    request.raw_input_contents.append(b"123")
    refused(call, "INVALID_ARGUMENT", "takes 16 bytes, got 3", V2, "ModelInfer", request)
    refused(call, "INVALID_ARGUMENT", "A version is a number", V2, "ModelReady", v2("ModelReadyRequest", version="one"))


def test_a_token(served):
    server = grpc_server(served[0], "127.0.0.1:0", token="secret")
    stranger, friend = Caller(server.port), Caller(server.port, authorization="Bearer secret")
    assert stranger(V2, "ServerReady", v2("ServerReadyRequest")).ready
    refused(stranger, "UNAUTHENTICATED", "token", TF, "Predict", predict_request())
    assert friend(TF, "Predict", predict_request()).outputs
    server.stop(0).wait()


@pytest.mark.parametrize("dtype", sorted(set(NUMBERS) - {"string", "bfloat16"}))
def test_tensors_go_both_ways(dtype):
    array = np.array([[0, 1], [1, 1]]).astype(dtype)
    assert (from_proto("x", to_proto(array)) == array).all() and from_proto("x", to_proto(array)).dtype == array.dtype


def test_tensors_by_their_lists_of_values():
    proto = message("tensorflow.TensorProto")(dtype=1, float_val=[2.0])
    for size in (2, 3):
        proto.tensor_shape.dim.add(size=size)
    assert from_proto("x", proto).tolist() == [[2.0] * 3] * 2
    half = message("tensorflow.TensorProto")(dtype=19, half_val=[int(np.float16(1.5).view("uint16"))])
    assert from_proto("x", half) == np.float16(1.5)
    proto.float_val.append(1.0)
    with pytest.raises(BadRequest, match="takes 6 values, got 2"):
        from_proto("x", proto)
    with pytest.raises(BadRequest, match="number 99"):
        from_proto("x", message("tensorflow.TensorProto")(dtype=99))
    proto.tensor_content = b"123"
    with pytest.raises(BadRequest, match="takes 24 bytes, got 3"):
        from_proto("x", proto)
