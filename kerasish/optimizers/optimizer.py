"""What all optimizers share: the learning rate, and a step from gradients to new weights."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from kerasish import backend, ops
from kerasish.backend import Variable, context, deprecation
from kerasish.backend.interrupts import whole
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distribution import shares
from kerasish.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from kerasish.optimizers.learning_rate import LearningRate, checked_rate
from kerasish.optimizers.moving_average import MovingAverage, check_ema
from kerasish.optimizers.row_updates import RowUpdates
from kerasish.optimizers.weight_decay import WeightDecay
from kerasish.suggestions import did_you_mean, in_backticks
from kerasish.typing import AnyTensor, Config, CustomObjects, ScheduleLike, TensorLike


class Optimizer(LearningRate, WeightDecay, MovingAverage, RowUpdates):
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

    needs_whole_tables: str = ""  # of a subclass: for what it needs all of a variable at once

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
        learning_rate = checked_rate(self._take_old_arguments(learning_rate, kwargs))
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
            check_ema(ema_momentum, ema_overwrite_frequency)
        self._init_state()
        if name is not None and (not isinstance(name, str) or "/" in name) and not context.current().config_is_modern:
            raise ValueError(f"`name` must be a string without '/', got {name!r}.")
        self.name = name or unique_name(to_snake_case(type(self).__name__))
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
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
                stacklevel=deprecation.caller_depth(),
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
        self._apply_checked(grads, variables)

    @whole
    def _apply_checked(self, grads, variables):
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
        """The gradients that are there, their variables, and all variables. Refuses what does not fit.

        Where several ranks compute a batch the gradients are those of the whole batch from here on.
        """
        if trainable_variables is None and not self.built:
            raise ValueError(
                "`apply` without `trainable_variables` needs an optimizer that is built: call "
                "`optimizer.build(trainable_variables)` first."
            )
        everything = self._trainable_variables if trainable_variables is None else list(trainable_variables)
        grads, variables = self._filter_empty_gradients(grads, everything)
        self._make_slots_for(everything)
        fitting = [_fitting(gradient, variable) for gradient, variable in zip(grads, variables)]
        self._refuse_cut_tables(variables)
        return shares.averaged_gradients(fitting, variables), variables, everything

    def _refuse_cut_tables(self, variables):
        """Refuse what needs a whole table at once where its rows are cut over processes."""
        cut = [variable.path for variable in variables if hasattr(variable, "part")]
        needs = self.needs_whole_tables or ("clipnorm" if self.clipnorm else self.global_clipnorm and "global_clipnorm")
        if cut and needs:
            raise ValueError(
                f"{cut[0]!r} is cut over several processes, and {self.name!r} would need all of it at once, for "
                f"{needs}. Take an optimizer that goes row by row, as Adam does, or do not cut the table."
            )

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
        """Accumulate or update, then average."""
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

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        update = self._update_one if self._slots_cut else self.update_step
        for gradient, variable in zip(grads, trainable_variables):
            update(gradient, variable, learning_rate)

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


def _fitting(gradient, variable):
    """`gradient` as an array or Tensor. Raises ValueError where its shape is not the variable's."""
    gradient = gradient if hasattr(gradient, "shape") else ops.convert_to_tensor(gradient)
    shape, wanted = tuple(gradient.shape), getattr(variable, "_shape", None) or tuple(variable.shape)
    if len(shape) != len(wanted) or any(a not in (None, b) for a, b in zip(shape, wanted)):
        raise ValueError(f"The gradient of variable {variable.path!r} must have the shape {wanted}, got {shape}.")
    return gradient
