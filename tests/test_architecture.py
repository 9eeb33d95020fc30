"""The arrows of docs/architecture.md: imports run downwards only, and only the devices compute with NumPy or CuPy."""

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
FLOORS = [  # the longest prefix that fits decides; a lower floor may not import a higher one
    ("kerasish.tree", 0),
    ("kerasish.backend.settings", 0),
    ("kerasish.backend.dtypes", 0),
    ("kerasish.backend.numpy", 3),
    ("kerasish.backend.device", 1),
    ("kerasish.backend.arithmetic", 1),
    ("kerasish.backend.node", 1),
    ("kerasish.backend.graph", 1),
    ("kerasish.backend.context", 1),
    ("kerasish.backend.names", 1),
    ("kerasish.backend.variable", 2),
    ("kerasish.backend.primitives", 3),
    ("kerasish.backend.trace", 4),
    ("kerasish.backend.autodiff", 5),
    ("kerasish.backend.loops", 5),
    ("kerasish.backend.compiler", 6),
    ("kerasish.backend.function", 7),
    ("kerasish.backend", 8),
    ("kerasish.configs", 9),
    ("kerasish.dtype_policies", 9),
    ("kerasish.ops", 10),
    ("kerasish.random", 11),
    ("kerasish.classic_math", 12),
    ("kerasish.activations", 12),
    ("kerasish.initializers", 12),
    ("kerasish.regularizers", 12),
    ("kerasish.constraints", 12),
    ("kerasish.losses", 13),
    ("kerasish.metrics", 13),
    ("kerasish.optimizers", 13),
    ("kerasish.layers", 13),
    ("kerasish.mixed_precision", 13),
    ("kerasish.whole_files", 0),
    ("kerasish.docstrings", 0),
    ("kerasish.typing", 0),
    ("kerasish.lazy", 0),
    ("kerasish.files", 17),
    ("kerasish.saving", 18),
    ("kerasish.utils", 13),
    ("kerasish.callbacks", 15),  # they use a model that they are given, and import nothing of models
    ("kerasish.models", 16),
    ("kerasish.applications", 20),
    ("kerasish.__main__", 20),
]
LATE = {  # (importer, imported): an import inside a function, where a name or a path is looked up
    ("kerasish.backend.device", "kerasish.backend.numpy.device"),
    ("kerasish.models.model", "kerasish.files.saving_api"),
}
HOST_NUMPY = (
    "kerasish.backend.",
    "kerasish.models.data",
    "kerasish.models.training",
    "kerasish.utils",
    "kerasish.datasets",
    "kerasish.callbacks",
    "kerasish.files",
    "kerasish.configs",
    "kerasish.whole_files",
)


def floor(module):
    found = [(len(prefix), level) for prefix, level in FLOORS if module == prefix or module.startswith(prefix + ".")]
    return max(found)[1] if found else None


def modules():
    for folder, prefix in (("kerasish", ""), ("applications", "kerasish.")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = prefix + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def for_type_checkers(tree):
    """The nodes below `if TYPE_CHECKING:`, which never run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from ast.walk(node)


def imports(tree):
    never_run = set(for_type_checkers(tree))
    for node in ast.walk(tree):
        if node in never_run:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: imports within the package are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                known = (ROOT / whole.replace(".", "/")).is_dir() or (
                    ROOT / (whole.replace(".", "/") + ".py")
                ).is_file()
                yield (whole if known else node.module), node.lineno


def test_imports_run_downwards():
    upward = []
    for name, tree in modules():
        here = floor(name)
        for target, line in imports(tree):
            there = floor(target)
            if here is not None and there is not None and there > here and (name, target) not in LATE:
                upward.append(f"{name}:{line} imports {target}")
    assert not upward, "\n".join(upward)


def test_only_devices_compute_with_numpy():
    strangers = []
    for name, tree in modules():
        for target, line in imports(tree):
            root = target.split(".")[0]
            if root == "cupy" and not name.startswith("kerasish.backend.cupy"):
                strangers.append(f"{name}:{line} imports cupy")
            if root == "numpy" and not name.startswith(HOST_NUMPY):
                strangers.append(f"{name}:{line} imports numpy")
    assert not strangers, "\n".join(strangers)


def test_applications_use_the_public_api_only():
    inner = []
    for name, tree in modules():
        for target, line in imports(tree):
            public = target.startswith("kerasish.applications.") or target.count(".") <= 1
            if name.startswith("kerasish.applications.") and target.split(".")[0] == "kerasish" and not public:
                inner.append(f"{name}:{line} imports {target}")
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
        for name, tree in modules()
        for target, line in imports(tree)
        if target.split(".")[0] in ("keras", "tensorflow", "jax", "torch")
    ]
    assert not foreign
