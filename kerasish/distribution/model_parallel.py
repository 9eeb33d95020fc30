"""ModelParallel: some variables are cut over the devices."""

from __future__ import annotations

from typing import Any

from kerasish.distribution.current import Distribution
from kerasish.distribution.layout_map import LayoutMap
from kerasish.distribution.tensor_layout import TensorLayout


class ModelParallel(Distribution):
    """Variables are cut over the devices as a `LayoutMap` says; each device has all of the others.

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

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        return self._layout_map[path]
