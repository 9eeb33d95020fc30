"""Graphs -> a library in a folder."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.numpy.blueprint import Blueprint
from kerasish.backend.numpy.library import elf
from kerasish.backend.numpy.library.drawing import Place, draw
from kerasish.backend.numpy.library.image import DTYPES, Weights, image_of
from kerasish.backend.numpy.library.link import command, link, linker
from kerasish.backend.numpy.library.objects import Objects
from kerasish.backend.numpy.native.target import target as target_of

_MAGIC = 0x6B65726173697368
_AFFIXES = (("", ""), ("", "64_"), ("", "_64"), ("scipy_", ""), ("scipy_", "64_"))


class Product(NamedTuple):
    """A BLAS that a library is linked to: its C names by NumPy's letters, and what the linker is told."""

    names: dict[str, tuple[str, int]]
    options: tuple[str, ...]


class Made(NamedTuple):
    """What was made.

    Attributes:
        folder: of the object files. files: their names. library: path of the library; None where nothing here links for
            the target. weights: path of the file of weights, or None. places: (inputs, outputs) of each graph. workers:
            threads that help at most. options: for the linker. dtypes: in the order of their codes.
    """

    folder: str
    files: list[str]
    library: str | None
    weights: str | None
    places: list[tuple[list[Place], list[Place]]]
    workers: int
    options: tuple[str, ...]
    machine: str
    dtypes: tuple[str, ...]

    def command_for(self, library: str) -> str:
        """What links the object files elsewhere."""
        return " ".join(command([f"{self.machine}-linux-gnu-gcc", "-shared"], ["*.o"], f"../{library}", self.options))


def product_of(blas: str | None) -> Product:
    """The BLAS of a name (`-l` is put before it) or path; None for none.

    Raises:
        ValueError: where it has no `cblas_sgemm`.
    """
    if blas is None:
        return Product({}, ())
    is_path = os.sep in blas
    if not is_path:
        return Product({"sgemm": ("cblas_sgemm", 32), "dgemm": ("cblas_dgemm", 32)}, (f"-l{blas}",))
    try:
        library = ctypes.CDLL(blas)
    except OSError as error:
        raise ValueError(f"`blas` must be the name or path of a BLAS library, got {blas!r}: {error}") from None
    for before, after in _AFFIXES:
        if hasattr(library, f"{before}cblas_sgemm{after}"):
            bits = 64 if "64" in after else 32
            names = {name: (f"{before}cblas_{name}{after}", bits) for name in ("sgemm", "dgemm")}
            return Product(names, (os.path.abspath(blas),))
    raise ValueError(f"`blas` must be a BLAS library, and {blas!r} has no `cblas_sgemm`.")


def make(
    folder: str,
    name: str,
    graphs: Sequence[tuple[str, Any]],
    target: str,
    threads: int,
    inside: bool,
    product: Product,
    refuse: Callable[[str, Any], None],
) -> Made:
    """Make a library.

    Args:
        folder: a folder that is empty. name: of the library. graphs: (end of a function's name, TracedGraph) of each
            signature. target: name of the processor. threads: among how many a step is shared at most. inside: whether
            the weights are in the library. product: the BLAS. refuse: see `draw`.
    """
    aim = target_of(target)
    if "linux" not in aim.triple:
        raise ValueError(f"Libraries for C are made for Linux, and target={target!r} is {aim.triple!r} here.")
    plan = Blueprint(aim, threads, product.names)
    drawings = [draw(graph, plan, refuse) for _, graph in graphs]
    weights = Weights()
    image = image_of(drawings, weights)
    place = os.path.join(folder, "objects")
    os.mkdir(place)
    objects = Objects(place, aim)
    objects.table(f"{name}_kernels_data", [objects.kernel(source) for source in plan.sources])
    objects.functions(name, drawings, [end for end, _ in graphs], inside)
    files = [*objects.files]
    pieces = {"image": image, **({"weights": weights.pieces or [bytes(64)]} if inside else {})}
    for part, content in pieces.items():
        files.append(os.path.join(place, f"{name}_{part}.o"))
        elf.write(files[-1], aim.machine, f"{name}_{part}_data", content)
    beside = None
    if not inside:
        beside = os.path.join(folder, "weights")
        with open(beside, "wb") as file:
            file.write(np.array([_MAGIC, *weights.digest(), 0, 0, 0, 0, 0], np.int64))
            file.writelines(weights.pieces)
    begin, library = linker(aim), None
    if begin is not None:
        library = os.path.join(folder, "library.so")
        link(command([*begin, *_names(begin, name, product)], files, library, product.options))
    workers = max(drawing.workers for drawing in drawings)
    places = [(drawing.inputs, drawing.outputs) for drawing in drawings]
    names = [os.path.basename(file) for file in files]
    return Made(place, names, library, beside, places, workers, product.options, aim.machine, DTYPES)


def _names(begin, name, product):
    """What the library is called, and where its BLAS is found."""
    through = "-Wl," if "-Wl,--gc-sections" in begin else ""
    folders = [os.path.dirname(option) for option in product.options if os.sep in option]
    return [*(f"{through}-rpath={folder}" for folder in folders), f"{through}-soname=lib{name}.so"]
