"""Many processes behind one port: they are started, started again where one dies, and ended together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from kerasish.serving.web.server import listening

_PAUSE = 1.0  # seconds before a process that died is started again
_THREADS = ("KERASISH_NUM_THREADS", "OMP_NUM_THREADS")


def supervise(options: Any) -> int:
    """Serve by `options.workers` processes until SIGTERM or SIGINT. Returns the exit code.

    They accept on one socket, which this process holds open: a process that ends takes no connection with it that
    another could have.
    """
    shared = tempfile.mkdtemp(prefix="kerasish-serving-")
    os.mkdir(os.path.join(shared, "figures"))
    held = listening(options.host, options.port)
    crew = Crew(options.workers, _command(held.fileno(), shared), _environment(options, shared), held.fileno())
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: crew.end())
    try:
        return crew.watch(options.drain + options.patience + 5.0)
    finally:
        held.close()
        shutil.rmtree(shared, ignore_errors=True)


def _command(socket_number, shared):
    """This process's own command, for one worker. The last of two options that say different things counts."""
    told = sys.argv[1:]
    own = ["--workers", "1", "--listening", str(socket_number), "--shared", shared]
    return [sys.executable, "-m", "kerasish", *told, *own]


def _environment(options, shared):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": os.path.join(shared, "figures")}
    if not any(name in environment for name in _THREADS):
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        environment[_THREADS[0]] = str(max(1, cores // options.workers))
    return environment


class Crew:
    """The processes.

    Args:
        size: int. command: list of strings. environment: dict.
        socket_number: int, the file that they get.
    """

    def __init__(self, size: int, command: list[str], environment: dict[str, str], socket_number: int) -> None:
        self._command, self._environment, self._socket = command, environment, socket_number
        self._ending = threading.Event()
        self._processes = [self._started() for _ in range(size)]

    def _started(self):
        return subprocess.Popen(self._command, env=self._environment, pass_fds=[self._socket])

    def end(self) -> None:
        """Tell all to end."""
        self._ending.set()

    def watch(self, patience: float) -> int:
        """Keep them running until `end`; then wait until they have ended.

        Returns:
            The exit code: 0, or 1 where one could not begin, or did not end in time.
        """
        began = time.monotonic()
        while not self._ending.wait(0.2):
            for i, process in enumerate(self._processes):
                if process.poll() is None:
                    continue
                if process.returncode == 1 and time.monotonic() - began < 60:  # it said why
                    self._stop(patience)
                    return 1
                self._forget(process.pid)
                print(f"kerasish serve: process {process.pid} died ({process.returncode})", file=sys.stderr)
                if self._ending.wait(_PAUSE):
                    break
                self._processes[i] = self._started()
        return self._stop(patience)

    def _forget(self, pid):
        """The figures of a process that died: what it had in its queue is nowhere any more."""
        folder = self._environment["PROMETHEUS_MULTIPROC_DIR"]
        for name in os.listdir(folder):
            if name.startswith("gauge_live") and name.endswith(f"_{pid}.db"):
                os.remove(os.path.join(folder, name))

    def _stop(self, patience):
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until, code = time.monotonic() + patience, 0
        for process in self._processes:
            try:
                code |= process.wait(max(0.1, until - time.monotonic())) != 0
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                code = 1
        return int(code)
