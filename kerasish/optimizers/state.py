"""The variables of an optimizer: how they are made, found, saved and loaded."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from kerasish import initializers, ops
from kerasish.backend import Variable, context
from kerasish.backend.variable import assign_all
from kerasish.distribution.shares import in_force
from kerasish.typing import DTypeLike, InitializerLike, ShapeLike, TensorLike


class OptimizerState:
    """The part of an `Optimizer` that holds its variables."""

    def _init_state(self):
        self._variables, self._trainable_variables, self._trainable_variables_indices = [], [], {}
        self._model_variables_moving_average = []
        self._slots_may_be_cut = True
        self._slots_cut = {}  # variable -> the `Share` of its rows that its slots have here
        self._rows = {}
        self.built = False

    def __setattr__(self, name: str, value: TensorLike) -> None:
        if name != "_lock":
            self._check_super_called()
            self._track(name, value)
        super().__setattr__(name, value)

    def _check_super_called(self):
        if not hasattr(self, "_lock"):
            raise RuntimeError(
                f"Optimizer {type(self).__name__!r} must call `super().__init__()` first in its `__init__`, before it "
                "sets attributes."
            )

    def _track(self, name, value):
        """A Variable that a subclass makes and keeps in an attribute is state, as those of `add_variable` are."""
        if name in ("_variables", "_trainable_variables") or isinstance(getattr(type(self), name, None), property):
            return
        found = [x for x in (value if isinstance(value, (list, tuple)) else (value,)) if isinstance(x, Variable)]
        if found:
            known = {id(variable) for variable in self._variables}
            self._variables.extend(x for x in found if id(x) not in known)

    @property
    def variables(self) -> list[Variable]:
        """All variables of the optimizer: iterations, learning rate, slots; a list, in the order of saved files."""
        return self._variables[:]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for the variables to train. A subclass with slots extends this.

        Args:
            variables: list of Variables.
        """
        variables = list(variables)
        self._variables_before_slots = len(self._variables)
        self._slots_may_be_cut = False  # those that are as long as the variable itself
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = [
                self.add_variable_from_reference(variable, name="gradient_accumulator") for variable in variables
            ]
        self._slots_may_be_cut = not self.gradient_accumulation_steps
        self._trainable_variables = variables
        self._trainable_variables_indices = {variable: index for index, variable in enumerate(variables)}
        self.built = True

    def _own_variable(self, value, name, dtype, made=Variable, **kwargs):
        with context.scope(variable_path=self.name):
            variable = made(value, dtype=dtype, trainable=False, name=name, **kwargs)
        self._variables.append(variable)
        return variable

    def add_variable(
        self,
        shape: ShapeLike,
        initializer: InitializerLike = "zeros",
        dtype: DTypeLike | None = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a Variable that belongs to the optimizer's state.

        Args:
            shape: tuple of ints.
            initializer: name, Initializer or function.
            dtype: string, default `floatx()`.
            aggregation: string, how replicas would merge it.
            layout: accepted; values live on one device.
            name: string.

        Returns:
            The Variable.
        """
        self._check_super_called()
        return self._own_variable(initializers.get(initializer), name, dtype, shape=shape, aggregation=aggregation)

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: InitializerLike = "zeros"
    ) -> Variable:
        """Make a slot of the shape and dtype of a variable.

        Args:
            reference_variable: Variable.
            name: string; the slot is named after the path of `reference_variable` and this.
            initializer: name, Initializer or function.

        Returns:
            The new Variable.
        """
        path = getattr(reference_variable, "path", reference_variable.name)
        name = f"{path.replace('/', '_').replace(':', '_')}_{name or 'var'}"
        shape, dtype = reference_variable.shape, reference_variable.dtype
        made = type(reference_variable) if hasattr(reference_variable, "part") else self._class_of_slot(name, shape)
        if made is Variable:
            return self.add_variable(shape, initializer, dtype, name=name)
        slot = self._own_variable(initializers.get(initializer), name, dtype, made=made, shape=shape)
        if not hasattr(reference_variable, "part"):
            self._slots_cut[reference_variable] = slot.part
        return slot

    def _class_of_slot(self, name, shape):
        """What keeps a slot: a class of Variables that are cut over processes where the distribution says so."""
        if in_force[0] is None or not self._slots_may_be_cut:
            return Variable
        return in_force[0].slot_class(f"{self.name}/{name}", shape, self)

    def add_optimizer_variables(
        self,
        trainable_variables: Sequence[Variable],
        name: str | Sequence[str],
        initializer: InitializerLike | Sequence[InitializerLike] = "zeros",
    ) -> Any:
        """Make slots for each variable.

        Args:
            trainable_variables: list of Variables.
            name: string, or a list of strings for several slots a variable.
            initializer: name, Initializer or function; or a list, one a name.

        Returns:
            List of slots, in the order of the variables (None for one that is overwritten by its gradient); for several
            names a tuple of such lists.

        Raises:
            ValueError: when the lists differ in length.
        """
        names = [name] if isinstance(name, str) else list(name)
        each = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(names) != len(each):
            raise ValueError(f"`initializer` must be one, or one a name: got {len(each)} for the names {names}.")
        slots = tuple([] for _ in names)
        for variable in trainable_variables:
            overwritten = self._overwrite_variable_with_gradient(variable)
            for slot, slot_name, start in zip(slots, names, each):
                slot.append(None if overwritten else self.add_variable_from_reference(variable, slot_name, start))
        return slots[0] if isinstance(name, str) else slots

    def _get_variable_index(self, variable):
        return self._trainable_variables_indices[variable]

    def _overwrite_variable_with_gradient(self, variable):
        return getattr(variable, "overwrite_with_gradient", False)

    def _make_slots_for(self, variables):
        """See to it that each of `variables` has slots: one that was frozen until now gets its own, beside the others'.

        Raises:
            ValueError: none of them is known, so that they are another model's.
        """
        unknown = [v for v in variables if v not in self._trainable_variables_indices] if self.built else []
        if not unknown:
            return
        if len(unknown) == len(variables):
            raise ValueError(
                f"Unknown variable {getattr(unknown[0], 'path', unknown[0])!r}: optimizer {self.name!r} was built with "
                "others. Make a new optimizer for a new set of variables."
            )
        given = set(variables)
        self._rebuild([*variables, *(v for v in self._trainable_variables if v not in given)])

    def _rebuild(self, variables):
        """Build for `variables`, in the order that files have, and put the slots that stand in place of new ones."""
        places, before, first = self._trainable_variables_indices, dict(vars(self)), self._variables_before_slots
        del self._variables[first:]
        self.built = False
        self.build(variables)
        kept = {}
        for name, made in list(vars(self).items()):
            old = before.get(name)
            if isinstance(made, Variable) and isinstance(old, Variable):
                kept[id(made)] = old
                object.__setattr__(self, name, old)
            elif isinstance(made, list) and isinstance(old, list) and len(made) == len(variables) and made is not old:
                for index, variable in enumerate(variables):
                    if variable in places and isinstance(made[index], Variable):
                        kept[id(made[index])] = made[index] = old[places[variable]]
        self._variables[first:] = [kept.get(id(variable), variable) for variable in self._variables[first:]]

    def assign(self, variable: Variable, value: TensorLike) -> None:
        """Set `variable`; in a compiled step an update at its end.

        Args:
            variable: Variable.
            value: array or Tensor of its shape.
        """
        variable.assign(value)

    def assign_add(self, variable: Variable, value: TensorLike) -> None:
        """Add `value` to `variable`.

        Args:
            variable: Variable.
            value: array or Tensor that broadcasts to its shape.
        """
        variable.assign(ops.add(variable, value))

    def assign_sub(self, variable: Variable, value: TensorLike) -> None:
        """Subtract `value` from `variable`.

        Args:
            variable: Variable.
            value: array or Tensor that broadcasts to its shape.
        """
        variable.assign(ops.subtract(variable, value))

    def set_weights(self, weights: Sequence[TensorLike]) -> None:
        """Set all variables of the optimizer.

        Args:
            weights: list of arrays, in the order and of the shapes of `variables`.

        Raises:
            ValueError: for an optimizer that is not built, another number of arrays or a shape that does not fit;
                nothing is changed then.
        """
        if not self.built:
            raise ValueError(
                "`set_weights` needs an optimizer that is built: call `optimizer.build(trainable_variables)` first."
            )
        self._set_values(list(weights))

    def _set_values(self, values):
        variables = self.variables
        if len(values) != len(variables):
            raise ValueError(f"Optimizer {self.name!r} has {len(variables)} variables, got {len(values)} values.")
        for variable, value in zip(variables, values):
            if tuple(value.shape) != tuple(variable.shape):
                raise ValueError(
                    f"Optimizer variable {variable.path!r} has shape {variable.shape}, the value {tuple(value.shape)}."
                )
        assign_all(zip(variables, values))

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the values of `variables` into `store`, under "0", "1", ...

        Args:
            store: dict, or anything with its `__setitem__`.
        """
        for index, variable in enumerate(self.variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the values that `save_own_variables` stored; warns and takes none where their number differs.

        Args:
            store: dict from "0", "1", ... to arrays.
        """
        count = len(self.variables)
        if len(store) != count:
            warnings.warn(
                f"Skipped the saved state of optimizer {self.name!r}: it has {count} variables, the file holds "
                f"{len(store)}." + ("" if self.built else " It is not built: build it before loading."),
                stacklevel=2,
            )
            return
        self._set_values([store[str(index)] for index in range(count)])
