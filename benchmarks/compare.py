"""kerasish beside Keras on TensorFlow, JAX and PyTorch.

Each workload on each backend in a process of its own, in turns, medians.

    python benchmarks/compare.py --peer-python /path/to/peers/bin/python --json run.json --docs docs/performance.md
    python benchmarks/compare.py --quick --only mlp_tiny convnet --backends kerasish jax
    python benchmarks/compare.py --from run.json --docs docs/performance.md

docs/performance.md says what is measured. Nothing else should run on the machine meanwhile.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import report, workloads  # noqa: E402  (the checkout has to be on the path first)

STEERED = (
    "OPENBLAS_",
    "GOTO_",
    "OMP_",
    "MKL_",
    "KMP_",
    "NUMEXPR_",
    "VECLIB_",
    "NVPL_",
    "XLA_",
    "JAX_",
    "TF_",
    "TORCH_",
    "NUMBA_",
    "KERAS",
)
CACHES = {
    "kerasish": "KERASISH_CACHE_DIR",
    "jax": "JAX_COMPILATION_CACHE_DIR",
}  # who can keep compiled code on disk, and where it is told to


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="the interpreter that has Keras and its backends (default: this one)",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each workload runs on each backend")
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="about how long fit, and predict, is timed in each run"
    )
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds after which a run is given up")
    parser.add_argument("--quick", action="store_true", help="one round of few and short calls: does everything run?")
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="NAME",
        choices=workloads.NAMES,
        default=workloads.NAMES,
        help="workloads: " + ", ".join(workloads.NAMES),
    )
    parser.add_argument("--backends", nargs="+", choices=tuple(report.LABELS), default=tuple(report.LABELS))
    parser.add_argument("--json", type=pathlib.Path, help="write everything that was measured to this file")
    parser.add_argument(
        "--from",
        dest="sources",
        nargs="+",
        type=pathlib.Path,
        metavar="JSON",
        help="measure nothing, show these runs (of a workload on a backend, the last)",
    )
    parser.add_argument("--docs", type=pathlib.Path, help="rewrite the tables of this page")
    options = parser.parse_args(words)
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {options.rounds}")
    if options.quick:
        options.rounds, options.seconds = 1, min(options.seconds, 0.3)
    return options


def environment(backend, folder):
    """What a run sees.

    This environment without anything that steers threads or kernels, and an empty place for what is cached.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(STEERED)}
    clean |= {"KERAS_HOME": os.path.join(folder, "keras"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    if backend != "kerasish":
        clean["KERAS_BACKEND"] = backend
    if backend in CACHES:
        clean[CACHES[backend]] = os.path.join(folder, "cache")
    return clean


def run_json(command, env, timeout):
    """The JSON in the last line that a command prints. Raises RuntimeError with one line on what went wrong."""
    try:
        done = subprocess.run(
            [str(word) for word in command], env=env, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"no end after {timeout:g} s") from None
    except OSError as error:
        raise RuntimeError(f"{command[0]} cannot be started: {error.strerror}") from None
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        reason = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        raise RuntimeError(f"the process ended with {done.returncode}: {reason}") from None


def run_worker(options, workload, backend, folder, first_only=False):
    """What the worker recorded, or a record with the error."""
    command = [options.pythons[backend], HERE / "worker.py", workload, backend, "--seconds", options.seconds]
    command += ["--first-only"] * first_only
    if options.quick:
        command += ["--steps", max(1, workloads.load(workload).STEPS // 4)]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    try:
        record = run_json([*command, "--began", repr(time.time())], environment(backend, folder), options.timeout)
    except RuntimeError as error:
        record = {"workload": workload, "backend": backend, "error": str(error)}
    return {**record, "cache": "warm" if first_only else "cold", "load": load}


def find_backends(options):
    """The backends asked for that are there, each with its versions and size; sets `options.pythons`."""
    options.pythons = {name: sys.executable if name == "kerasish" else options.peer_python for name in options.backends}
    there = {}
    with tempfile.TemporaryDirectory() as folder:
        for python in set(options.pythons.values()):
            try:
                there[python] = run_json([python, HERE / "probe.py"], environment("kerasish", folder), options.timeout)
            except RuntimeError as error:
                there[python] = {}
                say(f"no backend is looked for with {python}: {error}")
    found = {name: there[python][name] for name, python in options.pythons.items() if name in there[python]}
    missing = ", ".join(name for name in options.backends if name not in found)
    if missing:
        say(
            f"not installed, left out: {missing} (name an interpreter that has Keras and the backend with "
            "--peer-python)"
        )
    if not found:
        raise SystemExit("there is no backend to measure")
    return found


def machine():
    """What the numbers were taken on."""
    processor = platform.processor() or platform.machine()
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        processor = next(
            (line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), processor
        )
    except OSError:
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return {"processor": processor, "cores": cores, "memory_gb": round(memory / 1e9), "system": system}


def say(text):
    print(text, file=sys.stderr, flush=True)


def shown(record):
    """A record in a line."""
    if "error" in record:
        return record["error"]
    numbers = [f"{name} {record[name]['ms']:.3f} ms" for name in ("fit", "predict") if name in record]
    return ", ".join([*numbers, f"first step {record['first_start_s']:.2f} s", f"{record['memory_mb']:.0f} MB"])


def measure(options):
    """Run everything in turns; the document of the run.

    It is written after every round, so that an interrupted run leaves what it has.
    """
    settings = {"rounds": options.rounds, "seconds": options.seconds, "quick": options.quick}
    document = {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": machine(),
        "settings": settings,
    }
    document |= {"backends": find_backends(options), "results": []}
    for workload in options.only:
        for round_ in range(options.rounds):
            for backend in document["backends"]:
                with tempfile.TemporaryDirectory() as folder:
                    for first_only in (False, True) if backend in CACHES else (False,):
                        record = run_worker(options, workload, backend, folder, first_only)
                        document["results"].append({**record, "round": round_})
                        say(f"{workload} {round_ + 1}/{options.rounds} {backend} {record['cache']}: {shown(record)}")
            if options.json:
                options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return document


def merged(sources):
    """Several runs as one document.

    The last to have measured a workload on a backend counts, and the last to end says where and when.
    """
    documents = [json.loads(source.read_text(encoding="utf-8")) for source in sources]
    last = {
        (record["workload"], record["backend"]): index
        for index, document in enumerate(documents)
        for record in document["results"]
    }
    results = [
        record
        for index, document in enumerate(documents)
        for record in document["results"]
        if last[record["workload"], record["backend"]] == index
    ]
    backends = {name: values for document in documents for name, values in document["backends"].items()}
    return {**documents[-1], "backends": backends, "results": results}


def main(words=None):
    options = arguments(words)
    document = merged(options.sources) if options.sources else measure(options)
    if options.json:
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    print(report.tables(document))
    if options.docs:
        options.docs.write_text(report.rewrite(options.docs.read_text(encoding="utf-8"), document), encoding="utf-8")


if __name__ == "__main__":
    main()
