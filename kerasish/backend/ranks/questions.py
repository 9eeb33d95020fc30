"""Short questions between processes, beside MPI: by TCP, answered by a thread while all others compute or hang."""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kerasish import forks

_HERE = "127.0.0.1"
_PATIENCE = 1.0  # seconds for an answer, unless said
_SLOWEST = 5.0  # seconds for a question that has begun: on a busy machine it may come late
_LONGEST = 1 << 16


class Answers:
    """A thread that answers those who know its address, which holds a secret word.

    Args:
        answer: function of a question, a list of plain values, that gives a plain value.
        everywhere: bool, whether other machines may ask, too.

    Attributes:
        address: string that `ask` takes.
    """

    def __init__(self, answer: Callable[[list[Any]], Any], everywhere: bool = False) -> None:
        self._answer, self._word = answer, secrets.token_hex(16)
        self._socket = socket.create_server(("" if everywhere else _HERE, 0), backlog=128)
        forks.in_child(self._socket.close)  # the parent's death is to be seen while its children live
        port = self._socket.getsockname()[1]
        self.address = f"{_own_address() if everywhere else _HERE}:{port}:{self._word}"
        threading.Thread(target=self._work, name="kerasish answers", daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # which wakes the thread
        self._socket.close()

    def _work(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            with connection, suppress(OSError, ValueError):  # whoever asks may be gone, or no rank
                connection.settimeout(_SLOWEST)
                word, question = json.loads(_line(connection))
                if hmac.compare_digest(str(word).encode(), self._word.encode()):
                    connection.sendall(json.dumps(self._answer(question)).encode() + b"\n")


def ask(address: str, question: list[Any], patience: float = _PATIENCE) -> Any:
    """What a process answers.

    Args:
        address: string, that of its `Answers`. question: list of plain values. patience: seconds.

    Raises:
        ConnectionError: nobody is there (any more). OSError: no answer came in time.
    """
    host, port, word = address.rsplit(":", 2)
    with socket.create_connection((host, int(port)), timeout=patience) as connection:
        connection.sendall(json.dumps([word, question]).encode() + b"\n")
        line = _line(connection)
    if not line:
        raise ConnectionResetError(f"{host}:{port} has ended.")
    return json.loads(line)


def _line(connection):
    """What comes until a line ends, or the connection."""
    come = b""
    while not come.endswith(b"\n") and len(come) < _LONGEST and (piece := connection.recv(4096)):
        come += piece
    return come


def _own_address():
    """The address by which other machines reach this one: that of the way out. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
