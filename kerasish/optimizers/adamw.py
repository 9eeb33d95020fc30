"""Adam with weight decay."""

from __future__ import annotations

from kerasish.docstrings import shares_arguments
from kerasish.optimizers.adam import Adam
from kerasish.optimizers.shared_arguments import UpdateArguments, with_shared_arguments
from kerasish.typing import ScheduleLike, Unpack


@shares_arguments(Adam)
class AdamW(Adam):
    """Adam, with weights that shrink by `learning_rate * weight_decay` each step, apart from the gradient.

    Args:
        weight_decay: float, the fraction of the learning rate by which weights shrink each step.

    Raises:
        ValueError: when `weight_decay` is None.

    Example:
        >>> import kerasish as keras
        >>> weight = keras.Variable([1.0])
        >>> keras.optimizers.AdamW(0.25, weight_decay=0.5).apply([keras.ops.array([3.0])], [weight])
        >>> round(float(weight[0]), 4)
        0.625

    Reference:
        Loshchilov & Hutter 2017, "Decoupled weight decay regularization", arXiv:1711.05101.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Unpack[UpdateArguments],
    ) -> None:
        if weight_decay is None:
            raise ValueError("`weight_decay` of `AdamW` must be a float, got None. Without decay, use `Adam`.")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, **shared)
