"""Distiller: trains a student on labels and on what a teacher makes of the same inputs."""

from __future__ import annotations

import contextlib
import numbers
import warnings
from collections.abc import Sequence
from typing import Any

from kerasish import ops, tree
from kerasish.backend import context
from kerasish.backend.sizes import unlike_shapes
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distillation.distillation_loss import DistillationLoss, check_alike
from kerasish.distillation.layer_features import LayerFeatures
from kerasish.metrics import Mean
from kerasish.models.model import Model
from kerasish.typing import AnyTensor, Arrays, Config, CustomObjects, LossLike, MetricsLike, OptimizerLike


class Distiller(Model):
    """A model that trains a student on labels and on what a teacher makes of the same inputs.

    The loss is `student_loss_weight` times the compiled loss, plus 1 - `student_loss_weight` times the weighted sum of
    the distillation losses, plus what the student's layers add (regularizers). Calls and `predict` are the student's.
    The teacher is frozen, and computes in inference mode.

    Args:
        teacher: `Model`, trained.
        student: `Model`, of inputs and outputs as the teacher's; trained itself, so that it is of use alone afterwards.
        distillation_losses: `DistillationLoss`, or a list of them.
        distillation_loss_weights: list of floats, one a distillation loss; None: all 1.
        student_loss_weight: float from 0 to 1; with 0 no labels are looked at, with 1 no teacher.
        name: string.
        **kwargs: as for every `Model`.

    Raises:
        ValueError: for what is no model or no distillation loss, for weights out of range or of another number, and for
            models whose inputs or outputs differ in shape or dtype.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> teacher = keras.Sequential([keras.Input((4,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(3)])
        >>> student = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        >>> distiller = keras.distillation.Distiller(
        ...     teacher, student, keras.distillation.LogitsDistillation(temperature=2.0), student_loss_weight=0.3
        ... )
        >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        >>> distiller.compile("adam", loss, metrics=["accuracy"])
        >>> history = distiller.fit(np.ones((8, 4)), np.zeros(8), epochs=2, verbose=0)
        >>> sorted(history.history)
        ['accuracy', 'distillation_loss', 'loss', 'student_loss', 'total_loss']

    Reference:
        Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531.
    """

    _public_module = "keras.distillation"
    _kept = None  # within a step: (outputs, features) of the student's calls

    def __init__(
        self,
        teacher: Model,
        student: Model,
        distillation_losses: DistillationLoss | Sequence[DistillationLoss],
        distillation_loss_weights: Sequence[float] | None = None,
        student_loss_weight: float = 0.5,
        name: str = "distiller",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        strategies = _checked_losses(distillation_losses)
        weights = _checked_weights(distillation_loss_weights, len(strategies))
        self.student_loss_weight = _checked_share(student_loss_weight)
        for role, model in (("teacher", teacher), ("student", student)):
            if not isinstance(model, Model):
                raise ValueError(f"`{role}` must be a Model, got {model!r}.")
        _check_models(teacher, student)
        for strategy in strategies:
            strategy.validate_model_compatibility(teacher, student)
        teacher.trainable = False
        self.teacher, self.student = teacher, student
        self.distillation_losses, self.distillation_loss_weights = strategies, weights
        self._teacher_features = _features(teacher, "teacher", strategies)
        self._student_features = _features(student, "student", strategies)
        self.student_loss_tracker = Mean(name="student_loss")
        self.distillation_loss_tracker = Mean(name="distillation_loss")
        self.total_loss_tracker = Mean(name="total_loss")

    def compile(
        self, optimizer: OptimizerLike = "adam", loss: LossLike = None, metrics: MetricsLike = None, **kwargs: Any
    ) -> None:
        """Say how the student is trained and what is reported.

        Args:
            optimizer: `Optimizer`, its name or config.
            loss: of the student's outputs and the labels: a `Loss`, a name, or a function of (y_true, y_pred); with
                several outputs a list or dict of them.
            metrics: of the student's outputs and the labels, as for every model.
            **kwargs: the other arguments of `Model.compile`.

        Raises:
            ValueError: without a loss.
        """
        if loss is None:
            raise ValueError("`loss` must be given, the student's on the labels; got None.")
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def compile_from_config(self, config: Config) -> None:
        """Compile as `get_compile_config` described; of a file of Keras, which does not say the student's loss, warn.

        Args:
            config: dict of the arguments of `compile`, as plain data.
        """
        if config.get("loss") is not None:
            super().compile_from_config(config)
            return
        warnings.warn(
            "The file does not say with which loss the student was trained (Keras leaves it out): call `compile` "
            "before training goes on.",
            stacklevel=2,
        )

    def call(self, inputs: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """The student's outputs.

        Args:
            inputs: the student's inputs.
            training: bool, whether the step trains.
            **kwargs: passed on to the student.

        Returns:
            The student's structure of outputs.
        """
        if self._kept is None or kwargs:
            return self.student(inputs, training=training, **kwargs)
        outputs, features = self._student_features(inputs, training)
        self._kept.append((outputs, features))
        return outputs

    def train_step(self, data: Any) -> dict[str, AnyTensor]:
        with self._keeping_features():
            return super().train_step(data)

    def test_step(self, data: Any) -> dict[str, AnyTensor]:
        with self._keeping_features():
            return super().test_step(data)

    @contextlib.contextmanager
    def _keeping_features(self):
        """Within a step the student computes outputs and features at once: dropout draws, and averages move, once."""
        self._kept = []
        try:
            yield
        finally:
            self._kept = None

    def compute_loss(
        self,
        x: Arrays = None,
        y: Arrays = None,
        y_pred: Arrays = None,
        sample_weight: Arrays = None,
        training: bool = True,
    ) -> AnyTensor:
        """The scalar that training minimises.

        Args:
            x: inputs of the batch.
            y: targets of the batch; None leaves the student's loss out.
            y_pred: outputs of the student for `x`.
            sample_weight: weights of the student's loss, or None.
            training: bool, whether the step trains.

        Returns:
            Scalar.
        """
        share = self.student_loss_weight
        student_loss = distillation_loss = ops.convert_to_tensor(0.0)
        if share > 0 and y is not None:
            with context.scope(part="loss"):
                student_loss = self._compile_loss(y, y_pred, sample_weight)
        if share < 1 and self.distillation_losses:
            distillation_loss = self._distillation_loss(x, y_pred, training)
        total = share * student_loss + (1 - share) * distillation_loss
        for added in self.student.losses:
            total = total + ops.sum(added)
        with context.scope(part="metrics"):
            self.student_loss_tracker.update_state(student_loss)
            self.distillation_loss_tracker.update_state(distillation_loss)
            self.total_loss_tracker.update_state(total)
        return total

    def _distillation_loss(self, x, y_pred, training):
        _, of_teacher = self._teacher_features(x, False)
        known = next((features for outputs, features in self._kept or () if outputs is y_pred), None)
        of_student = self._student_features(x, training)[1] if known is None else known
        total = ops.convert_to_tensor(0.0)
        each = zip(self.distillation_losses, self.distillation_loss_weights, of_teacher, of_student)
        for strategy, weight, teacher, student in each:
            strategy.validate_outputs(teacher, student)
            total = total + weight * strategy.compute_loss(teacher, student)
        return total

    def get_config(self) -> Config:
        config = {name: value for name, value in super().get_config().items() if name in ("name", "trainable", "dtype")}
        return {
            **config,
            "teacher": serialize_keras_object(self.teacher),
            "student": serialize_keras_object(self.student),
            "distillation_losses": [serialize_keras_object(each) for each in self.distillation_losses],
            "distillation_loss_weights": list(self.distillation_loss_weights),
            "student_loss_weight": self.student_loss_weight,
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Distiller:
        """The distiller that `get_config` describes, with new weights.

        Args:
            config: dict, as `get_config` gives it.
            custom_objects: dict from name to class or function of the user's own.

        Returns:
            Distiller.
        """
        objects = ("teacher", "student", "distillation_losses")
        return cls(**{**config, **{name: deserialize_keras_object(config[name], custom_objects) for name in objects}})


def _checked_losses(given):
    strategies = list(given) if isinstance(given, (list, tuple)) else [given]
    for strategy in strategies:
        if not isinstance(strategy, DistillationLoss):
            raise ValueError(
                "`distillation_losses` must be a DistillationLoss, such as `LogitsDistillation()`, or a list of them, "
                f"got {strategy!r}."
            )
    return strategies


def _checked_weights(weights, count):
    if weights is None:
        return [1.0] * count
    weights = list(weights) if isinstance(weights, (list, tuple)) else [weights]
    for weight in weights:
        if isinstance(weight, bool) or not isinstance(weight, numbers.Real):
            raise ValueError(f"`distillation_loss_weights` must be a list of numbers, got {weight!r} in it.")
    if len(weights) != count:
        raise ValueError(
            f"`distillation_loss_weights` must be as many as `distillation_losses`, {count}, got {len(weights)}."
        )
    return [float(weight) for weight in weights]


def _checked_share(value):
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= value <= 1:
        raise ValueError(f"`student_loss_weight` must be a number from 0 to 1, got {value!r}.")
    return float(value)


def _check_models(teacher, student):
    """Raise ValueError where a student can't learn from a teacher, as far as their symbolic tensors tell."""
    for part, name in (("inputs", "_inputs_struct"), ("outputs", "_outputs_struct")):
        of_teacher, of_student = (getattr(model, name, None) for model in (teacher, student))
        if of_teacher is None or of_student is None:
            continue
        check_alike(f"the teacher's {part}", of_teacher, f"the student's {part}", of_student)
        for one, other in zip(tree.flatten(of_teacher), tree.flatten(of_student)):
            if unlike_shapes(one.shape, other.shape):
                raise ValueError(
                    f"Teacher and student must have {part} of the same shape, got {one.shape} and {other.shape}."
                )
            if part == "outputs" and one.dtype != other.dtype:
                raise ValueError(
                    f"Teacher and student must have outputs of the same dtype, got {one.dtype} and {other.dtype}."
                )


def _features(model, role, strategies):
    return LayerFeatures(model, [getattr(strategy, f"{role}_layer_name", None) for strategy in strategies])
