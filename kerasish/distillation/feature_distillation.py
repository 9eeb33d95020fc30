"""FeatureDistillation: what a layer of the student gives against what one of the teacher gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distillation.distillation_loss import DistillationLoss, LossesLike, losses_of, summed
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, Config

if TYPE_CHECKING:
    from kerasish.models import Model


class FeatureDistillation(DistillationLoss):
    """Compares what a layer inside the student gives with what one inside the teacher gives.

    Args:
        loss: name, `Loss` or function (teacher, student); a structure of them where the layer has several outputs, None
            for one that is left out.
        teacher_layer_name: string, the name of a layer of the teacher; None for its outputs.
        student_layer_name: string, the name of a layer of the student; None for its outputs.

    Raises:
        ValueError: for an unknown name of a loss, and without any loss.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.distillation.FeatureDistillation("mae", "block_4", "block_2")
        >>> float(loss.compute_loss(keras.ops.ones((2, 3)), keras.ops.zeros((2, 3))))
        1.0

    Reference:
        Romero et al., "FitNets: Hints for Thin Deep Nets", 2014, arXiv:1412.6550, equation 3.
    """

    @suggesting
    def __init__(
        self, loss: LossesLike = "mse", teacher_layer_name: str | None = None, student_layer_name: str | None = None
    ) -> None:
        for name, given in (("teacher_layer_name", teacher_layer_name), ("student_layer_name", student_layer_name)):
            if given is not None and not isinstance(given, str):
                raise ValueError(f"`{name}` must be the name of a layer or None, got {given!r}.")
        self.teacher_layer_name = teacher_layer_name
        self.student_layer_name = student_layer_name
        self.loss = losses_of(loss, "FeatureDistillation")

    def validate_model_compatibility(self, teacher: Model, student: Model) -> None:
        """Check that both models have the layers.

        Args:
            teacher: Model.
            student: Model.

        Raises:
            ValueError: for a layer that is not there, and for one of a model without symbolic inputs.
        """
        for role, model, name in (
            ("teacher", teacher, self.teacher_layer_name),
            ("student", student, self.student_layer_name),
        ):
            if name is None:
                continue
            if not getattr(model, "inputs", None):
                raise ValueError(
                    f"`{role}_layer_name`={name!r} needs a functional model, or a `Sequential` that knows its input "
                    f"shape: the {role} {model.name!r} has no symbolic tensors. Leave the name out to compare outputs."
                )
            try:
                model.get_layer(name)
            except ValueError as error:
                raise ValueError(f"`{role}_layer_name`: {error}") from None

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> AnyTensor:
        return summed(
            self.loss, teacher_outputs, student_outputs, lambda loss, teacher, student: loss(teacher, student)
        )

    def get_config(self) -> Config:
        """The losses and the layers' names, as a config dict.

        Returns:
            Dict.
        """
        return {
            "loss": serialize_keras_object(self.loss),
            "teacher_layer_name": self.teacher_layer_name,
            "student_layer_name": self.student_layer_name,
        }

    @classmethod
    def from_config(cls, config: Config) -> FeatureDistillation:
        """The loss that `get_config` describes.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            FeatureDistillation.
        """
        return cls(**{**config, "loss": deserialize_keras_object(config["loss"])})
