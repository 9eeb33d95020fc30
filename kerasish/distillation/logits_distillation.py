"""LogitsDistillation: the student's logits against the teacher's."""

from __future__ import annotations

import numbers
from typing import Any

from kerasish import losses, ops
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.distillation.distillation_loss import DistillationLoss, LossesLike, losses_of, summed
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, Config


class LogitsDistillation(DistillationLoss):
    """Compares the logits of teacher and student, both divided by a temperature.

    What compares distributions, the KL divergence and the categorical cross-entropy, is given their softmax, and
    multiplied by temperature^2, so that its gradients keep their size; any other loss compares the divided logits
    themselves. (Keras 3.15 takes the softmax for `KLDivergence` objects alone: the divergence by its name, its own
    default, and cross-entropies read the logits there as if they were probabilities.)

    Args:
        temperature: float above 0; the higher, the more the small probabilities count.
        loss: name, `Loss` or function (teacher, student); a structure of them for several outputs, None for an output
            that is left out.

    Raises:
        ValueError: for another temperature, an unknown name, and without any loss.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.distillation.LogitsDistillation(temperature=2.0)
        >>> teacher, student = keras.ops.array([[2.0, 0.0]]), keras.ops.array([[0.0, 2.0]])
        >>> round(float(loss.compute_loss(teacher, student)), 4)
        1.8485

    Reference:
        Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531, section 2.
    """

    @suggesting
    def __init__(self, temperature: float = 3.0, loss: LossesLike = "kl_divergence") -> None:
        if isinstance(temperature, bool) or not isinstance(temperature, numbers.Real) or not temperature > 0:
            raise ValueError(f"`temperature` must be a number above 0, got {temperature!r}.")
        self.temperature = float(temperature)
        self.loss = losses_of(loss, "LogitsDistillation")

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> AnyTensor:
        return summed(self.loss, teacher_outputs, student_outputs, self._value)

    def _value(self, loss, teacher, student):
        teacher, student = (ops.divide(logits, self.temperature) for logits in (teacher, student))
        axis = _classes_axis(loss)
        if axis is None:
            return loss(teacher, student)
        teacher = ops.softmax(teacher, axis=axis)
        if not getattr(loss, "from_logits", False):
            student = ops.softmax(student, axis=axis)
        return loss(teacher, student) * self.temperature**2

    def get_config(self) -> Config:
        """The temperature and the losses, as a config dict.

        Returns:
            Dict.
        """
        return {"temperature": self.temperature, "loss": serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: Config) -> LogitsDistillation:
        """The loss that `get_config` describes.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            LogitsDistillation.
        """
        return cls(**{**config, "loss": deserialize_keras_object(config["loss"])})


def _classes_axis(loss):
    """Along which axis a loss compares distributions, or None where it compares numbers."""
    if loss in (losses.kl_divergence, losses.categorical_crossentropy) or isinstance(loss, losses.KLDivergence):
        return -1
    return loss.axis if isinstance(loss, losses.CategoricalCrossentropy) else None
