"""The steps that rows of a table missed, printed as a kernel.

The rows that `indices` name do, each on its own, all steps between the last that it did and the one that runs now. Rows
are dealt to shares by their number, so that equal indices meet in one share, where the second finds nothing to do.

Where the steps come to a mere product in the end (`compiler/closed_form.py`), they are done one by one only until what
the gradient left has died away: until a step does the same to what is trained as it would do with slots of 0, and so
would the steps that are left. That is tried at the corners of what they could have before them: slots as they are and
as they will be, scalars the largest and the smallest.

The names in the source: `last[row]` is the last step that the row did, or -1 - that step where its slots are 0 (then it
is "fresh"); yN are the table and its slots, cN constants, sN the scalars of step k, oN and vN the values at column j,
fN and gN factors; `moved` counts columns in which the gradient still shows, `rests` is 1 where none will.
"""

from __future__ import annotations

import struct
from typing import Any

from kerasish.backend.fused.missed_steps import ends
from kerasish.backend.graph import Tensor
from kerasish.backend.numpy.fused.expressions import line, literal

STEPS = 1024  # whose scalars are remembered: behind them all rows catch up, so that none ever misses more
FIXED = 13  # arguments before the tables


class ReplaySource:
    """The kernel of a Replay.

    Attributes:
        text: the source. constants: list of ints, the bits of the float64s behind the addresses of the tables.
    """

    def __init__(self, replay: Any, index_dtype: str) -> None:
        self._replay, self.constants = replay, []
        self._head: list[str] = []
        body = self._until_it_ends() if ends(replay) else self._all_steps()
        tables = [f"y{i} = pointer(args[{FIXED + i}], {old.dtype})" for i, old in enumerate(replay.olds)]
        lines = [
            "count, shares, rows, columns = args[0], args[1], args[2], uint64(args[3])",
            f"indices, last, clock = pointer(args[4], {index_dtype}), pointer(args[5], int32), pointer(args[6], int32)",
            "history, touches = pointer(args[7], float64), args[8]",
            "largest, smallest = pointer(args[9], float64), pointer(args[10], float64)",
            "powers, products = pointer(args[11], float64), pointer(args[12], float64)",
            *tables,
            *self._head,
            "now = int64(clock[0])",
            "for share in range(lo, hi):",
            *_within(
                "for i in range(count):",
                "    row = int64(indices[i])",
                "    row = row + rows if row < 0 else row",
                "    if row % shares == share:",
                *_within("    seen, first = int64(last[row]), uint64(row) * columns"),
                *_within(*_within(*body)),
                "        done = now if touches else now - 1",
                "        last[row] = int32(-1 - done if seen < 0 and touches == 0 else done)",
            ),
        ]
        self.text = "def kernel(args, lo, hi, worker):\n" + "".join(f"{text}\n" for text in _within(*lines))

    # -- loops over steps ---------------------------------------------------------------------------------------------

    def _all_steps(self):
        lines = []
        fresh = self._replay.fresh
        for head, steps, change in (
            ("if seen >= 0:", "range(seen + 1, now)", self._replay.usual),
            ("if seen < 0:", "range(-seen, now)", fresh),
        ):
            if change is not None and not change.is_nothing:
                step = [*self._scalars("history", "k"), *self._columns(*self._point(change))]
                lines += [head, *_within(f"for k in {steps}:", *_within(*step))]
        return lines

    def _until_it_ends(self):
        replay = self._replay
        lines = [
            "if seen >= 0:",
            *_within(
                "k, rests = seen + 1, 0",
                "while k < now and rests == 0:",
                *_within(
                    *self._scalars("history", "k"),
                    "moved = int32(0)",
                    *self._columns(*self._point(replay.usual, compared=True)),
                    "k += 1",
                    "if moved == 0 and k < now:",
                    *_within(*self._corners()),
                ),
                "if k < now:",
                *_within(*self._product("products[now - 1] / products[k - 1]", "now - k")),
            ),
        ]
        if not replay.fresh.is_nothing:
            product = self._product("products[now - 1] / products[-1 - seen]", None)
            lines += ["if seen < 0:", *_within(*product)]
        return lines

    def _corners(self):
        """Lines that set `rests` where at no corner the gradient shows any more."""
        replay, slots = self._replay, self._replay.slots
        bits = len(slots) + len(replay.scalars)
        factors = [f"f{place} = {self._power(place, 'now - k')}" for place in slots]
        chosen = [
            f"g{place} = {replay.olds[place].dtype}(f{place} if (corner >> {bit}) & 1 else float64(1))"
            for bit, place in enumerate(slots)
        ]
        scalars = [
            text
            for bit, (i, scalar) in enumerate(enumerate(replay.scalars), len(slots))
            for text in (
                f"at{i} = k * {len(replay.scalars)} + {i}",
                f"s{i} = {scalar.dtype}(largest[at{i}] if (corner >> {bit}) & 1 else smallest[at{i}])",
            )
        ]
        return [
            *factors,
            "corner = 0",
            f"while corner < {1 << bits} and moved == 0:",
            *_within(
                *chosen,
                *scalars,
                *self._columns(*self._point(replay.usual, compared=True, tried=True)),
                "corner += 1",
            ),
            "rests = 1 if moved == 0 else 0",
        ]

    def _product(self, trained, steps):
        """Lines that multiply a row: what is trained by `trained`, slots by their powers of `steps`, if not None."""
        lines, points = [], []
        for place, old in enumerate(self._replay.olds):
            if place in self._replay.slots:
                if steps is None or self._replay.usual.new[place] is None:
                    continue
                lines.append(f"f{place} = {self._power(place, steps)}")
            elif self._replay.fresh.new[place] is None:
                continue
            else:
                lines.append(f"f{place} = {trained}")
            points.append(f"y{place}[first + j] = {old.dtype}(float64(y{place}[first + j]) * f{place})")
        return [*lines, *self._columns(*points)] if points else ["pass"]

    def _power(self, place, steps):
        return f"powers[{place * STEPS} + {steps}]"

    def _scalars(self, where, step):
        return [
            f"s{i} = {scalar.dtype}({where}[{step} * {len(self._replay.scalars)} + {i}])"
            for i, scalar in enumerate(self._replay.scalars)
        ]

    # -- a column -----------------------------------------------------------------------------------------------------

    def _columns(self, *lines):
        return ["for j in points(columns):", *_within(*lines)]

    def _point(self, change, compared=False, tried=False):
        """The lines that do a step at column j.

        Args:
            change: Change.
            compared: whether `moved` counts the columns where slots of 0 would do something else to what is trained.
            tried: whether the slots are multiplied by gN first, and nothing is stored.
        """
        replay = self._replay
        changes = [change, replay.fresh] if compared else [change]
        names = {scalar: f"s{i}" for i, scalar in enumerate(replay.scalars)}
        lines = []
        for i, old in enumerate(replay.olds):
            if compared or old in change.read:
                names[old] = f"o{i}"
                lines.append(f"o{i} = y{i}[first + j]" + (f" * g{i}" if tried and i in replay.slots else ""))
        results = []
        for one in changes:
            here = dict(names)
            for node in one.nodes:
                operands = [self._operand(one.meaning(x), x.dtype, here) for x in node.inputs]
                name = here[node.outputs[0]] = f"v{len(lines)}"
                lines.append(f"{name} = {line(node, operands)}")
            results.append([self._result(new, old, here) for new, old in zip(one.new, replay.olds)])
        if compared:
            for i in range(len(replay.olds)):
                if i not in replay.slots:
                    lines.append(f"moved = moved + (int32(1) if {results[0][i]} != {results[1][i]} else int32(0))")
        if not tried:
            for i, new in enumerate(change.new):
                if new is not None:
                    lines.append(f"y{i}[first + j] = {results[0][i]}")
        return lines

    def _result(self, new, old, names):
        return names.get(old) if new is None else self._operand(new, old.dtype, names)

    def _operand(self, meaning, dtype, names):
        if isinstance(meaning, Tensor):
            return names[meaning]
        text = literal(meaning, dtype)
        if text is None:
            text = f"c{len(self.constants)}"
            place = FIXED + len(self._replay.olds) + len(self.constants)
            self.constants.append(struct.unpack("q", struct.pack("d", meaning))[0])
            self._head.append(f"{text} = {dtype}(number(args[{place}]))")
        return text


def _within(*lines):
    return [f"    {text}" for text in lines]
