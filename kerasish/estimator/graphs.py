"""A model function's graph as a model with steps, and its state by name."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import GradientTape
from kerasish.estimator.spec import EstimatorSpec, LabelTexts, ModeKeys
from kerasish.models import Model

_log = logging.getLogger("kerasish.estimator")
_NUMBER = re.compile(r"(?:_(\d+))?$")


class ModeModel(Model):
    """The graph of a model function for one mode, with the steps that an Estimator takes.

    Made by `mode_model`.
    """

    spec: EstimatorSpec
    output_keys: frozenset[str]
    returned: tuple[str, ...] = ()  # names of further values that a train step returns

    def train_step(self, data: Any) -> dict[str, Any]:
        """One update; returns the loss, and what `returned` names."""
        with GradientTape(persistent=len(self.spec.train_ops) > 1) as tape:
            outputs = self(data[0], training=True)
            added = self.losses
            losses = [ops.add(outputs[f"loss_{n}"], sum(added)) if added else outputs[f"loss_{n}"] for n in self._turns]
        for number in self._turns:
            wanted = self.spec.train_ops[number].variables
            variables = self.trainable_variables if wanted is None else wanted
            self.optimizers[number].apply(tape.gradient(losses[number], variables), variables)
        main = ops.add(outputs["loss"], sum(added)) if added else outputs["loss"]
        return {"loss": main, **{name: outputs[name] for name in self.returned}}

    @property
    def _turns(self):
        return range(len(self.spec.train_ops))

    def test_step(self, data: Any) -> dict[str, Any]:
        """Update the metrics by one batch; returns the loss."""
        outputs = self(data[0], training=False)
        for name, item in self.spec.eval_metric_ops.items():
            weights = {} if item.weights is None else {"sample_weight": outputs[f"metric {name} weights"]}
            arguments = [outputs[f"metric {name} {place}"] for place in range(len(item.arguments))]
            item.metric.update_state(*arguments, **weights)
        added = self.losses
        return {"loss": ops.add(outputs["loss"], sum(added)) if added else outputs["loss"]}

    def state(self) -> dict[str, Any]:
        """All variables by name, those of the optimizers too, as NumPy arrays."""
        kinds = {f"optimizer_{n}/kind": np.array(type(found).__name__) for n, found in enumerate(self.optimizers)}
        return {**{name: ops.convert_to_numpy(v) for name, v in self.named_variables().items()}, **kinds}

    def set_state(self, state: Mapping[str, Any], only_weights: bool = False, keep_rates: bool = False) -> None:
        """Set variables by name.

        Args:
            state: dict from name to array.
            only_weights: whether what is missing is left as it is.
            keep_rates: whether learning rates stay those of the model function, as a new program may have others.

        Raises:
            ValueError: for a weight that is missing, or of another shape; nothing is changed then.
        """
        planned, others = [], self._of_other_optimizers(state)
        rates = {id(found._learning_rate) for found in self.optimizers} if keep_rates else ()
        for name, variable in self.named_variables().items():
            if name.startswith(others) or id(variable) in rates:
                continue
            if name not in state:
                if only_weights or name.startswith("optimizer_") or "seed_generator" in name:
                    continue
                raise ValueError(
                    f"The checkpoint has no {name!r}, which the model function makes, but {', '.join(sorted(state))}. "
                    "A `model_dir` belongs to one model: take another one for another model."
                )
            if tuple(state[name].shape) != tuple(variable.shape):
                raise ValueError(
                    f"{name!r} has shape {tuple(state[name].shape)} in the checkpoint, and {tuple(variable.shape)} in "
                    "the model function. A `model_dir` belongs to one model: take another one for another model."
                )
            planned.append((variable, state[name]))
        for variable, value in planned:
            variable.assign(value)

    def _of_other_optimizers(self, state):
        """How the names begin whose values another kind of optimizer has left, which mean something else here."""
        found = []
        for number, optimizer in enumerate(self.optimizers):
            kind, own = state.get(f"optimizer_{number}/kind"), type(optimizer).__name__
            if kind is not None and str(kind) != own:
                _log.warning("The checkpoint was trained by %s: what %s remembers begins anew.", kind, own)
                found.append(f"optimizer_{number}/")
        return tuple(found)

    def named_variables(self) -> dict[str, Any]:
        """All variables by names that are the same whenever the model function is called."""
        explicit = {layer.name for layer in self.layers if not _is_automatic(layer)}
        named = dict(zip(_stable([variable.path for variable in self.variables], explicit), self.variables))
        for number, optimizer in enumerate(self.optimizers):
            named.update({f"optimizer_{number}/{place}": v for place, v in enumerate(optimizer.variables)})
        return named


def mode_model(spec: EstimatorSpec, features: Any, labels: Any, fetched: Mapping[str, Any]) -> ModeModel:
    """The model of what a model function returned.

    Args:
        spec: what it returned.
        features: the symbolic inputs it was given.
        labels: the same of labels, or None.
        fetched: dict from name to further symbolic tensors that a train step may return.
    """
    outputs = {f"prediction {name}": _tensor(item) for name, item in spec.predictions.items()}
    inputs = features
    if spec.mode != ModeKeys.PREDICT:
        inputs = {"features": features, "labels": labels}
        outputs.update({"loss": spec.loss, **fetched})
        outputs.update({f"loss_{number}": op.loss for number, op in enumerate(spec.train_ops)})
    for name, item in spec.eval_metric_ops.items():
        outputs.update({f"metric {name} {place}": argument for place, argument in enumerate(item.arguments)})
        if item.weights is not None:
            outputs[f"metric {name} weights"] = item.weights
    model = ModeModel(inputs=inputs, outputs=outputs)
    model.spec, model.output_keys = spec, frozenset(outputs)
    model.optimizers = [type(op.optimizer).from_config(op.optimizer.get_config()) for op in spec.train_ops]
    for op, optimizer in zip(spec.train_ops, model.optimizers):
        optimizer.build(model.trainable_variables if op.variables is None else op.variables)
    return model


def predictions_of(spec: EstimatorSpec, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The predictions of a batch by name, texts as texts.

    Args:
        spec: what the model function returned.
        outputs: what the model gave.
    """
    found = {}
    for name, item in spec.predictions.items():
        values = ops.convert_to_numpy(outputs[f"prediction {name}"])
        found[name] = np.array(item.texts, object)[values] if isinstance(item, LabelTexts) else values
    return found


def _tensor(item):
    return item.ids if isinstance(item, LabelTexts) else item


def _is_automatic(layer):
    base = _NUMBER.sub("", layer.name, 1)
    return base.replace("_", "") == type(layer).__name__.replace("_", "").lower()


def _stable(paths, explicit):
    """Paths whose automatic numbers ("dense_7") count from the first of the model."""
    numbers = defaultdict(set)
    split = [path.split("/") for path in paths]
    for parts in split:
        for place, part in enumerate(parts):
            if place or part not in explicit:
                numbers[_base(parts, place)].add(int(_NUMBER.search(part)[1] or 0))
    found, seen = [], Counter()
    for parts in split:
        named = []
        for place, part in enumerate(parts):
            if not place and part in explicit:
                named.append(part)
                continue
            rank = sorted(numbers[_base(parts, place)]).index(int(_NUMBER.search(part)[1] or 0))
            base = _NUMBER.sub("", part, 1)
            named.append(f"{base}_{rank}" if rank else base)
        name = "/".join(named)
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found


def _base(parts, place):
    return (*parts[:place], _NUMBER.sub("", parts[place], 1))
