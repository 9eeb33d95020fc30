"""Epochs told to a server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping

from kerasish.callbacks.callback import Callback
from kerasish.optional import needed
from kerasish.typing import Logs


class RemoteMonitor(Callback):
    """Posts the number and the logs of each epoch to a server by HTTP.

    The package `requests` does so. A server that can't be reached is a warning, and training goes on.

    Args:
        root: URL of the server.
        path: path below `root` to which the epochs are posted.
        field: name of the form's field that holds the JSON; unused with `send_as_json`.
        headers: dict of HTTP headers to send along, or None.
        send_as_json: whether the JSON is the whole message ("application/json") rather than a field of a form.

    Raises:
        ImportError: where `requests` is not installed.

    Example:
        >>> import kerasish as keras
        >>> tell = keras.callbacks.RemoteMonitor("http://localhost:9000", send_as_json=True)
        >>> tell.root + tell.path
        'http://localhost:9000/publish/epoch/end/'
    """

    first_rank_alone = True

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json
        self._requests = _requests()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        message = {"epoch": epoch, **{name: _plain(value) for name, value in (logs or {}).items()}}
        body = {"json": message} if self.send_as_json else {"data": {self.field: json.dumps(message)}}
        address = self.root + self.path
        try:
            answer = self._requests.post(address, headers=self.headers, timeout=_SECONDS, **body)
        except self._requests.exceptions.RequestException as error:
            warnings.warn(f"Could not reach the server of RemoteMonitor at {address}: {error}", stacklevel=2)
            return
        if answer.status_code >= 400:
            warnings.warn(
                f"The server of RemoteMonitor at {address} answered {answer.status_code} {answer.reason}.", stacklevel=2
            )


_SECONDS = 30  # that a silent server may hold up the training


def _plain(value):
    return value.tolist() if hasattr(value, "tolist") else value


def _requests():
    return needed("requests", "`RemoteMonitor` needs the package `requests`: pip install requests")
