"""Methods and arguments of Keras 1 and 2 that old notebooks use; each says once what it is called today."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.backend import deprecation
from kerasish.suggestions import refuse_unknown
from kerasish.typing import DataSet, Results, Verbosity

if TYPE_CHECKING:
    from kerasish.callbacks import History

_GENERATOR = {
    "nb_epoch": "epochs",
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "steps",
    "max_q_size": None,
    "max_queue_size": None,
    "nb_worker": None,
    "workers": None,
    "pickle_safe": None,
    "use_multiprocessing": None,
}


def fit_arguments(kwargs: dict[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """Old keyword arguments of `fit` under today's names.

    Args:
        kwargs: the keyword arguments that `fit` does not know.
        function: `fit`, whose arguments are suggested.

    Returns:
        A dict that holds "epochs" at most.

    Raises:
        TypeError: for unknown ones.
    """
    kwargs = dict(kwargs)
    for name in ("max_queue_size", "workers", "use_multiprocessing"):
        if name in kwargs:
            deprecation.warn_renamed("fit", name, f"an argument of `keras.utils.PyDataset({name}=...)`")
            kwargs.pop(name)
    kwargs = deprecation.renamed("fit", kwargs, {"nb_epoch": "epochs"})
    refuse_unknown("fit", sorted(set(kwargs) - {"epochs"}), function)
    return kwargs


def _todays(owner, kwargs):
    """Old generator arguments: renamed, or dropped where they ask for workers, which `PyDataset` has."""
    kwargs = dict(kwargs)
    for old, new in _GENERATOR.items():
        if old in kwargs:
            value = kwargs.pop(old)
            deprecation.warn_renamed(owner, old, new or "an argument of `keras.utils.PyDataset`")
            if new:
                kwargs[new] = value
    return kwargs


class OldSpellings:
    """Old methods of models."""

    def fit_generator(
        self, generator: DataSet, steps_per_epoch: int | None = None, epochs: int = 1, **kwargs: Any
    ) -> History:
        """Today: `fit(generator, ...)`.

        Args:
            generator: data set that yields batches.
            steps_per_epoch: int, as for `fit`.
            epochs: int, as for `fit`.
            **kwargs: as for `fit`, by the names of Keras 1 and 2 too.

        Returns:
            What `fit` returns.
        """
        deprecation.warn_renamed("Model", "fit_generator", "fit")
        arguments = {"steps_per_epoch": steps_per_epoch, "epochs": epochs, **_todays("fit_generator", kwargs)}
        return self.fit(generator, **arguments)

    def evaluate_generator(self, generator: DataSet, steps: int | None = None, **kwargs: Any) -> Results:
        """Today: `evaluate(generator, ...)`.

        Args:
            generator: data set that yields batches.
            steps: int, as for `evaluate`.
            **kwargs: as for `evaluate`, by the names of Keras 1 and 2 too.

        Returns:
            What `evaluate` returns.
        """
        deprecation.warn_renamed("Model", "evaluate_generator", "evaluate")
        return self.evaluate(generator, **{"steps": steps, **_todays("evaluate_generator", kwargs)})

    def predict_generator(self, generator: DataSet, steps: int | None = None, **kwargs: Any) -> Any:
        """Today: `predict(generator, ...)`.

        Args:
            generator: data set that yields batches.
            steps: int, as for `predict`.
            **kwargs: as for `predict`, by the names of Keras 1 and 2 too.

        Returns:
            What `predict` returns.
        """
        deprecation.warn_renamed("Model", "predict_generator", "predict")
        return self.predict(generator, **{"steps": steps, **_todays("predict_generator", kwargs)})

    def predict_proba(self, x: DataSet, batch_size: int | None = None, verbose: Verbosity = 0) -> Any:
        """Today: `predict(x)`.

        Args:
            x: inputs.
            batch_size: int, as for `predict`.
            verbose: as for `predict`.

        Returns:
            What `predict` returns.
        """
        deprecation.warn_renamed("Model", "predict_proba", "predict")
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    def predict_classes(self, x: DataSet, batch_size: int | None = None, verbose: Verbosity = 0) -> Any:
        """Today: `predict(x).argmax(-1)`, or `(predict(x) > 0.5)` for one output column.

        Args:
            x: inputs.
            batch_size: int, as for `predict`.
            verbose: as for `predict`.

        Returns:
            NumPy array of class indices.
        """
        deprecation.warn_renamed("Model", "predict_classes", "predict(x).argmax(axis=-1)")
        scores = self.predict(x, batch_size=batch_size, verbose=verbose)
        return scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")

    def reset_states(self) -> None:
        """Today: `reset_state()` of each stateful layer, which sets the states that it keeps to 0."""
        deprecation.warn_renamed("Model", "reset_states", "reset_state() of its stateful layers")
        for layer in self._flatten_layers(include_self=False):
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
                layer.reset_state()
