"""The variables of an optimizer, as each era listed them, put into today's.

    Keras 1, 2.0-2.2   [iterations,] then each kind of slot for all weights. No iterations: RMSprop, Adagrad, Adadelta.
    Names say nothing Keras 2.3, tf.keras before 2.11 (`optimizers.legacy`)   "Adam/iter:0", then each kind of slot:
    "Adam/dense/kernel/m:0", ..., "Adam/dense/kernel/v:0", ... tf.keras since 2.11   "iteration:0", then
    "Adam/m/dense/kernel:0", "Adam/v/dense/kernel:0", ... weight by weight (RMSprop, AMSGrad: kind by kind) Keras 3
    "adam/iteration", "adam/learning_rate", then "adam/dense_kernel_momentum", "adam/dense_kernel_velocity", ... in the
    same order

(Learned from `optimizers.py` of Keras 1.2 and 2.3, tf_keras's `optimizers` and `optimizers/legacy`, and from files that
tf_keras and Keras 3 write.)
"""

from __future__ import annotations

import warnings
from math import prod
from typing import TYPE_CHECKING, Any

from kerasish.backend import Variable
from kerasish.files.old_hdf5.stored import Derived, Stored, fill_all

if TYPE_CHECKING:
    from kerasish.models.model import Model

_M, _V = {"m", "momentum"}, {"v", "velocity"}
# class -> the attribute that holds each kind of slot, in the order in which they are made, and what files call it
_KINDS = {
    "SGD": {"momentums": _M},
    "RMSprop": {
        "_velocities": {"velocity", "rms"},
        "_momentums": {"momentum"},
        "_average_gradients": {"average_gradient", "mg"},
    },
    "Adam": {"_momentums": _M, "_velocities": _V, "_velocity_hats": {"vhat", "velocity_hat"}},
    "Nadam": {"_momentums": _M, "_velocities": _V},
    "Adamax": {"_m": _M, "_u": {"u", "v", "norm"}},
    "Adagrad": {"_accumulators": {"accumulator"}},
    "Adadelta": {
        "_accumulated_grads": {"accumulated_grad", "accum_grad"},
        "_accumulated_delta_vars": {"accumulated_delta_var", "accum_var"},
    },
    "Ftrl": {"_accumulators": {"accumulator"}, "_linears": {"linear"}},
    "Lion": {"_momentums": _M},
}
_ITERATIONS, _PRODUCTS = ("iteration", "iterations", "iter"), ("u_product", "momentum_cache", "m_schedule")

_LONG = 10_000  # steps after which Nadam's product of momenta is 0 in any precision


class Unfitting(Exception):
    """The state is not of this optimizer, or not of these weights."""


def assign(model: Model, sources: Any, pairs: Any) -> Any:
    """(Variable, source) for the variables of the compiled `model`'s optimizer; no value is changed yet.

    Args:
        sources: list of Stored, as the file lists them.
        pairs: (Variable, source) of the model's weights.

    Raises:
        Unfitting: .
    """
    optimizer = model.optimizer
    exact = _by_position(optimizer.variables, sources)
    scalars, slots = _scalars(optimizer, sources)
    kinds = _kinds(optimizer)
    if not slots or kinds == {}:  # plain SGD has no slots, though some Kerases kept empty ones
        return scalars
    trained = _trained(model, pairs)
    if kinds is None or trained is None:
        if exact is None:
            raise Unfitting(
                f"it has {len(optimizer.variables)} variables, the file {len(sources)}, or their shapes differ"
            )
        return exact
    stored = [leaf for _, source in trained for leaf in _leaves(source)]
    stored.sort(key=lambda leaf: leaf.order)
    slots = _without_empty(slots, len(stored), len(kinds))
    if len(slots) != len(stored) * len(kinds):
        raise Unfitting(f"{len(stored)} weights need {len(stored) * len(kinds)} slots, the file holds {len(slots)}")
    held = _by_name(stored, kinds, slots) or _in_turn(stored, kinds, slots, optimizer, sources)
    return scalars + _filled(trained, kinds, held, optimizer)


def restore(model: Model, sources: Any, pairs: Any, what: str) -> None:
    """Set the variables of the compiled `model`'s optimizer; a state that does not fit is left, with a warning.

    Args:
        sources: list of Stored, as the file lists them.
        pairs: (Variable, source) of the model's weights.
        what: what the warning calls the file.
    """
    try:
        found = assign(model, sources, pairs)
    except Unfitting as error:
        warnings.warn(
            f"The state of the optimizer {model.optimizer.name!r} in {what} does not fit ({error}): training goes on "
            "with a fresh one.",
            stacklevel=6,
        )
        return
    for _, source in found:
        source.probe()
    fill_all(found)


def listed(optimizer: Any, shared: Any) -> Any:
    """The variables of an optimizer as a file lists them.

    As Keras 3 does or, where tf_keras shall find them in it too, as tf.keras did before 2.11.
    """
    if not shared or not optimizer.built:
        return optimizer.variables
    kinds = [getattr(optimizer, attribute) for attribute in _kinds(optimizer)]
    slots = zip(*kinds) if type(optimizer).__name__ == "Ftrl" else kinds
    found = [optimizer._iterations, *(slot for group in slots for slot in group if slot is not None)]
    # Keras 3 would take a scalar that comes second, such as Nadam's product of momenta, for the learning rate
    return optimizer.variables if hasattr(optimizer, "_u_product") or len(found) > 1 and found[1].shape == () else found


def _leaves(source):
    """The arrays of the file behind a source."""
    return [leaf for inner in source.sources for leaf in _leaves(inner)] if isinstance(source, Derived) else [source]


def _by_position(variables, sources):
    same = len(variables) == len(sources) and all(tuple(v.shape) == s.shape for v, s in zip(variables, sources))
    return list(zip(variables, sources)) if same else None


def _scalars(optimizer, sources):
    """([(Variable, source)] for the iterations and other single numbers, the other sources)."""
    found, rest = [], []
    for index, source in enumerate(sources):
        if source.shape == () and (source.leaf in _ITERATIONS or index == 0 and source.is_integer):
            found.append((optimizer._iterations, source))
        elif source.shape == () and source.leaf == "learning_rate":
            if isinstance(optimizer._learning_rate, Variable):
                found.append((optimizer._learning_rate, source))
        elif (
            source.shape == ()
            and hasattr(optimizer, "_u_product")
            and (source.leaf in _PRODUCTS or index in (1, len(sources) - 1))
        ):
            found.append((optimizer._u_product, source))
        else:
            rest.append(source)
    if rest and rest[0] is sources[0] and rest[0].shape == () and not found:  # iterations kept as a float, by Keras 1
        found.append((optimizer._iterations, rest.pop(0)))
    return found + _product(optimizer, found), rest


def _product(optimizer, found):
    """Nadam's product of momenta from the number of steps, where the file lacks it.

    tf_keras keeps it in memory alone.
    """
    steps = [source for variable, source in found if variable is optimizer._iterations]
    if (
        not hasattr(optimizer, "_u_product")
        or not steps
        or any(variable is optimizer._u_product for variable, _ in found)
    ):
        return []
    strengths = (optimizer.beta_1 * (1 - 0.5 * 0.96**step) for step in range(1, min(int(steps[0].read()), _LONG) + 1))
    product = prod(strengths)
    return [(optimizer._u_product, Derived(steps, (), lambda _: product))]


def _kinds(optimizer):
    """{attribute: names in files} of the slots that this optimizer keeps now.

    None for an optimizer that is not known here.
    """
    known = next((_KINDS[cls.__name__] for cls in type(optimizer).__mro__ if cls.__name__ in _KINDS), None)
    if known is None or optimizer.gradient_accumulation_steps:
        return None
    averages = {"_model_variables_moving_average": {"average"}} if optimizer.use_ema else {}
    return {
        attribute: names for attribute, names in {**averages, **known}.items() if getattr(optimizer, attribute, None)
    }


def _trained(model, pairs):
    """The pairs of the weights that the optimizer trains, or None where some of those are not in the file."""
    wanted = {id(variable) for variable in model.optimizer._trainable_variables}
    found = [(variable, source) for variable, source in pairs if id(variable) in wanted]
    return found if len({id(variable) for variable, _ in found}) == len(wanted) else None


def _without_empty(slots, weights, kinds):
    """Keras 2.1.3 and later keep for Adam without AMSGrad an array of one zero a weight."""
    extra = slots[weights * kinds :]
    return (
        slots[: weights * kinds] if len(extra) == weights and all(source.shape == (1,) for source in extra) else slots
    )


def _by_name(stored, kinds, slots):
    """{(attribute, id of a weight's array): slot}, where each slot's name tells its kind and its weight; else None."""
    places = {}
    for leaf in stored:
        base = leaf.name.partition(":")[0]
        for attribute, names in kinds.items():
            for name in names:
                for key in (f"{base}/{name}", f"{name}/{base}", f"{base.replace('/', '_')}_{name}"):
                    places.setdefault(key, set()).add((attribute, id(leaf)))
    held = {}
    for slot in slots:
        name = slot.name.partition(":")[0]
        while name not in places and "/" in name:  # the optimizer's own name, and scopes around it
            name = name.partition("/")[2]
        found = places.get(name, ())
        if len(found) != 1 or set(found) & held.keys():
            return None
        held[next(iter(found))] = slot
    return held


def _in_turn(stored, kinds, slots, optimizer, sources):
    """The same by their order alone."""
    held, attributes = {}, list(kinds)
    if any(source.leaf == "learning_rate" or source.name.partition(":")[0] == "iteration" for source in sources):
        order = {id(v): i for i, v in enumerate(optimizer.variables)}
        places = [
            (order[id(getattr(optimizer, a)[i])], a, i)
            for a in attributes
            for i in range(len(stored))
            if i < len(getattr(optimizer, a))
        ]
        if len(places) != len(slots):
            raise Unfitting("the slots have other weights than the model")
        return {(attribute, id(stored[index])): slot for (_, attribute, index), slot in zip(sorted(places), slots)}
    for kind, attribute in enumerate(attributes):
        for index, leaf in enumerate(stored):
            held[attribute, id(leaf)] = slots[kind * len(stored) + index]
    return held


def _filled(trained, kinds, held, optimizer):
    """(slot Variable, source): each slot goes the way that the weight's own array goes."""
    found = []
    for variable, source in trained:
        index = optimizer._get_variable_index(variable)
        for attribute in kinds:
            slot = getattr(optimizer, attribute)[index]
            if slot is None:
                continue
            moved = _moved(source, lambda leaf, attribute=attribute: held[attribute, id(leaf)])
            if moved.shape != tuple(slot.shape):
                raise Unfitting(
                    f"the slot {moved.name!r} has shape {moved.shape}, the weight {variable.path!r} {tuple(slot.shape)}"
                )
            found.append((slot, moved))
    return found


def _moved(source, replace):
    if isinstance(source, Stored):
        return replace(source)
    parts = [_moved(inner, replace) for inner in source.sources]
    fitting = all(part.shape == inner.shape for part, inner in zip(parts, source.sources))
    return Derived(parts, source.shape if fitting else (), source.compute)
