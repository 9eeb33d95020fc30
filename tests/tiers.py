"""The three speeds of the tests, and how a test comes by its own.

`fast` needs no oracle, `parity` has real Keras (or the file it wrote) beside us, `slow` takes its time: fuzzing, killed
processes, whole applications, programs that train. What a file imports tells the first two apart, so that no list of
files has to be kept; a mark, `pytestmark = pytest.mark.slow` of a file or a decorator of one test, goes before that.
"""

from __future__ import annotations

import ast
import functools
import pathlib

TIERS = {
    "fast": "engine and behaviour without an oracle: two minutes on two cores",
    "parity": "real Keras, JAX or tf_keras computes the same beside us",
    "slow": "fuzzing, killed processes, whole applications, examples",
}
ORACLES = {"jax", "keras", "tensorflow", "tf_keras", "torch"}
TESTS = pathlib.Path(__file__).parent


@functools.cache
def imports_an_oracle(path: pathlib.Path) -> bool:
    """Whether a file of the tests imports another engine anywhere, itself or by its helpers."""
    for node in ast.walk(_parsed(path)):
        for name in _imported(node):
            helper = TESTS.parent.joinpath(*name.split(".")).with_suffix(".py")
            if name.split(".")[0] in ORACLES or (
                name.startswith("tests.") and helper.is_file() and helper != path and imports_an_oracle(helper)
            ):
                return True
    return False


def tier_of_file(path: pathlib.Path) -> str:
    """The tier of those tests of a file that carry no mark of their own."""
    for node in _parsed(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            said = [tier for tier in TIERS if f"pytest.mark.{tier}" in ast.unparse(node.value)]
            if said:
                return said[0]
    return "parity" if imports_an_oracle(path) else "fast"


@functools.cache
def _parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("importorskip", "import_module")):
        return [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
    return []
