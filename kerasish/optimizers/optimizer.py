"""What all optimizers share: the learning rate, and a step from gradients to new weights."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from kerasish import backend, ops
from kerasish.backend import Variable, context, deprecation
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from kerasish.optimizers.state import OptimizerState
from kerasish.scalars import plain_numbers
from kerasish.suggestions import did_you_mean, in_backticks
from kerasish.typing import AnyTensor, Config, CustomObjects, ScheduleLike, TensorLike


class Optimizer(OptimizerState):
    """The base of all optimizers.

    A subclass defines `update_step(gradient, variable, learning_rate)`, and `build(variables)` and `get_config()`
    where it keeps slots and takes arguments.

    Args:
        learning_rate: float, `LearningRateSchedule`, or a function without arguments that returns the rate, called each
            step.
        weight_decay: float or None. Each step first shrinks the variables by this fraction of the learning rate.
        clipnorm: float or None. Upper bound of the L2 norm of each gradient.
        clipvalue: float or None. Upper bound of the absolute value of each gradient's elements.
        global_clipnorm: float or None. Upper bound of the L2 norm of all gradients together. One of the three at most.
        use_ema: bool. Keep an exponential moving average of the variables.
        ema_momentum: float in [0, 1]. average = ema_momentum * average + (1 - ema_momentum) * variable.
        ema_overwrite_frequency: int or None. The averages replace the variables every so many steps; None: when
            training ends.
        loss_scale_factor: float or None. `scale_loss` multiplies the loss by it; the gradients are divided by it.
        gradient_accumulation_steps: int, 2 or more, or None. Update the variables every so many steps, with the mean of
            the gradients since.
        name: string; from the class's name when None.

    Raises:
        ValueError: for a learning rate of another type, several clippings, values out of range, unknown arguments.

    Example:
        >>> import kerasish as keras
        >>> class SignDescent(keras.optimizers.Optimizer):
        ...     def update_step(self, gradient, variable, learning_rate):
        ...         self.assign_sub(variable, learning_rate * keras.ops.sign(gradient))
        >>> weight = keras.Variable([1.0, 1.0])
        >>> SignDescent(0.5).apply([keras.ops.array([3.0, -0.1])], [weight])
        >>> weight.numpy().tolist()
        [0.5, 1.5]
    """

    def __init__(
        self,
        learning_rate: ScheduleLike,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._lock = False
        learning_rate = _checked_rate(self._take_old_arguments(learning_rate, kwargs))
        if sum(x is not None for x in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                f"Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set, got clipnorm={clipnorm}, "
                f"clipvalue={clipvalue}, global_clipnorm={global_clipnorm}."
            )
        if gradient_accumulation_steps and not gradient_accumulation_steps >= 2:
            raise ValueError(
                f"`gradient_accumulation_steps` must be an int >= 2 or None, got {gradient_accumulation_steps!r}."
            )
        if use_ema:
            _check_ema(ema_momentum, ema_overwrite_frequency)
        self._init_state()
        if name is not None and (not isinstance(name, str) or "/" in name) and not context.current().config_is_modern:
            raise ValueError(f"`name` must be a string without '/', got {name!r}.")
        self.name = name or unique_name(to_snake_case(type(self).__name__))
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._undecayed, self._undecayed_names = frozenset(), None
        self._shared = None
        self._iterations = self._own_variable(0, "iteration", "int32", aggregation="only_first_replica")
        if not callable(learning_rate):
            learning_rate = self._own_variable(
                learning_rate, "learning_rate", backend.floatx(), aggregation="only_first_replica"
            )
        self._learning_rate = learning_rate

    def _take_old_arguments(self, learning_rate, kwargs):
        """The learning rate, by today's name or by `lr`; refuses arguments that no Keras knows."""
        owner, parameters = type(self).__name__, inspect.signature(type(self).__init__).parameters
        if "lr" in kwargs:
            default = parameters["learning_rate"].default if "learning_rate" in parameters else None
            taken = () if learning_rate is default else ("learning_rate",)
            learning_rate = deprecation.renamed(owner, kwargs, {"lr": "learning_rate"}, taken).pop("learning_rate")
        if kwargs.pop("decay", None):
            warnings.warn(
                f"`decay` of `{owner}` is no longer an argument and is ignored. For a rate that falls with the steps "
                "pass `learning_rate=schedules.InverseTimeDecay(rate, 1, decay)`; to shrink the weights pass "
                "`weight_decay`.",
                stacklevel=4,
            )
        if kwargs:
            known = [name for name in parameters if name not in ("self", "kwargs")]
            hint = did_you_mean(next(iter(kwargs)), known, count=2, quoted=in_backticks)
            raise ValueError(f"`{owner}` got arguments it does not know: {kwargs}.{hint}")
        return learning_rate

    @property
    def iterations(self) -> Variable | AnyTensor:
        """How many updates were done: an int Variable; with `gradient_accumulation_steps` a scalar made from it."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    # -- the learning rate --------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The current rate: the Variable that holds it, or what the schedule or function gives now.

        Set it to a float, a schedule or a function; a number where a schedule or function rules is a TypeError.
        """
        return self._get_current_learning_rate()

    @learning_rate.setter
    def learning_rate(self, value: ScheduleLike) -> None:
        held = self._learning_rate
        if callable(value):
            self._learning_rate = value
            self._variables[:] = [variable for variable in self._variables if variable is not held]
        elif isinstance(held, Variable):
            held.assign(value)
        else:
            kind = "a LearningRateSchedule" if isinstance(held, LearningRateSchedule) else "a function"
            raise TypeError(
                f"The learning rate of {self.name!r} comes from {kind}, so that it can't be set to {value!r}: set a "
                "schedule or a function, or make the optimizer with a float `learning_rate`."
            )

    @property
    def lr(self) -> Any:
        """The old name of `learning_rate`."""
        deprecation.warn_renamed(type(self).__name__, "lr", "learning_rate")
        return self.learning_rate

    @lr.setter
    def lr(self, value: ScheduleLike) -> None:
        deprecation.warn_renamed(type(self).__name__, "lr", "learning_rate")
        self.learning_rate = value

    def _get_current_learning_rate(self):
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate() if callable(rate) else rate

    def scale_loss(self, loss: TensorLike) -> AnyTensor:
        """`loss` times `loss_scale_factor`, where there is one: what to take the gradients of.

        Args:
            loss: scalar.

        Returns:
            Scalar.
        """
        return loss if self.loss_scale_factor is None else ops.multiply(loss, self.loss_scale_factor)

    # -- a step -------------------------------------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[tuple[TensorLike | None, Variable]]) -> Variable:
        """`apply` for (gradient, variable) pairs.

        Args:
            grads_and_vars: iterable of pairs; a gradient is an array or Tensor of its variable's shape, or None.

        Returns:
            The int Variable that counts the steps.

        Raises:
            ValueError: as for `apply`.
        """
        grads, variables = zip(*grads_and_vars)
        self.apply(grads, variables)
        return self._iterations

    def apply(self, grads: Sequence[TensorLike | None], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update the variables once.

        Args:
            grads: list of arrays or Tensors, each of its variable's shape; None for a variable that the loss does not
                depend on.
            trainable_variables: list of Variables; those that the optimizer was built with when None.

        Raises:
            ValueError: before anything changes, for numbers or shapes that do not fit, for variables that the optimizer
                was not built with, and when every gradient is None.

        Example:
            >>> import kerasish as keras
            >>> weight = keras.Variable([1.0, 1.0])
            >>> keras.optimizers.SGD(0.5).apply([keras.ops.array([1.0, -1.0])], [weight])
            >>> weight.numpy().tolist()
            [0.5, 1.5]
        """
        grads = list(grads)
        if not grads:
            return
        grads, variables, everything = self._checked(grads, trainable_variables)
        if not self.built:
            self.build(everything)
        grads, variables = self._overwrite_variables_directly_with_gradients(grads, variables)
        if grads:
            with context.scope(part=self.name):  # what `explain()` calls these steps
                if self.loss_scale_factor is not None:
                    grads = [ops.divide(gradient, self.loss_scale_factor) for gradient in grads]
                self._backend_apply_gradients(grads, variables)
                for variable in variables:
                    if variable.constraint is not None:
                        variable.assign(variable.constraint(variable))
        self._iterations.assign(ops.add(self._iterations, 1))

    def _checked(self, grads, trainable_variables):
        """The gradients that are there, their variables, and all variables. Refuses what does not fit."""
        if trainable_variables is None and not self.built:
            raise ValueError(
                "`apply` without `trainable_variables` needs an optimizer that is built: call "
                "`optimizer.build(trainable_variables)` first."
            )
        everything = self._trainable_variables if trainable_variables is None else list(trainable_variables)
        grads, variables = self._filter_empty_gradients(grads, everything)
        self._make_slots_for(everything)
        return [_fitting(gradient, variable) for gradient, variable in zip(grads, variables)], variables, everything

    def _filter_empty_gradients(self, grads, variables):
        if len(grads) != len(variables):
            raise ValueError(f"`grads` must hold one gradient a variable: got {len(grads)}, expected {len(variables)}.")
        present = [(gradient, variable) for gradient, variable in zip(grads, variables) if gradient is not None]
        if not present:
            raise ValueError("No gradients provided for any variable: the loss depends on none of them.")
        if len(present) < len(grads):
            missing = [getattr(v, "path", v) for gradient, v in zip(grads, variables) if gradient is None]
            warnings.warn(
                f"Gradients do not exist for variables {missing} when minimizing the loss, which does not depend on "
                "them. If using `model.compile()`, did you forget to provide a `loss` argument?",
                stacklevel=4,
            )
        return [gradient for gradient, _ in present], [variable for _, variable in present]

    def _overwrite_variables_directly_with_gradients(self, grads, variables):
        """Variables marked so take their gradient as their new value (accumulated: its largest). Returns the rest."""
        kept = []
        for gradient, variable in zip(grads, variables):
            if not self._overwrite_variable_with_gradient(variable):
                kept.append((gradient, variable))
            elif self.gradient_accumulation_steps:
                accumulator = self._accumulated_gradients[self._get_variable_index(variable)]
                updating, largest = self._is_update_step(), ops.maximum(gradient, accumulator)
                variable.assign(ops.where(updating, largest, variable))
                accumulator.assign(ops.where(updating, ops.zeros_like(accumulator), largest))
            else:
                variable.assign(gradient)
        return [gradient for gradient, _ in kept], [variable for _, variable in kept]

    def _is_update_step(self):
        return ops.equal(ops.mod(ops.add(self._iterations, 1), self.gradient_accumulation_steps), 0)

    def _backend_apply_gradients(self, grads, trainable_variables):
        """Accumulate or update, then average: the seam at which gradients could be reduced over machines."""
        if self.gradient_accumulation_steps:
            self._accumulate(grads, trainable_variables)
        else:
            self._update(grads, trainable_variables)
        if self.use_ema:
            with self._sharing():
                self._update_model_variables_moving_average(self._trainable_variables)

    def _accumulate(self, grads, variables):
        accumulators = [self._accumulated_gradients[self._get_variable_index(variable)] for variable in variables]

        def update():
            totals = [ops.add(gradient, accumulator) for gradient, accumulator in zip(grads, accumulators)]
            self._update([ops.divide(total, self.gradient_accumulation_steps) for total in totals], variables)
            for accumulator in accumulators:
                accumulator.assign(ops.zeros_like(accumulator))

        def wait():
            for gradient, accumulator in zip(grads, accumulators):
                self.assign_add(accumulator, gradient)

        ops.cond(self._is_update_step(), update, wait)

    def _update(self, grads, variables):
        grads = self._clip_gradients(grads)
        with self._sharing():
            self._apply_weight_decay(variables)
            self._backend_update_step(grads, variables, self.learning_rate)

    @contextmanager
    def _sharing(self):
        """A scope in which `once_a_step` remembers. What it holds belongs to one trace, and ends with the update."""
        outer, self._shared = self._shared, {}
        try:
            yield
        finally:
            self._shared = outer

    def once_a_step(self, compute: Callable[[Any, str], Any], learning_rate: TensorLike, dtype: str) -> Any:
        """Scalars that all variables of a dtype share, and that cost once a step.

        Args:
            compute: function of (learning_rate, dtype).
            learning_rate: scalar, the rate of this step.
            dtype: string, that of the variable.

        Returns:
            What `compute` returned when it was first called in this step.
        """
        if self._shared is None:
            return compute(learning_rate, dtype)
        key = (compute.__name__, id(learning_rate), dtype)
        if key not in self._shared:
            self._shared[key] = compute(learning_rate, dtype), learning_rate  # an id is good while its object lives
        return self._shared[key][0]

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        for gradient, variable in zip(grads, trainable_variables):
            self.update_step(gradient, variable, learning_rate)

    def update_step(self, gradient: TensorLike, variable: Variable, learning_rate: TensorLike) -> None:
        """Update one variable and its slots; every optimizer defines its own.

        Args:
            gradient: array or Tensor of the variable's shape.
            variable: Variable.
            learning_rate: scalar; `once_a_step(ops.cast, learning_rate, variable.dtype)` gives it in the right dtype.
        """
        name = type(self).__name__
        raise NotImplementedError(f"{name} must define `update_step(self, gradient, variable, learning_rate)`.")

    def _clip_gradients(self, grads):
        if self.clipnorm and self.clipnorm > 0:
            return [clip_by_norm(gradient, self.clipnorm) for gradient in grads]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return [clip_by_value(gradient, self.clipvalue) for gradient in grads]
        return grads

    # -- weight decay and averages ------------------------------------------------------------------------------

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Name variables that `weight_decay` leaves alone; call it before the first step.

        Args:
            var_list: list of Variables.
            var_names: list of strings; a variable is left alone when one of them, as a regular expression, is found in
                its name.

        Example:
            >>> import kerasish as keras
            >>> optimizer = keras.optimizers.AdamW(weight_decay=0.01)
            >>> optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        self._undecayed = frozenset(var_list or ())
        self._undecayed_names = re.compile("|".join(var_names)) if var_names else None

    def _use_weight_decay(self, variable):
        named = self._undecayed_names is not None and self._undecayed_names.search(variable.name)
        return variable not in self._undecayed and not named

    def _apply_weight_decay(self, variables):
        for variable in variables if self.weight_decay is not None else ():
            if self._use_weight_decay(variable):
                self._decay(variable, self.once_a_step(self._decay_rate, None, variable.dtype))

    def _decay_rate(self, _, dtype):
        return ops.multiply(ops.cast(self.learning_rate, dtype), self.weight_decay)

    def _decay(self, variable, rate):
        # Not variable * (1 - rate): next to 1, a small rate would lose most of its digits.
        self.assign_sub(variable, ops.multiply(variable, rate))

    def _update_model_variables_moving_average(self, trainable_variables):
        """The first average is the variable itself. When its turn has come, the average overwrites the variable."""
        for variable, average in zip(trainable_variables, self._model_variables_moving_average):
            if average is not None:
                old, new = self.once_a_step(self._average_weights, None, variable.dtype)
                average.assign(ops.add(ops.multiply(average, old), ops.multiply(variable, new)))
                if self.ema_overwrite_frequency:
                    overwriting = self.once_a_step(self._is_overwriting, None, None)
                    variable.assign(ops.where(overwriting, average, variable))

    def _average_weights(self, _, dtype):
        old = ops.multiply(ops.cast(ops.not_equal(self.iterations, 0), dtype), self.ema_momentum)
        return old, ops.subtract(1.0, old)

    def _is_overwriting(self, _, __):
        return ops.equal(ops.mod(ops.add(self.iterations, 1), self.ema_overwrite_frequency), 0)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training: set the variables to their averages, where `use_ema` keeps them.

        Args:
            var_list: the list of Variables that the optimizer was built with.
        """
        if not self.use_ema:
            return
        averages = getattr(self, "_model_variables_moving_average", ())
        if len(var_list) != len(averages):
            raise ValueError(
                f"`var_list` must be the variables that optimizer {self.name!r} was built with: got {len(var_list)}, "
                f"there are {len(averages)} averages."
            )
        for variable, average in zip(var_list, averages):
            if average is not None:
                variable.assign(average)

    # -- without state, and configuration -----------------------------------------------------------------------

    def stateless_apply(
        self,
        optimizer_variables: Sequence[TensorLike],
        grads: Sequence[TensorLike | None],
        trainable_variables: Sequence[TensorLike],
    ) -> tuple[list[AnyTensor], list[AnyTensor]]:
        """What `apply` would make of these values, without touching any Variable.

        Args:
            optimizer_variables: list of values, one for each of `optimizer.variables`.
            grads: list of gradients.
            trainable_variables: list of values, one for each Variable that the optimizer was built with.

        Returns:
            (list of new values of the trained variables, list of new values of the optimizer's).

        Raises:
            ValueError: for an optimizer that is not built, or lists of another length.
        """
        if not self.built:
            raise ValueError(
                f"`stateless_apply` needs an optimizer that is built: call `build(variables)` of {self.name!r} first."
            )
        trained, own = self._trainable_variables, self.variables
        for argument, values, variables in (
            ("optimizer_variables", optimizer_variables, own),
            ("trainable_variables", trainable_variables, trained),
        ):
            if len(values) != len(variables):
                raise ValueError(f"`{argument}` must hold {len(variables)} values, got {len(values)}.")
        with backend.StatelessScope([*zip(trained, trainable_variables), *zip(own, optimizer_variables)]) as scope:
            self.apply(grads)
        return [scope.get_current_value(v) for v in trained], [scope.get_current_value(v) for v in own]

    def get_config(self) -> Config:
        """The arguments of the constructor as plain data.

        Returns:
            A dict that `from_config` takes, without the values of the variables.
        """
        rate = self._learning_rate
        return {
            "name": self.name,
            "learning_rate": float(rate) if isinstance(rate, Variable) else serialize_keras_object(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Optimizer:
        """An optimizer from the dictionary of `get_config`.

        Args:
            config: dict of the constructor's arguments; a schedule in it is a config of its own.
            custom_objects: dict from name to class, for schedules of the user's own.

        Returns:
            A new optimizer of this class, without state.
        """
        config = dict(config)
        for rate in ("learning_rate", "lr"):
            if isinstance(config.get(rate), dict):
                config[rate] = deserialize_keras_object(config[rate], custom_objects=custom_objects)
        return cls(**config)


def _checked_rate(rate):
    rate = plain_numbers(rate)
    if callable(rate) or isinstance(rate, float):
        return rate
    advice = f" Write {float(rate)}." if isinstance(rate, int) else ""
    raise ValueError(
        "`learning_rate` must be a float, a LearningRateSchedule or a function without arguments that returns the "
        f"rate, got {rate!r} of type {type(rate).__name__}.{advice}"
    )


def _check_ema(momentum, frequency):
    if not 0 <= momentum <= 1:
        raise ValueError(f"`ema_momentum` must be in [0, 1], got {momentum!r}.")
    if frequency and (not isinstance(frequency, int) or frequency < 1):
        raise ValueError(f"`ema_overwrite_frequency` must be an int >= 1 or None, got {frequency!r}.")


def _fitting(gradient, variable):
    """`gradient` as an array or Tensor. Raises ValueError where its shape is not the variable's."""
    gradient = gradient if hasattr(gradient, "shape") else ops.convert_to_tensor(gradient)
    shape, wanted = tuple(gradient.shape), tuple(variable.shape)
    if len(shape) != len(wanted) or any(a not in (None, b) for a, b in zip(shape, wanted)):
        raise ValueError(f"The gradient of variable {variable.path!r} must have the shape {wanted}, got {shape}.")
    return gradient
