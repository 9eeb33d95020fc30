"""ModelParallel: some variables are cut over the devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.variable import Variable
from kerasish.distribution.current import Distribution
from kerasish.distribution.layout_map import LayoutMap
from kerasish.distribution.processes import process_count
from kerasish.distribution.tables import CutTable
from kerasish.distribution.tensor_layout import TensorLayout


class ModelParallel(Distribution):
    """Variables are cut over the devices as a `LayoutMap` says; each device has all of the others.

    Tables of `Embedding` are cut by their rows, with their slots in the optimizer: ("model", None). Each process keeps
    and updates its rows; vectors and their gradients are exchanged. Whatever the shape of the mesh, rows and batches
    are cut over all processes. Slots of the optimizer for other variables are cut where a key fits the slot's path
    ("adam/.*": ("model",)): each process updates its rows of the variable, which all of them have, and the rows are
    gathered (ZeRO-1). Other layouts that cut anything are refused by name where the weight is made.

    Args:
        layout_map: `LayoutMap` with a mesh.
        batch_dim_name: string, the axis of the mesh along which batches are cut; its first when None.
        auto_shard_dataset: bool. Whether every process is given the same data and takes its share of each batch; False
            where each brings its own.
        **kwargs: `device_mesh` of earlier Kerases, which the layouts say.

    Raises:
        ValueError: without a `layout_map`, for one that is none or has no mesh, for an axis that the mesh has not.
        TypeError: for unknown arguments.

    Example:
        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"])
        >>> layouts = keras.distribution.LayoutMap(mesh)
        >>> layouts[".*embeddings"] = ("model", None)
        >>> keras.distribution.ModelParallel(layout_map=layouts).batch_dim_name
        'batch'

    Reference:
        Rajbhandari et al., "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models", 2020, stage 1.
    """

    def __init__(
        self,
        *,
        layout_map: LayoutMap | None = None,
        batch_dim_name: str | None = None,
        auto_shard_dataset: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("device_mesh", None)
        if kwargs:
            raise TypeError(f"`ModelParallel` got arguments it does not know: {sorted(kwargs)}.")
        if layout_map is None:
            raise ValueError("`layout_map` must be given: a `LayoutMap` that says how variables are cut.")
        if not isinstance(layout_map, LayoutMap):
            raise ValueError(f"`layout_map` must be a `LayoutMap`, got {layout_map!r}.")
        mesh = layout_map.device_mesh
        if mesh is None:
            raise ValueError("`layout_map` has no mesh: make it with one, `LayoutMap(device_mesh)`.")
        names = list(mesh.axis_names)
        if batch_dim_name is not None and batch_dim_name not in names:
            raise ValueError(f"`batch_dim_name` must be an axis of the mesh, one of {names}, got {batch_dim_name!r}.")
        super().__init__(mesh, batch_dim_name or names[0], auto_shard_dataset)
        self._layout_map = layout_map

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        own = getattr(variable, "_layout", None) or self._layout_map[variable.path]
        return own if own is not None else super().get_variable_layout(variable)

    def variable_class(self, path: str, shape: Sequence[int], layer: Any) -> type[Variable]:
        """`CutTable` for a table whose layout cuts its rows.

        Args:
            path: string, the weight's.
            shape: tuple of ints.
            layer: the Layer.

        Raises:
            ValueError: for a layout that can't be had.
        """
        cut = self._cut_axes(path)
        if not cut:
            return Variable
        if cut != [0] or not layer.looks_up_rows:
            raise ValueError(
                f"`layout_map` cuts axis {cut[0]} of {path!r}, a weight of the {type(layer).__name__} {layer.name!r}, "
                "which can't be: the rows (axis 0) of the tables of `Embedding` are cut over processes, and nothing "
                "else is. Let no key fit this path."
            )
        return CutTable

    def slot_class(self, path: str, shape: Sequence[int], optimizer: Any) -> type[Variable]:
        """`CutTable` for a slot whose layout cuts its rows, where it has as many as there are processes.

        Args:
            path: string, the slot's.
            shape: tuple of ints.
            optimizer: the Optimizer.

        Raises:
            ValueError: for a layout that can't be had.
        """
        cut = self._cut_axes(path)
        if not cut or not shape or shape[0] < process_count():
            return Variable
        if cut != [0] or optimizer.needs_whole_tables:
            why = "of which axis 0 alone can be" if cut != [0] else f"which needs all: {optimizer.needs_whole_tables}"
            raise ValueError(
                f"`layout_map` cuts axis {cut[0]} of {path!r}, a slot of the optimizer {optimizer.name!r}, {why}. Let "
                "no key fit this path."
            )
        return CutTable

    def _cut_axes(self, path):
        """The axes of what is at `path` that are cut over several processes."""
        layout = self._layout_map[path] if process_count() > 1 else None
        axes = () if layout is None else layout.axes
        return [place for place, axis in enumerate(axes) if axis is not None and self.device_mesh.size_of(axis) > 1]

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        return self._layout_map[path]
