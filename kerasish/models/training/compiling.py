"""What `compile` sets up, and the three computations that a step is made of: loss, metrics, update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasish import ops, optimizers, tree
from kerasish.backend import context, deprecation
from kerasish.backend.tape import GradientTape
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distribution import shares
from kerasish.metrics import Mean, Metric
from kerasish.models.training.compiled_loss import CompiledLoss
from kerasish.models.training.compiled_metrics import CompiledMetrics
from kerasish.models.training.direct_calls import DirectCalls
from kerasish.scalars import plain_numbers
from kerasish.signatures import call_with_accepted
from kerasish.suggestions import refuse_unknown
from kerasish.typing import AnyTensor, Arrays, Config, LossLike, MetricsLike, OptimizerLike
from kerasish.utils.batch import unpack_x_y_sample_weight

if TYPE_CHECKING:
    from kerasish.callbacks import History
    from kerasish.optimizers import Optimizer


class Compiling:
    """The part of a model that `compile` fills; steps may be overridden by subclasses."""

    # What checkers are told: before `compile` and `fit` the first two are None, which no program should have to ask.
    optimizer: Optimizer
    history: History
    stop_training: bool
    _told_of_text = False  # whether the warning was given that steps run op by op
    _calls_only_layers = False  # whether a call does nothing but compute a graph of layers

    def _init_training(self):
        self.optimizer = None
        self.loss = None
        self.compiled = False
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self.run_eagerly = False
        self.steps_per_execution = 1
        self.jit_compile = True
        self._functions = {}
        self._course = None
        self._metrics_found = None
        self._direct = DirectCalls() if "_calls_only_layers" in vars(type(self)) else None
        self._compile_loss = self._compile_metrics = self._loss_tracker = None
        self._compile_arguments = None

    def compile(
        self,
        optimizer: OptimizerLike = "rmsprop",
        loss: LossLike = None,
        loss_weights: Sequence[float] | Mapping[str, float] | None = None,
        metrics: MetricsLike = None,
        weighted_metrics: MetricsLike = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        **kwargs: Any,
    ) -> None:
        """Say how the model is trained and what is reported.

        Args:
            optimizer: `Optimizer`, its name ("adam", in any case), or its config; None for a model that is only
                evaluated.
            loss: what training minimises: a `Loss`, a name ("mse"), or a function of (y_true, y_pred); with several
                outputs a list or dict of them, None for an output without a loss. None where layers add all losses.
            loss_weights: list of floats by output, or dict from output name to float, by which the losses are
                multiplied; 1 when None.
            metrics: list of names ("accuracy" chooses by loss and shapes), `Metric` objects or functions of (y_true,
                y_pred); with several outputs a list of such lists, or a dict from output name to one metric or list.
            weighted_metrics: the same for metrics that take `sample_weight` and `class_weight` into account.
            run_eagerly: bool. Compute op by op in Python, so that a debugger can stop inside a layer; slow.
            steps_per_execution: int, batches between two calls of the callbacks.
            jit_compile: accepted; steps are always compiled unless `run_eagerly`.
            auto_scale_loss: bool. With the policy "mixed_float16", wrap the optimizer in a `LossScaleOptimizer`.
            **kwargs: arguments of Keras 1 and 2 (with a DeprecationWarning).

        Raises:
            ValueError: for an unknown name (suggesting the nearest), and for lists that do not fit the outputs; nothing
                is changed then.
            TypeError: for unknown arguments.

        Example:
            >>> import kerasish as keras
            >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
            >>> model.compile(
            ...     optimizer=keras.optimizers.Adam(0.01),
            ...     loss="sparse_categorical_crossentropy",
            ...     metrics=["accuracy"],
            ... )
            >>> model.optimizer.beta_1
            0.9
        """
        self._check_initialized()
        kwargs = deprecation.renamed("compile", kwargs, {"class_mode": "loss", "sample_weight_mode": "sample_weight"})
        kwargs.pop("sample_weight", None)
        refuse_unknown("compile", kwargs, Compiling.compile)
        names = getattr(self, "output_names", None)
        chosen = optimizers.get(optimizer)
        compiled_loss = CompiledLoss(loss, loss_weights, names) if loss is not None else None
        compiled_metrics = (
            CompiledMetrics(metrics, weighted_metrics, output_names=names)
            if metrics is not None or weighted_metrics is not None
            else None
        )
        steps_per_execution = plain_numbers(steps_per_execution)
        if isinstance(steps_per_execution, bool) or not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise ValueError(f"`steps_per_execution` must be a positive int, got {steps_per_execution!r}.")
        if (
            auto_scale_loss
            and self.dtype_policy.name == "mixed_float16"
            and not isinstance(chosen, optimizers.LossScaleOptimizer)
            and chosen is not None
        ):
            chosen = optimizers.LossScaleOptimizer(chosen, name="loss_scale_optimizer")
        self.optimizer, self.loss = chosen, loss
        self._compile_loss, self._compile_metrics = compiled_loss, compiled_metrics
        self._loss_tracker = Mean(name="loss")
        self.run_eagerly, self.steps_per_execution = bool(run_eagerly), steps_per_execution
        self.jit_compile = not run_eagerly if jit_compile == "auto" else bool(jit_compile)
        self._compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": self.jit_compile,
        }
        self.compiled = True
        self.stop_training = False
        self._functions.clear()
        self._metrics_found = None

    # -- the parts of a step ------------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, AnyTensor]:
        """One update from one batch; a subclass may define its own.

        It is run once for each signature of shapes to compile the step, so it must compute with ops, not with Python on
        values.

        Args:
            data: what the data source yielded: (x,), (x, y) or (x, y, sample_weight), symbolic tensors in a compiled
                step.

        Returns:
            The logs, a dict from name to scalar.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._loss_of(x, y, y_pred, sample_weight, training=True)
            scaled = self.optimizer.scale_loss(loss) if self.optimizer is not None else loss
        self._track_loss(loss, x)
        variables = self.trainable_weights
        if variables:
            self.optimizer.apply(tape.gradient(scaled, variables), variables)
        return call_with_accepted(self.compute_metrics, x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)

    def test_step(self, data: Any) -> dict[str, AnyTensor]:
        """Loss and metrics of one batch; a subclass may define its own.

        Args:
            data: what the data source yielded: (x,), (x, y) or (x, y, sample_weight), symbolic tensors in a compiled
                step.

        Returns:
            The logs, a dict from name to scalar.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self._loss_of(x, y, y_pred, sample_weight, training=False)
        self._track_loss(loss, x)
        return call_with_accepted(self.compute_metrics, x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)

    def predict_step(self, data: Any) -> AnyTensor:
        """The outputs for one batch; a subclass may define its own.

        Args:
            data: what the data source yielded: (x,), (x, y) or (x, y, sample_weight), symbolic tensors in a compiled
                step.

        Returns:
            Tensor, or the model's structure of outputs.
        """
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def _loss_of(self, x, y, y_pred, sample_weight, training):
        """`compute_loss` with the arguments that it takes: a user's own may leave some out."""
        return call_with_accepted(
            self.compute_loss, x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training
        )

    def _track_loss(self, loss, x):
        count = next((leaf.shape[0] for leaf in tree.flatten(x) if leaf is not None and leaf.shape), None)
        with context.scope(part="metrics"):
            self._loss_tracker.update_state(loss, sample_weight=shares.samples_counted(count))

    def compute_loss(
        self,
        x: Arrays = None,
        y: Arrays = None,
        y_pred: Arrays = None,
        sample_weight: Arrays = None,
        training: bool = True,
    ) -> AnyTensor:
        """The scalar that training minimises: the compiled loss and what the layers added.

        A subclass may define its own.

        Args:
            x: inputs of the batch.
            y: targets of the batch.
            y_pred: outputs of the model for `x`.
            sample_weight: weights of the loss, or None.
            training: bool, whether the step trains.

        Returns:
            Scalar.

        Raises:
            ValueError: when there is neither a compiled nor an added loss, and the step trains.
        """
        losses = []
        if self._compile_loss is not None:
            with context.scope(part="loss"):  # what `explain()` calls these steps
                value = self._compile_loss(y, y_pred, sample_weight)
            if value is not None:
                losses.append(value)
        losses.extend(
            ops.sum(ops.cast(loss, self.compute_dtype)) if getattr(loss, "shape", ()) else loss for loss in self.losses
        )
        if not losses:
            if training and self.trainable_weights:
                raise ValueError(
                    "The model can't be trained, because it has no loss: pass `loss` to `compile`, call `add_loss` in "
                    "a layer, or override `compute_loss`."
                )
            return ops.convert_to_tensor(0.0)
        total = losses[0]
        for loss in losses[1:]:
            total = total + loss
        return total

    def compute_metrics(
        self, x: Arrays, y: Arrays, y_pred: Arrays, sample_weight: Arrays = None
    ) -> dict[str, AnyTensor]:
        """Update the compiled metrics with a batch and return all results; a subclass may define its own.

        Args:
            x: inputs of the batch.
            y: targets of the batch.
            y_pred: outputs of the model for `x`.
            sample_weight: weights for the weighted metrics, or None.

        Returns:
            Dict from name to scalar.
        """
        with context.scope(part="metrics"):
            if self._compile_metrics is not None:
                self._compile_metrics.update_state(y, y_pred, sample_weight)
            return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, AnyTensor]:
        """Dict from name to scalar, of all metrics."""
        results = {}
        for metric in self.metrics:
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        return results

    @property
    def metrics(self) -> list[Metric]:
        """The loss tracker, the compiled metrics, the means of single losses, and further metrics.

        The last are those of the model and its layers.
        """
        found = [self._loss_tracker] if self._loss_tracker is not None else []
        if self._compile_metrics is not None:
            found.append(self._compile_metrics)
        if self._compile_loss is not None:
            found += self._compile_loss.metrics
        return found + super().metrics

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Start all metrics anew."""
        for metric in self._metrics_at_hand():
            metric.reset_state()

    def _metrics_at_hand(self):
        """`metrics`, without a search where none is needed.

        They are looked for among the attributes of all layers only when some may have come: after a step was traced, or
        at an attribute that the model got. What no compiled step knows needs no reset.
        """
        if self.run_eagerly or not self._functions:
            return self.metrics
        known = (len(vars(self)), *[(function, function.traces) for _, function, _ in self._functions.values()])
        if self._metrics_found is None or self._metrics_found[0] != known:
            self._metrics_found = known, self.metrics
        return self._metrics_found[1]

    # -- configuration ------------------------------------------------------------------------------------------

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile` as plain data, or None where the model is not compiled."""
        if not self.compiled:
            return None
        arguments = dict(self._compile_arguments, optimizer=self.optimizer)
        return {key: serialize_keras_object(value) for key, value in arguments.items()}

    def compile_from_config(self, config: Config) -> None:
        """Compile as `get_compile_config` described.

        Args:
            config: dict of the arguments of `compile`, as plain data.
        """
        config = deserialize_keras_object(dict(config))
        self.compile(**{key: value for key, value in config.items() if key in _COMPILE_ARGUMENTS})
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)


_COMPILE_ARGUMENTS = (
    "optimizer",
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
)
