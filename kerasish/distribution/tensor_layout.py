"""TensorLayout: along which axes of a mesh the axes of a tensor are cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.distribution.device_mesh import DeviceMesh
from kerasish.typing import AnyTensor, TensorLike


class TensorLayout:
    """How a tensor lies on a mesh: for each of its axes the axis of the mesh along which it is cut, or None.

    Args:
        axes: tuple of axis names of the mesh, and None for axes that are not cut.
        device_mesh: the `DeviceMesh`; None where it is set later, once.

    Raises:
        ValueError: for a name that the mesh has not.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.TensorLayout(("batch", None))
        <TensorLayout axes=('batch', None), device_mesh=None>
    """

    def __init__(self, axes: Sequence[str | None], device_mesh: DeviceMesh | None = None) -> None:
        self._axes, self._device_mesh = tuple(axes), device_mesh
        self._check_axes()

    @property
    def axes(self) -> tuple[str | None, ...]:
        """Names of axes of the mesh, one an axis of the tensor, None where it is not cut."""
        return self._axes

    @property
    def device_mesh(self) -> DeviceMesh | None:
        """The mesh; it can be set where there is none."""
        return self._device_mesh

    @device_mesh.setter
    def device_mesh(self, device_mesh: DeviceMesh) -> None:
        if self._device_mesh is not None:
            raise ValueError(
                f"`device_mesh` of a layout is set once, and is {self._device_mesh} already. Make another layout."
            )
        self._device_mesh = device_mesh
        self._check_axes()

    def _check_axes(self):
        if self._device_mesh is None:
            return
        known = list(self._device_mesh.axis_names)
        unknown = [axis for axis in self._axes if axis is not None and axis not in known]
        if unknown:
            raise ValueError(f"`axes` must be names of axes of the mesh, {known}, or None, got {unknown}.")

    def __repr__(self) -> str:
        return f"<TensorLayout axes={self.axes}, device_mesh={self.device_mesh}>"


def distribute_tensor(tensor: TensorLike, layout: TensorLayout | None) -> AnyTensor:
    """`tensor`, laid out as `layout` says.

    A process computes on one device, and holds what lies there: where the mesh is one device, that is all of the
    tensor. What several processes have of a batch is their share of its rows, so a layout that cuts the first axis
    alone, or none, says what is so; another would need an exchange in the middle of a step, and is refused.

    Args:
        tensor: array or Tensor, also inside a compiled step.
        layout: `TensorLayout` with a mesh; None leaves the tensor as it is.

    Returns:
        The tensor.

    Raises:
        ValueError: for a layout without a mesh, for more axes than the tensor has, for an axis whose size the mesh does
            not divide, and for one that would have to be exchanged between processes.

    Example:
        >>> import kerasish as keras
        >>> mesh = keras.distribution.DeviceMesh((1,), ["batch"])
        >>> layout = keras.distribution.TensorLayout(("batch", None), mesh)
        >>> keras.distribution.distribute_tensor(keras.ops.ones((4, 2)), layout).shape
        (4, 2)
    """
    tensor = tensor if hasattr(tensor, "shape") else ops.convert_to_tensor(tensor)
    if layout is None:
        return tensor
    mesh, shape = _checked_mesh(layout), tuple(tensor.shape)
    if len(layout.axes) > len(shape):
        raise ValueError(f"`layout` has {len(layout.axes)} axes, but the tensor has the shape {shape}.")
    for place, (axis, size) in enumerate(zip(layout.axes, shape)):
        parts = 1 if axis is None else mesh.size_of(axis)
        if parts == 1:
            continue
        if place:
            raise ValueError(
                f"`layout` cuts axis {place} of a tensor along {axis!r}, over {parts} devices. Between processes only "
                "the rows of batches and of tables are cut: leave None for the other axes."
            )
        if isinstance(size, int) and size % parts:
            raise ValueError(f"`layout` cuts an axis of size {size} into {parts} equal parts. Pad it, or leave None.")
    return tensor


def _checked_mesh(layout: Any) -> DeviceMesh:
    if not isinstance(layout, TensorLayout):
        raise ValueError(f"`layout` must be a `TensorLayout` or None, got {layout!r}.")
    if layout.device_mesh is None:
        raise ValueError("`layout` has no mesh yet: set its `device_mesh` first.")
    return layout.device_mesh
