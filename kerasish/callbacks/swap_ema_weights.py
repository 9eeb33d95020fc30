"""Evaluation with averaged weights."""

from __future__ import annotations

import itertools
from typing import Any

from kerasish.backend.variable import assign_all
from kerasish.callbacks.callback import Callback
from kerasish.typing import Logs


class SwapEMAWeights(Callback):
    """Puts the moving averages of the weights into the model while it is evaluated or predicts.

    The optimizer has to keep them: pass it `use_ema=True`. The weights that are trained come back afterwards. After the
    last epoch the model keeps the averages, as it does with `use_ema=True` alone.

    Args:
        swap_on_epoch: whether the averages are already in the model at the end of an epoch, for the callbacks that come
            after this one in the list (a `ModelCheckpoint`, say), and go before the next epoch.

    Raises:
        ValueError: in use, where the optimizer keeps no averages.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = y = np.ones((2, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.1, use_ema=True), "mse")
        >>> swap = keras.callbacks.SwapEMAWeights()
        >>> history = model.fit(x, y, epochs=2, verbose=0, validation_data=(x, y), callbacks=[swap])
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        # (variable, its trained value) while the averages are in the model. Averages stay where they are, so that the
        # optimizer can hand them out at the end of training whether or not they are swapped in at that moment.
        self._trained = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._swap_out()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.swap_on_epoch:
            self._swap_in()

    def on_train_end(self, logs: Logs = None) -> None:
        # The optimizer has given the model its averages for good.
        self._trained = None

    def on_test_begin(self, logs: Logs = None) -> None:
        self._swap_in()

    def on_test_end(self, logs: Logs = None) -> None:
        self._swap_out()

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._swap_in()

    def on_predict_end(self, logs: Logs = None) -> None:
        self._swap_out()

    def state_dict(self) -> dict[str, Any]:
        return {} if self._trained is None else {"trained": [value for _, value in self._trained]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        pairs = zip(self._averaged_variables(), state["trained"])
        self._trained = [(variable, value) for (variable, _), value in pairs]

    def _abandon(self):
        self._swap_out()

    def _swap_in(self):
        if self._trained is None:
            pairs = self._averaged_variables()
            self._trained = [(variable, variable.numpy()) for variable, _ in pairs]
            assign_all((variable, average.numpy()) for variable, average in pairs)

    def _swap_out(self):
        if self._trained is not None:
            assign_all(self._trained)
            self._trained = None

    def _averaged_variables(self):
        """(variable, average) of all optimizers that keep averages."""
        outer = self.model.optimizer
        optimizer = getattr(outer, "inner_optimizer", outer)
        candidates = getattr(optimizer, "optimizers", None) or [optimizer]
        keeping = [each for each in candidates if getattr(each, "use_ema", False)]
        if not keeping:
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. "
                f"Received: {optimizer!r} with `use_ema=False`."
            )
        pairs = [zip(each._trainable_variables, each._model_variables_moving_average) for each in keeping]
        return list(itertools.chain.from_iterable(pairs))
