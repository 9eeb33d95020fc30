"""The base of all metrics: named state that batches update and a result is read from."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

from kerasish import backend, dtype_policies, initializers, ops, tree
from kerasish.backend import Variable, context
from kerasish.backend.deprecation import warn_renamed
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.backend.variable import assign_all
from kerasish.distribution.shares import SharedState
from kerasish.suggestions import SuggestsArguments
from kerasish.typing import AnyTensor, Config, DTypeLike, InitializerLike, ShapeLike, TensorLike


class Metric(SuggestsArguments):
    """What is reported about a model: state (Variables) that `update_state` adds a batch to and `result` reads.

    Subclasses create their state with `add_variable` in `__init__` (or at the first update, where shapes are needed),
    and define `update_state`, `result`, and `get_config` if they take arguments. Updates run inside compiled steps:
    they are ops on tensors, not Python on values.

    Args:
        dtype: dtype or DTypePolicy of the state and the computation, e.g. "float32"; `floatx()` when None.
        name: string, by which logs call it; from the class's name when None.

    Example:
        >>> import kerasish as keras
        >>> class Largest(keras.metrics.Metric):
        ...     def __init__(self, name="largest", **kwargs):
        ...         super().__init__(name=name, **kwargs)
        ...         self.peak = self.add_variable(shape=(), initializer="zeros", name="peak")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         error = keras.ops.max(keras.ops.abs(y_true - y_pred))
        ...         self.peak.assign(keras.ops.maximum(self.peak, error))
        ...     def result(self):
        ...         return self.peak.value
        >>> import numpy as np
        >>> float(Largest()(np.array([1.0, 2.0]), np.array([1.5, 2.0])))
        0.5
    """

    _returned = None  # a weak reference to what the last call returned

    def __init__(self, dtype: DTypeLike | None = None, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise ValueError(f"`name` must be a string, got {name!r}.")
        self._variables = []
        self.name = name or unique_name(to_snake_case(type(self).__name__))
        self._dtype_policy = dtype_policies.get(dtype or backend.floatx())
        self._dtype = self._dtype_policy.compute_dtype

    @property
    def dtype(self) -> str:
        """Dtype of the computation, a string."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The state: variables in the order in which they were made, then those of metrics kept as attributes."""
        self._check_super_called()
        found, metrics = list(self._variables), []
        for name, value in vars(self).items():
            if name == "_variables" or value is None or isinstance(value, str):
                continue
            for leaf in tree.flatten(value) if isinstance(value, (list, tuple, dict)) else (value,):
                if isinstance(leaf, backend.Variable):
                    found.append(leaf)
                elif isinstance(leaf, Metric):
                    metrics.append(leaf)
        for metric in metrics:
            found.extend(metric.variables)
        return list({id(variable): variable for variable in found}.values())

    def _check_super_called(self):
        if "_variables" not in vars(self):
            raise RuntimeError(
                f"{type(self).__name__}.__init__ must call `super().__init__()` before anything else, so that the "
                "metric can keep its state."
            )

    def add_variable(
        self,
        shape: ShapeLike,
        initializer: InitializerLike,
        dtype: DTypeLike | None = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """A new variable of the state.

        Args:
            shape: tuple of ints.
            initializer: name, Initializer or function of (shape, dtype).
            dtype: string; `floatx()` when None.
            aggregation: kept for programs that name it: what a batch adds is added up over all ranks.
            name: string.

        Returns:
            The Variable.
        """
        self._check_super_called()
        with context.scope(variable_path=context.current().path_of(self.name.replace("/", ">"))):
            variable = SharedState(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype,
                trainable=False,
                autocast=False,  # sums over an epoch don't fit half precision
                aggregation=aggregation,
                synchronization="on_read",
                name=name,
            )
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: ShapeLike = (),
        initializer: InitializerLike = None,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> Variable:
        """As `add_variable`, in the order of arguments of layers' `add_weight`.

        Args:
            shape: tuple of ints; () is a scalar.
            initializer: name, Initializer or function of (shape, dtype); "zeros" when None.
            dtype: string; `floatx()` when None.
            name: string.

        Returns:
            The Variable.
        """
        if isinstance(shape, str):
            # Keras 2 has the name first: add_weight("total", shape=(), initializer=...)
            warn_renamed(f"{type(self).__name__}.add_weight", f"add_weight({shape!r})", f"add_weight(name={shape!r})")
            shape, name = (), shape
        return self.add_variable(shape, "zeros" if initializer is None else initializer, dtype=dtype, name=name)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Add a batch to the state; for subclasses to define.

        Args:
            *args: what the metric is given, usually `y_true` and `y_pred`.
            **kwargs: usually `sample_weight`.
        """
        kind = type(self).__name__
        raise TypeError(f"{kind} must define `update_state(self, ...)`, which adds a batch to the state.")

    def result(self) -> AnyTensor:
        """The metric's value, a scalar, a tensor or a dict of them; for subclasses to define."""
        raise TypeError(f"{type(self).__name__} must define `result(self)`, which gives the metric's value.")

    def reset_state(self) -> None:
        """Set all of the state to zeros."""
        assign_all((variable, ops.zeros(variable.shape, dtype=variable.dtype)) for variable in self.variables)

    def reset_states(self) -> None:
        """The name of `reset_state` in Keras 2."""
        warn_renamed("Metric", "reset_states", "reset_state")
        self.reset_state()

    def stateless_update_state(
        self, metric_variables: Sequence[TensorLike], *args: Any, **kwargs: Any
    ) -> list[AnyTensor]:
        """`update_state` on given values instead of the metric's own state, which stays as it is.

        Args:
            metric_variables: list of values, in the order of `variables`.
            *args: as for `update_state`.
            **kwargs: as for `update_state`.

        Returns:
            List of the new values.
        """
        with backend.StatelessScope(self._paired(metric_variables)) as scope:
            self.update_state(*args, **kwargs)
        return self._values_in(scope)

    def stateless_result(self, metric_variables: Sequence[TensorLike]) -> AnyTensor:
        """`result` from given values instead of the metric's own state.

        Args:
            metric_variables: list of values, in the order of `variables`.

        Returns:
            What `result` returns.
        """
        with backend.StatelessScope(self._paired(metric_variables)):
            return self.result()

    def stateless_reset_state(self) -> list[AnyTensor]:
        """The values that `reset_state` would set, as a list; the state stays as it is."""
        with backend.StatelessScope() as scope:
            self.reset_state()
        return self._values_in(scope)

    def _paired(self, values):
        own = self.variables
        if len(values) != len(own):
            raise ValueError(
                f"`metric_variables` must hold one value for each of the {len(own)} variables of {type(self).__name__} "
                f"{self.name!r}, got {len(values)}. A metric that makes its state at the first update needs one before."
            )
        return list(zip(own, values))

    def _values_in(self, scope):
        current = [(variable, scope.get_current_value(variable)) for variable in self.variables]
        return [variable.value if value is None else value for variable, value in current]

    def __call__(self, *args: Any, **kwargs: Any) -> AnyTensor:
        """Update with a batch and return the result so far.

        Args:
            *args: as for `update_state`.
            **kwargs: as for `update_state`.

        Returns:
            What `result` returns.
        """
        self._check_super_called()
        self.update_state(*args, **kwargs)
        result = self.result()
        self._returned = _reference(result)
        return result

    def has_just_returned(self, value: Any) -> bool:
        """Whether `value` is what the last call of this metric returned."""
        return self._returned is not None and self._returned() is value

    def __getstate__(self) -> dict[str, Any]:
        """What pickle and `copy` take."""
        return {name: value for name, value in vars(self).items() if name != "_returned"}

    def get_config(self) -> Config:
        """Constructor arguments, as plain data."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: Config) -> Metric:
        """A metric from what `get_config` gave.

        Args:
            config: dict of the constructor's arguments.

        Returns:
            A new metric of this class.
        """
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _reference(value):
    try:
        return weakref.ref(value)
    except TypeError:  # numbers, dicts
        return None
