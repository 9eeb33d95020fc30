"""Keras 3's weights file: an HDF5 group for each layer, named by where the layer stands in the model.

Files of TensorFlow 2.12 to 2.15 and tf_keras have the same layout, but name objects by another walk through the model
(learned from tf_keras's `saving_lib`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import h5py

from kerasish.files import checksums, hdf5, low_bits, weights_walk
from kerasish.files.hdf5_writing import created
from kerasish.files.weights_store import Plan, StoredTensor, describe, stored_values
from kerasish.files.weights_walk import is_saveable, saveables
from kerasish.typing import TensorLike
from kerasish.whole_files import replacing

if TYPE_CHECKING:
    import h5py

    from kerasish.models.model import Model

__all__ = ["Groups", "H5Tensor", "is_saveable", "load_from", "save", "save_to", "saveables"]

_OLD_LAYERS = "_layer_checkpoint_dependencies"  # where TensorFlow 2.12 and 2.13 keep what others keep under "layers"
VARIABLES = "vars"  # the group that holds an object's variables, beside the groups of the objects within it


# -- writing ------------------------------------------------------------------------------------------------------


def save(model: Model, path: str, objects_to_skip: Sequence[Any] | None = None) -> None:
    """Write the weights (and the optimizer's state) of a built model to a ".weights.h5" file.

    A failed save leaves the old file whole.

    Raises:
        ValueError: for a model that is not built.
    """
    check_built(model)
    with replacing(path) as temporary, created(temporary) as file:
        save_to(model, file, objects_to_skip)
        checksums.seal(file)


def check_built(model: Model) -> None:
    """Refuse a model that has no weights yet."""
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} isn't built, so it has no weights to save. Call it on data or `build` it first."
        )


def save_to(model: Model, file: h5py.File, objects_to_skip: Sequence[Any] | None = None) -> None:
    """Write the variables under `model` into an open `h5py.File`."""
    for path, item in saveables(model, objects_to_skip):
        group = make_group(file, path, getattr(item, "name", None))
        for key, value in stored_values(item):
            low_bits.write_dataset(group, key, value)


def make_group(file: h5py.File, path: str, name: str) -> Any:
    """The new group in `file` for the variables of the object called `name` at `path`."""
    group = file.create_group(f"{path}/{VARIABLES}" if path else VARIABLES)
    if isinstance(name, str):
        group.attrs["name"] = name
    return group


# -- reading ------------------------------------------------------------------------------------------------------


def load_from(
    model: Model, file: h5py.File, skip_mismatch: bool = False, objects_to_skip: Sequence[Any] | None = None
) -> None:
    """Set the variables under `model` from an open `h5py.File`; everything is checked before the first is changed.

    Args:
        skip_mismatch: leave objects alone (with a warning) whose number or shapes of variables differ.
        objects_to_skip: list of layers and other objects to leave alone.

    Raises:
        ValueError: that lists the objects whose variables the file lacks or holds in other shapes.
    """
    best_plan(model, Groups(file), objects_to_skip).apply(hdf5.name_of(file), skip_mismatch)


def best_plan(model: Model, groups: int, objects_to_skip: Sequence[Any] | None = None) -> Any:
    """The Plan by the walk of the era that the file comes from: the one with the fewest problems."""
    best = None
    for order in groups.orders():
        plan = make_plan(model, groups, objects_to_skip, order)
        if best is None or len(plan.problems) < len(best.problems):
            best = plan
        if not best.problems:
            break
    return best


def make_plan(
    model: Model, groups: int, objects_to_skip: Sequence[Any] | None = None, order: Any = weights_walk.KERAS3
) -> Any:
    """Match what the file holds with the model, by one era's walk."""
    plan = Plan()
    for path, item in saveables(model, objects_to_skip, order):
        tensors = groups.find(path)
        if tensors is None and "/container" in path and not groups.has_container(path):
            if any(True for _ in stored_values(item)):
                kept = (
                    "the file comes from a version of Keras that kept no layers in nested lists; "
                    "its variables stay as they are"
                )
                plan.notes.append(f"{describe(item, path)}: {kept}")
            continue
        plan.add(item, path, tensors, model)
    return plan


class Groups:
    """What an HDF5 weights file holds for the object at each path.

    Args:
        file: open `h5py.File`, checked.
    """

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._places = _places(file)

    def find(self, path: str) -> Any:
        """Dict from name to StoredTensor of what the file holds for the object at `path`.

        None where it has no place for it.
        """
        group = self._places.get(path)
        if group is None:  # tf_keras's MultiHeadAttention has `_query_dense` where Keras 3 says `query_dense`
            around, _, name = path.rpartition("/")
            group = self._places.get(f"{around}/_{name}")
        return None if group is None else tensors_of(group)

    def has_container(self, path: str) -> bool:
        """Whether the file has a place for the nested list in which `path` stands."""
        head = path.split("/container")[0]
        return any(place.startswith(f"{head}/container") for place in self._places)

    def orders(self) -> list[Any]:
        """The walks by which the file may be named, the likeliest first.

        Only files without names of objects (which Keras 3 writes) can be of TensorFlow.
        """
        if any("name" in group.attrs for group in self._places.values()):
            return [weights_walk.KERAS3]
        if _OLD_LAYERS in self._file:
            return [weights_walk.TF_2_12, weights_walk.TF_KERAS, weights_walk.KERAS3]
        return [weights_walk.KERAS3, weights_walk.TF_KERAS, weights_walk.TF_2_12]


def tensors_of(group: h5py.Group) -> dict[str, Any]:
    """Dict from name to H5Tensor of the datasets in a "vars" group."""
    return {name: H5Tensor(value) for name, value in group.items() if isinstance(value, h5py.Dataset)}


def _places(file):
    """Dict from today's path of an object to the group that holds its variables.

    Separators of Windows and TensorFlow 2.12's name of layers are put right.
    """
    found = {}
    pending = [((), file)]
    while pending:
        parts, group = pending.pop()
        names = {name: value for name, value in group.items() if isinstance(value, h5py.Group)}
        if VARIABLES in names:
            found["/".join(parts)] = names.pop(VARIABLES)
        for name, value in names.items():
            pending.append((parts + tuple(name.split("\\")), value))
    found = {path.removesuffix(f"/{VARIABLES}"): group for path, group in found.items()}
    if not any(_OLD_LAYERS in path.split("/") for path in found):
        return found
    return _renumbered(found)


def _renumbered(places):
    """Places under "layers", numbered without gaps: TensorFlow 2.12 counted each layer with weights twice."""
    numbers = {}
    for path in sorted(places, key=_numbers_in):
        parts = path.split("/")
        for depth, part in enumerate(parts):
            if depth and parts[depth - 1] == _OLD_LAYERS:
                base, around = _base_and_number(part)[0], "/".join(parts[:depth])
                members = numbers.setdefault((around, base), {})
                members.setdefault(part, len(members))
    renamed = {}
    for path, group in places.items():
        parts = path.split("/")
        out = []
        for depth, part in enumerate(parts):
            if depth and parts[depth - 1] == _OLD_LAYERS:
                base = _base_and_number(part)[0]
                number = numbers[("/".join(parts[:depth]), base)][part]
                part = f"{base}_{number}" if number else base
            out.append("layers" if part == _OLD_LAYERS else part)
        renamed["/".join(out)] = group
    return renamed


def _base_and_number(name):
    base, _, number = name.rpartition("_")
    return (base, int(number)) if base and number.isdigit() else (name, 0)


def _numbers_in(path):
    return [_base_and_number(part) for part in path.split("/")]


class H5Tensor(StoredTensor):
    """A tensor in an HDF5 file.

    Args:
        dataset: `h5py.Dataset`, of a checked file.
    """

    def __init__(self, dataset: h5py.Dataset) -> None:
        self.dataset = dataset
        dtype = dataset.dtype
        self.shape: tuple[Any, ...] = tuple(dataset.shape or ())
        self._low_bits = low_bits.name_in(dataset)
        self.is_numeric: Any = dtype.kind in "biufc" or self._low_bits is not None
        self.dtype = self._low_bits or dtype.name

    @property
    def where(self) -> str:
        return f"{self.dataset.name!r} in {hdf5.name_of(self.dataset.file)}"

    def read(self) -> Any:
        return self.read_part(())

    def read_part(self, part: Any) -> Any:
        """The values of `part` (an index or slice) as a NumPy array."""
        if not self.is_numeric or self.dataset.shape is None:
            raise ValueError(
                f"{self.where} was to hold numbers, but it holds "
                f"{self.dataset.dtype if self.dataset.shape is not None else 'nothing'}."
            )
        try:
            values = self.dataset[part]
        except MemoryError as error:
            raise ValueError(
                f"{self.where} declares {self.shape} numbers of {self.dtype}: more than there is memory."
            ) from error
        except Exception as error:
            raise ValueError(f"{self.where} can't be read: the file is damaged ({error}).") from error
        return low_bits.typed(values, self._low_bits) if self._low_bits else values

    def read_into(self, array: TensorLike) -> bool:
        if self._low_bits or self.dataset.shape is None:
            return False
        try:
            self.dataset.read_direct(array)
        except Exception as error:
            raise ValueError(f"{self.where} can't be read: the file is damaged ({error}).") from error
        return True

    def check(self) -> None:
        """Numbers in one block are there when the file is as long as it says, which opening it checked.

        Packed ones are known by unpacking them.
        """
        if not self.is_numeric or self.dataset.shape is None:
            self.read()
        if self.dataset.chunks is None:
            return
        for part in self.dataset.iter_chunks():
            self.read_part(part)
