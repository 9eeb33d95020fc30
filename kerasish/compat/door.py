"""`import keras`, `from tensorflow import keras` and their likes, answered by kerasish.

A finder on `sys.meta_path` answers for these names alone. The modules that it makes hold nothing: each looks a name up
in kerasish when it is asked for one (`answers.py` says where), and says which one is not there.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

from kerasish.compat import answers
from kerasish.compat.importer import does_without, somebody_does_without
from kerasish.lazy import fitting_error

KERAS_VERSION = "3.15.1"  # whose API kerasish has: packages ask for it


class Answer(types.ModuleType):
    """A module of Keras's that looks its names up in kerasish.

    Args:
        name: as a program imports it, e.g. "tensorflow.keras.layers".
        path: the part after Keras's own name, e.g. "layers"; "" for the package itself.
    """

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, f"kerasish, which answers for `{name}`.")
        self.__dict__["_path"] = path
        self.__path__ = []  # so that modules below it are asked for
        if not path:
            self.__version__ = KERAS_VERSION
            self.version = lambda: KERAS_VERSION

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return answers.public_names(self._path)
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            value = answers.find(self._path, name)
        except AttributeError as error:
            if answers.is_package(f"{self._path}.{name}".strip(".")):
                return importlib.import_module(f"{self.__name__}.{name}")
            text = f"module {self.__name__!r} has no attribute {name!r}: {error}"
            raise fitting_error(text, self.__name__, sys._getframe(1)) from None
        if isinstance(value, types.ModuleType):
            return importlib.import_module(f"{self.__name__}.{name}")
        answers.warn_of_earlier(self._path)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *answers.public_names(self._path)})


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of Keras, and of TensorFlow's `keras` alone where TensorFlow is not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """The spec of a module that kerasish answers for, or None."""
        found = answers.split(fullname)
        if found is None:
            return None
        root, inner = found
        if root == "tensorflow":
            return None if answers.is_installed("tensorflow") or does_without() else self._spec(fullname)
        return self._spec(fullname) if answers.is_package(inner) else None

    def _spec(self, fullname):
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: Any) -> types.ModuleType:
        """The module, not run."""
        root, inner = answers.split(spec.name)
        return _TensorFlow(spec.name) if root == "tensorflow" else Answer(spec.name, inner)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


_OF_TENSORFLOW = ("estimator", "feature_column")


class _TensorFlow(types.ModuleType):
    """`tensorflow` where it is not installed: it has `keras`, Estimators, and says so of everything else."""

    __path__ = []

    def __getattr__(self, name):
        if name == "keras":
            return importlib.import_module("tensorflow.keras")
        if name in _OF_TENSORFLOW:
            return importlib.import_module(f"kerasish.{name}")
        if name == "__version__":
            return "0"
        if name.startswith("__"):
            raise AttributeError(f"module 'tensorflow' has no attribute {name!r}")
        text = (
            f"kerasish answers for `tensorflow.keras`, and TensorFlow, which has `tensorflow.{name}`, is not "
            f"installed. Use `keras.ops` in its place, or `pip install tensorflow`."
        )
        if somebody_does_without():
            raise ImportError(text, name="tensorflow")
        raise fitting_error(text, "tensorflow", sys._getframe(1))


_finder = Finder()


def earlier_module(fullname: str) -> Any:
    """The spec of a module path of Keras 1 or 2 below kerasish (`kerasish.layers.recurrent`), or None."""
    path = fullname.partition(".")[2]
    known = path in answers.EARLIER or any(below.startswith(path + ".") for below in answers.EARLIER)
    if not known and not any(path.startswith(above + ".") for above in answers.EARLIER):
        return None
    return importlib.machinery.ModuleSpec(fullname, _Earlier(), is_package=True) if answers.is_package(path) else None


class _Earlier(importlib.abc.Loader):
    def create_module(self, spec):
        return Answer(spec.name, spec.name.partition(".")[2])

    def exec_module(self, module):
        """There is nothing to run."""


def open_door() -> None:
    """Let kerasish answer `import keras` and `tensorflow.keras` in this process from now on.

    Raises:
        RuntimeError: real Keras (or TensorFlow's) was imported before; objects of both would meet.

    Example (in a process of its own, as real Keras may not have been imported before):
        ```python
        from kerasish.compat import open_door

        open_door()
        import keras  # kerasish

        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        ```
    """
    for name, module in list(sys.modules.items()):
        if answers.is_keras(name) and not isinstance(module, (Answer, _TensorFlow)):
            raise RuntimeError(
                f"`{name}` was imported before kerasish could answer for it: put `import kerasish.compat.keras` before "
                "the first `import keras`, or start the program with `python -m kerasish run`."
            )
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and not isinstance(tensorflow, _TensorFlow):
        tensorflow.keras = importlib.import_module("tensorflow.keras")
        if not hasattr(tensorflow, "estimator"):  # later than 2.15: it has none any more
            tensorflow.estimator = importlib.import_module("kerasish.estimator")


def close_door() -> None:
    """Forget the modules that were answered, and answer no more."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name, module in list(sys.modules.items()):
        if isinstance(module, (Answer, _TensorFlow)):
            del sys.modules[name]
