"""Turns what `compare.py` recorded into Markdown.

Tables of medians with the ratio to the best peer, and the page `docs/performance.md`.
"""

import statistics

from benchmarks import workloads

PEERS = ("tensorflow", "jax", "torch")
LABELS = {"kerasish": "kerasish", "tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
START, END = "<!-- tables: written by benchmarks/compare.py -->", "<!-- end of tables -->"


def figure(value):
    """A number with three digits that count."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def grid(rows):
    """Markdown of rows of cells, the first being the heading; columns padded, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = ["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]
    lines = [
        " | ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in rows
    ]
    return "\n".join([f"| {lines[0]} |", f"|{'|'.join(rule)}|", *(f"| {line} |" for line in lines[1:])])


def backends_of(document):
    return [name for name in LABELS if name in document["backends"]]


def names_of(document):
    measured = {record["workload"] for record in document["results"]}
    return [name for name in workloads.NAMES if name in measured]


def records_of(document, backend, workload=None):
    """What was recorded of a backend, of one workload or of all."""
    records = [record for record in document["results"] if record["backend"] == backend]
    return [record for record in records if workload in (None, record["workload"])]


def middle(values):
    """The median of what is there; None when nothing is."""
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def median(document, workload, backend, measure, cache="cold"):
    """The median of `measure(record)` over the rounds. A backend without a cache is as it is, cold or warm."""
    records = records_of(document, backend, workload)
    if cache not in {record["cache"] for record in records}:
        cache = "cold"
    return middle(measure(record) for record in records if record["cache"] == cache)


def error_of(document, workload, backend):
    """One line on why a workload failed on a backend, or None."""
    return next((record["error"] for record in records_of(document, backend, workload) if "error" in record), None)


def ratio(values):
    """How many times longer the best peer takes (or how much more it needs) than kerasish, as text."""
    peers = [values[name] for name in PEERS if values.get(name)]
    return f"{min(peers) / values['kerasish']:.2f}" if peers and values.get("kerasish") else "-"


def comparison(document, measure, cache="cold"):
    """One table: a row a workload, a column a backend, and the best peer against kerasish.

    None when no workload has such a number.
    """
    backends = backends_of(document)
    rows = [["", *(LABELS[name] for name in backends), "best peer / kerasish"]]
    for workload in names_of(document):
        values = {name: median(document, workload, name, measure, cache) for name in backends}
        cells = [
            "failed" if values[name] is None and error_of(document, workload, name) else figure(values[name])
            for name in backends
        ]
        if any(value is not None for value in values.values()):
            rows.append([workloads.title(workloads.load(workload)), *cells, ratio(values)])
    return grid(rows) if len(rows) > 1 else None


def once(document):
    """What belongs to a backend and not to a workload: the time of its import and its size on disk."""
    backends = backends_of(document)
    rows = [["", *(LABELS[name] for name in backends), "best peer / kerasish"]]
    imports = {name: middle(record.get("import_s") for record in records_of(document, name)) for name in backends}
    sizes = {name: document["backends"][name].get("installed_mb") for name in backends}
    for title, values in (("import, s", imports), ("installed with all it needs, MB", sizes)):
        rows.append([title, *(figure(values[name]) for name in backends), ratio(values)])
    return grid(rows)


def failures(document):
    """A line for each workload that failed on a backend."""
    pairs = [(workload, backend) for workload in names_of(document) for backend in backends_of(document)]
    found = [(workload, backend, error_of(document, workload, backend)) for workload, backend in pairs]
    return "\n".join(f"- {workload}, {LABELS[backend]}: `{error[:160]}`" for workload, backend, error in found if error)


def step_ms(name):
    return lambda record: (record.get(name) or {}).get("ms")


def memory(record):
    """Peak memory of a run that came to its end."""
    return None if "error" in record else record.get("fit_memory_mb") or record.get("memory_mb")


def heading(document):
    """Where, when and with what."""
    machine, rounds = document["machine"], document["settings"]["rounds"]
    own = next((record["version"] for record in records_of(document, "kerasish") if "version" in record), None)
    versions = {"kerasish": own} if own else {}
    for backend in document["backends"].values():
        versions |= {"Python": backend["python"], **backend["versions"]}
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}"
    what = ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
    when = document["date"][:16].replace("T", " ")
    text = f"{when}. {where}; {what}. {rounds} round{'s' * (rounds > 1)} in turns, medians."
    if document["settings"].get("quick"):
        text += " A quick run: few and short calls."
    load = middle(record.get("load") for record in document["results"])
    # a quiet machine still carries the load of the worker before, one a core at most
    if load and load > 1.25 * machine["cores"]:
        text += (
            f"\n\n**The machine was busy with other work** (load {load:.1f} on {machine['cores']} cores): "
            "read the ratios with care."
        )
    return text


def tables(document):
    """All of it, as Markdown."""
    sections = [(f"`{name}`, ms a step", comparison(document, step_ms(name))) for name in ("fit", "predict")]
    for cache, words in (
        ("cold", "nothing cached on disk"),
        ("warm", "compiled code cached on disk, for those that do"),
    ):
        for key, origin in (("first_start_s", "start of the process"), ("first_call_s", "call of `fit`")):
            table = comparison(document, lambda record, key=key: record.get(key), cache)
            sections.append((f"First finished step, s from the {origin}; {words}", table))
    sections.append(
        ("Peak memory of the process in `fit`, MB (`predict` where that is all there is)", comparison(document, memory))
    )
    sections += [("Once", once(document)), ("What failed", failures(document))]
    return "\n\n".join([heading(document), *(f"### {title}\n\n{body}" for title, body in sections if body)])


def rewrite(page, document):
    """The text of `page` with its tables replaced. Raises ValueError when the page has no place marked for them."""
    if START not in page or END not in page:
        raise ValueError(f"the page has no place for tables; put these two lines where they belong:\n{START}\n{END}")
    before, rest = page.split(START, 1)
    return f"{before}{START}\n{tables(document)}\n{END}{rest.split(END, 1)[1]}"
