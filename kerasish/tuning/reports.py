"""What a trial reached, in the words of the services that start trials."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.plain_logs import plain
from kerasish.typing import Logs
from kerasish.utils.console import say


class Reports(Callback):
    """Says the logs of each epoch.

    On standard output as `epoch=1 loss=0.5 val_loss=0.25`, which Katib reads as it is and SageMaker by a pattern; in
    files of a JSON object an epoch; and where Vertex AI says by its environment variables that it wants them.

    Args:
        objective: string, the log that is searched for.
        path: path of a file of all logs, or None.
    """

    def __init__(self, objective: str, path: str | None = None) -> None:
        super().__init__()
        self._objective = objective
        self._path = path
        self._vertex = os.environ.get("CLOUD_ML_HP_METRIC_FILE")
        for file in filter(None, (path, self._vertex)):
            os.makedirs(os.path.dirname(os.path.abspath(file)), exist_ok=True)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        numbers = {name: value for name, value in plain(logs).items() if isinstance(value, float)}
        say(line({"epoch": epoch + 1, **numbers}))
        if self._path:
            _append(self._path, {"epoch": epoch + 1, "timestamp": time.time(), **numbers})
        if self._vertex and self._objective in numbers:
            about = {
                "timestamp": time.time(),
                "trial": os.environ.get("CLOUD_ML_TRIAL_ID", "0"),
                os.environ.get("CLOUD_ML_HP_METRIC_TAG") or self._objective: str(numbers[self._objective]),
                "global_step": str(epoch + 1),
                "checkpoint_path": "",
            }
            _append(self._vertex, about)


def line(numbers: dict[str, Any]) -> str:
    """Numbers as `name=value name=value`.

    >>> line({"epoch": 1, "loss": 0.1})
    'epoch=1 loss=0.1'
    """
    return " ".join(
        f"{name}={f'{value:.9g}' if isinstance(value, float) else value}" for name, value in numbers.items()
    )


def _append(path, record):
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
