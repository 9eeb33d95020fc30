"""What padding and cropping layers share: how many points before and after, along each axis of space."""

from __future__ import annotations

from typing import Any

from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.scalars import is_size
from kerasish.typing import Config


class EdgeLayer(Layer):
    """A layer that takes away or adds edges along the axes of space.

    Args:
        rank: axes of space.
        edges: int, one int an axis, or a pair of ints an axis.
        name_of_edges: how the argument is called.
    """

    def __init__(
        self, rank: int, edges: Any, name_of_edges: Any, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format: str = standardize_data_format(data_format)
        self.edges: tuple[tuple[int, int], ...] = edge_pairs(edges, rank, name_of_edges)
        setattr(self, name_of_edges, self.edges[0] if rank == 1 else self.edges)
        self._name_of_edges = name_of_edges
        self.input_spec: InputSpec = InputSpec(ndim=rank + 2)

    def around(self) -> list[Any]:
        """A pair for every axis, batch and channels included."""
        space = list(self.edges)
        return [(0, 0), *space, (0, 0)] if self.data_format == "channels_last" else [(0, 0), (0, 0), *space]

    def cropped(self, inputs: Any) -> Any:
        """The inputs without their edges. Raises ValueError when nothing would be left."""
        around = self.around()
        first = 1 if self.data_format == "channels_last" else 2
        space = range(first, first + len(self.edges))
        if any(inputs.shape[axis] is not None and sum(around[axis]) >= inputs.shape[axis] for axis in space):
            raise ValueError(
                f"{self.name!r}: `cropping`={self.cropping} leaves nothing of inputs of shape {tuple(inputs.shape)}."
            )
        return inputs[tuple(slice(before, -after if after else None) for before, after in around)]

    def get_config(self) -> Config:
        config = {**super().get_config(), self._name_of_edges: getattr(self, self._name_of_edges)}
        return (
            config
            if self._name_of_edges == "cropping" and len(self.edges) == 1
            else {**config, "data_format": self.data_format}
        )


def edge_pairs(edges: Any, rank: int, name: str) -> Any:
    """A tuple of `rank` pairs. Raises ValueError naming the argument."""

    if is_size(edges):
        return ((edges, edges),) * rank
    if rank == 1 and isinstance(edges, (list, tuple)) and len(edges) == 2 and all(is_size(e) for e in edges):
        return (tuple(edges),)
    if isinstance(edges, (list, tuple)) and len(edges) == rank:
        pairs = tuple((e, e) if is_size(e) else tuple(e) if isinstance(e, (list, tuple)) else () for e in edges)
        if all(len(pair) == 2 and all(is_size(e) for e in pair) for pair in pairs):
            return pairs
    form = "an int or a pair of ints" if rank == 1 else f"an int, {rank} ints, or {rank} pairs of ints"
    raise ValueError(f"`{name}` must be {form} >= 0, got {edges!r}.")
