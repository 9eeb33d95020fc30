"""Saves in a thread: the values of the Variables are copied, and the training goes on while the copies are written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from kerasish.backend import context
from kerasish.files.saving_api import between_steps
from kerasish.files.weights_walk import saveables
from kerasish.layers.base.tracking import unique


class Saving:
    """A save that goes on in a thread of its own.

    Args:
        model: the Model.
        write: function without arguments that saves it, once.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> saving = model.save_in_background(path)
        >>> saving.wait()
        >>> os.path.exists(path)
        True
    """

    def __init__(self, model: Any, write: Callable[[], None]) -> None:
        variables = _variables_of(model)
        with between_steps(model):
            values = {id(variable): variable.numpy() for variable in variables}
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(write, values), name="kerasish save")
        self._thread.start()

    def _run(self, write, values):
        try:
            with context.scope(values_then=values):
                write()
        except BaseException as error:  # told by `wait`
            self._error = error

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait until the file is there.

        Raises:
            Exception: what the save raised, once.
        """
        self._thread.join()
        error, self._error = self._error, None
        if error is not None:
            raise error


def _variables_of(model):
    """All that any format keeps of a model: of its layers, its optimizer, and what else it holds."""
    found = list(model.variables)
    for _, item in saveables(model):
        found += getattr(item, "variables", ())
    return unique([variable for variable in found if hasattr(variable, "numpy")])
