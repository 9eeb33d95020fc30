"""Methods and arguments of Keras 1 and 2 that old notebooks use; each says once what it is called today."""

from kerasish.backend import legacy

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


def fit_arguments(kwargs):
    """Old keyword arguments of `fit` under today's names. Raises TypeError for unknown ones."""
    kwargs = dict(kwargs)
    for name in ("max_queue_size", "workers", "use_multiprocessing"):
        if name in kwargs:
            legacy.warn_renamed("fit", name, f"an argument of `keras.utils.PyDataset({name}=...)`")
            kwargs.pop(name)
    kwargs = legacy.renamed("fit", kwargs, {"nb_epoch": "epochs"})
    unknown = set(kwargs) - {"epochs"}
    if unknown:
        raise TypeError(f"`fit` got unknown arguments: {', '.join(sorted(unknown))}.")
    return kwargs


def _todays(owner, kwargs):
    """Old generator arguments: renamed, or dropped where they ask for workers, which `PyDataset` has."""
    kwargs = dict(kwargs)
    for old, new in _GENERATOR.items():
        if old in kwargs:
            value = kwargs.pop(old)
            legacy.warn_renamed(owner, old, new or "an argument of `keras.utils.PyDataset`")
            if new:
                kwargs[new] = value
    return kwargs


class OldSpellings:
    """Old methods of models."""

    def fit_generator(self, generator, steps_per_epoch=None, epochs=1, **kwargs):
        """Today: `fit(generator, ...)`."""
        legacy.warn_renamed("Model", "fit_generator", "fit")
        arguments = {"steps_per_epoch": steps_per_epoch, "epochs": epochs, **_todays("fit_generator", kwargs)}
        return self.fit(generator, **arguments)

    def evaluate_generator(self, generator, steps=None, **kwargs):
        """Today: `evaluate(generator, ...)`."""
        legacy.warn_renamed("Model", "evaluate_generator", "evaluate")
        return self.evaluate(generator, **{"steps": steps, **_todays("evaluate_generator", kwargs)})

    def predict_generator(self, generator, steps=None, **kwargs):
        """Today: `predict(generator, ...)`."""
        legacy.warn_renamed("Model", "predict_generator", "predict")
        return self.predict(generator, **{"steps": steps, **_todays("predict_generator", kwargs)})

    def predict_proba(self, x, batch_size=None, verbose=0):
        """Today: `predict(x)`."""
        legacy.warn_renamed("Model", "predict_proba", "predict")
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    def predict_classes(self, x, batch_size=None, verbose=0):
        """Today: `predict(x).argmax(-1)`, or `(predict(x) > 0.5)` for one output column."""
        legacy.warn_renamed("Model", "predict_classes", "predict(x).argmax(axis=-1)")
        scores = self.predict(x, batch_size=batch_size, verbose=verbose)
        return scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")
