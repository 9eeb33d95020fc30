"""LayoutMap: layouts of variables by their paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from kerasish.distribution.device_mesh import DeviceMesh
from kerasish.distribution.tensor_layout import TensorLayout


class LayoutMap(MutableMapping):
    """A dict from paths of variables to layouts, whose keys are regular expressions.

    A key that equals a path goes first; else a key fits where it matches the whole path. A path that no
    key fits gives None, which means that each device has all of the variable.

    Args:
        device_mesh: `DeviceMesh`, which layouts without one get; or None.

    Raises:
        ValueError: for a key that is there already, for what is neither a `TensorLayout` nor a tuple of axis names, and
            for a path that several keys fit.

    Example:
        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"])
        >>> layouts = keras.distribution.LayoutMap(mesh)
        >>> layouts[".*embeddings"] = ("model", None)
        >>> layouts["users/embeddings"].axes, layouts["dense/kernel"]
        (('model', None), None)
    """

    def __init__(self, device_mesh: DeviceMesh | None) -> None:
        self._layouts: dict[str, TensorLayout] = {}
        self._device_mesh = device_mesh

    @property
    def device_mesh(self) -> DeviceMesh | None:
        """The mesh of its layouts."""
        return self._device_mesh

    def __getitem__(self, key: str) -> TensorLayout | None:
        if key in self._layouts:
            return self._layouts[key]
        fitting = [pattern for pattern in self._layouts if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ValueError(
                f"The path {key!r} fits several keys of the `LayoutMap`: {fitting}. Let one alone fit each path."
            )
        return self._layouts[fitting[0]] if fitting else None

    def __setitem__(self, key: str, layout: Any) -> None:
        if key in self._layouts:
            raise ValueError(
                f"The key {key!r} is in the `LayoutMap` already, with {self._layouts[key]}. Delete it first."
            )
        if isinstance(layout, tuple):
            layout = TensorLayout(axes=layout, device_mesh=None)
        if not isinstance(layout, TensorLayout):
            raise ValueError(
                f"A `LayoutMap` holds `TensorLayout`s, or tuples of axis names and None, got {layout!r} of "
                f"{type(layout)}."
            )
        if layout.device_mesh is None and self._device_mesh is not None:
            layout.device_mesh = self._device_mesh
        self._layouts[key] = layout

    def __delitem__(self, key: str) -> None:
        del self._layouts[key]

    def __len__(self) -> int:
        return len(self._layouts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._layouts)
