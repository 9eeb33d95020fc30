"""Real processes: a server that ends while requests run, and several behind one port."""

import http.client
import json
import os
import signal
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from kerasish.__main__ import main
from tests.serving.folders import put, scaled
from tests.serving.processes import free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals and sockets of POSIX")]


@pytest.fixture
def root(tmp_path):
    put(tmp_path, "m", 1, scaled(3.0))
    return tmp_path


def test_a_server_that_ends_answers_what_it_has_taken(root):
    waiting = ("--batch-timeout-micros", "60000000", "--max-batch-size", "64", "--grpc-port", "0")
    with serving(root, *waiting) as server, ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(server.ask, "POST", "/v1/models/m:predict", {"instances": [[i, 1]]}) for i in range(12)]
        while server.figure("kerasish_serving_queue_rows") < 12:
            pass
        assert server.end() == 0, "".join(server.said)
        answers = [(status, json.loads(text)) for status, text in (found.result() for found in asked)]
    assert answers == [(200, {"predictions": [[3.0 * i, 3.0]]}) for i in range(12)]


def test_a_server_that_ends_says_so_first(root):
    with serving(root, "--drain", "1") as server:
        assert server.ask("GET", "/v2/health/ready")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        while server.ask("GET", "/v2/health/ready")[0] == 200:
            pass
        assert server.ask("POST", "/v1/models/m:predict", {"instances": [[1, 1]]})[0] == 200
        assert server.process.wait(30) == 0


def test_many_processes_answer_behind_one_port_and_one_that_dies_comes_back(root):
    def processes(server):
        return {int(server.ask("GET", "/")[1].partition("Process ")[2].partition(",")[0]) for _ in range(40)}

    with serving(root, "--workers", "2", port=free_port()) as server:
        deadline = time.monotonic() + 60
        while len(before := processes(server)) < 2:
            assert time.monotonic() < deadline
        for i in range(20):
            status, text = server.ask("POST", "/v1/models/m:predict", {"instances": [[i, 1]]})
            assert (status, json.loads(text)) == (200, {"predictions": [[3.0 * i, 3.0]]})
        counted = 'kerasish_serving_requests_total{method="predict",model="m",status="200",version="1"}'
        assert server.figure(counted) == 20  # of both together
        os.kill(min(before), signal.SIGKILL)
        while True:
            try:
                after = processes(server)
            except OSError:  # what the killed one had taken
                continue
            if len(after) == 2 and after != before:
                break
            assert time.monotonic() < deadline
        assert server.end() == 0, "".join(server.said)


KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUovOSU+XRH0sZBKn
1PC6tOVNxUWu6pLSnl5R+sh5Oo+hRANCAASaE6ocIfirE+1072GQKOpd62bpCh5o
kGQLmZbNww0lXrciBDsepQ1IEAqZnqYH8xFsiH3CvgpB1y3wPjeVc36P
-----END PRIVATE KEY-----
"""  # of this test alone
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJoTqhwh+KsT7XTv
YZAo6l3rZukKHmiQZAuZls3DDSVetyIEOx6lDUgQCpmepgfzEWyIfcK+CkHXLfA+
N5Vzfo+jTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQ9NUxfM+7drhqHj/5zJgSAdeoffzAKBggqhkjOPQQD
AgNHADBEAiAX9ZsykAaxex4SHi2hVsmnHBPN31DGWF01G1JKWBYMKAIgGwY7TMcU
Lps97v15lV+n1bvoqEVD/ZEV3u6II4zesGg=
-----END CERTIFICATE-----
"""


def test_tls_and_a_token_over_http_and_grpc(root, tmp_path_factory, monkeypatch):
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    (folder / "key.pem").write_text(KEY)
    (folder / "certificate.pem").write_text(CERTIFICATE)
    monkeypatch.setenv("KERASISH_SERVING_TOKEN", "secret")
    options = ["--certificate", str(folder / "certificate.pem"), "--key", str(folder / "key.pem")]
    with serving(root, *options, "--grpc-port", str(port)) as server:
        trusting = ssl.create_default_context(cafile=folder / "certificate.pem")
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=60, context=trusting)
        body = {"instances": [[1, 2]]}
        assert server.ask("POST", "/v1/models/m:predict", body, connection)[0] == 401
        connection.request(
            "POST", "/v1/models/m:predict", json.dumps(body), {"Authorization": "Bearer secret", "Connection": "close"}
        )
        assert json.loads(connection.getresponse().read()) == {"predictions": [[3.0, 6.0]]}
        with pytest.raises(OSError):
            server.ask("POST", "/v1/models/m:predict", body)
        channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(CERTIFICATE.encode()))
        ready = channel.unary_unary("/inference.GRPCInferenceService/ServerReady")
        assert ready(b"", timeout=30) == b"\x08\x01"
        with pytest.raises(grpc.RpcError, match="UNAUTHENTICATED"):
            channel.unary_unary("/inference.GRPCInferenceService/ModelReady")(b"\x0a\x01m", timeout=30)
        channel.close()
        assert server.end() == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["nowhere"], "no folder 'nowhere'"),
        ([".", "--key", "k.pem"], "both --certificate and --key"),
        ([".", "--workers", "0"], "--workers must be at least 1"),
        ([".", "--workers", "2", "--port", "0"], "needs a --port"),
        ([".", "--allowed-batch-sizes", "a"], "takes numbers with commas"),
        ([".", "--max-body-bytes", "much"], "as 500m or 2g, got 'much'"),
    ],
    ids=["folder", "key", "workers", "port", "sizes", "bytes"],
)
def test_what_the_command_refuses(tmp_path, monkeypatch, capsys, options, words):
    monkeypatch.chdir(tmp_path)
    try:
        assert main(["serve", *options]) == 1
    except SystemExit as ended:  # argparse's own
        assert ended.code == 2
    assert words in capsys.readouterr().err
