"""The arrows of docs/architecture.md: imports run downwards only, and only the devices compute with NumPy or CuPy."""

import ast
import importlib
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
# From the ground up; rooms on one line do not import one another. A name stands for the
# module or folder and all in it, but for what has a line of its own.
FLOORS = """
    forks  beside
    typing  entries  scalars  signatures  suggestions  docstrings  whole_files  later  optional
    remote_files
    lazy  protos
    backend.context  backend.deprecation  backend.guesses  backend.interrupts  backend.ranks
    tree  backend.kernel_cache  backend.settings  backend.names  backend.arithmetic  backend.float_formats
    backend.dtypes  backend.node  backend.fixed_arrays  backend.texts  backend.lowbits
    backend.graph
    backend.masks  backend.device  backend.rows_behind
    backend.host_arrays
    backend.variable  backend.sizes
    backend.primitives
    backend.recomputation  backend.fused
    backend.numpy  backend.cupy  backend.trace  backend.autodiff  backend.stateless
    backend.tape  backend.remat  backend.loops  backend.host_operations  backend.host_functions
    backend.compiler  backend.control_flow  backend.compiled_signatures
    backend.numpy.library  backend.function  backend.found_devices
    backend.session  backend.classic_graph  backend.learning_phase
    backend
    configs
    dtype_policies
    config  ops
    distribution
    activations  random
    classic_math  utils  summary
    initializers  regularizers  constraints  preprocessing  callbacks  datasets
    losses
    metrics  optimizers
    mixed_precision  layers  distribution.parameter_servers
    files
    export
    models
    data
    feature_column
    estimator
    applications  compat  distillation  visualization  wrappers
    tuning
    serving.names  serving.options  serving.refusals
    serving.heart
    serving.protocols
    serving.recording
    serving.service
    serving.web
    serving.command
    serving
    saving  legacy  __main__
"""
REASONS = ("start-up time", "an optional package", "it comes with")  # one stands in the comment of a late import
HOST_NUMPY = (
    "kerasish.backend.",
    "kerasish.models.data",
    "kerasish.models.training",
    "kerasish.data",
    "kerasish.utils",
    "kerasish.datasets",
    "kerasish.callbacks",
    "kerasish.summary",
    "kerasish.estimator",
    "kerasish.export",
    "kerasish.feature_column",
    "kerasish.files",
    "kerasish.configs",
    "kerasish.preprocessing",
    "kerasish.visualization",
    "kerasish.whole_files",
    "kerasish.wrappers",
    "kerasish.serving",
    "kerasish.distribution",
)


ROOMS = {f"kerasish.{name}": level for level, line in enumerate(FLOORS.strip().splitlines()) for name in line.split()}


def room(module):
    """The line of FLOORS that speaks of a module: the longest name that fits."""
    fitting = [name for name in ROOMS if module == name or module.startswith(name + ".")]
    return max(fitting, key=len) if fitting else None


def modules():
    for folder, prefix in (("kerasish", ""), ("applications", "kerasish.")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = prefix + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if path != ROOT / "kerasish" / "applications.py":  # the door to the folder of that name
                yield name, ast.parse(path.read_text(encoding="utf-8")), path


def never_run(tree):
    """The nodes below `if TYPE_CHECKING:`, which type checkers alone read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for below in node.body:
                yield from ast.walk(below)


def imports(tree):
    """(module, line) of everything that is imported, inside functions too."""
    skipped = set(never_run(tree))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: imports within the package are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                place = ROOT / whole.replace(".", "/").replace("kerasish/applications", "applications")
                known = place.is_dir() or place.with_suffix(".py").is_file()
                yield (whole if known else node.module), node.lineno


def late_imports(tree):
    """The lines of imports inside functions."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom)))


def test_every_module_has_a_floor():
    lazy_face = "kerasish"  # imports what is asked for, by name
    homeless = [name for name, _, _ in modules() if room(name) is None and name != lazy_face]
    assert not homeless, f"give them a line in FLOORS: {homeless}"
    names = [name for name, _, _ in modules()]
    empty = [name for name in ROOMS if not any(other == name or other.startswith(name + ".") for other in names)]
    assert not empty, f"FLOORS speaks of what is not there: {empty}"


def test_imports_run_downwards():
    upward = []
    for name, tree, _ in modules():
        here = room(name)
        for target, line in imports(tree):
            there = room(target)
            if None in (here, there) or here == there:
                continue
            if ROOMS[there] >= ROOMS[here]:
                upward.append(f"{name}:{line} imports {target}")
    assert not upward, "\n".join(upward)


def circles(graph):
    """The sets of modules that lead to one another (Tarjan's strongly connected components of two and more)."""
    order, low, stack, found = {}, {}, [], []

    def visit(name):
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in graph[name]:
            if target not in order:
                visit(target)
            if target in stack:
                low[name] = min(low[name], low[target])
        if low[name] == order[name]:
            at = stack.index(name)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for name in graph:
        if name not in order:
            visit(name)
    return found


def test_no_circle_of_imports():
    """Imports inside functions count: a circle that is hidden in one is a circle."""
    targets = {name: {target for target, _ in imports(tree)} for name, tree, _ in modules()}
    graph = {name: sorted(found & targets.keys() - {name}) for name, found in targets.items()}
    unknown = [sorted(circle) for circle in circles(graph)]
    assert not unknown, f"move what both need to a floor below: {unknown}"


def test_a_late_import_says_why():
    silent = []
    for name, tree, path in modules():
        lines = path.read_text(encoding="utf-8").splitlines()
        for number in late_imports(tree):
            if not any(reason in lines[number - 1].partition("#")[2] for reason in REASONS):
                silent.append(f"{name}:{number} {lines[number - 1].strip()}")
    assert not silent, "move them to the top, or say why not:\n" + "\n".join(silent)


def test_only_devices_compute_with_numpy():
    strangers = []
    for name, tree, _ in modules():
        for target, line in imports(tree):
            root = target.split(".")[0]
            if root == "cupy" and not name.startswith("kerasish.backend.cupy"):
                strangers.append(f"{name}:{line} imports cupy")
            if root == "numpy" and not name.startswith(HOST_NUMPY):
                strangers.append(f"{name}:{line} imports numpy")
    assert not strangers, "\n".join(strangers)


def test_applications_use_the_public_api_only():
    inner = []
    for name, tree, _ in modules():
        for target, line in imports(tree):
            public = target.startswith("kerasish.applications.") or target.count(".") <= 1
            if name.startswith("kerasish.applications.") and target.split(".")[0] == "kerasish" and not public:
                inner.append(f"{name}:{line} imports {target}")
    assert not inner, "\n".join(inner)


ON_THE_PUBLIC_API = ("kerasish.estimator", "kerasish.feature_column")


def test_estimators_and_columns_use_the_public_api_only():
    """They import what a user's program could: names in the `__all__` of packages, and the smallest helpers."""
    inner = []
    for name, tree, _ in modules():
        if not name.startswith(ON_THE_PUBLIC_API):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or node.module.split(".")[0] != "kerasish":
                continue
            if node.module.startswith(ON_THE_PUBLIC_API) and room(node.module) == room(name):
                continue
            public = getattr(importlib.import_module(node.module), "__all__", None)
            wrong = [alias.name for alias in node.names if public is not None and alias.name not in public]
            if node.module.count(".") > 1 or wrong:
                inner.append(f"{name}:{node.lineno} imports {', '.join(wrong)} of {node.module}")
    assert not inner, "\n".join(inner)


@pytest.mark.parametrize(
    "module",
    [
        "keras",
        "tensorflow",
        "jax",
        "torch",
        "scipy",
        "matplotlib",
        "h5py",
        "tqdm",
        "llvmlite",
        "threadpoolctl",
        "pandas",
        "sklearn",
        "PIL",
        "pooch",
        "pydot",
    ],
)
def test_importing_loads_no_heavy_library(module):
    code = f"import kerasish, kerasish.layers, kerasish.models, sys; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_no_foreign_engine_is_imported_anywhere():
    foreign = [
        f"{name}:{line} {target}"
        for name, tree, _ in modules()
        for target, line in imports(tree)
        if target.split(".")[0] in ("keras", "tensorflow", "jax", "torch")
    ]
    assert not foreign
