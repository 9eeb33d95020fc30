"""DataParallel: every process has the whole model, and its share of each batch."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from kerasish.distribution.current import Distribution
from kerasish.distribution.device_mesh import DeviceMesh
from kerasish.distribution.processes import list_devices


class DataParallel(Distribution):
    """Every device has the whole model and its share of the rows of each batch; gradients are averaged.

    n processes on batches of B / n rows each give the losses and metrics of one process on batches of B, float32's
    rounding aside.

    Args:
        device_mesh: `DeviceMesh` of one axis; None makes one of `devices`.
        devices: list of strings such as "cpu:0"; `list_devices()` when None. Left aside where there is a mesh.
        auto_shard_dataset: bool. Whether every process is given the same data and takes its share of each batch; False
            where each brings its own.

    Raises:
        ValueError: for a `device_mesh` that is none.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.DataParallel()
        <DataParallel device_mesh=<DeviceMesh shape=(1,), axis_names=['batch']>>
    """

    def __init__(
        self,
        device_mesh: DeviceMesh | None = None,
        devices: Sequence[str] | None = None,
        auto_shard_dataset: bool = True,
    ) -> None:
        if device_mesh is None:
            found = list_devices() if not devices else [devices] if isinstance(devices, str) else list(devices)
            device_mesh = DeviceMesh((len(found),), ["batch"], found)
        elif not isinstance(device_mesh, DeviceMesh):
            raise ValueError(f"`device_mesh` must be a `DeviceMesh`, got {device_mesh!r} of {type(device_mesh)}.")
        if len(device_mesh.shape) > 1:
            warnings.warn(
                f"`DataParallel` takes a mesh of one axis, got the shape {tuple(device_mesh.shape)}: batches are cut "
                f"along the first, {device_mesh.axis_names[0]!r}.",
                stacklevel=2,
            )
        super().__init__(device_mesh, device_mesh.axis_names[0], auto_shard_dataset)

    @property
    def num_model_replicas(self) -> int:
        """How many devices hold the model: all."""
        return int(self.device_mesh.devices.size)
