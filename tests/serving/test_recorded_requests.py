"""Requests that are recorded, asked again, and used to warm a version up."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.data import tfrecord
from kerasish.serving import Service
from kerasish.serving.heart.folders import WARMUP
from kerasish.serving.recording import encoded, recorded
from tests.serving.folders import client, put, scaled


def test_requests_are_recorded_and_give_the_same_again(tmp_path):
    root, log = tmp_path / "models", tmp_path / "log"
    put(root, "m", 1, scaled(3.0))
    with client(root, log=log) as http:
        for i in range(3):
            http.post("/v1/models/m:predict", json={"instances": [[i, 1.0]]})
        http.post("/v1/models/m:predict", json={"instances": [["bad", 1.0]]})
    (path,) = log.iterdir()
    found = list(recorded(path))
    assert [(name, version) for name, version, _, _ in found] == [("m", 1)] * 3
    service = Service(root, poll=0)
    for i, (name, version, inputs, outputs) in enumerate(found):
        assert inputs["x"].tolist() == [[i, 1.0]]
        assert (service.predict(name, inputs, version)[0] == outputs["y"]).all()
    service.stop()


def test_a_share_of_the_requests(tmp_path):
    put(tmp_path / "models", "m", 1, scaled(3.0))
    with client(tmp_path / "models", log=tmp_path / "log", log_share=0.0) as http:
        http.post("/v1/models/m:predict", json={"instances": [[1.0, 1.0]]})
    assert not list((tmp_path / "log").iterdir())
    with pytest.raises(ValueError, match="`share` must be from 0 to 1"):
        Service(tmp_path / "models", poll=0, log=tmp_path / "log", log_share=2)


def test_recorded_requests_warm_up_a_version(tmp_path):
    x = keras.Input((None,), dtype="int32", name="x")
    folder = put(tmp_path, "m", 1, keras.Model(x, keras.layers.Embedding(9, 2, name="y")(x)))
    (folder / WARMUP).parent.mkdir()
    asked = [np.ones((1, length), "int32") for length in (3, 5, 3)]
    tfrecord.write(folder / WARMUP, [encoded("m", 1, ["x"], [], [rows], []) for rows in asked])
    service = Service(tmp_path, poll=0)
    assert service.registry.find("m").servable.warm_shapes == {((3,),), ((5,),)}
    service.stop()


def test_a_bad_record_is_a_version_that_does_not_load(tmp_path):
    folder = put(tmp_path, "m", 1, scaled(3.0))
    (folder / WARMUP).parent.mkdir()
    tfrecord.write(folder / WARMUP, [encoded("m", 1, ["z"], [], [np.ones((1, 2), "float32")], [])])
    service = Service(tmp_path, poll=0)
    assert "does not fit the model" in service.registry.status("m")[0][1].error
    service.stop()
    tfrecord.write(folder / WARMUP, [b"\xff\xff\xff"])
    with pytest.raises(ValueError, match="no PredictionLog"):
        list(recorded(folder / WARMUP))


def test_text_is_recorded(tmp_path):
    record = encoded("m", 2, ["word"], ["n"], [np.array(["é", "b"])], [np.array([1, 2])])
    tfrecord.write(tmp_path / "r", [record])
    ((name, version, inputs, outputs),) = recorded(tmp_path / "r")
    assert (name, version) == ("m", 2) and inputs["word"].tolist() == ["é", "b"] and outputs["n"].tolist() == [1, 2]
