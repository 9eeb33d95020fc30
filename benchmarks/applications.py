"""Building an application and loading its weights, kerasish beside Keras.

Seconds and memory, each in a process of its own, in turns, medians.

    python benchmarks/applications.py --peer-python /path/to/peers/bin/python --json applications.json
    python benchmarks/applications.py --only InceptionV3 --backends kerasish jax

One weights file in the layout of the official ones, written by kerasish, is loaded by all. `build` is
`NAME(weights=None)`, the random values included; `load` is `model.load_weights(file)` after it; `open` is
`NAME(weights=file)` at once, in a process where nothing was built before. Memory is the most that the process held
during `load` and `open` beyond what it held before `build` and `open`, in units of the weights; Linux only. The file is
in the page cache.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[1]
NAMES = ("InceptionV3", "ResNet50", "MobileNetV2", "VGG16")
BACKENDS = ("kerasish", "tensorflow", "jax", "torch")
MEASURES = {
    "import": "{:.2f} s",
    "build": "{:.2f} s",
    "load": "{:.2f} s",
    "open": "{:.2f} s",
    "load memory": "{:.2f}",
    "open memory": "{:.2f}",
}


def status(field):
    """A size of this process in bytes: VmRSS (held now) or VmHWM (the most so far)."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def forget_peak():
    """Let VmHWM begin anew."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def timed(call):
    """(what it gives, seconds)."""
    began = time.perf_counter()
    result = call()
    return result, time.perf_counter() - began


def work(backend, name, path, step):
    """One measurement in this process, as a dict; step is "load" or "open"."""
    if backend == "kerasish":
        sys.path.insert(0, str(ROOT))
    library, seconds = timed(lambda: __import__("kerasish" if backend == "kerasish" else "keras"))
    make = getattr(library.applications, name)
    library.Sequential(
        [library.Input((8, 8, 3)), library.layers.Conv2D(2, 3), library.layers.BatchNormalization()]
    )  # what is imported late
    found, held = {"import": seconds}, status("VmRSS")
    if step == "load":
        model, found["build"] = timed(lambda: make(weights=None))
        forget_peak()
        _none, found["load"] = timed(lambda: model.load_weights(path))
    else:
        model, found["open"] = timed(lambda: make(weights=path))
    size = 4 * sum(math.prod(int(axis) for axis in variable.shape) for variable in model.weights)
    found[f"{step} memory"] = (status("VmHWM") - held) / size
    return {**found, "megabytes": size / 1e6}


def main(words=None):
    """Measure, print the table, write the JSON."""
    options = arguments(words)
    if options.work:
        print(json.dumps(work(*options.work)))
        return
    sys.path.insert(0, str(ROOT))
    from benchmarks.compare import environment, run_json

    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only:
            path = write_weights(name, folder)
            for _round in range(options.rounds):
                for backend in options.backends:
                    runs += measure(options, environment(backend, folder), run_json, backend, name, path)
            os.remove(path)
    print(table(runs, options.backends))
    if options.json:
        options.json.write_text(json.dumps({"runs": runs}, indent=1) + "\n")


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="the interpreter that has Keras and its backends (default: this one)",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument(
        "--only", nargs="+", default=NAMES, metavar="NAME", help=f"applications (default: {', '.join(NAMES)})"
    )
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--json", type=pathlib.Path, help="write everything that was measured to this file")
    parser.add_argument(
        "--work",
        nargs=4,
        metavar=("BACKEND", "NAME", "FILE", "STEP"),
        help="measure in this process and print one line of JSON",
    )
    return parser.parse_args(words)


def write_weights(name, folder):
    """The path of a weights file of an application, in the layout of the official ones."""
    import kerasish

    path = os.path.join(folder, f"{name}.h5")
    getattr(kerasish.applications, name)(weights=None).save_weights(path)
    return path


def measure(options, environment, run_json, backend, name, path):
    """What one backend needs in one round: a list of dicts, or of one that says what went wrong."""
    python = sys.executable if backend == "kerasish" else options.peer_python
    found = []
    for step in ("load", "open"):
        try:
            result = run_json([python, HERE, "--work", backend, name, path, step], environment, 900.0)
        except RuntimeError as error:
            result = {"error": str(error)}
        found.append({"application": name, "backend": backend, **result})
    return found


def table(runs, backends):
    """The medians as a Markdown table."""
    lines = ["| application | measure | " + " | ".join(backends) + " |", "|---|---|" + "---:|" * len(backends)]
    for name in dict.fromkeys(run["application"] for run in runs):
        for key, form in MEASURES.items():
            cells = []
            for backend in backends:
                values = [
                    run[key] for run in runs if run["application"] == name and run["backend"] == backend and key in run
                ]
                cells.append(form.format(statistics.median(values)) if values else "-")
            lines.append(f"| {name} | {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
