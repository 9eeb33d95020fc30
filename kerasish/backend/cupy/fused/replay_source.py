"""The steps that rows of a table missed, printed as a kernel: see `compiler/replay.py`, and `numpy/fused/replay.py`.

On a card nobody asks the host, and nothing stops for all rows at once. In each step the rows that are named catch up,
and beside them the next few of the table, so that after PERIOD steps each was there: no row ever misses more, and the
scalars of the last STEPS steps are enough. A row is taken by whoever is the first to write into `last` how far it is
done: an atomic maximum, so that equal indices, and a row whose turn it is anyway, are no matter, and what comes out
does not depend on who was first.

Where the steps come to a mere product in the end, each column does them one by one only until what the gradient left
has died away in it, as the CPU's rows do. Products are sums of logarithms, which go on for ever; a step whose factor is
too far from 1 for that is counted in `odd`, and a product leads over none.

The names in the source: `last[row]` is twice the last step that the row did, and 1 more where its slots are 0 (then it
is "fresh"); clock[0] the step that comes next, clock[1] how many blocks are through with this one; yN the table and its
slots, oN their values at a column, nN the new ones; sN the scalars of step k, gN factors of slots; history, most and
least are what scalars were in the last steps, and since then the largest and the smallest.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.backend.cupy.fused.bind import Printed
from kerasish.backend.cupy.fused.expressions import computed, is_sayable, line, literal
from kerasish.backend.cupy.fused.writer import Writer
from kerasish.backend.fused.missed_steps import LEAST, ends
from kerasish.backend.graph import Tensor

STEPS = 1024  # whose scalars are remembered
THREADS = 128
_BLOCKS = 2048  # of a launch that brings all rows up to date
_LANES = 32
_ROW_OF = Path(__file__).parents[1] / "sources" / "row_of.h"


def can_print(replay: Any) -> bool:
    """Whether all that a Replay does has words in CUDA C."""
    return all(is_sayable(node) for change in (replay.usual, replay.fresh) if change for node in change.nodes)


def period() -> int:
    """In how many steps the whole table is looked at."""
    return STEPS // 2


class ReplaySource:
    """The kernel of a Replay.

    Attributes:
        body: the text, with the functions that it needs. name: of the kernel; it says the text.
    """

    def __init__(self, replay: Any) -> None:
        self._replay, self._count = replay, len(replay.scalars)
        self._ends: bool = ends(replay)
        self._named = 0
        self._write = write = Writer()
        write("typedef long long I;")
        self._declare()
        self._rows()
        self._record()
        said = write.kernel("NAME", THREADS).replace("STEPS", str(STEPS))
        self.name: str = "catch_up_" + hashlib.sha256(said.encode()).hexdigest()[:16]
        self.body: str = row_of() + said.replace("NAME(", f"{self.name}(", 1)

    def _declare(self):
        replay = self._replay
        self._parameters("const void*", "indices")
        self._parameters("void*", "out")
        self._parameters("long long*", "refused")
        self._parameters("int*", "last", "clock", "odd")
        self._parameters("double*", "history", "most", "least", "logs")
        self._parameters("const double*", "powers")
        self._parameters("const long long", "wide", "named", "swept", "rows", "columns")
        self._parameters("const int", "across", "begins")
        for i, scalar in enumerate(replay.scalars):
            self._parameters(f"const {computed(scalar.dtype)}*", f"scalar{i}")
        for i, old in enumerate(replay.olds):
            self._parameters(f"{computed(old.dtype)}*", f"y{i}")

    def _parameters(self, kind, *names):
        for name in names:
            self._write.parameter(kind, name, lambda given, name=name: given[name])

    def launch(self, given: dict[str, Any]) -> tuple[Printed, tuple[Any, ...]]:
        """The kernel and its arguments, for a dict from the names of parameters to what they are.

        As bytes moved count all rows that have their turn, whether they are behind or not.
        """
        named, swept, per_block = int(given["named"]), int(given["swept"]), THREADS // int(given["across"])
        blocks = min(-(-(named + swept) // per_block), max(_BLOCKS, -(-named // per_block)))
        tables = [given[f"y{i}"] for i in range(len(self._replay.olds))]
        of_a_row = 2 * sum(table.nbytes // max(1, table.shape[0]) for table in (given["last"], *tables))
        moved = (named + swept) * of_a_row + 2 * named * int(given["wide"])
        printed = Printed(self.body, self.name, (max(1, blocks),), (THREADS,), moved=moved)
        return printed, tuple(argument(given) for argument in self._write.arguments)

    # -- which rows ---------------------------------------------------------------------------------------------------

    def _rows(self):
        write, fresh = self._write, self._replay.fresh
        write("const int lane = threadIdx.x & (across - 1), leader = threadIdx.x & 31 & ~(across - 1);")
        write("const int now = clock[0], place = threadIdx.x / across, at_once = blockDim.x / across;")
        write(f"const I first = begins ? (I)((now - 1) % {period()}) * swept : 0;")
        idle = " && !(seen & 1)" if fresh is not None and fresh.is_nothing else ""
        with write.block(
            "for (I base = (I)blockIdx.x * at_once; base < named + swept; base += (I)gridDim.x * at_once)"
        ):
            write("const I number = base + place;")
            write("I row = -1;")
            write("int seen = 0;")
            with write.block("if (lane == 0 && number < named)"):
                write("const I index = index_at(indices, number, wide);")
                write("if (wide == 4) ((int*)out)[number] = (int)index; else ((I*)out)[number] = index;")
                write("row = row_of(index, rows, refused, 0);")
                write("seen = atomicMax(last + row, 2 * now);")
            with write.block("else if (lane == 0 && number < named + swept && first + number - named < rows)"):
                write("row = first + number - named;")
                write("seen = atomicMax(last + row, 2 * (now - 1) + (*(volatile int*)(last + row) & 1));")
            write("row = __shfl_sync(0xffffffffu, row, leader);")
            write("seen = __shfl_sync(0xffffffffu, seen, leader);")
            with write.block(f"if (row >= 0 && seen / 2 + 1 < now{idle})"):
                with write.block("for (I j = lane; j < columns; j += across)"):
                    write("const I at = row * columns + j;")
                    self._column()

    def _column(self):
        write, replay = self._write, self._replay
        changed = [i for i in range(len(replay.olds)) if self._changes(i)]
        for i, old in enumerate(replay.olds):
            write(f"{computed(old.dtype)} o{i} = y{i}[at];")
        write("int k = seen / 2 + 1;")
        fresh = replay.fresh
        with write.block("if (!(seen & 1))"):
            if self._ends:
                self._until_it_ends()
            elif not replay.usual.is_nothing:
                self._all_steps(replay.usual)
        if fresh is not None and not fresh.is_nothing:
            with write.block("else"):
                if self._ends:
                    with write.block("if (odd[(now - 1) % STEPS] == odd[(k - 1) % STEPS])"):
                        self._product(slots=False)
                    write("else")
                with write.block(""):
                    self._all_steps(fresh)
        for i in changed:
            write(f"y{i}[at] = o{i};")

    def _changes(self, i):
        changes = [change for change in (self._replay.usual, self._replay.fresh) if change is not None]
        return any(change.new[i] is not None for change in changes)

    # -- steps of a column --------------------------------------------------------------------------------------------

    def _all_steps(self, change):
        with self._write.block("for (; k < now; k++)"):
            self._scalars("history")
            (new,) = self._computed([change])
            self._store(change, new)

    def _until_it_ends(self):
        write, replay = self._write, self._replay
        write("bool rests = false;")
        with write.block("while (k < now && !rests)"):
            with write.block(""):
                self._scalars("history")
                new, without = self._computed([replay.usual, replay.fresh])
                write(f"rests = {self._shows_nothing(new, without)};")
                self._store(replay.usual, new)
                write("k++;")
            write("rests = rests && k < now && odd[(now - 1) % STEPS] == odd[(k - 1) % STEPS];")
            corners = 1 << len(replay.slots) + self._count
            with write.block(f"for (int corner = 0; corner < {corners} && rests; corner++)"):
                self._corner()
        with write.block("if (k < now)"):
            self._product(slots=True)

    def _corner(self):
        """What a step does to what is trained, with slots and scalars the largest or the smallest of those to come."""
        replay, write = self._replay, self._write
        for bit, i in enumerate(replay.slots):
            kind = computed(replay.olds[i].dtype)
            write(f"const {kind} g{i} = corner >> {bit} & 1 ? ({kind})powers[{i} * STEPS + now - k] : ({kind})1;")
        self._scalars("most", "least", len(replay.slots))
        new, without = self._computed([replay.usual, replay.fresh], scaled=True)
        write(f"rests = {self._shows_nothing(new, without)};")

    def _shows_nothing(self, new, without):
        trained = [i for i in range(len(self._replay.olds)) if i not in self._replay.slots]
        return " && ".join(f"{new[i]} == {without[i]}" for i in trained)

    def _product(self, slots):
        """The steps from k on at once."""
        write, replay = self._write, self._replay
        for i, old in enumerate(replay.olds):
            kind = computed(old.dtype)
            if i in replay.slots:
                if slots and replay.usual.new[i] is not None:
                    write(f"o{i} = ({kind})((double)o{i} * powers[{i} * STEPS + now - k]);")
            elif replay.fresh.new[i] is not None:
                write(f"o{i} = ({kind})((double)o{i} * exp(logs[(now - 1) % STEPS] - logs[(k - 1) % STEPS]));")

    def _scalars(self, where, other=None, bit=0):
        for i, scalar in enumerate(self._replay.scalars):
            place = f"[k % STEPS * {self._count} + {i}]"
            value = f"{where}{place}"
            if other:
                value = f"(corner >> {bit + i} & 1 ? {value} : {other}{place})"
            self._write(f"const {computed(scalar.dtype)} s{i} = ({computed(scalar.dtype)}){value};")

    def _store(self, change, new):
        kept = [i for i, x in enumerate(change.new) if x is not None]
        for i in kept:  # all of the old values are read before any is changed
            self._write(f"const {computed(self._replay.olds[i].dtype)} n{i} = {new[i]};")
        for i in kept:
            self._write(f"o{i} = n{i};")

    def _computed(self, changes, scaled=False):
        """Lines that compute Changes; for each of them the list of what the new values are called."""
        replay = self._replay
        known: dict[Any, str] = {scalar: f"s{i}" for i, scalar in enumerate(replay.scalars)}
        for i, old in enumerate(replay.olds):
            known[old] = f"(o{i} * g{i})" if scaled and i in replay.slots else f"o{i}"
        results = []
        for change in changes:
            here = dict(known)
            for node in change.nodes:
                made = node.outputs[0]
                operands = [_operand(change.meaning(x), x.dtype, here) for x in node.inputs]
                name = here[made] = f"v{self._named}"
                self._named += 1
                self._write(f"const {computed(made.dtype)} {name} = {line(node, operands)};")
            results.append(
                [
                    here[old] if new is None else _operand(new, old.dtype, here)
                    for new, old in zip(change.new, replay.olds)
                ]
            )
        return results

    # -- the step that begins -----------------------------------------------------------------------------------------

    def _record(self):
        """The last block to be through notes this step's scalars; nobody reads of the state any more."""
        write = self._write
        write("if (!begins) return;")
        write("__shared__ bool is_last;")
        write("__threadfence();")
        write("__syncthreads();")
        write("if (threadIdx.x == 0) is_last = atomicAdd(clock + 1, 1) == (int)gridDim.x - 1;")
        write("__syncthreads();")
        write("if (!is_last) return;")
        for i in range(self._count):
            write(f"const double now{i} = (double)scalar{i}[0];")
        if self._ends and self._count:
            with write.block("for (int k = threadIdx.x; k < STEPS; k += blockDim.x)"):
                for i in range(self._count):
                    place = f"[k * {self._count} + {i}]"
                    write(f"if (fabs(most{place}) < fabs(now{i}) || k == now % STEPS) most{place} = now{i};")
                    write(f"if (fabs(least{place}) > fabs(now{i}) || k == now % STEPS) least{place} = now{i};")
        with write.block("if (threadIdx.x == 0)"):
            for i in range(self._count):
                write(f"history[now % STEPS * {self._count} + {i}] = now{i};")
            if self._ends:
                write(f"const double factor = {self._factor()};")
                write(f"const bool is_odd = !(factor >= {LEAST!r} && factor <= 1 / {LEAST!r});")
                write("logs[now % STEPS] = logs[(now - 1) % STEPS] + (is_odd ? 0.0 : log(factor));")
                write("odd[now % STEPS] = odd[(now - 1) % STEPS] + is_odd;")
            write("clock[0] = now + 1;")
            write("clock[1] = 0;")

    def _factor(self):
        """What is trained, where slots are 0, is multiplied by in a step; said by the closed form itself."""
        found = self._replay.closed.factor([_Said(f"now{i}") for i in range(self._count)])
        return found.text if isinstance(found, _Said) else repr(float(found))


class _Said:
    """A number that only the card knows; arithmetic with it gives the expression."""

    def __init__(self, text: str) -> None:
        self.text = text


def _saying(sign: str, swapped: bool) -> Callable[[Any, Any], _Said]:
    def say(x, y):
        first, second = (y, x) if swapped else (x, y)
        return _Said(f"({_text(first)} {sign} {_text(second)})")

    return say


def _text(x):
    return x.text if isinstance(x, _Said) else repr(float(x))


for _name, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/"}.items():
    setattr(_Said, f"__{_name}__", _saying(_sign, False))
    setattr(_Said, f"__r{_name}__", _saying(_sign, True))


def _operand(meaning, dtype, names):
    if isinstance(meaning, Tensor):
        return names[meaning]
    found = literal(meaning, dtype)
    if found is None and math.isfinite(meaning):
        found = f"({computed(dtype)}){meaning!r}"
    if found is None:
        (bits,) = struct.unpack("q", struct.pack("d", meaning))
        found = f"({computed(dtype)})__longlong_as_double({bits}LL)"
    return found


def across(columns: int) -> int:
    """Threads that share a row."""
    lanes = 1
    while lanes < min(columns, _LANES):
        lanes *= 2
    return lanes


def row_of() -> str:
    """The functions that read indices; once in a program."""
    text = _ROW_OF.read_text(encoding="utf-8")
    return f"#ifndef ROW_OF\n#define ROW_OF\n{text}#endif\n"


def powers(replay: Any) -> Any:
    """The factors of slots over 0 ... STEPS - 1 steps, a host array with a row for each table and slot."""
    found = np.zeros((len(replay.olds), STEPS))
    if ends(replay):
        for place in replay.slots:
            found[place] = replay.closed.decays[place] ** np.arange(STEPS)
    return found
