"""DistillationLoss: how far a student is from its teacher."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from kerasish import losses, ops, tree
from kerasish.typing import AnyTensor, LossLike

if TYPE_CHECKING:
    from kerasish.models import Model

LossesLike = Union[LossLike, Sequence[Any], Mapping[str, Any]]


class DistillationLoss:
    """How far a student is from its teacher, as a `Distiller` adds it to the loss; the base of losses of your own.

    A subclass defines `compute_loss`; `get_config` too, where distillers with it are saved.

    Example:
        >>> import kerasish as keras
        >>> class Furthest(keras.distillation.DistillationLoss):
        ...     def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        ...         return keras.ops.max(keras.ops.abs(teacher_outputs - student_outputs))
        >>> float(Furthest().compute_loss(keras.ops.ones((2, 3)), keras.ops.zeros((2, 3))))
        1.0
    """

    _public_module = "keras.distillation"

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> AnyTensor:
        """The loss of one batch; every subclass defines its own.

        Args:
            teacher_outputs: tensor, or a structure of them: what the teacher gives.
            student_outputs: tensors in the same structure: what the student gives.
            **kwargs: for losses of your own; a `Distiller` passes none.

        Returns:
            Scalar.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `compute_loss(self, teacher_outputs, student_outputs)`."
        )

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Check that outputs can be compared.

        Args:
            teacher_outputs: tensor, or a structure of them.
            student_outputs: tensor, or a structure of them.

        Raises:
            ValueError: where they are not in the same structure.
        """
        check_alike("`teacher_outputs`", teacher_outputs, "`student_outputs`", student_outputs)

    def validate_model_compatibility(self, teacher: Model, student: Model) -> None:
        """Check that the loss can be computed for two models; a `Distiller` asks when it is made.

        Args:
            teacher: Model.
            student: Model.

        Raises:
            ValueError: where it can't. The base class takes all models.
        """


def check_alike(name: str, one: Any, other_name: str, other: Any) -> None:
    """Raise ValueError where two structures do not nest alike."""
    try:
        tree.assert_same_structure(one, other)
    except ValueError:
        shown, other_shown = (_outline(structure) for structure in (one, other))
        raise ValueError(
            f"{name} and {other_name} must have the same structure, got {shown} and {other_shown}."
        ) from None


def _outline(structure):
    """A structure with shapes in the place of tensors."""
    return tree.map_structure(
        lambda leaf: f"({', '.join(map(str, leaf.shape))})" if hasattr(leaf, "shape") else leaf, structure
    )


def losses_of(loss: LossesLike, owner: str) -> Any:
    """The losses in a structure of names, objects and None.

    Raises:
        ValueError: for an unknown name, and where nothing but None is given.
    """
    if all(leaf is None for leaf in tree.flatten(loss)):
        raise ValueError(f"`loss` of {owner} must hold at least one loss that is not None, got {loss!r}.")
    return tree.map_structure(lambda leaf: None if leaf is None else losses.get(leaf), loss)


def summed(loss: Any, teacher: Any, student: Any, value: Callable[[Any, Any, Any], AnyTensor]) -> AnyTensor:
    """The sum of the losses of all outputs that have one, each as a scalar.

    Args:
        loss: structure of losses and None.
        teacher: tensors in this structure.
        student: tensors in this structure.
        value: function of (loss, tensor of the teacher, tensor of the student).
    """
    for name, outputs in (("`teacher_outputs`", teacher), ("`student_outputs`", student)):
        check_alike("`loss`", loss, name, outputs)
    total = None
    for each, of_teacher, of_student in zip(*(tree.flatten(structure) for structure in (loss, teacher, student))):
        if each is not None:
            term = ops.mean(value(each, of_teacher, of_student))
            total = term if total is None else total + term
    return total
