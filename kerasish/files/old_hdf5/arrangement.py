"""Which array of a layer's group belongs to which weight.

A group lists the weights of a layer flat, those of nested models and wrappers too: first what was trainable then, and
then the rest. What was trainable is not in the file. So where the names tell the layers inside ("a/kernel"), they
decide; else the orders that some Keras wrote are tried, and that one is taken into which all shapes fit, and then the
last parts of the names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasish.files.old_hdf5 import eras
from kerasish.layers.base.tracking import unique

if TYPE_CHECKING:
    from kerasish.layers.base.layer import Layer


class Match:
    """Weights and the sources they take.

    `pairs` of (Variable, Stored or Derived), and `problems`, (Variable or None, text) for what does not fit.
    """

    def __init__(self, pairs: Any, problems: Any, names: int = 0) -> None:
        self.pairs: Any = pairs
        self.problems: Any = problems
        self.names: int = names

    @property
    def fits(self) -> bool:
        return not self.problems


def match(layer: Layer, sources: Any, group: Any) -> Any:
    """The best Match of the arrays `sources`, as the file lists them, to the weights of `layer`."""
    best = None
    for slots in _arrangements(layer, sources, group):
        found = _fill(slots, sources, group)
        if best is None or (len(found.problems), -found.names) < (len(best.problems), -best.names):
            best = found
        if found.fits and found.names == len(found.pairs):
            break
    if best is None:
        return Match([], [(None, f"the model has {len(layer.weights)} weights there, the file {len(sources)}")])
    return best


def match_variables(variables: Sequence[Any], sources: Any) -> Any:
    """As `match`, for a plain list of Variables."""
    if len(variables) != len(sources):
        return Match([], [(None, f"the model has {len(variables)} weights there, the file {len(sources)}")])
    return _compared(zip(variables, sources))


class _Slot:
    """A place in the file's list.

    The array number `index` of `holder`, a layer without layers inside (or one that is converted whole).
    """

    def __init__(self, holder, variables, index, variable):
        self.holder, self.variables, self.index, self.variable = holder, variables, index, variable


def _holders(layer, own_first=True):
    """(layer, its Variables) for `layer` and those below it, in the order of `weights`.

    Keras 3 lists a model's own before its layers', tf.keras after.
    """
    below = [] if eras.kind_of(layer) else [child for child in layer._layers if child.weights]
    if not below:
        return [(layer, layer.weights)]
    own = [(layer, layer._own_variables)] if layer._own_variables else []
    inner = [holder for child in below for holder in _holders(child, own_first)]
    return own + inner if own_first else inner + own


def _arrangements(layer, sources, group):
    """Lists of a _Slot for each source, the likeliest first."""
    seen, count = set(), len(sources)
    for own_first in (True, False):
        holders = _once(_holders(layer, own_first))
        for split in (False, True) if group.era < 2 else (False,):
            slots = [slot for holder, variables in holders for slot in _slots(holder, variables, split)]
            if len(slots) != count:
                continue
            named = _named(slots, sources) if len(holders) > 1 and not split else None
            if named is not None and not seen:
                seen.add(None)
                yield named
            for first in (_is_trained(layer), lambda slot: slot.variable.born_trainable, lambda slot: True):
                ordered = [slot for slot in slots if first(slot)] + [slot for slot in slots if not first(slot)]
                key = tuple((id(slot.holder), slot.index) for slot in ordered)
                if key not in seen:
                    seen.add(key)
                    yield ordered


def _named(slots, sources):
    """The slots in the order of the sources by the last two parts of their names, where each slot has one source.

    Else None.
    """
    places = {_tail(slot.variable.path): slot for slot in slots}
    tails = [_tail(source.name) for source in sources]
    return [places[tail] for tail in tails] if len(places) == len(slots) and set(tails) == places.keys() else None


def _tail(name):
    return "/".join(name.partition(":")[0].split("/")[-2:])


def _is_trained(layer):
    """Whether a slot counts as trainable now; in a frozen layer all are alike."""
    return lambda slot: not layer.trainable or slot.variable.trainable


def _once(holders):
    """Shared layers and variables once."""
    seen, found = set(), []
    for holder, variables in holders:
        fresh = [v for v in unique(variables) if id(v) not in seen]
        seen.update(map(id, fresh))
        if fresh:
            found.append((holder, fresh))
    return found


def _slots(holder, variables, split):
    count = eras.split_count(holder) if split else None
    if count is not None:
        return [_Slot(holder, variables, index, variables[0]) for index in range(count)]
    return [_Slot(holder, variables, index, variable) for index, variable in enumerate(variables)]


def _fill(slots, sources, group):
    """The Match in which each source lies in its slot."""
    holders = {}
    for slot, source in zip(slots, sources):
        holders.setdefault(id(slot.holder), (slot, {}))[1][slot.index] = source
    pairs, problems, names = [], [], 0
    for slot, arrays in holders.values():
        variables, held = slot.variables, [arrays[index] for index in sorted(arrays)]
        whole = variables == slot.holder.weights
        found = match_variables(variables, eras.converted(slot.holder, held, group) if whole else held)
        pairs, problems, names = pairs + found.pairs, problems + found.problems, names + found.names
    return Match(pairs, problems, names)


def _compared(pairs):
    fitting, problems, names = [], [], 0
    for variable, source in pairs:
        if tuple(variable.shape) == source.shape:
            fitting.append((variable, source))
            names += source.leaf in ("", variable.name) or source.leaf.startswith("param_")
        else:
            problems.append(
                (
                    variable,
                    f"weight {variable.path!r} has shape {tuple(variable.shape)}, the file holds {source.shape} "
                    f"({source.name!r}){_advice(variable, source)}",
                )
            )
    return Match(fitting, problems, names)


def _advice(variable, source):
    """What a well-known pair of shapes means."""
    here, there = tuple(variable.shape), source.shape
    if variable.name == "bias" and len(here) == 2 and here[0] == 2 and there == here[1:]:
        return (
            "; the file's GRU applies its reset gate before the matrix product: make the layer with `reset_after=False`"
        )
    if variable.name == "bias" and len(there) == 2 and there[0] == 2 and here == there[1:]:
        return (
            "; the file's GRU applies its reset gate after the matrix product: make the layer with `reset_after=True`"
        )
    return ""
