"""DeviceMesh: the devices of all processes, as a grid with named axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasish.distribution.processes import list_devices

if TYPE_CHECKING:
    import numpy as np


class DeviceMesh:
    """The devices that compute together, as a grid whose axes have names.

    Args:
        shape: tuple of ints, the sizes of the grid: (8,) for data parallelism over eight devices, (4, 2) where each
            group of two also shares the rows of large tables.
        axis_names: list of strings, a name an axis, by which layouts speak of them.
        devices: list of strings such as "cpu:0", as many as the grid has places; `list_devices()` when None.

    Raises:
        ValueError: for an empty shape or no names, for another number of names than axes, and for another number of
            devices than places.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.DeviceMesh((2, 2), ["batch", "model"], ["cpu:0", "cpu:1", "cpu:2", "cpu:3"])
        <DeviceMesh shape=(2, 2), axis_names=['batch', 'model']>
    """

    def __init__(self, shape: Sequence[int], axis_names: Sequence[str], devices: Sequence[str] | None = None) -> None:
        import numpy as np  # start-up time: building a model needs no numbers

        if not shape or not axis_names:
            raise ValueError(
                f"`shape` and `axis_names` must name at least one axis, got shape={shape!r}, axis_names={axis_names!r}."
            )
        if len(shape) != len(axis_names):
            raise ValueError(
                f"`axis_names` must have one name for each axis of `shape`, got shape={shape!r}, "
                f"axis_names={axis_names!r}."
            )
        found = np.array(list_devices() if devices is None else devices)
        places = 1
        for size in shape:
            places *= size
        if places != found.size or any(size < 1 for size in shape):
            raise ValueError(
                f"`shape` must have as many places as there are devices, got shape={tuple(shape)} and {found.size} "
                "devices. A process computes on one device: start as many, with `mpiexec -n N`, or name `devices`."
            )
        self._shape, self._axis_names, self._devices = shape, axis_names, found.reshape(tuple(shape))

    @property
    def shape(self) -> Sequence[int]:
        """The sizes of the grid."""
        return self._shape

    @property
    def axis_names(self) -> Sequence[str]:
        """The names of its axes."""
        return self._axis_names

    @property
    def devices(self) -> np.ndarray[Any, Any]:
        """The names of the devices, an array of strings of shape `shape`."""
        return self._devices

    def size_of(self, axis: str) -> int:
        """The number of devices along an axis.

        Args:
            axis: string, its name.

        Returns:
            int.

        Raises:
            ValueError: for an axis that the mesh has not.
        """
        names = list(self._axis_names)
        if axis not in names:
            raise ValueError(f"The mesh has the axes {names}, got {axis!r}.")
        return int(self._shape[names.index(axis)])

    def __repr__(self) -> str:
        return f"<DeviceMesh shape={self.shape}, axis_names={self.axis_names}>"
