"""Adam with weight decay."""

from __future__ import annotations

from typing import Any

from kerasish.docstrings import shares_arguments
from kerasish.optimizers.adam import Adam
from kerasish.typing import ScheduleLike


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

    def __init__(
        self,
        learning_rate: ScheduleLike = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        if weight_decay is None:
            raise ValueError("`weight_decay` of `AdamW` must be a float, got None. Without decay, use `Adam`.")
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
