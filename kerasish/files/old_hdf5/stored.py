"""Arrays of a file that are not read yet.

Their shapes are known, so that everything can be checked before anything is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.interrupts import whole
from kerasish.files import low_bits
from kerasish.files.weights_h5 import H5Tensor
from kerasish.typing import ShapeLike

if TYPE_CHECKING:
    import h5py

    from kerasish.backend import Variable


class Stored:
    """One dataset. `name` is the name by which the file lists it, `order` its place in the whole list."""

    order = 0

    def __init__(self, dataset: h5py.Dataset, name: str) -> None:
        if not hasattr(dataset, "shape") or dataset.shape is None:
            raise ValueError(
                f"{name!r} should be an array in the file, but it is {type(dataset).__name__}: the file is damaged."
            )
        self._tensor = H5Tensor(dataset)
        if not self._tensor.is_numeric or dataset.dtype.kind == "c":
            raise ValueError(f"{name!r} should hold numbers of a model, but the file holds {dataset.dtype} there.")
        self.dataset: Any = dataset
        self.name: str = name
        self.shape: tuple[Any, ...] = tuple(dataset.shape)

    @property
    def leaf(self) -> Any:
        """The last part of the name, e.g. "kernel"."""
        return self.name.rpartition("/")[2].partition(":")[0]

    @property
    def is_integer(self) -> bool:
        """Whether it holds ints."""
        return self.dataset.dtype.kind in "iu"

    def read(self) -> Any:
        """The numbers, as a NumPy array."""
        return self._tensor.read()

    def probe(self) -> None:
        """Read packed data once and forget it: unpacking may fail, and must do so before a weight is changed."""
        self._tensor.check()

    def fill(self, variable: Variable) -> None:
        """Set `variable`.

        The numbers go from the file into its memory without a copy in between, which would be as large again.
        """
        memory = variable.memory()
        if (
            isinstance(memory, np.ndarray)
            and memory.dtype.name not in low_bits.NAMES  # of which HDF5 knows nothing
            and memory.flags.c_contiguous
            and memory.flags.writeable
            and memory.size
            and self.dataset.dtype.kind in "fiu"
        ):
            self.dataset.read_direct(memory)
        else:
            variable.assign(self.read())


@whole
def fill_all(pairs: Any) -> None:
    """Set the variables of (Variable, Stored or Derived) pairs, all of them."""
    for variable, source in pairs:
        source.fill(variable)


class Derived:
    """What `compute` makes of other arrays, of the known `shape`; `name` is the first one's."""

    def __init__(self, sources: Any, shape: ShapeLike, compute: Any) -> None:
        self.sources: Any = sources
        self.shape: tuple[int | None, ...] = tuple(shape)
        self.compute: Any = compute
        self.name: str = sources[0].name
        self.leaf: str = ""

    def read(self) -> Any:
        return self.compute(*[source.read() for source in self.sources])

    def probe(self) -> None:
        for source in self.sources:
            source.probe()

    def fill(self, variable: Variable) -> None:
        variable.assign(self.read())
