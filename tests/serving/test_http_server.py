"""What stands around the protocols: limits, deadlines, tokens, health, figures, the status page, new versions."""

import gzip
import html
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import kerasish as keras
from kerasish.serving import Batching, Service, application
from tests.serving.folders import client, put, refused, scaled, tell

ROW = {"instances": [[1.0, 2.0]]}
PREDICT = "/v1/models/m:predict"


@pytest.fixture
def root(tmp_path):
    put(tmp_path, "m", 1, scaled(3.0))
    return tmp_path


class Held:
    """A model's function that waits until it is let go; it says when somebody is in it."""

    def __init__(self, function):
        self.function, self.inside, self.go = function, threading.Event(), threading.Event()

    def __call__(self, *args):
        self.inside.set()
        assert self.go.wait(30)
        return self.function(*args)


def held(service):
    """Hold the computing of the model "m", and let threads do it."""
    servable = service.registry.find("m").servable
    servable.function = Held(servable.function)
    servable.warm_shapes = frozenset()
    return servable.function


def test_a_full_queue_is_429_and_a_deadline_504(root):
    service = Service(root, Batching(max_batch_size=1, max_queued_rows=1), threads=1, poll=0)
    with client(root, service) as http, ThreadPoolExecutor(2) as threads:
        hold = held(service)
        first = threads.submit(http.post, PREDICT, json=ROW)
        hold.inside.wait()
        entry = {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}
        body = {"inputs": [entry], "parameters": {"timeout": 1}}
        second = threads.submit(http.post, "/v2/models/m/infer", json=body)
        while not service.pool.waiting():
            pass
        third = http.post(PREDICT, json=ROW)
        refused(third, 429, "max_queued_rows is 1")
        assert third.headers["retry-after"] == "1"
        hold.go.set()
        assert first.result().json() == {"predictions": [[3.0, 6.0]]}
        refused(second.result(), 504, "deadline")
        figures = http.get("/metrics").text
        assert 'status="429"' in figures and 'status="504"' in figures


def test_a_model_that_fails_is_500_and_the_next_request_is_answered(root):
    with client(root) as http:
        servable = http.service.registry.find("m").servable
        function = servable.function

        def failing(*args):
            raise ArithmeticError("no <such> number")

        servable.function = failing
        refused(http.post(PREDICT, json=ROW), 500, "ArithmeticError: no <such> number")
        servable.function = function
        assert http.post(PREDICT, json=ROW).status_code == 200


def test_many_requests_at_once_are_batched_and_each_gets_its_own(root):
    service = Service(root, Batching(max_batch_size=8, batch_timeout_micros=2_000), poll=0)
    held(service).go.set()  # by threads
    with client(root, service) as http, ThreadPoolExecutor(16) as threads:
        answers = threads.map(lambda i: http.post(PREDICT, json={"instances": [[i, -i]]}).json(), range(100))
        assert [found["predictions"] for found in answers] == [[[3.0 * i, -3.0 * i]] for i in range(100)]
        figures = service.figures.of("m")
        assert figures.requests == figures.rows == 100 and figures.batches < 100


def test_a_body_over_the_limit_is_refused_before_it_is_read(root):
    with client(root, app={"max_body_bytes": 100}) as http:
        assert http.post(PREDICT, json=ROW).status_code == 200
        refused(http.post(PREDICT, content=b" " * 101), 413, "100 bytes", "--max-body-bytes")

        def pieces():
            for _ in range(3):
                yield b" " * 50

        refused(http.post(PREDICT, content=pieces()), 413)
        bomb = gzip.compress(b" " * 10_000)
        assert len(bomb) < 100
        refused(http.post(PREDICT, content=bomb, headers={"content-encoding": "gzip"}), 413)


def test_a_token_opens_all_but_health(root):
    with client(root, app={"token": "secret"}) as http:
        for given in (None, "Bearer wrong", "Basic secret", "secret", "Bearer"):
            found = http.post(PREDICT, json=ROW, headers={"authorization": given} if given else {})
            refused(found, 401, "oken")
            assert found.headers["www-authenticate"] == "Bearer"
        assert http.post(PREDICT, json=ROW, headers={"authorization": "Bearer secret"}).status_code == 200
        refused(http.get("/"), 401)
        refused(http.get("/metrics"), 401)
        assert http.get("/v2/health/live").status_code == http.get("/v2/health/ready").status_code == 200
    with pytest.raises(ValueError, match="`token` is empty"):
        application(Service(root, poll=0), token="")


def test_other_sites_may_not_ask_unless_told(root):
    asks = {"origin": "https://site.example", "access-control-request-method": "POST"}
    with client(root) as http:
        assert "access-control-allow-origin" not in http.post(PREDICT, json=ROW, headers=asks).headers
    with client(root, app={"allow_origins": ["https://site.example"], "token": "t"}) as http:
        assert http.options(PREDICT, headers=asks).headers["access-control-allow-origin"] == "https://site.example"
        assert (
            "access-control-allow-origin" not in http.options(PREDICT, headers={**asks, "origin": "https://x"}).headers
        )


def test_health_and_the_end(root):
    with client(root) as http:
        assert http.get("/v2/health/ready").status_code == 200
        http.service.ending = True
        assert http.get("/v2/health/ready").status_code == 503 and http.get("/v2/health/live").status_code == 200
        http.service.ending = False
    with pytest.raises(Exception, match="ending|Servable not found"):
        http.service.predict("m", {"x": np.ones((1, 2), "float32")})


def test_versions_change_under_a_client(root, tmp_path):
    with client(root) as http:
        put(root, "m", 2, scaled(5.0))
        tell(root, "m", labels={"stable": 1})
        http.service.registry.refresh()
        assert http.post(PREDICT, json=ROW).json() == {"predictions": [[5.0, 10.0]]}
        assert http.post("/v1/models/m/labels/stable:predict", json=ROW).json() == {"predictions": [[3.0, 6.0]]}
        broken = root / "m" / "3"
        broken.mkdir()
        (broken / "model.keras").write_bytes(b"PK\x03\x04 half a file")
        http.service.registry.refresh()
        assert http.post(PREDICT, json=ROW).json() == {"predictions": [[5.0, 10.0]]}
        newest = http.get("/v1/models/m").json()["model_version_status"][0]
        assert newest["version"] == "3" and newest["state"] == "END" and newest["status"]["error_message"]
        refused(http.post("/v1/models/m/versions/3:predict", json=ROW), 503, "Version 3 of m is not available")
        page = http.get("/").text
        assert "(stable)" in page and html.escape(newest["status"]["error_message"]) in page
        figures = http.get("/metrics").text
        assert 'kerasish_serving_versions_total{event="fail",model="m"} 1.0' in figures


def test_the_status_page_shows_what_happens_and_escapes_it(root):
    put(root, "<b>", 1, scaled(1.0))
    (root / "m" / "serving.json").write_text("{")
    with client(root) as http:
        for _ in range(3):
            http.post(PREDICT, json=ROW)
        page = http.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert "&lt;b&gt;" in page.text and "<b>" not in page.text
        assert "can&#x27;t be read" in page.text and "<td>3</td>" in page.text and " ms" in page.text


def test_figures_for_prometheus(root):
    with client(root) as http:
        for _ in range(3):
            http.post(PREDICT, json=ROW)
        http.post(PREDICT, content=b"{")
        text = http.get("/metrics").text
        counted = 'kerasish_serving_requests_total{method="predict",model="m",status="%d",version="1"} %.1f'
        assert counted % (200, 3) in text and counted % (400, 1) in text
        assert 'kerasish_serving_batch_rows_count{model="m",version="1"} 3.0' in text
        for name in ("request_seconds_bucket", "queue_rows", "memory_bytes", "load_seconds_count"):
            assert f"kerasish_serving_{name}" in text


def test_a_model_that_rests_answers_when_it_is_asked(root):
    put(root, "other", 1, scaled(7.0))
    with client(root, memory_limit=1) as http:
        assert sum(http.service.registry.resident(name) for name in ("m", "other")) == 1
        for _ in range(2):
            assert http.post(PREDICT, json=ROW).json() == {"predictions": [[3.0, 6.0]]}
            found = http.post("/v1/models/other:predict", json=ROW)
            assert found.json() == {"predictions": [[7.0, 14.0]]}


@pytest.mark.skipif(keras.backend.device().kind != "cpu", reason="weights on a card lie in no file's memory")
def test_weights_are_shared_between_processes(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    root = tmp_path / "models"
    model = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(4), keras.layers.BatchNormalization()])
    put(root, "m", 1, model)
    x = np.random.default_rng(0).random((5, 3), "float32")
    for _ in range(2):  # the first lays the weights down, the second maps them
        service = Service(root, poll=0, shared=shared)
        found = service.predict("m", {"x": x})[0]
        np.testing.assert_allclose(found, model.predict(x, verbose=0), rtol=1e-6)
        variables = service.registry.find("m").servable.model.variables
        assert not any(variable.memory().flags.owndata for variable in variables)
        variables[0].assign(variables[0] * 0.0)  # its own pages: nobody else sees it
        service.stop()
    assert len(list(shared.glob("*.weights"))) == 1
