"""Steps of models that take text: what turns it into numbers runs on each batch before the compiled step."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable
from typing import Any

from kerasish import tree
from kerasish.backend.function import Function
from kerasish.backend.interrupts import whole
from kerasish.backend.texts import is_text
from kerasish.models.host_prefix import HostPrefix, Prepared, is_string, makes_text


def compiled_step(model: Any, body: Callable[..., Any], name: str) -> Function:
    """The compiled step of a model.

    Args:
        model: the model.
        body: function of (x, y, sample_weight).
        name: string, for messages.
    """
    graph = model._graph
    if graph is not None and not any(map(is_string, graph.inputs)) and not makes_text(graph):
        return Function(body, name, apart=True)
    return StepAfterText(model, body, name) if model._host_prefix is not None else StepOnText(model, body, name)


class StepAfterText(Function):
    """A compiled step of the numbers that the first part of a model's graph makes of text, on the host."""

    def __init__(self, model: Any, body: Callable[..., Any], name: str) -> None:
        super().__init__(body, name, apart=True)
        self._model = model

    def __call__(self, x: Any, *others: Any) -> Any:
        return super().__call__(self._prepared(x), *others)

    def compiled_for(self, args: Any) -> tuple[Any, ...]:
        return super().compiled_for((self._prepared(args[0]), *args[1:]))

    def _prepared(self, x):
        return x if type(x) is Prepared else self._model._prepare_text(x)


class StepOnText(Function):
    """A step that is compiled for numbers, and runs op by op where there is text among what it takes or gives."""

    def __init__(self, model: Any, body: Callable[..., Any], name: str) -> None:
        super().__init__(body, name, apart=True)
        self._model, self._makes_text = model, model._graph is not None and makes_text(model._graph)

    def _made(self, key, args):
        if not self._makes_text and not any(is_text(leaf) for leaf in tree.flatten(args) if not isinstance(leaf, str)):
            return super()._made(key, args)
        if not self._model._told_of_text:
            self._model._told_of_text = True
            warnings.warn(_why_op_by_op(self._model), stacklevel=5)
        entry = _OpByOp(self.body, args)
        self._signatures.put(key, entry)
        return entry


def _why_op_by_op(model):
    reason = None if model._graph is None else HostPrefix(model._graph).obstacle
    reason = reason or "its `call` is Python that reads it"
    return (
        f"The model {model.name!r} computes with text, and its steps run op by op, which is slow, because {reason}. "
        "Make numbers of the text in front of the model, or in a functional model by layers that read it directly "
        "(`TextVectorization`, `StringLookup`, `Hashing`, or one of your own with `runs_on_host = True`): the rest is "
        "compiled then."
    )


class _OpByOp:
    """A signature in place of a compiled one: the body runs in Python."""

    bytes = used = 0

    def __init__(self, body: Callable[..., Any], args: Any) -> None:
        self._body = whole(body)
        self._leaves = tree.flatten(args)
        self._args = tree.map_structure(lambda leaf: leaf if _is_static(leaf) else None, args)
        self._is_static = [_is_static(leaf) for leaf in self._leaves]
        self._leaves = [leaf if static else None for leaf, static in zip(self._leaves, self._is_static)]
        self.idle: deque[Any] = deque(maxlen=0)

    def take(self) -> Callable[..., Any]:
        return self._run

    def _run(self, values):
        remaining = iter(values)
        leaves = [leaf if static else next(remaining) for leaf, static in zip(self._leaves, self._is_static)]
        return self._body(*tree.pack_sequence_as(self._args, leaves))

    @staticmethod
    def pack(results: Any) -> Any:
        return results


def _is_static(leaf):
    return leaf is None or isinstance(leaf, str)
