"""Names of Keras 3 that kerasish does not have yet, for packages that import more than they use.

A package's first lines name everything that it may ever make. Such a name is answered by a class that can't be made:
what does not need it runs, and what does is told so. kerasish's own things come first, so a row ends its life by
itself when its thing is built. `python -m kerasish check` lists these names as missing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

CLASSES = {
    "distribution": "DataParallel DeviceMesh LayoutMap ModelParallel TensorLayout",
}


def awaited(path: str, name: str) -> type | None:
    """The class that stands for a name that kerasish does not have yet; None for a name that Keras has not either.

    Args:
        path: module below Keras, e.g. "layers".
        name: what is looked up in it.
    """
    return _stand_in(path, name) if name in CLASSES.get(path, "").split() else None


@lru_cache(maxsize=None)
def _stand_in(path, name):
    public = ".".join(["keras", *([path] if path else []), name])
    return type(name, (_Awaited,), {"__module__": f"keras.{path}".rstrip("."), "_public_name": public})


class _Awaited:
    """A thing of Keras that is not there yet."""

    _public_name = ""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"kerasish has no `{cls._public_name}` yet.")
