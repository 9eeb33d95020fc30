"""StatelessScope: run code that reads and assigns Variables without touching them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.variable import Variable, to_array
from kerasish.typing import TensorLike


class StatelessScope(context.Interpreter):
    """Within `with`, reads of Variables give `state_mapping`'s values and assignments stay in the scope.

    Args:
        state_mapping: list of (Variable, value) pairs, or a dict.
        collect_losses: bool, kept for programs written for Keras; losses added inside are on the layers.
        initialize_variables: bool, whether Variables that are made inside draw their initial values at once. With False
            they wait until something reads them, and are never drawn where a file's values come first.

    Raises:
        ValueError: when a key is no Variable, or a value does not fit.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(1.0)
        >>> with keras.StatelessScope([(v, keras.ops.convert_to_tensor(5.0))]) as scope:
        ...     _ = v.assign(v + 1.0)
        >>> float(scope.get_current_value(v)), float(v)
        (6.0, 1.0)
    """

    def __init__(
        self,
        state_mapping: Mapping[Any, Any] | Sequence[tuple[Any, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        pairs = state_mapping.items() if isinstance(state_mapping, dict) else state_mapping or ()
        self.state_mapping: dict[Any, Any] = {}
        for variable, value in pairs:
            if not isinstance(variable, Variable):
                raise ValueError(f"The keys of `state_mapping` must be Variables, got {variable!r}.")
            self.state_mapping[variable] = value
        self.collect_losses = collect_losses
        self.losses: list[Any] = []
        self._initial_values = context.scope() if initialize_variables else context.scope(initial_values=False)

    def __enter__(self) -> Any:
        self._outer = context.interpreter()
        self.computes: bool = self._outer is None or self._outer.computes
        self._scope = context.interpreting(self)
        self._scope.__enter__()
        self._initial_values.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._initial_values.__exit__(*exc)
        self._scope.__exit__(*exc)

    def get_current_value(self, variable: Any) -> Any:
        """The value of a Variable in this scope.

        Args:
            variable: Variable.

        Returns:
            Tensor; None where it was neither given nor assigned.
        """
        return self.state_mapping.get(variable)

    def bind(self, primitive: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        """Hand the call to whatever runs outside, with Variables replaced by their values here."""
        inputs = [self.read(x) if isinstance(x, Variable) else x for x in inputs]
        with context.interpreting(self._outer):
            return primitive(*inputs, **attributes)

    def lift(self, x: TensorLike) -> Any:
        """`x`, or the value here of a Variable."""
        return self.read(x) if isinstance(x, Variable) else x

    def read(self, variable: Any) -> Any:
        """The value of `variable` here."""
        if variable in self.state_mapping:
            return self.state_mapping[variable]
        return variable._buffer if self._outer is None else self._outer.read(variable)

    def assign(self, variable: Any, value: TensorLike) -> Any:
        """Keep `value` as the variable's value here."""
        if not hasattr(value, "shape"):
            value = to_array(device(), value, variable._dtype)
        if tuple(value.shape) != variable._shape:
            raise ValueError(
                f"The shape of `value` does not fit variable {variable.path!r}: {tuple(value.shape)} for "
                f"{variable._shape}."
            )
        self.state_mapping[variable] = value
        return value
