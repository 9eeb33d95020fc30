"""A server as a process of its own, asked over real sockets."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).parent.parent.parent


class Server:
    """`python -m kerasish serve`, from when it answers."""

    def __init__(self, folder, *options, port=0):
        command = [sys.executable, "-m", "kerasish", "serve", str(folder), "--port", str(port), *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self.said, self.port = [], None
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r" on https?://[\d.]+:(\d+)", line)
            if found:
                self.port = int(found[1])
                break
        threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True).start()
        assert self.port, "".join(self.said)

    def connection(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, connection=None):
        """(status, text) of one request."""
        connection = connection or self.connection()
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def figure(self, name):
        """The value of one of the figures for Prometheus."""
        text = self.ask("GET", "/metrics")[1]
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])

    def end(self, sent=signal.SIGTERM):
        """The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sent)
        return self.process.wait(60)


@contextlib.contextmanager
def serving(folder, *options, **more):
    server = Server(folder, *options, **more)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            try:
                server.process.wait(30)
            except subprocess.TimeoutExpired:
                server.process.kill()
                server.process.wait()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
