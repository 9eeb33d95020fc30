"""The steps of `fit`, `evaluate` and `predict` as compiled functions, and a model that is built before they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import forks, tree
from kerasish.backend import context
from kerasish.backend.graph import KerasTensor
from kerasish.backend.interrupts import whole
from kerasish.backend.texts import is_text
from kerasish.distribution.shares import Share
from kerasish.models.training.compiling import Compiling
from kerasish.models.training.direct_calls import DirectCalls
from kerasish.models.training.text_steps import compiled_step
from kerasish.utils.batch import unpack_singleton


def _kept(kind):
    """What reads the function of a step that is kept, and what forgets it."""

    def read(model):
        found = model._functions.get(kind)
        return None if found is None else found[1]

    def forget(model, value):
        if value is not None:
            raise AttributeError(
                f"`{kind}_function` can be set to None alone, which makes it anew; define `{kind}_step` in a subclass "
                f"of `Model`, or `make_{kind}_function`, to give a step of your own. Got {value!r}."
            )
        model._functions.pop(kind, None)

    return read, forget


class CompiledSteps(Compiling):
    """The part of a model that makes its steps."""

    def __getstate__(self) -> Any:
        """What pickle and `copy` take: all but the compiled steps, which are made anew."""
        kept = {name: value for name, value in vars(self).items() if name not in ("_turn", "_course")}
        emptied = {"_functions": {}, "_course": None, "_metrics_found": None}
        return {**kept, **emptied, "_direct": self._direct and DirectCalls()}

    @property
    def _between_steps(self) -> Any:
        """What a thread holds that takes a training step, or reads or sets all weights: they are those of one step."""
        return vars(self).get("_turn") or vars(self).setdefault("_turn", forks.reentrant_lock())

    def make_train_function(self, force: bool = False) -> Callable[..., Any]:
        """The compiled train step, made when it is first asked for.

        Args:
            force: bool. Make it anew where the set of trainable weights has changed.

        Returns:
            Function of (x, y, sample_weight) that updates the model and returns the logs, a dict of scalars.
        """
        return self._make_function("train", self.train_step, force)

    def make_test_function(self, force: bool = False) -> Callable[..., Any]:
        """The compiled test step, made when it is first asked for.

        Args:
            force: bool. Accepted; the step is made anew whenever it has to be.

        Returns:
            Function of (x, y, sample_weight) that returns the logs, a dict of scalars.
        """
        return self._make_function("test", self.test_step, force)

    def make_predict_function(self, force: bool = False) -> Callable[..., Any]:
        """The compiled predict step, made when it is first asked for.

        Args:
            force: bool. Accepted; the step is made anew whenever it has to be.

        Returns:
            Function of (x, None, None) that returns the outputs.
        """
        return self._make_function("predict", self.predict_step, force)

    train_function = property(*_kept("train"), doc="The compiled train step, or None; None makes it anew.")
    test_function = property(*_kept("test"), doc="The compiled test step, or None; None makes it anew.")
    predict_function = property(*_kept("predict"), doc="The compiled predict step, or None; None makes it anew.")

    def _make_function(self, kind, step, force=False):
        key = (kind, step.__func__ if hasattr(step, "__func__") else step, self.run_eagerly)
        found = self._functions.get(kind)
        known = found is not None and found[0] == key
        if known and not (force and kind == "train"):
            return found[1]
        trained = tuple(id(v) for v in self.trainable_variables) if kind == "train" else None
        if known and found[2] == trained:
            return found[1]

        def run(x, y=None, sample_weight=None, share=None):
            if share is None:
                return step(packed(x, y, sample_weight))
            with context.scope(share=Share.named(share)):
                return step(packed(x, y, sample_weight))

        function = whole(run) if self.run_eagerly else compiled_step(self, run, f"{self.name}/{kind}_step")
        self._functions[kind] = (key, function, trained)
        return function

    def _prepare(self, batch):
        """Build the model and match losses and metrics to its outputs before anything is computed.

        So what does not fit is refused first.
        """
        x, y, _ = batch
        if not self.built and self._has_only_steps():
            self.built = True
        elif not self.built:
            if self._runs_on_values(x):
                self(x)  # on numbers, as everything in this mode
                self.built = True
            else:
                self._build_on(tree.map_structure(_symbolic, x))
        if self._has_losses_to_match():
            outputs = self._output_specs(x)
            self._compile_loss.build(outputs)
            if self._compile_metrics is not None and not self._compile_metrics.built and y is not None:
                self._compile_metrics.build(y, outputs)

    def _runs_on_values(self, x):
        """Whether calls compute on numbers and text as they are, and not to be traced."""
        return self.run_eagerly or (not self._calls_only_layers and any(map(is_text, tree.flatten(x))))

    def _is_prepared(self):
        """Whether `_prepare` has nothing left to do."""
        return self.built and not self._has_losses_to_match()

    def _has_losses_to_match(self):
        return (
            type(self).train_step is Compiling.train_step
            and self._compile_loss is not None
            and self._compile_loss.losses is None
        )

    def _has_only_steps(self):
        """Whether this is a model without `call`, whose own steps call its layers, as GANs are written.

        The steps also build the layers when they are traced.
        """
        steps = ("train_step", "test_step", "predict_step")
        return type(self).call is type(self)._no_call and any(
            getattr(type(self), step) is not getattr(Compiling, step) for step in steps
        )

    def _output_specs(self, x):
        if self._outputs_struct is not None:
            return unpack_singleton(self._outputs_struct)
        specs = self(x) if self._runs_on_values(x) else self.compute_output_spec(tree.map_structure(_symbolic, x))
        self._clear_losses()
        return specs

    def _assert_compiled(self, method):
        if not self.compiled:
            raise ValueError(
                f"You must call `compile()` before calling `{method}()`: the model {self.name!r} has no optimizer and "
                "loss yet."
            )


def packed(x: Any, y: Any = None, sample_weight: Any = None) -> tuple[Any, ...]:
    """What steps are given: (x,), (x, y) or (x, y, sample_weight)."""
    return (x,) if y is None else (x, y) if sample_weight is None else (x, y, sample_weight)


def _symbolic(array):
    """A KerasTensor like `array`, with the batch axis open."""
    if array is None:
        return None
    dtype = "string" if is_text(array) else getattr(array.dtype, "name", str(array.dtype))
    return KerasTensor((None, *array.shape[1:]) if array.shape else (), dtype)
