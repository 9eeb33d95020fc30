"""CompiledLoss: the loss that `compile` was given, matched to the outputs of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import losses as losses_module
from kerasish import ops, tree
from kerasish.backend.dtypes import is_float_dtype
from kerasish.distribution import shares
from kerasish.losses import Loss, LossFunctionWrapper
from kerasish.metrics import Mean
from kerasish.models.training.outputs import Outputs
from kerasish.ops.convert import dtype_of
from kerasish.typing import Arrays, TensorLike


class CompiledLoss:
    """The weighted sum of one loss an output.

    Args:
        loss: name, Loss, function, or a list or dict of them by output; None entries leave an output out.
        loss_weights: None, a float, or a list or dict of floats.
        output_names: names of the model's outputs, where it has them.
    """

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: Sequence[str] | None = None) -> None:
        self._given, self._weights, self._names = loss, loss_weights, output_names
        for item in tree.flatten(loss):
            if item is not None and not isinstance(item, str) and not callable(item):
                raise ValueError(
                    f"`loss` must be a name, a Loss or a function (or a list or dict of them), got {item!r}."
                )
            if isinstance(item, str):
                losses_module.get(item)
        self.losses = None
        self.trackers = []

    @property
    def metrics(self) -> list[Any]:
        """Means of the single losses, where there are several; in the order in which a dict of losses names them."""
        given = list(self._given) if isinstance(self._given, dict) else []
        found = (
            [(label, tracker) for label, tracker in zip(self.outputs.labels, self.trackers) if tracker is not None]
            if self.trackers
            else []
        )
        return [
            tracker
            for label, tracker in sorted(
                found, key=lambda pair: given.index(pair[0]) if pair[0] in given else len(given)
            )
        ]

    def build(self, y_pred: TensorLike) -> None:
        """Match the losses to the outputs; done at the first call."""
        outputs = Outputs(y_pred, self._names)
        given = outputs.match(
            self._given, "loss", is_leaf=lambda item: isinstance(item, str) or callable(item), lists=True
        )
        self.losses = [_as_losses(item) for item in given]
        self.weights = outputs.match(
            self._weights, "loss_weights", is_leaf=lambda item: isinstance(item, (int, float)), any_name=True
        )
        for weight in self.weights:
            if isinstance(weight, (list, tuple, dict)):
                raise ValueError(
                    f"`loss_weights` must have one number for each of the {len(outputs)} outputs {outputs.labels}, got "
                    f"{self._weights!r}."
                )
        self.outputs = outputs
        if sum(loss is not None for loss in self.losses) > 1:
            self.trackers = [
                Mean(name=f"{label}_loss") if loss is not None else None
                for label, loss in zip(outputs.labels, self.losses)
            ]

    def __call__(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: Arrays = None) -> Any:
        """The total as a scalar; the single losses' means are updated where there are several."""
        if self.losses is None:
            self.build(y_pred)
        outputs = Outputs(y_pred, self._names)
        targets = outputs.match(y_true, "y", is_leaf=None)
        weights = outputs.match(sample_weight, "sample_weight", is_leaf=lambda item: hasattr(item, "shape"))
        total = None
        for index, loss in enumerate(self.losses):
            if loss is None:
                continue
            prediction, target = outputs.flat[index], targets[index]
            if target is None:
                raise ValueError(
                    f"The loss of the output {outputs.labels[index]!r} needs targets, but `y` has none for it."
                )
            value = loss(_as_target(target, prediction), prediction, weights[index])
            if self.trackers and self.trackers[index] is not None:
                count = shares.samples_counted(prediction.shape[0]) if prediction.shape else None
                self.trackers[index].update_state(value, sample_weight=count)
            if self.weights[index] is not None:
                value = value * self.weights[index]
            total = value if total is None else total + value
        return total


def _as_losses(item):
    """The Loss of an output; of a list of several their sum."""
    if isinstance(item, (list, tuple)):
        several = [_as_loss(part) for part in item if part is not None]
        return None if not several else several[0] if len(several) == 1 else SumOfLosses(several)
    return _as_loss(item)


class SumOfLosses:
    """Several losses of one output, added up."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = list(losses)

    def __call__(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: Any = None) -> Any:
        """The sum of the single losses, each reduced as it says."""
        first, *others = [loss(y_true, y_pred, sample_weight) for loss in self.losses]
        for other in others:
            first = first + other
        return first


def _as_loss(item):
    """A Loss object from a name, a Loss or a function; a plain function is averaged over the batch."""
    found = losses_module.get(item)
    if found is None or isinstance(found, Loss) or not callable(found):
        return found
    return LossFunctionWrapper(found, name=getattr(found, "__name__", None))


def _as_target(target, prediction):
    """Floating-point targets in the dtype of the prediction."""
    if (
        is_float_dtype(dtype_of(target))
        and dtype_of(target) != dtype_of(prediction)
        and is_float_dtype(dtype_of(prediction))
    ):
        return ops.cast(target, dtype_of(prediction))
    return target
