"""`model.export(name, format="c")`: a model as a shared library, with a header."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from kerasish.export.c.header import Argument, Function, header
from kerasish.export.signatures import Signature, TensorSpec, signature_of
from kerasish.optional import needed
from kerasish.whole_files import replacing

_WEIGHTS = ("inside", "beside")
_WORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "and bool catch class delete export false friend namespace new not operator or private public template this throw "
    "true try typename using virtual context".split()
)


def export(
    model: Any,
    path: str,
    signature: Signature,
    batch_size: int | Sequence[int] = 1,
    signatures: Mapping[str, Any] | None = None,
    target: str = "host",
    threads: int = 1,
    weights: str = "inside",
    blas: str | None = None,
) -> None:
    """Write a model as `lib<name>.so` and `<name>.h`.

    Args:
        model: a model or layer, called with `training=False`.
        path: string; its last part is the name, which functions begin with.
        signature: what it is called with.
        batch_size: what open first axes become; of several sizes each gets a function, `<name>_run_<size>`.
        signatures: dict from names to `input_signature`s: a function `<name>_run_<key>` for each, in place of
            `<name>_run`.
        target: the processor: "host" (this one), "x86-64-v3", "x86-64-v4" or "aarch64".
        threads: among how many threads the work of a step is shared at most. The last bits depend on this number, as
            those of `predict` do on the number of its threads, and not on how many threads a context then has.
        weights: "inside" the library, or "beside" it: a file `<name>.weights`, mapped into memory.
        blas: None for a matrix product of kerasish's own; or the name of a BLAS library ("openblas" is
            `-lopenblas`), or its path.

    Raises:
        ValueError: for what can't be compiled, naming the layer, and for bad arguments.
        RuntimeError: where the linker refuses.
    """
    needed("llvmlite", "Libraries for C are compiled by llvmlite, which is not installed: `pip install llvmlite`.")
    from kerasish.backend.numpy.library.making import make, product_of  # start-up time; it needs llvmlite

    name = _checked_name(os.path.basename(path))
    if weights not in _WEIGHTS:
        raise ValueError(f"`weights` must be 'inside' or 'beside', got {weights!r}.")
    _check_threads(threads)
    ends = _ends(model, signature, batch_size, signatures)
    traced = [(end, specs, *graph_of(model, specs, own)) for end, own, specs in ends]
    with tempfile.TemporaryDirectory() as folder:
        made = make(folder, name, [(end, graph) for end, _, graph, _ in traced], target, threads, weights == "inside",
                    product_of(blas), refuse)  # fmt: skip
        library = f"lib{name}.so"
        if made.library is None:
            kept = f"{path}.objects"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(made.folder, kept)
            warnings.warn(
                f"There is no linker for {target!r} here. The object files are in {kept!r}; where there is one, run "
                f"`cd {kept} && {made.command_for(library)}`.",
                stacklevel=3,
            )
        else:
            _moved(made.library, os.path.join(os.path.dirname(path), library))
        if made.weights is not None:
            _moved(made.weights, f"{path}.weights")
    functions = [
        Function(end, _arguments([s.name for s in specs], inputs), _arguments(names, outputs, specs))
        for (end, specs, _, names), (inputs, outputs) in zip(traced, made.places)
    ]
    beside = f"{name}.weights" if weights == "beside" else None
    with replacing(f"{path}.h") as part, open(part, "w") as file:
        file.write(header(name, getattr(model, "name", name), functions, beside, made.workers, made.dtypes))


def _moved(source, target):
    with replacing(target) as part:
        shutil.copyfile(source, part)


def _checked_name(name):
    name = name.removesuffix(".so").removesuffix(".h")
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(
            f"The last part of the path is what the functions of a library begin with, so it must be a name in C, as "
            f"'digits' is; got {name!r}."
        )
    return name


def _check_threads(threads):
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= 1024:
        raise ValueError(f"`threads` must be an int from 1 to 1024, got {threads!r}.")


def _ends(model, signature, batch_size, signatures):
    """(end of the function's name, Signature, TensorSpecs with all sizes) of each function."""
    if signatures is not None:
        if not isinstance(signatures, Mapping) or not signatures:
            raise ValueError(f"`signatures` must be a dict from names to input signatures, got {signatures!r}.")
        bad = [key for key in signatures if not isinstance(key, str) or not re.fullmatch("[A-Za-z0-9_]+", key)]
        if bad:
            raise ValueError(f"Names of `signatures` end names of functions: letters, digits and _, got {bad[0]!r}.")
        named = [(f"run_{key}", signature_of(model, given)) for key, given in signatures.items()]
    else:
        named = [("run", signature)]
    sizes = [batch_size] if isinstance(batch_size, int) else list(batch_size)
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"`batch_size` must be a positive int, or several of them, got {batch_size!r}.")
    if not sizes or len(set(sizes)) < len(sizes):
        raise ValueError(f"`batch_size` must be different positive ints, got {batch_size!r}.")
    found = []
    for end, own in named:
        several = len(sizes) > 1 and any(spec.shape[:1] == (None,) for spec in own.flat)
        for size in sizes if several else sizes[:1]:
            found.append((f"{end}_{size}" if several else end, own, [_settled(spec, size) for spec in own.flat]))
    return found


def _settled(spec, batch):
    """A TensorSpec with its first axis settled."""
    if spec.dtype == "string":
        raise ValueError(
            f"The input {spec.name!r} is text, and a library takes numbers: export what is behind the text."
        )
    shape = (batch, *spec.shape[1:]) if spec.shape[:1] == (None,) else spec.shape
    if None in shape:
        raise ValueError(
            f"The input {spec.name!r} has shape {spec.shape}, and a library computes with sizes that are known: give "
            "them, `input_signature=[keras.InputSpec(shape=...)]`, or several by `signatures={...}`."
        )
    return spec._replace(shape=shape)


def graph_of(model: Any, specs: Sequence[TensorSpec], signature: Signature) -> tuple[Any, list[str]]:
    """(TracedGraph of a call, names of its outputs)."""
    found = {}

    def called(*tensors):
        with context.scope(training=False):
            found["outputs"] = model(*signature.packed(tensors))
        return found["outputs"]

    with context.escaped():
        graph = trace(called, [Spec(spec.shape, spec.dtype) for spec in specs], getattr(model, "name", "model"))
    outputs = [x for x in tree.flatten(found["outputs"]) if x is not None]
    if not outputs or not all(isinstance(x, Tensor) or hasattr(x, "dtype") for x in outputs):
        raise ValueError(f"A library gives arrays, and this model gives {found['outputs']!r}.")
    names = getattr(model, "output_names", None)
    if names is None or len(names) != len(outputs):
        names = ["output"] if len(outputs) == 1 else [f"output_{place}" for place in range(len(outputs))]
    return graph, list(names)


def _arguments(names, places, taken=()):
    """Arguments of C: names in small letters, digits and _, all different."""
    used, found = {_plain(spec.name) for spec in taken}, []
    for name, place in zip(names, places):
        plain = _plain(name)
        own, count = plain, 1
        while own in used:
            count += 1
            own = f"{plain}_{count}"
        used.add(own)
        found.append(Argument(own, place.dtype, place.shape))
    return found


def _plain(name):
    plain = re.sub("[^A-Za-z0-9_]", "_", name)
    return f"{plain}_" if plain in _WORDS else f"x{plain}" if not plain[:1].isalpha() else plain


def refuse(name: str, nodes: Sequence[Any]) -> None:
    """Say that a library has no code for primitive `name`, by the layer in whose call the nodes were recorded.

    Raises:
        ValueError: always.
    """
    where = next((node.scope for node in nodes if node.scope), None)
    who = f"The layer {where!r}" if where else "This model"
    raise ValueError(
        f"{who} computes `{name}`, for which a library for C has no code. Export the part of the model before it, or "
        "put other ops in its place: docs/export.md says what there is none for."
    )
