"""What all weights files share.

Stored tensors are matched with variables by shape first, problems are told together, and only then values are set.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.interrupts import whole
from kerasish.files.quantized import dequantized, lost_zeros
from kerasish.layers.base.layer import Layer
from kerasish.optimizers.optimizer import Optimizer
from kerasish.typing import TensorLike

if TYPE_CHECKING:
    from kerasish.backend import Variable
    from kerasish.models.model import Model

_DIRECT = 1 << 16  # bytes from which a tensor is read straight into its variable
_LISTED = 20  # problems that a message lists


class StoredTensor:
    """A tensor in a file, of which shape and dtype are known before any value is read.

    Attributes:
        shape: tuple of ints. dtype: string, of the values that `read` gives. where: what messages call it.
    """

    shape: tuple[Any, ...] = ()
    dtype: str = "float32"
    where: str = ""

    def read(self) -> Any:
        """The values as a NumPy array."""
        raise TypeError(f"{type(self).__name__} must define `read`.")

    def read_into(self, array: TensorLike) -> bool:
        """Put the values into a NumPy array of the same shape and dtype.

        False where that can't be done without a copy.
        """
        return False

    def check(self) -> None:
        """Raise ValueError where the values can't be read.

        Called for all tensors before the first variable is changed.
        """


class LazyStore(Mapping):
    """The dict from names to values that `load_own_variables` of a layer takes.

    Each value is read when it is asked for.
    """

    def __init__(self, tensors: Sequence[Any]) -> None:
        self._tensors = tensors

    def __getitem__(self, key: TensorLike) -> Any:
        return self._tensors[key].read()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


def own_variables(item: Any) -> Any:
    """The variables that `item` stores as "0", "1", ...; None where its class stores them in a way of its own."""
    cls = type(item)
    for base, variables in ((Layer, "_own_variables"), (Optimizer, "variables")):
        if isinstance(item, base):
            same = (
                cls.save_own_variables is base.save_own_variables and cls.load_own_variables is base.load_own_variables
            )
            return list(getattr(item, variables)) if same else None
    return None


def stored_values(item: Any) -> Iterator[Any]:
    """(key, NumPy array) of what `item` keeps in a file, one after the other."""
    variables = own_variables(item)
    if variables is not None:
        for index, variable in enumerate(variables):
            yield str(index), variable.numpy()
        return
    store = {}
    item.save_own_variables(store)
    for key, value in store.items():
        yield str(key), value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def describe(item: Any, path: str) -> str:
    """What messages call an object of the model."""
    name = getattr(item, "name", None)
    return f"{path or 'the model'} ({type(item).__name__}{f' {name!r}' if isinstance(name, str) else ''})"


class Plan:
    """What a load will do.

    Which tensor goes into which variable, which objects load themselves, and what does not fit.
    """

    def __init__(self) -> None:
        self.pairs: list[Any] = []
        self.custom: list[Any] = []
        self.problems: list[Any] = []
        self.notes: list[Any] = []

    def add(self, item: Any, path: str, tensors: Sequence[Any], model: Model = None) -> None:
        """Match the stored `tensors` (dict from name to StoredTensor, or None) with what `item` keeps."""
        variables = own_variables(item)
        if variables is None:
            self.custom.append((item, path, tensors or {}))
        elif isinstance(item, Optimizer):
            self._add_optimizer(item, path, tensors or {}, model)
        else:
            self._match(item, path, variables, dequantized(item, variables, tensors or {}))

    def _match(self, item, path, variables, tensors):
        problem = mismatch(variables, tensors)
        if problem is None:
            self.pairs.extend((variable, tensors[str(index)]) for index, variable in enumerate(variables))
            return
        problem = lost_zeros(item, variables, tensors) or problem
        if not variables and not getattr(item, "built", True):
            problem += "; it is not built yet: call it (or the model) on data first"
        self.problems.append(f"{describe(item, path)}: {problem}")

    def _add_optimizer(self, item, path, tensors, model):
        """A state of another size is left out with a note, as Keras does: a model is used without it, too."""
        if not tensors:
            return
        if not item.built and len(tensors) > len(item.variables) and model is not None and model.built:
            item.build(model.trainable_variables)
        variables = list(item.variables)
        if len(variables) != len(tensors):
            variables, tensors = _of_keras2(item, variables, tensors)
        if variables is None:
            self.notes.append(
                f"{describe(item, path)}: it has {len(item.variables)} variables, the file holds {len(tensors)}; its "
                "state stays as it is"
            )
        else:
            self._match(item, path, variables, tensors)

    def apply(self, what: str, skip_mismatch: bool = False) -> None:
        """Set the values. `what` is what messages call the file.

        Raises:
            ValueError: that lists the problems (with `skip_mismatch` a warning does); nothing is changed then.
        """
        if self.problems and not skip_mismatch:
            raise ValueError(
                f"The weights in {what} do not fit the model; nothing was changed. "
                f"{self._listed('could not be loaded')}"
            )
        for _, tensor in self.pairs:
            tensor.check()
        self._set(what, skip_mismatch)

    @whole
    def _set(self, what, skip_mismatch):
        self._load_custom(what, skip_mismatch)
        if self.problems:
            warnings.warn(
                f"Weights in {what} were left out. {self._listed('could not be loaded and stay as they were')}",
                stacklevel=8,
            )
        for note in self.notes:
            warnings.warn(f"Left out of {what}: {note}.", stacklevel=8)
        for variable, tensor in self.pairs:
            fill(variable, tensor)

    def _listed(self, verb):
        lines = self.problems[:_LISTED] + (
            [f"... and {len(self.problems) - _LISTED} more"] if len(self.problems) > _LISTED else []
        )
        return f"{len(self.problems)} object(s) {verb}:\n  " + "\n  ".join(lines)

    def _load_custom(self, what, skip_mismatch):
        """Objects with a `load_own_variables` of their own go first, since what they refuse is only seen by trying.

        A refusal takes all of them back.
        """
        done = []
        for item, path, tensors in self.custom:
            variables = list(getattr(item, "_own_variables", None) or getattr(item, "variables", ()))
            before = [(variable, variable.numpy()) for variable in variables]
            try:
                item.load_own_variables(LazyStore(tensors))
            except Exception as error:
                for variable, value in before:
                    variable.assign(value)
                self.problems.append(f"{describe(item, path)}: {type(error).__name__}: {error}")
                if not skip_mismatch:
                    for variable, value in done:
                        variable.assign(value)
                    raise ValueError(
                        f"The weights in {what} do not fit the model; nothing was changed. "
                        f"{self._listed('could not be loaded')}"
                    ) from error
            else:
                done.extend(before)


def mismatch(variables: Sequence[Any], tensors: Sequence[Any]) -> Any:
    """Why the stored `tensors` do not fit `variables`, in words; None where they do."""
    if len(variables) != len(tensors):
        held = f"the file holds {len(tensors)}" if tensors else "the file holds none for it"
        return f"it has {len(variables)} variables, {held}"
    wrong = []
    for index, variable in enumerate(variables):
        tensor = tensors.get(str(index))
        if tensor is None:
            return f"the file has no variable {str(index)!r} of it, but {sorted(tensors)}"
        if tuple(tensor.shape) != tuple(variable.shape):
            wrong.append(
                f"variable {str(index)!r} ({variable.name}) has shape {tuple(variable.shape)}, the file holds "
                f"{tuple(tensor.shape)}"
            )
        elif tensor.dtype.startswith("complex") and not variable.dtype.startswith("complex"):
            wrong.append(
                f"variable {str(index)!r} ({variable.name}) is {variable.dtype}, the file holds {tensor.dtype}, whose "
                "imaginary part would be lost"
            )
    return "; ".join(wrong) or None


def _of_keras2(optimizer, variables, tensors):
    """(variables, tensors) that go together in a file of Keras 2; (None, tensors) where it is of no such size.

    It kept neither the learning rate (that is in the config), nor the product of Nadam, nor Adafactor's placeholders,
    all of which are scalars; SGD had slots that stayed zero without momentum.
    """
    without_rate = [variable for variable in variables if variable.name != "learning_rate"]
    without_scalars = variables[:1] + [variable for variable in variables[1:] if variable.shape != ()]
    for kept in (without_rate, without_scalars):
        if len(kept) == len(tensors):
            return kept, tensors
    if (
        getattr(optimizer, "momentum", None) == 0
        and len(without_rate) == 1
        and len(tensors) == 1 + len(optimizer._trainable_variables)
    ):
        return without_rate, {"0": tensors["0"]} if "0" in tensors else {}
    return None, tensors


def fill(variable: Variable, tensor: TensorLike) -> None:
    """Set a variable to the values of a stored tensor.

    There is no copy between where the device's memory is the host's.
    """
    array = variable.memory()
    if (
        isinstance(array, np.ndarray)
        and array.nbytes >= _DIRECT
        and array.flags.c_contiguous
        and array.flags.writeable
        and array.dtype.name == tensor.dtype
        and tensor.read_into(array)
    ):
        return
    variable.assign(tensor.read())
