"""What `explain()` returns: numbers about each step of a Program, that print as a table."""

from __future__ import annotations

from typing import Any

_SHOWN_STEPS = 40


class Explanation:
    """Steps of a Program with their costs.

    Args:
        name: string. rows: list of dicts, one a step, in order (see `rows`). run_seconds: of a whole run, measured
            apart from the steps.
        matmul_rate: operations a second of a 1024 x 1024 x 1024 float32 matrix product on the same device, or None.
        memory: dict with `arena_bytes`, `intermediate_bytes` and `parameter_bytes` (dict from a layer's path).
        launch: string, how the steps get to the device (on a GPU: whether as one CUDA graph, and if not, which step
            hinders and why), or None.

    Attributes:
        rows: each a dict with `step` (number of its first step), `calls` (steps it stands for: more than 1 for a loop),
            `operation` (primitive or "fused"), `inside` (list of primitives of a fused group or a loop, else None),
            `layer` (path or None), `shape` and `dtype` of the first output, `flops`, `bytes`, `seconds`, `share` (of
            the time of all steps), `gflops` (a second), `conv_flops` and `matmul_flops` (parts of `flops`).
        flops, bytes, seconds: totals of the steps, run one after another; run_seconds: of a whole run.
        arena_bytes: memory of all intermediates; intermediate_bytes: what they would take if none were shared.
        input_seconds: how long a step of the loop waits for its batch, of data that come in batches; None for arrays.
            first_input_seconds: for the first one, which starts workers and fills queues.
        message_seconds: time of the steps that exchange with other ranks, and wait for them, beside which nothing is
            computed; None where there are none.
        remarks: list of strings: what was decided while the computation was traced that is not seen in the steps (why
            attention is products and a softmax, on a device that has a kernel for it).
        conv_share: rate of the convolutions over that of `matmul_rate`, or None where there are none.

    `print(explanation)` shows totals, then time by primitive and by layer, then the steps that take longest;
    `table(steps=None)` shows all steps.
    """

    def __init__(
        self, name: str, rows: Any, run_seconds: Any, matmul_rate: Any, memory: Any, launch: str | None = None
    ) -> None:
        self.name: str = name
        self.rows: Any = rows
        self.run_seconds: Any = run_seconds
        self.matmul_rate: Any = matmul_rate
        self.launch: str | None = launch
        self.arena_bytes: Any = memory["arena_bytes"]
        self.intermediate_bytes: Any = memory["intermediate_bytes"]
        self.parameter_bytes: Any = memory["parameter_bytes"]
        self.input_seconds: float | None = None
        self.first_input_seconds: float | None = None
        self.message_seconds: float | None = None
        self.remarks: list[str] = []
        self.flops, self.bytes, self.seconds = (sum(row[key] for row in rows) for key in ("flops", "bytes", "seconds"))
        for row in rows:
            row["share"] = row["seconds"] / self.seconds if self.seconds else 0.0
            row["gflops"] = row["flops"] / row["seconds"] / 1e9 if row["seconds"] else 0.0

    @property
    def conv_share(self) -> Any:
        """How close convolutions come to the rate of a large matrix product, 0 to 1."""
        steps = [row for row in self.rows if row["conv_flops"]]
        seconds = sum(row["seconds"] for row in steps)
        return (
            sum(row["conv_flops"] for row in steps) / seconds / self.matmul_rate
            if seconds and self.matmul_rate
            else None
        )

    def by_primitive(self) -> Any:
        """Totals of each primitive, the slowest first.

        List of dicts with `operation`, `steps`, `flops`, `bytes`, `seconds`, `share`, `gflops`.
        """
        return self._totals("operation")

    def by_layer(self) -> Any:
        """Totals of each layer, forward and gradient together, in order of first step.

        Each row has the `parameter_bytes` of the layer's variables.

        `layer` is the path; None gathers what is outside of layers (loss, optimizer, metrics). Layers with variables
        and no step are listed too.
        """
        totals = self._totals("layer", by_time=False)
        for row in totals:
            row["parameter_bytes"] = self.parameter_bytes.get(row["layer"], 0)
        listed = {row["layer"] for row in totals}
        for layer, size in self.parameter_bytes.items():
            if layer not in listed:
                totals.append(
                    {
                        "layer": layer,
                        "steps": 0,
                        "flops": 0,
                        "bytes": 0,
                        "seconds": 0.0,
                        "share": 0.0,
                        "gflops": 0.0,
                        "parameter_bytes": size,
                    }
                )
        return totals

    def _totals(self, key, by_time=True):
        groups = {}
        for row in self.rows:
            groups.setdefault(row[key], []).append(row)
        totals = []
        for name, rows in groups.items():
            total = {
                key: name,
                "steps": len(rows),
                **{k: sum(row[k] for row in rows) for k in ("flops", "bytes", "seconds", "share")},
            }
            total["gflops"] = total["flops"] / total["seconds"] / 1e9 if total["seconds"] else 0.0
            totals.append(total)
        return sorted(totals, key=lambda total: -total["seconds"]) if by_time else totals

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, for JSON."""
        return {
            "name": self.name,
            "rows": [dict(row, shape=list(row["shape"]) if row["shape"] is not None else None) for row in self.rows],
            "flops": self.flops,
            "bytes": self.bytes,
            "seconds": self.seconds,
            "run_seconds": self.run_seconds,
            "input_seconds": self.input_seconds,
            "first_input_seconds": self.first_input_seconds,
            "message_seconds": self.message_seconds,
            "arena_bytes": self.arena_bytes,
            "intermediate_bytes": self.intermediate_bytes,
            "parameter_bytes": sum(self.parameter_bytes.values()),
            "matmul_rate": self.matmul_rate,
            "conv_share": self.conv_share,
            "launch": self.launch,
            "remarks": self.remarks,
            "by_primitive": self.by_primitive(),
            "by_layer": self.by_layer(),
        }

    # -- text ---------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        steps = sum(row.get("calls", 1) for row in self.rows)
        return f"<Explanation of {self.name}: {steps} steps, {_number(self.flops)}FLOP, {_time(self.run_seconds)}>"

    def table(self, steps: int = _SHOWN_STEPS) -> str:
        """The whole as text; `steps`: how many of the slowest steps to list, None for all.

        They are listed in the order in which they run.
        """
        listed = self.rows
        if steps is not None and len(listed) > steps:
            slowest = sorted(listed, key=lambda row: -row["seconds"])[:steps]
            listed = sorted(slowest, key=lambda row: row["step"])
        heading = "Steps" if len(listed) == len(self.rows) else f"The {len(listed)} slowest of {len(self.rows)} steps"
        parts = [self._summary(), _grid("By primitive", ("operation", "steps"), self.by_primitive())]
        layers = self.by_layer()
        if any(row["layer"] for row in layers):
            named = [
                dict(row, layer=row["layer"] or "(none)", parameters=_number(row["parameter_bytes"]) + "B")
                for row in layers
            ]
            parts.append(_grid("By layer", ("layer", "steps"), named, ("parameters",)))
        described = [
            dict(
                row,
                what=_what(row),
                layer=row["layer"] or "",
                output=f"{row['shape'] or ''} {row['dtype'] or ''}".strip(),
            )
            for row in listed
        ]
        parts.append(_grid(heading, ("step", "what", "output", "layer"), described))
        return "\n\n".join(parts)

    def _summary(self):
        rate = self.flops / self.run_seconds if self.run_seconds else 0
        count = sum(row.get("calls", 1) for row in self.rows)
        variables = sum(self.parameter_bytes.values())
        lines = [
            f"{self.name}: {count} steps, {_time(self.run_seconds)} a run ({_time(self.seconds)} step by step)",
            f"{_number(self.flops)}FLOP ({_number(rate)}FLOP/s), {_number(self.bytes)}B moved",
            f"memory: arena {_number(self.arena_bytes)}B for intermediates of {_number(self.intermediate_bytes)}B; "
            f"variables {_number(variables)}B",
        ]
        if self.input_seconds is not None:
            share = self.input_seconds / (self.input_seconds + self.run_seconds)
            lines.append(
                f"input: {_time(self.input_seconds)} of waiting for a batch ({share:.1%} of the loop), "
                f"{_time(self.first_input_seconds)} for the first"
            )
        if self.message_seconds is not None:
            share = self.message_seconds / self.seconds if self.seconds else 0.0
            lines.append(f"between ranks: {_time(self.message_seconds)} beside which nothing is computed ({share:.1%})")
        if self.matmul_rate:
            share = f"; convolutions reach {self.conv_share:.0%} of it" if self.conv_share is not None else ""
            lines.append(f"a 1024 x 1024 x 1024 matrix product: {_number(self.matmul_rate)}FLOP/s{share}")
        if self.launch:
            lines.append(self.launch)
        lines.extend(self.remarks)
        return "\n".join(lines)


def _what(row):
    """A fused group as "fused: add, relu", a repeated primitive counted."""
    if not row["inside"]:
        return row["operation"]
    counts = {}
    for name in row["inside"]:
        counts[name] = counts.get(name, 0) + 1
    text = ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts.items())
    return f"{row['operation']}: {text if len(text) <= 60 else text[:57] + '...'}"


def _number(value):
    """With a prefix: 1.23 G."""
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {prefix}"
    return f"{value:.3g} "


def _time(seconds):
    return (
        f"{seconds:.3g} s"
        if seconds >= 1
        else f"{seconds * 1e3:.3g} ms"
        if seconds >= 1e-3
        else f"{seconds * 1e6:.3g} us"
    )


def _grid(title, keys, rows, more=()):
    """Columns: `keys`, then cost and time, then `more`."""
    header = [*keys, "FLOP", "bytes", "time", "share", "GFLOP/s", *more]
    cells = [header]
    for row in rows:
        costs = [
            _number(row["flops"]),
            _number(row["bytes"]),
            _time(row["seconds"]),
            f"{row['share']:.1%}",
            f"{row['gflops']:.1f}",
        ]
        cells.append([*(str(row[key]) for key in keys), *costs, *(row[key] for key in more)])
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    text = {i for i, key in enumerate(keys) if key not in ("step", "steps")}
    lines = [
        "  ".join(
            cell.ljust(w) if i in text else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([title, *lines])
