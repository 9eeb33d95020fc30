"""The compiled signatures of one function: which are kept, and a word where there are many."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable, Hashable
from typing import Any

from kerasish import forks, tree
from kerasish.backend.settings import compiled_memory

MANY = 64  # different signatures, until a warning says so
ALWAYS_KEPT = 2  # signatures, however large: whole batches, and the last one of an epoch
_REMEMBERED = 10_000  # signatures that are not kept, and when they were last asked for
_SHOWN = 4  # sizes, in the warning


class Signatures:
    """What is compiled for which signature, within the memory of `compiled_memory()`.

    One that comes when the memory is full takes the place of the one used longest ago only where it was asked for
    twice itself since then. So a program that goes round in more signatures than fit, in the same or in another order
    each time, finds those that are kept again, where keeping the latest would drop those needed next; and a program
    that turns to other signatures has them kept at the third turn.

    Entries have `bytes` (int); `used` is set here.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}
        self._asked: dict[Hashable, tuple[int, int]] = {}  # when those not kept were last asked for, and before that
        self._clock = itertools.count(1)
        self._lock = forks.lock()

    def __len__(self) -> int:
        return len(self._kept)

    def entries(self) -> list[Any]:
        """What is kept."""
        return list(self._kept.values())

    def get(self, key: Hashable) -> Any:
        """The entry of a signature, which counts as used now, or None."""
        entry = self._kept.get(key)
        if entry is not None:
            entry.used = next(self._clock)
        return entry

    def put(self, key: Hashable, entry: Any) -> bool:
        """Keep the entry of a signature that had none, where there is room for it. Says whether it is kept."""
        with self._lock:
            entry.used = next(self._clock)
            last, before = self._asked.pop(key, (0, 0))
            leaving = self._to_leave_for(entry, before)
            if leaving is None:
                self._remember(key, (entry.used, last))
                return False
            for old in leaving:
                self._remember(old, (self._kept.pop(old).used, 0))
            self._kept[key] = entry
            return True

    def _to_leave_for(self, entry, asked):
        """The signatures that make room for an entry, all used longer ago than `asked`; None where those don't do."""
        room, held = compiled_memory() - entry.bytes, sum(kept.bytes for kept in self._kept.values())
        leaving = []
        for key, kept in sorted(self._kept.items(), key=lambda item: item[1].used):
            if held <= room or len(self._kept) - len(leaving) < ALWAYS_KEPT:
                break
            if kept.used >= asked:
                return None
            leaving.append(key)
            held -= kept.bytes
        return leaving

    def _remember(self, key, when):
        self._asked[key] = when
        if len(self._asked) > _REMEMBERED:
            del self._asked[next(iter(self._asked))]


class ManySignatures:
    """Warns once where a function is compiled for many shapes, and names the axes that differ."""

    def __init__(self, name: str, body: Callable[..., Any]) -> None:
        self._name, self._body = name, body
        self._seen: dict[Hashable, dict[str, Any]] | None = {}  # None: the warning was given

    def note(self, key: Hashable, args: Any) -> None:
        """A signature is compiled for `args`."""
        if self._seen is not None and key not in self._seen:
            self._seen[key] = self._shapes(args)
            if len(self._seen) > MANY:
                self.warn()

    def warn(self) -> None:
        """Give the warning now, where it has not been given."""
        if self._seen is None:
            return
        seen, self._seen = list(self._seen.values()), None
        warnings.warn(
            f"{self._name!r} has been compiled for {len(seen)} different signatures, and each takes its time before it "
            f"runs: {_differences(seen)}. Pad to one size or to a few (buckets): `keras.utils.pad_sequences` for lists "
            "of numbers, `keras.ops.pad` for arrays, and a mask or `sample_weight` where the padding must not count. "
            f"Up to {compiled_memory() / 2**20:,.0f} MiB of compiled signatures are kept (`keras.config."
            "set_compiled_memory`); what finds no room is compiled again each time.",
            stacklevel=6,
        )

    def _shapes(self, args):
        """Dict from what an array is called in the body to its shape."""
        names = _parameters(self._body, len(args))
        return {
            name + "".join(f"[{part!r}]" for part in path): tuple(leaf.shape)
            for name, arg in zip(names, args)
            for path, leaf in tree.flatten_with_path(arg)
            if hasattr(leaf, "shape")
        }


def _parameters(body, count):
    """What the body calls its positional arguments."""
    try:
        parameters = list(inspect.signature(body).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "arguments")
    return (names + [f"{rest}[{i}]" for i in range(count)])[:count]


def _differences(seen):
    """Which axes of which arguments have many sizes, those with the most first."""
    sizes: dict[tuple[str, int], dict[int, None]] = {}
    for shapes in seen:
        for name, shape in shapes.items():
            for axis, size in enumerate(shape):
                sizes.setdefault((name, axis), {})[size] = None
    open_axes = sorted((place for place in sizes if len(sizes[place]) > 1), key=lambda place: -len(sizes[place]))
    if not open_axes:
        return "the structures or dtypes of the arguments differ"
    most = len(sizes[open_axes[0]])
    named = [place for place in open_axes if 2 * len(sizes[place]) >= most][:3]
    return "; ".join(f"axis {axis} of `{name}` is {_some(list(sizes[name, axis]))}" for name, axis in named)


def _some(sizes):
    shown = ", ".join(map(str, sizes[:_SHOWN]))
    return f"{shown}, ... ({len(sizes)} sizes)" if len(sizes) > _SHOWN else shown
