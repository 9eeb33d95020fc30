"""`explain()`: what a Program does, step by step, with a clock beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from kerasish.backend import ranks
from kerasish.backend.compiler import cost
from kerasish.backend.compiler.explanation import Explanation
from kerasish.typing import TensorLike

_SECONDS = 1.0  # how long all repeats of a program may take where their number is not given
_MATMUL = 1024  # rows, columns and depth of the matrix product that is the measure of the machine


def explain_function(function: Callable[..., Any], args: Any, repeat: int | None = None) -> Any:
    """The Explanation of the Program that a `Function` runs for `args`.

    Runs it; the variables are as before when it returns.

    Args:
        function: a backend Function. args: what it would be called with. repeat: how often each step is timed; None:
            for about a second, 3 to 30 times.
    """
    entry, values = function.compiled_for(args)
    program = entry.take()
    try:
        return explain_program(program, values, entry.graph, repeat, function.name)
    finally:
        entry.idle.append(program)


def explain_program(
    program: Any, values: TensorLike | None = None, graph: Any = None, repeat: int | None = None, name: str = "program"
) -> Any:
    """The Explanation of a Program.

    Args:
        program: a Program.
        values: flat list of arrays for its inputs; None: what lies in its buffers. graph: the TracedGraph it was
            compiled from, by default `program.graph`.
        repeat: int or None, as in `explain_function`. name: string, for the heading.
    """
    graph = graph if graph is not None else program.graph
    on = program._device
    for buffer, value in zip(program.inputs, values or ()):
        on.write(buffer, value)
    nodes = program.nodes
    variables = list(dict.fromkeys([*graph.reads, *graph.updates]))
    with kept_values(graph, on) as kept, on.running():
        times, whole = _measure(program, on, kept, repeat)
        rate = matmul_rate(on, _MATMUL) if any(sum(cost.products(node)) for made in nodes for node in made) else None
    memory = {
        "arena_bytes": program.arena_bytes,
        "intermediate_bytes": program.total_bytes,
        "parameter_bytes": _parameters(variables),
    }
    found = Explanation(name, _rows(program, nodes, times), whole, rate, memory, program.launch)
    found.message_seconds = _of_messages(program, times)
    found.remarks = list(graph.remarks)
    return found


def _of_messages(program, times):
    """Seconds of the steps that exchange with other ranks; None where there are none."""
    found = [
        seconds for made, seconds in zip(program.nodes, times) if any(node.operation.traits.together for node in made)
    ]
    return sum(found) if found else None


def _rows(program, nodes, times):
    """A row for each node or chain of nodes.

    The steps that one was lowered to (the rounds of a loop, the stages of a convolution) make one.
    """
    runs = []
    for number, (name, made, inner, seconds) in enumerate(zip(program.names, nodes, program.innermost, times)):
        if made and runs and runs[-1]["made"] and runs[-1]["made"][0] is made[0]:
            runs[-1]["seconds"] += seconds
            runs[-1]["calls"] += 1
            runs[-1]["innermost"].append(inner)
            if len(made) > len(runs[-1]["made"]):
                runs[-1].update(name=name, made=made)
        else:
            run = {"number": number, "name": name, "made": made, "innermost": [inner], "seconds": seconds, "calls": 1}
            runs.append(run)
    return [
        {
            **_row(run["number"], run["name"].split("/")[0], run["made"], run["seconds"]),
            "calls": run["calls"],
            "bytes": cost.moved_by_steps(run["innermost"]),
        }
        for run in runs
    ]


def _measure(program, on, kept, repeat):
    """Seconds of each step (the median of the repeats), and of whole runs."""
    started = time.perf_counter()
    program.run()
    on.synchronize()
    first = time.perf_counter() - started
    repeat = max(1, repeat) if repeat is not None else max(3, min(30, int(_SECONDS / max(first, 1e-9) / 2)))
    if any(node.operation.traits.together for node in program.graph.nodes):
        repeat = ranks.agreed(repeat)
    clock, records, wholes = time.perf_counter, [], []
    steps = [
        on.assemble([step]) for step in program.steps
    ]  # each as it runs in the whole, shared by the team where it is there
    for _ in range(repeat):
        _put_back(on, kept)
        record = []
        for step in steps:
            before = clock()
            step()
            on.synchronize()
            record.append(clock() - before)
        records.append(record)
        _put_back(on, kept)
        before = clock()
        program.run()
        on.synchronize()
        wholes.append(clock() - before)
    return [median(times) for times in zip(*records)], median(wholes)


@contextmanager
def kept_values(graph: Any, on: Any) -> Iterator[list[tuple[Any, Any]]]:
    """A context behind which the Variables that `graph` updates have the values from before it.

    It gives the list of (Variable, array with its value).
    """
    kept = [(variable, on.copy(variable._buffer)) for variable in graph.updates]
    try:
        yield kept
    finally:
        _put_back(on, kept)


def _put_back(on, kept):
    for variable, value in kept:
        on.copy_into(variable._buffer, value)


def matmul_rate(on: Any, size: int) -> float:
    """Operations a second of one float32 matrix product on a device, the best of a few; `size`: all three of its."""
    shape = (size, size)
    x, y, out = (on.empty(shape, "float32") for _ in range(3))
    for array in (x, y):
        on.bind("full", array, [], {"shape": shape, "value": 1.0, "dtype": "float32"})()
    run = on.bind("matmul", out, [x, y], {})
    best = None
    for _ in range(6):
        before = time.perf_counter()
        run()
        on.synchronize()
        seconds = time.perf_counter() - before
        best = seconds if best is None else min(best, seconds)
    return 2 * size**3 / best


def _row(number, name, nodes, seconds):
    row = {
        "step": number,
        "operation": name,
        "inside": None,
        "layer": None,
        "shape": None,
        "dtype": None,
        "flops": 0,
        "bytes": 0,
        "seconds": seconds,
    }
    row.update(calls=1, conv_flops=0, matmul_flops=0)
    if nodes:
        output = nodes[-1].outputs[0]
        row.update(
            shape=tuple(output.shape),
            dtype=output.dtype,
            flops=sum(map(cost.flops, nodes)),
            layer=layer_of(nodes[0]),
        )
        row["conv_flops"], row["matmul_flops"] = (sum(numbers) for numbers in zip(*map(cost.products, nodes)))
        row["inside"] = [inner for node in nodes for inner in inside_of(node) or ()] or None
    return row


def inside_of(node: Any) -> Any:
    """The primitives within a fused group or a loop's body, in order; None for a plain node."""
    group = node.attributes.get("group") or node.attributes.get("body")
    inner = getattr(group, "nodes", None)
    return [n.operation.name for n in inner] if inner else None


def layer_of(node: Any) -> Any:
    """The path of the layer that the node belongs to; of a fused group the one that most of its nodes come from."""
    if node.scope:
        return node.scope
    scopes = [n.scope for n in getattr(node.attributes.get("group"), "nodes", ()) if n.scope]
    return max(dict.fromkeys(scopes), key=scopes.count) if scopes else None


def _parameters(variables):
    """Bytes of the variables of each layer: dict from the layer's path."""
    found = {}
    for variable in variables:
        owner = variable.path.rpartition("/")[0]
        found[owner] = found.get(owner, 0) + cost.tensor_bytes(variable)
    return found
