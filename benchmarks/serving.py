"""Requests a second, p50 and p99 of a served model, beside what people build by hand.

    python benchmarks/serving.py                     # the MNIST convnet, one row a request, 1, 8 and 64 clients
    python benchmarks/serving.py mobilenet_v2 --seconds 10 --clients 1,8
    python benchmarks/serving.py --workers 2         # processes, for all of them

The same weights behind: `python -m kerasish serve` (JSON of TensorFlow Serving's form, and binary tensors of the Open
Inference Protocol); onnxruntime behind FastAPI; Keras on TensorFlow behind FastAPI; TensorFlow Serving where
`tensorflow_model_server` is on the path. All under uvicorn with uvloop and httptools. Each server is a process of its
own; the clients are one more, which keeps a connection for each and sends the next request when the answer is there.
"CPU" is what the server's processes took a request: where the clients share the machine, it says more than the rate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).parent.parent
MODELS = {"mnist": (28, 28, 1), "mobilenet_v2": (224, 224, 3)}


# ---- the models


def build(name, folder):
    """Write the model as a version for kerasish, and as ONNX; returns a row and the answer to it."""
    import kerasish as keras
    from kerasish import layers

    keras.utils.set_random_seed(0)
    if name == "mnist":
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1), name="image"),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Conv2D(64, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dense(10, activation="softmax", name="scores"),
            ]
        )
    else:
        model = keras.applications.MobileNetV2(weights=None)
    (folder / "models" / name / "1").mkdir(parents=True)
    model.save(folder / "models" / name / "1" / "model.keras")
    row = np.random.default_rng(0).random((1, *MODELS[name]), "float32").round(4)
    try:
        model.export(str(folder / "model.onnx"), format="onnx")
    except (AttributeError, ValueError, NotImplementedError):  # until `export` is there
        if name == "mnist":
            (folder / "model.onnx").write_bytes(convnet_as_onnx(model))
    return model, row


def convnet_as_onnx(model):
    """The convnet by hand, as an exporter that knows layouts would write it."""
    from onnx import TensorProto, helper, numpy_helper

    first, second, dense = (layer for layer in model.layers if layer.weights)
    arrays = {}
    for name, layer in (("c1", first), ("c2", second), ("d", dense)):
        kernel, bias = (np.asarray(w) for w in layer.get_weights())
        arrays[f"{name}_w"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)) if name != "d" else kernel
        arrays[f"{name}_b"] = bias
    node = helper.make_node
    nodes = [
        node("Transpose", ["image"], ["x"], perm=[0, 3, 1, 2]),
        node("Conv", ["x", "c1_w", "c1_b"], ["a"], kernel_shape=[3, 3]),
        node("Relu", ["a"], ["b"]),
        node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["c", "c2_w", "c2_b"], ["e"], kernel_shape=[3, 3]),
        node("Relu", ["e"], ["f"]),
        node("MaxPool", ["f"], ["g"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Transpose", ["g"], ["h"], perm=[0, 2, 3, 1]),
        node("Flatten", ["h"], ["i"]),
        node("Gemm", ["i", "d_w", "d_b"], ["j"]),
        node("Softmax", ["j"], ["scores"], axis=-1),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "convnet",
        [value("image", TensorProto.FLOAT, ["n", 28, 28, 1])],
        [value("scores", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return made.SerializeToString()


# ---- the servers


def fastapi_app():
    """What people write: a body with rows, an array of it, the model, the rows of the answer."""
    from fastapi import FastAPI
    from pydantic import BaseModel

    kind, path = os.environ["SERVED_BY"], os.environ["SERVED_MODEL"]
    if kind == "onnxruntime":
        import onnxruntime

        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name

        def compute(rows):
            return session.run(None, {name: rows})[0]
    else:
        import keras
        import tensorflow as tf

        model = keras.saving.load_model(path, compile=False)
        function = tf.function(lambda x: model(x, training=False))

        def compute(rows):
            return function(rows).numpy()

    class Rows(BaseModel):
        instances: list

    app = FastAPI()

    async def predict(body):
        return {"predictions": compute(np.array(body.instances, "float32")).tolist()}

    predict.__annotations__["body"] = Rows  # a class that is no global name
    app.post("/v1/models/{name}:predict")(predict)
    return app


def command_of(kind, folder, name, port, workers):
    """(command, environment) of a server, or None where it can't run here."""
    python, environment = sys.executable, {**os.environ, "PYTHONPATH": str(ROOT)}
    if kind.startswith("kerasish"):
        more = ["--workers", str(workers), "--max-body-bytes", "64m"]
        return [python, "-m", "kerasish", "serve", str(folder / "models"), "--port", str(port), *more], environment
    if kind == "TensorFlow Serving":
        found = shutil.which("tensorflow_model_server")
        saved = folder / "saved" / name
        if found is None or not saved.exists():
            return None
        return [found, f"--rest_api_port={port}", f"--model_name={name}", f"--model_base_path={saved}"], environment
    path = folder / "model.onnx" if kind == "onnxruntime + FastAPI" else folder / "models" / name / "1" / "model.keras"
    if not path.exists():
        return None
    environment |= {"SERVED_BY": kind.split()[0], "SERVED_MODEL": str(path), "KERAS_BACKEND": "tensorflow"}
    asgi = ["-m", "uvicorn", "benchmarks.serving:fastapi_app", "--factory", "--log-level", "warning"]
    return [python, *asgi, "--port", str(port), "--workers", str(workers)], environment


KINDS = ("kerasish", "kerasish, binary", "onnxruntime + FastAPI", "Keras on TensorFlow + FastAPI", "TensorFlow Serving")


def request_of(kind, name, row, port):
    """The bytes of a request."""
    if kind == "kerasish, binary":
        tensor = {"name": input_name(name), "shape": list(row.shape), "datatype": "FP32"}
        tensor["parameters"] = {"binary_data_size": row.nbytes}
        head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
        path, body, more = (
            f"/v2/models/{name}/infer",
            head + row.tobytes(),
            f"Inference-Header-Content-Length: {len(head)}",
        )
    else:
        rows = np.array([float(f"{v:.4f}") for v in row.ravel()]).reshape(row.shape).tolist()
        path, body, more = f"/v1/models/{name}:predict", json.dumps({"instances": rows}).encode(), "Accept: */*"
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json", more]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def input_name(name):
    return "image" if name == "mnist" else "input_layer"


# ---- the clients


class Client(asyncio.Protocol):
    """One connection: sends, reads the answer, sends again."""

    def __init__(self, request, state):
        self.request, self.state, self.parts, self.missing = request, state, b"", None

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        self.began, self.parts, self.missing = time.perf_counter(), b"", None
        self.transport.write(self.request)

    def data_received(self, data):
        self.parts += data
        if self.missing is None:
            head, found, _ = self.parts.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.lower().split(b"\r\n")
            length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
            self.missing = len(head) + 4 + length
            if b" 200 " not in lines[0]:
                raise SystemExit(self.parts.decode())
        if len(self.parts) >= self.missing:
            self.state["last"] = self.parts
            self.state["took"].append(time.perf_counter() - self.began)
            self.send()


async def load(port, request, clients, seconds):
    loop, state = asyncio.get_running_loop(), {"took": []}
    made = [await loop.create_connection(lambda: Client(request, state), "127.0.0.1", port) for _ in range(clients)]
    await asyncio.sleep(1.0)  # warm
    state["took"] = []
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    took, seconds = sorted(state["took"]), time.perf_counter() - began
    for transport, _ in made:
        transport.abort()
    return {
        "rate": len(took) / seconds,
        "p50": took[len(took) // 2] * 1e3,
        "p99": took[int(len(took) * 0.99)] * 1e3,
        "count": len(took),
        "body": state["last"].partition(b"\r\n\r\n")[2].hex(),
    }


def as_clients(arguments):
    """The process of the clients: prints what `load` found."""
    import uvloop

    port, path, clients, seconds = arguments
    request = pathlib.Path(path).read_bytes()
    uvloop.install()
    print(json.dumps(asyncio.run(load(int(port), request, int(clients), float(seconds)))))


# ---- putting it together


def cpu_of(pid):
    """Seconds of processor that a process and its children have taken."""
    total = 0.0
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(entry.name) == pid or int(fields[1]) == pid:
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port, process, request):
    """Until a request is answered: a socket may listen before anybody behind it is ready."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 60) as connection:
                connection.sendall(request)
                if connection.recv(16):
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def measure(kind, folder, name, row, expected, options):
    port = free_port()
    command = command_of(kind, folder, name, port, options.workers)
    if command is None:
        return
    process = subprocess.Popen(command[0], env=command[1], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        path = folder / "request"
        path.write_bytes(request_of(kind, name, row, port))
        wait_for(port, process, path.read_bytes())
        time.sleep(2.0 if options.workers == 1 else 6.0)  # for the other processes
        for clients in options.clients:
            before = cpu_of(process.pid)
            done = subprocess.run(
                [sys.executable, __file__, "--as-clients", str(port), str(path), str(clients), str(options.seconds)],
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise SystemExit(done.stderr + done.stdout)
            found = json.loads(done.stdout)
            cpu = (cpu_of(process.pid) - before) / (options.seconds + 1.0) * options.seconds / found["count"]
            check(kind, bytes.fromhex(found["body"]), expected)
            numbers = [f"{found['rate']:,.0f}", f"{found['p50']:.2f}", f"{found['p99']:.2f}", f"{cpu * 1e6:,.0f}"]
            print(f"| {kind} | {clients} | {' | '.join(numbers)} |", flush=True)
    finally:
        process.terminate()
        process.wait(30)


def check(kind, body, expected):
    if kind == "kerasish, binary":
        found = np.frombuffer(body[-expected.nbytes :], "float32")
    else:
        found = np.array(json.loads(body)["predictions"], "float32").ravel()
    np.testing.assert_allclose(found, expected.ravel(), rtol=1e-3, atol=1e-6)


def main():
    if sys.argv[1:2] == ["--as-clients"]:
        return as_clients(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="mnist", choices=MODELS)
    parser.add_argument("--clients", default="1,8,64", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", help="servers whose name begins so")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model, row = build(options.model, folder)
        expected = np.asarray(model.predict(row, verbose=0))
        print(f"{options.model}, one row, {options.workers} process(es), {os.cpu_count()} processors\n")
        print("| server | clients | requests/s | p50 ms | p99 ms | CPU us |\n|---|---|---|---|---|---|")
        for kind in KINDS:
            if options.only is None or kind.startswith(options.only):
                measure(kind, folder, options.model, row, expected, options)
    return None


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
