"""Which distribution is in force, and what all distributions have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kerasish.backend.variable import Variable
from kerasish.distribution.device_mesh import DeviceMesh
from kerasish.distribution.processes import own_number, process_count
from kerasish.distribution.shares import in_force
from kerasish.distribution.tensor_layout import TensorLayout


class Distribution:
    """How variables and batches lie on the devices of a mesh; the base of `DataParallel` and `ModelParallel`.

    Args:
        device_mesh: `DeviceMesh`.
        batch_dim_name: string, the axis of the mesh along which batches are cut, or None.
        auto_shard_dataset: bool. Whether every process is given the same data and takes its share of each batch; False
            where each brings its own.
    """

    def __init__(
        self, device_mesh: DeviceMesh, batch_dim_name: str | None = None, auto_shard_dataset: bool = True
    ) -> None:
        self._device_mesh, self._batch_dim_name = device_mesh, batch_dim_name
        self._auto_shard_dataset = auto_shard_dataset

    @property
    def device_mesh(self) -> DeviceMesh:
        """The mesh."""
        return self._device_mesh

    @property
    def batch_dim_name(self) -> str | None:
        """The axis of the mesh along which batches are cut."""
        return self._batch_dim_name

    @property
    def auto_shard_dataset(self) -> bool:
        """Whether processes take their shares of data that all of them are given."""
        return self._auto_shard_dataset

    @property
    def num_processes(self) -> int:
        """How many processes compute together."""
        return process_count()

    @property
    def num_model_replicas(self) -> int:
        """Over how many places a batch is cut."""
        return self.device_mesh.size_of(self.batch_dim_name)

    @property
    def data_shard_id(self) -> int:
        """The number of this process's share, from 0."""
        return own_number()

    def get_data_layout(self, data_shape: Sequence[int | None]) -> TensorLayout:
        """How a batch lies: its first axis is cut.

        Args:
            data_shape: tuple of sizes, that of the batch.

        Returns:
            TensorLayout.
        """
        cut = [self.batch_dim_name] if len(data_shape) else []
        return TensorLayout((*cut, *[None] * (len(data_shape) - len(cut))), self.device_mesh)

    def get_variable_layout(self, variable: Any) -> TensorLayout:
        """How a variable lies.

        Args:
            variable: Variable.

        Returns:
            TensorLayout.
        """
        own = getattr(variable, "_layout", None)
        return own if own is not None else TensorLayout([None] * len(variable.shape), self.device_mesh)

    def variable_class(self, path: str, shape: Sequence[int], layer: Any) -> type[Variable]:
        """What keeps a weight that a layer is about to make.

        Args:
            path: string, the weight's.
            shape: tuple of ints.
            layer: the Layer.

        Returns:
            Variable, or the class of those that are cut over the processes.
        """
        return Variable

    def slot_class(self, path: str, shape: Sequence[int], optimizer: Any) -> type[Variable]:
        """What keeps a slot that an optimizer is about to make for a variable.

        Args:
            path: string, the slot's.
            shape: tuple of ints.
            optimizer: the Optimizer.

        Returns:
            Variable, or the class of those that are cut over the processes.
        """
        return Variable

    def get_tensor_layout(self, path: str) -> TensorLayout | None:
        """How a tensor within a model lies.

        Args:
            path: string.

        Returns:
            TensorLayout, or None where nothing is said of it.
        """
        return None

    def distribute_dataset(self, dataset: Any) -> Any:
        """What a process is to read of a data set: all of it. The training loop cuts each batch itself.

        Args:
            dataset: whatever `fit` takes.

        Returns:
            The data set.
        """
        return dataset

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Within `with`, this distribution is in force."""
        before = distribution()
        set_distribution(self)
        try:
            yield
        finally:
            set_distribution(before)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} device_mesh={self.device_mesh}>"


def distribution() -> Distribution | None:
    """The distribution that is in force.

    Returns:
        `DataParallel`, `ModelParallel`, or None.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.distribution() is None
        True
    """
    return in_force[0]


def set_distribution(value: Distribution | None) -> None:
    """Put a distribution in force for the whole process: models are trained as it says.

    Args:
        value: `DataParallel`, `ModelParallel`, or None for none.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.set_distribution(keras.distribution.DataParallel())
        >>> keras.distribution.distribution()
        <DataParallel device_mesh=<DeviceMesh shape=(1,), axis_names=['batch']>>
        >>> keras.distribution.set_distribution(None)
    """
    if value is not None and not isinstance(value, Distribution):
        raise ValueError(f"`value` must be a `DataParallel`, a `ModelParallel` or None, got {value!r}.")
    in_force[0] = value
