"""Adam with weight decay."""

from kerasish.optimizers.adam import Adam


class AdamW(Adam):
    """Adam, with weights that shrink by `learning_rate * weight_decay` each step, apart from the gradient.

    Args:
        learning_rate: float, schedule or function.
        weight_decay: float.
        beta_1, beta_2, epsilon, amsgrad: see `Adam`.
        clipnorm, clipvalue, ..., name: see `Optimizer`.

    Raises: ValueError when `weight_decay` is None.
    Source: Loshchilov & Hutter 2017, "Decoupled weight decay regularization".

    >>> import kerasish as keras
    >>> weight = keras.Variable([1.0])
    >>> keras.optimizers.AdamW(0.25, weight_decay=0.5).apply([keras.ops.array([3.0])], [weight])
    >>> round(float(weight[0]), 4)
    0.625
    """

    def __init__(
        self,
        learning_rate=0.001,
        weight_decay=0.004,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name=None,
        **kwargs,
    ):
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
