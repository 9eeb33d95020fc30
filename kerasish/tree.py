"""Nested structures of lists, tuples, dicts and named tuples.

Flatten them, map over them, put them back (`keras.tree`).
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from kerasish.scalars import is_numpy_scalar
from kerasish.suggestions import suggesting

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "children",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "is_shape",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "packer",
    "traverse",
]


class MAP_TO_NONE:  # noqa: N801 -- a value, under Keras's name and, as there, a class
    """What `func` of `traverse` returns to put None in the place of what it was given.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.traverse(lambda x: keras.tree.MAP_TO_NONE if x == 1 else None, [1, 2])
        [None, 2]
    """


def is_nested(structure: Any) -> bool:
    """Whether something is a container: a list, tuple, named tuple or dict.

    Args:
        structure: anything.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.is_nested([1, 2]), keras.tree.is_nested("text")
        (True, False)
    """
    if isinstance(structure, (list, tuple)):
        return True
    # `dict` first: asking the abstract class takes ten times as long. SciPy's sparse DOK matrix is a dict by itself.
    return (isinstance(structure, dict) or isinstance(structure, Mapping)) and not hasattr(structure, "tocsr")


def _keys(mapping):
    """Ordered dicts keep their order; others are walked by sorted key, so that equal dicts flatten equally."""
    if isinstance(mapping, OrderedDict):
        return list(mapping)
    try:
        return sorted(mapping)
    except TypeError:
        return list(mapping)


def children(structure: Any) -> list[tuple[Any, Any]]:
    """The keys and values of a container, in the order of `flatten`.

    Args:
        structure: list, tuple, named tuple or dict.

    Returns:
        List of (key, child).

    Example:
        >>> import kerasish as keras
        >>> keras.tree.children({"b": 2, "a": 1})
        [('a', 1), ('b', 2)]
    """
    if isinstance(structure, Mapping):
        return [(key, structure[key]) for key in _keys(structure)]
    return list(enumerate(structure))


def _rebuild(structure, children):
    """A structure of the same type as `structure` with other children, in the order of `children`."""
    if isinstance(structure, Mapping):
        values = dict(zip(_keys(structure), children))
        ordered = [(key, values[key]) for key in structure]
        if isinstance(structure, defaultdict):
            return defaultdict(structure.default_factory, ordered)
        try:
            return type(structure)(ordered)
        except TypeError:
            return dict(ordered)
    if hasattr(structure, "_fields"):
        return type(structure)(*children)
    if isinstance(structure, tuple):
        return tuple(children)
    return list(children)


def flatten(structure: Any) -> list[Any]:
    """The leaves of a structure in a fixed order; a leaf alone gives a list of one.

    Args:
        structure: leaf, or containers of leaves; dicts are read in the order of their sorted keys.

    Returns:
        List of leaves.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.flatten({"b": 2, "a": [1, (0,)]})
        [1, 0, 2]
    """
    leaves = []
    _collect(structure, leaves)
    return leaves


def _collect(structure, leaves):
    kind = type(structure)
    if kind is list or kind is tuple:
        for child in structure:
            _collect(child, leaves)
    elif is_nested(structure):
        for _, child in children(structure):
            _collect(child, leaves)
    else:
        leaves.append(structure)


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves of a structure with the way to each.

    Args:
        structure: leaf, or containers of leaves.

    Returns:
        List of (path, leaf), where a path is a tuple of keys and indices.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.flatten_with_path({"a": [1, 2]})
        [(('a', 0), 1), (('a', 1), 2)]
    """
    found = []

    def walk(path, here):
        if is_nested(here):
            for key, child in children(here):
                walk(path + (key,), child)
        else:
            found.append((path, here))

    walk((), structure)
    return found


@suggesting
def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Apply a function to corresponding leaves and keep the structure of the first.

    Args:
        func: function of as many leaves as there are structures.
        *structures: structures that nest alike.
        none_is_leaf: bool, whether None is a leaf like any other; it stays None otherwise.

    Returns:
        Structure of the results.

    Raises:
        TypeError: when `func` can't be called.
        ValueError: when there is no structure, or they differ.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.map_structure(lambda a, b: a + b, {"x": 1, "y": [2]}, {"x": 10, "y": [20]})
        {'x': 11, 'y': [22]}
    """
    if not callable(func):
        raise TypeError(f"`func` must be callable, got {func!r}.")
    if not structures:
        raise ValueError("`map_structure` needs at least one structure.")
    first, rest = structures[0], structures[1:]
    for other in rest:
        assert_same_structure(first, other)
    return _map(func, first, rest, none_is_leaf)


def _map(func, first, rest, none_is_leaf):
    if is_nested(first):
        columns = [[child for _, child in children(s)] for s in (first, *rest)]
        return _rebuild(first, [_map(func, row[0], row[1:], none_is_leaf) for row in zip(*columns)])
    if first is None and not none_is_leaf and all(other is None for other in rest):
        return None
    return func(first, *rest)


@suggesting
def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """As `map_structure`, but the leaves of one structure decide where the function is applied.

    Args:
        shallow_structure: structure whose leaves stand for whole branches of the others.
        func: function of as many branches as there are structures.
        *structures: structures that nest like `shallow_structure` as far as that goes.

    Returns:
        Structure like `shallow_structure` of the results.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.map_structure_up_to({"a": 0, "b": 0}, len, {"a": [1, 2], "b": [3]})
        {'a': 2, 'b': 1}
    """
    columns = [_flatten_up_to(shallow_structure, structure) for structure in structures]
    return pack_sequence_as(shallow_structure, [func(*row) for row in zip(*columns)])


def _flatten_up_to(shallow, structure):
    if not is_nested(shallow):
        return [structure]
    if not is_nested(structure) or len(shallow) != len(structure):
        raise ValueError(f"Structures differ: {shallow!r} is not a prefix of {structure!r}.")
    pairs = zip(children(shallow), children(structure))
    return [leaf for (_, a), (_, b) in pairs for leaf in _flatten_up_to(a, b)]


@suggesting
def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """Leaves put into the shape of a structure: the inverse of `flatten`.

    Args:
        structure: structure that says how.
        flat_sequence: list of leaves.

    Returns:
        Structure like `structure`.

    Raises:
        ValueError: when the number of leaves differs.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.pack_sequence_as({"a": 0, "b": (0, 0)}, [1, 2, 3])
        {'a': 1, 'b': (2, 3)}
    """
    flat = list(flat_sequence)
    expected = len(flatten(structure))
    if len(flat) != expected:
        raise ValueError(f"The structure has {expected} leaves, but `flat_sequence` has {len(flat)} elements.")
    leaves = iter(flat)

    def build(here):
        if is_nested(here):
            return _rebuild(here, [build(child) for _, child in children(here)])
        return next(leaves)

    return build(structure)


def packer(structure: Any) -> Callable[[Sequence[Any]], Any]:
    """A function like `pack_sequence_as` for one structure; what can be worked out beforehand is.

    Args:
        structure: structure that says how.

    Returns:
        A function of a list of leaves.

    Example:
        >>> from kerasish import tree
        >>> tree.packer({"b": 0, "a": 0})([1, 2])
        {'b': 2, 'a': 1}
    """
    if not is_nested(structure):
        return itemgetter(0)
    if type(structure) in (dict, list, tuple) and not any(is_nested(child) for _, child in children(structure)):
        kind = type(structure)
        if kind is not dict:
            return kind
        place = {key: position for position, key in enumerate(_keys(structure))}
        places = [(key, place[key]) for key in structure]
        return lambda flat: {key: flat[position] for key, position in places}
    return partial(pack_sequence_as, structure)


@suggesting
def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Check that two structures nest alike.

    Args:
        a: structure.
        b: structure.
        check_types: bool or None, accepted, as containers are compared by their types in any case.

    Raises:
        ValueError: when they do not.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.assert_same_structure({"a": [1]}, {"a": [2]})
    """
    if is_nested(a) != is_nested(b):
        raise ValueError(f"Structures differ: {a!r} and {b!r}.")
    if not is_nested(a):
        return
    same_kind = isinstance(a, Mapping) == isinstance(b, Mapping)
    if not same_kind or (not isinstance(a, Mapping) and isinstance(a, tuple) != isinstance(b, tuple)):
        raise ValueError(f"Structures differ: {type(a).__name__} and {type(b).__name__}.")
    if [key for key, _ in children(a)] != [key for key, _ in children(b)]:
        raise ValueError(f"Structures differ: {children(a)!r} and {children(b)!r}.")
    for (_, x), (_, y) in zip(children(a), children(b)):
        assert_same_structure(x, y)


@suggesting
def assert_same_paths(a: Any, b: Any) -> None:
    """Check that the paths of the leaves of two structures are equal; types of containers may differ.

    Args:
        a: structure.
        b: structure.

    Raises:
        ValueError: when they differ.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.assert_same_paths([1, 2], (3, 4))
    """
    ours, theirs = ([path for path, _ in flatten_with_path(s)] for s in (a, b))
    if ours != theirs:
        raise ValueError(f"Paths differ: {ours} and {theirs}.")


@suggesting
def traverse(func: Callable[..., Any], structure: Any, top_down: bool = True) -> Any:
    """Rebuild a structure with a function applied to every container and leaf.

    Args:
        func: function of a container or leaf; a result of None keeps what was there, `MAP_TO_NONE` puts None.
        structure: structure.
        top_down: bool, whether containers come before what they hold; what `func` puts in place of one is not entered.

    Returns:
        Structure.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.traverse(lambda x: x + 1 if isinstance(x, int) else None, {"a": [1, 2]})
        {'a': [2, 3]}
    """

    def visit(here):
        if top_down:
            changed = func(here)
            if changed is not None:
                return None if changed is MAP_TO_NONE else changed
        if is_nested(here):
            here = _rebuild(here, [visit(child) for _, child in children(here)])
        if not top_down or not is_nested(here):
            changed = None if top_down else func(here)
            if changed is not None:
                return None if changed is MAP_TO_NONE else changed
        return here

    return visit(structure)


def lists_to_tuples(structure: Any) -> Any:
    """Every list in `structure` as a tuple.

    Args:
        structure: structure.

    Returns:
        Structure.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.lists_to_tuples([1, [2, {"a": [3]}]])
        (1, (2, {'a': (3,)}))
    """
    if is_nested(structure):
        rebuilt = _rebuild(structure, [lists_to_tuples(child) for _, child in children(structure)])
        return tuple(rebuilt) if isinstance(rebuilt, list) else rebuilt
    return structure


def is_shape(value: Any) -> bool:
    """Whether something names one tensor's shape: a tuple or list of integers and Nones.

    Args:
        value: anything.

    Returns:
        Bool.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.is_shape((None, 3)), keras.tree.is_shape([(2,), (3,)])
        (True, False)
    """
    return isinstance(value, (tuple, list)) and all(d is None or _is_size(d) for d in value)


def _is_size(d):
    return isinstance(d, int) or (is_numpy_scalar(d) and hasattr(d, "__index__"))


@suggesting
def map_shape_structure(func: Callable[..., Any], structure: Any) -> Any:
    """As `map_structure`, with shapes (tuples of int and None) as the leaves; None (a tensor left out) stays.

    Args:
        func: function of a shape.
        structure: structure of shapes.

    Returns:
        Structure of the results.

    Raises:
        ValueError: when a leaf is no shape.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.map_shape_structure(len, {"a": (2, 3), "b": (None,)})
        {'a': 2, 'b': 1}
    """
    if is_shape(structure):
        return func(tuple(structure))
    if not is_nested(structure):
        raise ValueError(f"Expected shapes (tuples of int or None), got {structure!r}.")
    parts = [None if child is None else map_shape_structure(func, child) for _, child in children(structure)]
    return _rebuild(structure, parts)
